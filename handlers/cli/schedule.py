"""`invoicely schedule`: when invoices are to come, and why."""

from collections.abc import Iterator

import click

from domain.schedule import MOST_MONTHS, Schedule, explain_schedule
from handlers.cli.finding import the_client
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring


@click.group(epilog="Example: invoicely schedule explain Acme --months 24")
def command() -> None:
    """Explain when invoices are to come."""


@command.command(
    short_help="Show each coming invoice day of a client, and why.",
    epilog="Example: invoicely schedule explain Acme --months 24",
)
@click.argument("client", type=TEXT)
@click.option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    default=12,
    show_default=True,
    help="How many, from today on.",
)
@acting
def explain(session: Session, *, client: str, months: int) -> None:
    """Show each invoice day of CLIENT, by name or id, what that invoice is about, and why.

    Nothing is stored: it is calculated from the client as it is now.
    """
    found = the_client(client, session.account_id)
    schedule = explain_schedule(found, months=months, now=wiring.now())
    session.out.record(schedule, *_lines(schedule))


def _lines(schedule: Schedule) -> Iterator[str]:
    yield from (f"Mind: {remark}." for remark in schedule.remarks)
    for day in schedule.days:
        yield f"{day.due_on:%a} {day.due_on}  for {day.period_start} to {day.last_day}"
        yield from (f"    {reason}" for reason in day.reasons)
    if not schedule.days:
        yield f"No invoice comes up to {schedule.until}."
