"""Get an issued invoice to its client, and never twice without being told.

pending ──document stored──▶ pending ──start──▶ sending ──sent──▶ sent
   ▲                                               ├── refused: nothing left us ──▶ pending
   └───────────────────────────────────────────────┘
                                                   └── no word how it ended ──▶ unknown, a person decides

As long as the run that sends may still be at it, its end is open and another run comes back later.
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.archiving import Archive, Document, Documents, keep_documents
from domain.documents import DocumentLine, Grouping, InvoiceDocument, Renderer
from domain.einvoices import EInvoices, Syntax
from domain.errors import Problem, TryAgainLaterError, WillNeverWorkError
from domain.grouping import grouped
from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoice, Invoices, State, charges_of
from domain.mailing import Attachment, MailRefusedError, Postman, invoice_mail
from domain.totals import Charged, net_amounts
from domain.work import WorkEntry

LONGEST_RUN = dt.timedelta(seconds=150)
"""No run lasts longer: what one began to send before that was given up, or its word was lost."""


class Progress(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far an invoice has come on its way to the client. Version 0 has never been stored.

    `started_at` is when the last attempt to mail it began; attempts from before that was kept have none.
    `document` is the PDF; `cii` and `ubl` are the e-invoice, and `not_carried` says why there is none. What
    was delivered before there were e-invoices has neither.
    """

    invoice_id: InvoiceId
    account_id: AccountId
    progress: Progress = Progress.PENDING
    document: Document | None = None
    cii: Document | None = None
    ubl: Document | None = None
    not_carried: tuple[Problem, ...] = ()
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    version: int = 0

    def documented(self, documents: Documents) -> "Delivery":
        """The delivery once its documents are stored; the first ones are kept."""
        if self.document:
            return self
        return replace(
            self,
            document=documents.pdf,
            cii=documents.cii,
            ubl=documents.ubl,
            not_carried=documents.not_carried,
        )

    def einvoice(self, syntax: Syntax) -> Document | None:
        """The e-invoice in one of its languages, where there is one."""
        return self.cii if syntax is Syntax.CII else self.ubl

    def start(self, recipient: str, now: dt.datetime) -> "Delivery":
        """About to hand the mail over; one that is sent stays as it is.

        Raises:
            DeliveryUnderWayError: another run may still be handing it over.
            DeliveryUnknownError: an earlier attempt began and never said how it ended.
        """
        if self.progress is Progress.SENT:
            return self
        if self.is_under_way(now):
            raise DeliveryUnderWayError(
                f"{self.invoice_id} is being mailed; how that ends is known later",
                seconds=math.ceil((self._given_up_at() - now).total_seconds()),
            )
        if self.progress is not Progress.PENDING:
            raise DeliveryUnknownError(
                f"{self.invoice_id} may have been mailed already; mailing again needs a person"
            )
        return replace(self, progress=Progress.SENDING, recipient=recipient, started_at=now)

    def is_under_way(self, now: dt.datetime) -> bool:
        """Whether a run may still be handing the mail over."""
        return self.progress is Progress.SENDING and now < self._given_up_at()

    def _given_up_at(self) -> dt.datetime:
        return self.started_at + LONGEST_RUN if self.started_at else dt.datetime.min.replace(tzinfo=dt.UTC)

    def sent(self, message_id: str) -> "Delivery":
        """Handed over, with the mail's message id."""
        return replace(self, progress=Progress.SENT, message_id=message_id)

    def refused(self) -> "Delivery":
        """Certainly not handed over: another attempt cannot make it two."""
        return replace(self, progress=Progress.PENDING)

    def unknown(self, now: dt.datetime) -> "Delivery":
        """Nobody can say whether the mail went out, unless a run may still be at it."""
        if self.progress is not Progress.SENDING or self.is_under_way(now):
            return self
        return replace(self, progress=Progress.UNKNOWN)


class DeliveryUnderWayError(TryAgainLaterError):
    """Another run may still be handing the mail over: it says how that ends, or time does."""

    code = "delivery-under-way"


class DeliveryUnknownError(WillNeverWorkError):
    """An earlier attempt began and never said how it ended; mailing again could send the invoice twice."""

    code = "delivery-unknown"


class NotIssuedError(WillNeverWorkError):
    """Only an issued invoice can be delivered."""

    code = "invoice-not-issued"


class Deliveries(Protocol):
    """The delivery of each invoice; one that was never touched is pending."""

    def get(self, *, account_id: AccountId, invoice_id: InvoiceId) -> Delivery: ...

    def update(
        self,
        *,
        account_id: AccountId,
        invoice_id: InvoiceId,
        change: Callable[[Delivery], Delivery],
    ) -> Delivery:
        """Store what *change* makes of the current state, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        """
        ...


def deliver_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    invoices: Invoices,
    deliveries: Deliveries,
    archive: Archive,
    renderer: Renderer,
    einvoices: EInvoices,
    postman: Postman,
    now: dt.datetime,
) -> Delivery:
    """Print an issued invoice, keep its documents, and mail it once, however often its event arrives.

    Raises:
        NotIssuedError: the invoice has no number yet.
        MailRefusedError: the mail was not accepted; try again later.
        DeliveryUnderWayError: another run may still be mailing it; try again later.
        DeliveryUnknownError: an earlier attempt may or may not have been mailed.
    """
    invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
    if invoice.state is not State.ISSUED:
        raise NotIssuedError(f"{invoice_id} is {invoice.state}, not issued")
    delivery = deliveries.get(account_id=account_id, invoice_id=invoice_id)
    if delivery.progress is Progress.SENT:
        return delivery
    if delivery.document:
        content = archive.get(key=delivery.document.key)
    else:
        documents, content = keep_documents(
            document_of(invoice, invoices.lines(invoice=invoice)),
            under=f"{account_id}/invoices/{invoice_id}",
            archive=archive,
            renderer=renderer,
            einvoices=einvoices,
        )
        deliveries.update(
            account_id=account_id, invoice_id=invoice_id, change=lambda each: each.documented(documents)
        )
    return _send(invoice, content, deliveries, postman, now)


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
    )


def frozen_of(invoice: Invoice, lines: Sequence[WorkEntry]) -> InvoiceDocument:
    """All that an issued invoice settles: each entry by itself, however the printed lines are grouped.

    Raises:
        NotIssuedError: the invoice has no number yet.
    """
    by_entry = document_of(replace(invoice, grouping=Grouping.ENTRY, timesheet=False), lines)
    return replace(by_entry, grouping=invoice.grouping)


def filename_of(invoice: Invoice, ending: str = "pdf") -> str:
    """What a document is called where a client stores it."""
    return f"invoice-{(invoice.number or invoice.id).replace('/', '-').replace(' ', '-')}.{ending}"


def _send(
    invoice: Invoice, content: bytes, deliveries: Deliveries, postman: Postman, now: dt.datetime
) -> Delivery:
    def move(change: Callable[[Delivery], Delivery]) -> Delivery:
        return deliveries.update(account_id=invoice.account_id, invoice_id=invoice.id, change=change)

    recipient = (invoice.buyer.email if invoice.buyer else None) or ""
    try:
        begun = move(lambda delivery: delivery.start(recipient, now))
    except DeliveryUnknownError:
        move(lambda delivery: delivery.unknown(now))
        raise
    if begun.progress is Progress.SENT:
        return begun
    try:
        message_id = postman.send(
            mail=invoice_mail(
                invoice,
                recipient=recipient,
                attachments=(Attachment(filename=filename_of(invoice), content=content),),
            )
        )
    except MailRefusedError:
        move(Delivery.refused)
        raise
    return move(lambda delivery: delivery.sent(message_id))


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
