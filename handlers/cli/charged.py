"""`invoicely invoices lines`: what an invoice charges, or a credit note takes back, line by line."""

from collections.abc import Iterator
from functools import partial

import click

from domain.credit_notes import CreditNote
from domain.invoices import Invoice
from domain.paging import every
from domain.work import WorkEntry
from handlers.cli.finding import the_document
from handlers.cli.output import amount, plain_number, price
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.work import of_work


@click.command(
    short_help="List the lines of an invoice or a credit note.",
    epilog="Example: invoicely invoices lines CN-2026-0001 --json | jq '.[].amount'",
)
@click.argument("invoice", type=TEXT)
@acting
def lines(session: Session, *, invoice: str) -> None:
    """List the lines of INVOICE, by number or id; or those that a credit note takes back."""
    entries = list(_lines(the_document(invoice, session.account_id)))
    session.out.table(
        [of_work(entry) for entry in entries],
        *("Date", "Description", "Project", ">Quantity", "Unit", ">Price", ">Amount", "Work"),
        rows=map(_row, entries),
        empty="It has no lines yet.",
    )


def _lines(document: Invoice | CreditNote) -> Iterator[WorkEntry]:
    if isinstance(document, CreditNote):
        some_taken_back = partial(wiring.credit_notes().some_taken_back, note=document)
        return every(lambda cursor: some_taken_back(cursor=cursor))
    some_lines = partial(wiring.invoices().some_lines, invoice=document)
    return every(lambda cursor: some_lines(cursor=cursor))


def _row(entry: WorkEntry) -> tuple[str, ...]:
    return (
        str(entry.date),
        entry.description.replace("\n", " "),
        entry.project or "",
        plain_number(entry.billed_quantity),
        entry.billed_unit,
        price(entry.unit_price, entry.currency),
        amount(entry.amount, entry.currency),
        entry.id,
    )
