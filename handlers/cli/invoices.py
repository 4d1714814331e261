"""`invoicely invoices`: what is charged."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from domain.delivery import Delivery, filename_of
from domain.errors import NotFoundError
from domain.identifiers import InvoiceId, invoice_parts
from domain.invoices import Invoice
from domain.paging import every
from handlers.cli.billing import bill, preview
from handlers.cli.called import program
from handlers.cli.finding import client_names
from handlers.cli.invoice_lines import line, sums
from handlers.cli.output import amount
from handlers.cli.running import run
from handlers.cli.session import Session, acting
from infrastructure import views, wiring


@click.group(epilog="Example: invoicely invoices list")
def command() -> None:
    """Open what is due, bill now, and show, list and fetch invoices."""


command.add_command(run)
command.add_command(bill)
command.add_command(preview)


@command.command("list", epilog="Example: invoicely invoices list --json | jq '.[].number'")
@acting
def list_(session: Session) -> None:
    """List the invoices, the newest first."""
    invoices = list(
        every(lambda cursor: wiring.invoices().list(account_id=session.account_id, cursor=cursor))
    )
    session.out.table(
        [views.of_listed_invoice(invoice) for invoice in invoices],
        *("Number", "Client", "Period", ">Entries", ">Amount", "State", "Issued", "Pay until", "Id"),
        rows=_rows(session, invoices),
        empty="There are no invoices yet.",
    )


@command.command(epilog="Example: invoicely invoices show inv_…")
@click.argument("invoice")
@acting
def show(session: Session, *, invoice: str) -> None:
    """Show INVOICE with its lines, by number or id."""
    found = _the_invoice(session, invoice)
    delivery = _delivery(session, found)
    entries = wiring.invoices().lines(invoice=found)
    session.out.record(
        views.of_invoice(found, delivery, entries),
        *_head(found, delivery),
        *map(line, entries),
        *sums(found),
    )


@command.command(epilog="Example: invoicely invoices pdf 2026-0001 --output invoice.pdf")
@click.argument("invoice")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; - is stdout.")
@acting
def pdf(session: Session, *, invoice: str, output: Path | None) -> None:
    """Store the PDF of INVOICE, by number or id, in a file."""
    found = _the_invoice(session, invoice)
    document = _delivery(session, found).document
    if document is None:
        raise NotFoundError(f"there is no PDF yet: {found.id} is {found.state}; try again in a moment")
    content = wiring.archive().get(key=document.key)
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    path = output or Path(filename_of(found))
    path.write_bytes(content)
    plain = {"file": str(path), "bytes": len(content), "sha256": document.sha256}
    session.out.record(plain, f"Stored {path}.")


def _the_invoice(session: Session, said: str) -> Invoice:
    """The invoice with this id or number."""
    if said.startswith("inv_"):
        invoice_parts(InvoiceId(said))
        return wiring.invoices().get(account_id=session.account_id, invoice_id=InvoiceId(said))
    for invoice in every(lambda cursor: wiring.invoices().list(account_id=session.account_id, cursor=cursor)):
        if invoice.number == said:
            return invoice
    raise NotFoundError(f"there is no invoice {said}; {program()} invoices list shows them")


def _delivery(session: Session, invoice: Invoice) -> Delivery:
    return wiring.deliveries().get(account_id=session.account_id, invoice_id=invoice.id)


def _rows(session: Session, invoices: Iterable[Invoice]) -> Iterator[tuple[str, ...]]:
    names = client_names(session.account_id)
    for invoice in invoices:
        period = f"{invoice.period_start} – {invoice.last_day}"
        total = amount(invoice.total if invoice.issued_on else invoice.net, invoice.currency)
        issued, pay = (str(day) if day else "" for day in (invoice.issued_on, invoice.payment_due_on))
        who = invoice.number or "–", names(invoice.client_id)
        yield *who, period, str(invoice.entries), total, invoice.state, issued, pay, invoice.id


def _head(invoice: Invoice, delivery: Delivery) -> tuple[str, str]:
    buyer = f" to {invoice.buyer.name}" if invoice.buyer else ""
    dates = f"{invoice.period_start} to {invoice.last_day} · due {invoice.due_on}"
    if invoice.issued_on:
        dates += f" · issued {invoice.issued_on} · to be paid by {invoice.payment_due_on}"
    state = f"{invoice.id}, {invoice.state}, mail {delivery.progress}"
    return f"{invoice.number or 'No number yet'}{buyer}  ({state})", f"  {dates}"
