"""`invoicely invoices remind`: what the hourly look for reminders does, for one account and any instant."""

import datetime as dt
from collections.abc import Iterator

import click

from domain.identifiers import reminder_parts
from domain.reminders import Reminded, remind_clients
from handlers.cli.as_of import as_of_option, instant_of
from handlers.cli.called import program
from handlers.cli.exits import Exit
from handlers.cli.running import cause
from handlers.cli.session import Session, acting
from infrastructure import wiring


@click.command(
    short_help="Record every reminder that is due by then.",
    epilog="Example: invoicely invoices remind --as-of 2026-11-21",
)
@as_of_option
@acting
def remind(session: Session, *, until: dt.date | dt.datetime) -> int:
    """Record every reminder that is due by then: of invoices that are unpaid so many days after their day.

    The schedule does the same for everybody, each hour. What is recorded is mailed by itself, unless the
    invoice is paid by then. Days to come are for trying things out: in the environment prod they are refused.
    """
    reminded = remind_clients(
        instant_of(until, session),
        due_reminders=wiring.due_reminders(),
        invoices=wiring.invoices(),
        reminders=wiring.reminders(),
        account_id=session.account_id,
    )
    failed = [{"invoice_id": each.invoice_id, "error": cause(error)} for each, error in reminded.failed]
    session.out.record({"reminders": reminded.reminders, "failed": failed}, *_told(reminded))
    return Exit.FAILURE if failed else Exit.OK


def _told(reminded: Reminded) -> Iterator[str]:
    for reminder in reminded.reminders:
        invoice, step = reminder_parts(reminder)
        yield f"Reminder {step} of {invoice} is recorded; its mail goes out by itself."
        yield f"  {program()} invoices show {invoice} says what becomes of it"
    yield from (f"{each.invoice_id} failed: {cause(error)}." for each, error in reminded.failed)
    if reminded == Reminded():
        yield "Nothing was due."
