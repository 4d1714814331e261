"""`invoicely invoices`: what is charged."""

import datetime as dt
import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import click

from domain.archiving import Document, fetched
from domain.credit_delivery import credit_filename_of
from domain.credit_notes import CreditNote
from domain.delivery import Delivery, Progress
from domain.einvoices import Syntax
from domain.errors import NotFoundError
from domain.invoice_lists import InvoiceFilters, list_invoices
from domain.invoices import Invoice, State
from domain.paging import every
from domain.payments import PaymentState, payment_state
from domain.printing import filename_of
from handlers.cli.awaited import awaited
from handlers.cli.billing import bill, preview
from handlers.cli.called import program
from handlers.cli.charged import lines
from handlers.cli.crediting import credit, credit_notes, show_credit_note, taken_back, void
from handlers.cli.finding import client_names, the_client, the_document
from handlers.cli.foreseeing import compare
from handlers.cli.invoice_lines import lacking, lines_of, referred, sums
from handlers.cli.mails import mails
from handlers.cli.output import amount
from handlers.cli.payments import pay, payments, refund, reminded, standing, take_back_
from handlers.cli.reminding import remind
from handlers.cli.resending import resend
from handlers.cli.reviewing import review
from handlers.cli.running import run
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.invoices import of_invoice, of_listed_invoice


@click.group(epilog="Example: invoicely invoices list")
def command() -> None:
    """Open what is due, bill now, and show, list and fetch invoices."""


command.add_command(run)
command.add_command(remind)
command.add_command(review)
command.add_command(bill)
command.add_command(preview)
command.add_command(compare)
command.add_command(lines)
command.add_command(resend)
command.add_command(credit)
command.add_command(credit_notes)
command.add_command(void)
command.add_command(pay)
command.add_command(payments)
command.add_command(refund)
command.add_command(take_back_)


@command.command(
    "list",
    short_help="List the invoices, the newest first.",
    epilog="Example: invoicely invoices list --json | jq '.[].number'",
)
@click.option("--client", type=TEXT, help="Only of this client, by name or id.")
@click.option(
    "--state", type=click.Choice([each.value for each in State]), help="Only those that have come this far."
)
@click.option(
    "--payment",
    type=click.Choice([each.value for each in PaymentState]),
    help="Only those that stand like this.",
)
@acting
def list_(session: Session, *, client: str | None, state: str | None, payment: str | None) -> None:
    """List the invoices, the newest first; of issued ones, how they stand with their payments."""
    now = wiring.now()
    wanted = InvoiceFilters(
        now=now,
        client_id=the_client(client, session.account_id).id if client else None,
        state=State(state) if state else None,
        payment=PaymentState(payment) if payment else None,
    )
    fetch = partial(list_invoices, wanted, account_id=session.account_id, invoices=wiring.invoices())
    invoices = sorted(every(lambda cursor: fetch(cursor=cursor)), key=_place, reverse=True)
    session.out.table(
        [of_listed_invoice(invoice, now=now) for invoice in invoices],
        *(
            "Number",
            "Client",
            "Period",
            ">Entries",
            ">Amount",
            ">Outstanding",
            "State",
            "Issued",
            "Pay until",
            "Id",
        ),
        rows=_rows(session, invoices),
        empty="There are no invoices yet.",
    )


@command.command(
    short_help="Show an invoice or a credit note with its lines.",
    epilog="Example: invoicely invoices show inv_…",
)
@click.argument("invoice")
@acting
def show(session: Session, *, invoice: str) -> None:
    """Show INVOICE with its lines, by number or id; or a credit note likewise."""
    found = the_document(invoice, session.account_id)
    delivery = _delivery(session, found)
    if isinstance(found, CreditNote):
        show_credit_note(session, found, delivery)
        return
    entries = wiring.invoices().lines(invoice=found)
    reminders = wiring.reminders().of(invoice=found) if found.reminders else ()
    session.out.record(
        of_invoice(found, delivery, entries, now=wiring.now(), reminders=reminders),
        *_head(found, delivery),
        *mails(delivery),
        *(f"  No e-invoice: {problem.message}." for problem in delivery.not_carried),
        *_missing(found),
        *lines_of(entries),
        *sums(found),
        *taken_back(found),
        *standing(found),
        *reminded(found, reminders),
    )


@command.command(
    short_help="Store the PDF of an invoice or a credit note.",
    epilog="Example: invoicely invoices pdf 2026-0001 --output invoice.pdf",
)
@click.argument("invoice")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; - is stdout.")
@acting
def pdf(session: Session, *, invoice: str, output: Path | None) -> None:
    """Store the PDF of INVOICE, by number or id, in a file; or that of a credit note."""
    found = the_document(invoice, session.account_id)
    _, document = _documented(session, found)
    _store(session, document, output, _filename(found, "pdf"))


@command.command(
    short_help="Store the e-invoice of an invoice or a credit note.",
    epilog="Example: invoicely invoices xml 2026-0001 --syntax ubl --output invoice.xml",
)
@click.argument("invoice")
@click.option(
    "--syntax",
    type=click.Choice([each.value for each in Syntax]),
    default=Syntax.CII.value,
    help="CII stands in the PDF too.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; - is stdout.")
@acting
def xml(session: Session, *, invoice: str, syntax: str, output: Path | None) -> None:
    """Store the e-invoice of INVOICE, by number or id, in a file; or that of a credit note."""
    found = the_document(invoice, session.account_id)
    delivery, _ = _documented(session, found)
    document = delivery.einvoice(Syntax(syntax))
    if document is None:
        reasons = "; ".join(problem.message for problem in delivery.not_carried)
        raise NotFoundError(f"{found.number} has its PDF, but no e-invoice: {reasons or 'it is too old'}")
    _store(session, document, output, _filename(found, f"{syntax}.xml"))


def _filename(document: Invoice | CreditNote, ending: str) -> str:
    if isinstance(document, CreditNote):
        return credit_filename_of(document, ending)
    return filename_of(document, ending)


def _documented(session: Session, invoice: Invoice | CreditNote) -> tuple[Delivery, Document]:
    delivery = _delivery(session, invoice)
    if delivery.document is None:
        soon = f"it is {invoice.state}; try again in a moment"
        comes = awaited(invoice) if isinstance(invoice, Invoice) else soon
        raise NotFoundError(f"there is no PDF of {invoice.number or invoice.id}: {comes}")
    return delivery, delivery.document


def _store(session: Session, document: Document, output: Path | None, filename: str) -> None:
    content = fetched(document, archive=wiring.archive())
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    path = output or Path(filename)
    path.write_bytes(content)
    plain = {"file": str(path), "bytes": len(content), "sha256": document.sha256}
    session.out.record(plain, f"Stored {path}.")


def _delivery(session: Session, invoice: Invoice | CreditNote) -> Delivery:
    return wiring.deliveries().get(account_id=session.account_id, invoice_id=invoice.id)


def _rows(session: Session, invoices: Iterable[Invoice]) -> Iterator[tuple[str, ...]]:
    names = client_names(session.account_id)
    for invoice in invoices:
        period = f"{invoice.period_start} – {invoice.last_day}"
        total = amount(invoice.total if invoice.issued_on else invoice.net, invoice.currency)
        issued, until = (str(day) if day else "" for day in (invoice.issued_on, invoice.payment_due_on))
        left = amount(invoice.outstanding, invoice.currency) if invoice.issued_on else ""
        state = (payment_state(invoice, wiring.now()) or invoice.state).replace("_", " ")
        buyer = invoice.buyer.name if invoice.buyer else names(invoice.client_id)
        who = invoice.number or "–", buyer
        yield *who, period, str(invoice.entries), total, left, state, issued, until, invoice.id


def _place(invoice: Invoice) -> tuple[dt.date, list[int]]:
    """Where an invoice stands: by its day and, as one day may have several, by the digits of its number."""
    return invoice.issued_on or invoice.due_on, [
        int(each) for each in re.findall(r"\d+", invoice.number or "")
    ]


def _missing(invoice: Invoice) -> Iterator[str]:
    """What a held invoice lacks, and what mends it."""
    if invoice.missing:
        yield "  held, and goes out by itself once it has:"
    for each in invoice.missing:
        yield from lacking([each])
        if each.lines:
            yield f"    or, where the tax of {', '.join(each.lines)} is wrong, correct it after"
            yield f"    {each.lines_command}"
            yield f"    and then: {program()} invoices review {invoice.id} reopen"


def _head(invoice: Invoice, delivery: Delivery) -> Iterator[str]:
    dates = f"{invoice.period_start} to {invoice.last_day} · invoice day {invoice.due_on}"
    if invoice.issued_on:
        dates += f" · issued {invoice.issued_on} · to be paid by {invoice.payment_due_on}"
    state = f"{invoice.id}, {invoice.state.replace('_', ' ')}"
    if invoice.state is State.ISSUED or delivery.progress is not Progress.PENDING:
        state += f", mail {delivery.progress}"
    yield f"{invoice.number or 'No number yet,'} to {_buyer(invoice)}  ({state})"
    yield f"  {dates}"
    if invoice.state in {State.IN_REVIEW, State.SKIPPED, State.EMPTY}:
        yield f"  {awaited(invoice)}"
    yield from referred(invoice.buyer_reference, invoice.order_reference)


def _buyer(invoice: Invoice) -> str:
    if invoice.buyer:
        return invoice.buyer.name
    return wiring.clients().get(account_id=invoice.account_id, client_id=invoice.client_id).name
