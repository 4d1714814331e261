"""`invoicely invoices run`: what the schedule's tick does, for one account and any instant."""

import datetime as dt
from collections.abc import Iterator

import click

from domain.held import look_at_held
from domain.opening import Opened, open_invoices
from domain.reviews import end_reviews
from handlers.cli.as_of import as_of_option, instant_of
from handlers.cli.called import program
from handlers.cli.exits import Exit
from handlers.cli.following import follow
from handlers.cli.session import Session, acting
from infrastructure import wiring
from infrastructure.views.invoices import of_invoice


@click.command(
    short_help="Open every invoice that is due by then.",
    epilog="Example: invoicely invoices run --as-of 2026-10-31T08:00:00Z --wait",
)
@as_of_option
@click.option("--wait", is_flag=True, help="Until each one is mailed, for two minutes at most.")
@acting
def run(session: Session, *, until: dt.date | dt.datetime, wait: bool) -> int:
    """Open every invoice that is due by then, end the reviews that are over, and look at what is held.

    The schedule does the same for everybody. What is opened collects its work, gets its number and is mailed
    by itself. Days to come are for trying things out: in the environment prod they are refused,
    and `preview --as-of` foresees them.
    """
    as_of = instant_of(until, session)
    opened = open_invoices(
        as_of,
        due_clients=wiring.due_clients(),
        clients=wiring.clients(),
        opening=wiring.opening(),
        account_id=session.account_id,
    )
    opened += end_reviews(
        as_of, invoices=wiring.invoices(), reviews=wiring.reviews(), account_id=session.account_id
    )
    opened += look_at_held(
        as_of,
        held=wiring.held_invoices(),
        invoices=wiring.invoices(),
        parties=wiring.parties(),
        account_id=session.account_id,
    )
    failed = [{"client_id": each.client_id, "error": cause(error)} for each, error in opened.failed]
    plain = {
        "opened": opened.invoices,
        "approved": opened.approved,
        "let_go": opened.let_go,
        "held": opened.held,
        "failed": failed,
    }
    code = Exit.FAILURE if failed else Exit.OK
    if not wait:
        session.out.record(plain, *_told(opened))
        return code
    for line in _told(opened):
        session.out.say(line)
    going = opened.invoices + opened.approved + opened.let_go
    courses = follow(going, account_id=session.account_id, say=session.out.say)
    followed = [of_invoice(course.invoice, course.delivery, [], now=wiring.now()) for course in courses]
    well = [course for course in courses if course.well]
    session.out.record(plain | {"followed": followed}, f"{len(well)} of {len(courses)} are done.")
    return code if len(well) == len(courses) else Exit.FAILURE


def _told(opened: Opened) -> Iterator[str]:
    yield from (f"Opened {invoice_id}." for invoice_id in opened.invoices)
    yield from (f"The review of {invoice_id} is over." for invoice_id in opened.approved)
    yield from (f"{invoice_id} lacked something, and goes on." for invoice_id in opened.let_go)
    for client in opened.held:
        yield f"{client} is too far behind and held: {program()} clients resume {client} lets it go on."
    yield from (f"{each.client_id} failed: {cause(error)}." for each, error in opened.failed)
    if opened == Opened():
        yield "Nothing was due."


def cause(error: Exception) -> str:
    """Why something failed, in one line."""
    return f"{type(error).__name__}: {error}"
