"""`invoicely counters`: how much was worked and invoiced, and how to put it right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import click

from domain.counters import Counter, Tally
from handlers.cli.finding import client_names, the_client
from handlers.cli.output import amount, hours
from handlers.cli.repairing import rebuild, verify
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.counters import of_counters

_COLUMNS = (
    "Client",
    "Month",
    ">Entries",
    ">Hours",
    ">Billable",
    ">Unbilled",
    ">Invoices",
    ">Issued",
    ">Paid",
    ">Outstanding",
    ">Credited",
)


@click.group(epilog="Example: invoicely counters show")
def command() -> None:
    """Show what was worked and invoiced, by client and month, and put it right."""


command.add_command(verify)
command.add_command(rebuild)


@command.command(epilog="Example: invoicely counters show --json | jq '.totals'")
@click.option("--client", type=TEXT, help="Only of this client, by name or id.")
@acting
def show(session: Session, *, client: str | None) -> None:
    """Show the counters of each client and month.

    The last lines are their sums for each currency. Hours are of all work; billable is its price, and
    unbilled the part of that which stands on no invoice yet. They follow the work within a second or so.
    """
    wanted = None if client is None else the_client(client, session.account_id).id
    kept = wiring.counters().list(account_id=session.account_id)
    counters = [counter for counter in kept if wanted in {None, counter.client_id}]
    rows = _rows(session, counters)
    session.out.table(of_counters(counters), *_COLUMNS, rows=rows, empty="Nothing is counted yet.")


def _rows(session: Session, counters: Iterable[Counter]) -> Iterator[tuple[str, ...]]:
    names = client_names(session.account_id)
    sums: dict[str, Tally] = defaultdict(Tally)
    for counter in counters:
        sums[counter.currency] += counter.total
        for month, tally in sorted(counter.months.items()):
            yield _row(names(counter.client_id), month, tally, counter.currency)
    for currency, tally in sorted(sums.items()):
        yield _row(f"All in {currency}", "", tally, currency)


def _row(client: str, month: str, tally: Tally, currency: str) -> tuple[str, ...]:
    amounts = (tally.billable, tally.unbilled, tally.issued, tally.paid, tally.outstanding, tally.credited)
    billable, unbilled, *invoiced = (amount(each, currency) for each in amounts)
    counted = (str(tally.entries), hours(tally.minutes))
    return client, month, *counted, billable, unbilled, str(tally.invoices), *invoiced
