"""What an issued invoice says on paper, and the documents that are made of it once.

invoice, its lines ──▶ what it says, grouped as its client wants it ──▶ printed and stored, once
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.archiving import Archive, fetched, keep_documents
from domain.delivery import Deliveries, Delivery
from domain.documents import DocumentLine, Grouping, InvoiceDocument, Renderer
from domain.einvoices import EInvoices
from domain.errors import WillNeverWorkError
from domain.file_names import file_name
from domain.grouping import grouped
from domain.invoices import Invoice, charges_of
from domain.totals import Charged, net_amounts
from domain.work import WorkEntry


class NotIssuedError(WillNeverWorkError):
    """Only an issued invoice can be delivered."""

    code = "invoice-not-issued"


def printed(
    delivery: Delivery,
    document: Callable[[], InvoiceDocument],
    *,
    under: str,
    deliveries: Deliveries,
    archive: Archive,
    renderer: Renderer,
    einvoices: EInvoices,
) -> bytes:
    """The PDF; where there is none yet, all documents are made and stored under keys that begin like this."""
    if delivery.document:
        return fetched(delivery.document, archive=archive)
    documents, content = keep_documents(
        document(), under=under, archive=archive, renderer=renderer, einvoices=einvoices
    )
    deliveries.update(
        account_id=delivery.account_id,
        invoice_id=delivery.invoice_id,
        change=lambda each: each.documented(documents),
    )
    return content


def document_of(invoice: Invoice, lines: Sequence[WorkEntry]) -> InvoiceDocument:
    """What an issued invoice says on paper.

    Raises:
        NotIssuedError: the invoice has no number yet.
    """
    frozen = (
        invoice.number,
        invoice.issued_on,
        invoice.payment_due_on,
        invoice.seller,
        invoice.buyer,
        invoice.tax,
        invoice.totals,
    )
    match frozen:
        case (str(number), issued_on, due_on, seller, buyer, tax, totals) if (
            issued_on and due_on and seller and buyer and tax and totals
        ):
            pass
        case _:
            raise NotIssuedError(f"{invoice.id} is {invoice.state}, not issued")
    charged = charges_of(lines, tax)
    nets = net_amounts(charged, totals, prices_include_tax=invoice.prices_include_tax)
    entries = tuple(map(_line, lines, charged, nets))
    return InvoiceDocument(
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        period_start=invoice.period_start,
        period_end=invoice.last_day,
        language=invoice.language or "en",
        currency=invoice.currency,
        seller=seller,
        buyer=buyer,
        lines=grouped(entries, invoice.grouping, currency=invoice.currency),
        totals=totals,
        payment_terms_days=invoice.payment_terms_days or 0,
        bank=invoice.bank,
        time_zone=invoice.time_zone,
        rounding=invoice.rounding,
        grouping=invoice.grouping,
        timesheet=entries if invoice.timesheet else (),
        prices_include_tax=invoice.prices_include_tax,
        buyer_reference=invoice.buyer_reference,
        order_reference=invoice.order_reference,
    )


def frozen_of(invoice: Invoice, lines: Sequence[WorkEntry]) -> InvoiceDocument:
    """All that an issued invoice settles: each entry by itself, however the printed lines are grouped.

    Raises:
        NotIssuedError: the invoice has no number yet.
    """
    by_entry = document_of(replace(invoice, grouping=Grouping.ENTRY, timesheet=False), lines)
    return replace(by_entry, grouping=invoice.grouping)


def filename_of(invoice: Invoice, ending: str = "pdf") -> str:
    """What a document is called where its seller stores it."""
    return file_name("invoice", invoice.number or invoice.id, ending=ending)


def _line(entry: WorkEntry, charged: Charged, net: int) -> DocumentLine:
    return DocumentLine(
        date=entry.date,
        description=entry.description,
        project=entry.project,
        quantity=entry.billed_quantity,
        unit=entry.billed_unit,
        unit_price=entry.unit_price,
        amount=charged.amount,
        net=net,
        tax=charged.tax,
        adjustments=entry.applied,
    )
