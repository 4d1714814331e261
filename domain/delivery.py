"""Get an issued invoice to its client, and never twice without being told.

pending ──document stored──▶ pending ──start──▶ sending ──sent──▶ sent
   ▲                                               ├── refused: nothing left us ──▶ pending
   └───────────────────────────────────────────────┘
                                                   └── no word how it ended ──▶ unknown, a person decides
sending · unknown ──the mail service tells of it──▶ sent ──came back──▶ bounced · complained
any but sending ──a person wants it once more──▶ pending, one attempt later
pending ──invoice made void──▶ stopped

As long as the run that sends may still be at it, its end is open and another run comes back later.
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.archiving import Archive, Document, Documents, fetched, keep_documents
from domain.documents import DocumentLine, Grouping, InvoiceDocument, Renderer
from domain.einvoices import EInvoices, Syntax
from domain.errors import ConflictError, Problem, TryAgainLaterError, WillNeverWorkError
from domain.fates import Fate, MailEvent, Returned
from domain.grouping import grouped
from domain.identifiers import AccountId, DocumentId, InvoiceId
from domain.invoices import Invoice, Invoices, State, charges_of
from domain.mailing import Attachment, Mail, MailRefusedError, Postman, invoice_mail
from domain.parties import Party
from domain.totals import Charged, net_amounts
from domain.work import WorkEntry

LONGEST_RUN = dt.timedelta(seconds=150)
"""No run lasts longer: what one began to send before that was given up, or its word was lost."""


MOST_ATTEMPTS = 20
"""So often a person may have one thing mailed."""


class Progress(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    STOPPED = "stopped"


OUT = frozenset({Progress.SENT, Progress.BOUNCED, Progress.COMPLAINED})
"""The mail was certainly handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One mail, the first or a later one, and what became of it as far as it was told.

    `delivered_at` is when the recipient's server took it.
    """

    number: int
    progress: Progress
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    returned: Returned | None = None

    def sent(self, message_id: str) -> "Attempt":
        """Handed over; what was told of it before stays true."""
        progress = self.progress if self.progress in OUT else Progress.SENT
        return replace(self, progress=progress, message_id=message_id)

    def told(self, event: MailEvent) -> "Attempt":
        """The same once *event* is known: in whatever order events come, and however often."""
        known = replace(self, message_id=self.message_id or event.message_id)
        match event.fate:
            case Fate.DELIVERED:
                at = min(event.at, self.delivered_at or event.at)
                known = replace(known, delivered_at=at)
            case Fate.BOUNCED | Fate.COMPLAINED:
                known = replace(known, returned=event.returned.or_worse(self.returned))
            case Fate.SENT:
                pass
        return replace(known, progress=known.ended_as())

    def ended_as(self) -> Progress:
        """How it went, once it is out: who answers what was delivered, but not for good, is a machine."""
        if self.returned is None or (self.delivered_at and not self.returned.for_good):
            return Progress.SENT
        return Progress.COMPLAINED if self.returned.fate is Fate.COMPLAINED else Progress.BOUNCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far an invoice or credit note has come on its way to the client. Version 0 has never been stored.

    `started_at` is when the last attempt to mail it began; attempts from before that was kept have none.
    `document` is the PDF; `cii` and `ubl` are the e-invoice, and `not_carried` says why there is none. What
    was delivered before there were e-invoices has neither. `attempt` counts the mails that people
    wanted, and `earlier` are those before the current one.
    """

    invoice_id: DocumentId
    account_id: AccountId
    progress: Progress = Progress.PENDING
    document: Document | None = None
    cii: Document | None = None
    ubl: Document | None = None
    not_carried: tuple[Problem, ...] = ()
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    attempt: int = 1
    delivered_at: dt.datetime | None = None
    returned: Returned | None = None
    earlier: tuple[Attempt, ...] = ()
    version: int = 0

    @property
    def current(self) -> Attempt:
        """The attempt that counts."""
        return Attempt(
            number=self.attempt,
            progress=self.progress,
            recipient=self.recipient,
            message_id=self.message_id,
            started_at=self.started_at,
            delivered_at=self.delivered_at,
            returned=self.returned,
        )

    @property
    def is_out(self) -> bool:
        """Whether the mail was certainly handed over."""
        return self.progress in OUT

    @property
    def is_over(self) -> bool:
        """Whether no run has anything to mail: it is out, or its invoice is void."""
        return self.is_out or self.progress is Progress.STOPPED

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
        """About to hand the mail over, to *recipient* unless a person named another.

        One that is out, or stopped, stays.

        Raises:
            DeliveryUnderWayError: another run may still be handing it over.
            DeliveryUnknownError: an earlier attempt began and never said how it ended.
        """
        if self.is_over:
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
        to = self.recipient if self.recipient and self.attempt > 1 else recipient
        return replace(self, progress=Progress.SENDING, recipient=to, started_at=now)

    def is_under_way(self, now: dt.datetime) -> bool:
        """Whether a run may still be handing the mail over."""
        return self.progress is Progress.SENDING and now < self._given_up_at()

    def _given_up_at(self) -> dt.datetime:
        return self.started_at + LONGEST_RUN if self.started_at else dt.datetime.min.replace(tzinfo=dt.UTC)

    def sent(self, message_id: str, attempt: int | None = None) -> "Delivery":
        """Handed over, with the mail's message id; a person may have begun another *attempt* meanwhile."""
        return self._having(attempt or self.attempt, lambda each: each.sent(message_id))

    def refused(self, attempt: int | None = None) -> "Delivery":
        """Certainly not handed over: another run cannot make it two."""
        if self.progress is not Progress.SENDING or (attempt or self.attempt) != self.attempt:
            return self
        return replace(self, progress=Progress.PENDING)

    def told(self, event: MailEvent) -> "Delivery":
        """The same once *event* is known of one of its mails; one that was never begun has none."""
        return self._having(event.attempt, lambda each: each.told(event)) if self.version else self

    def again(self, recipient: str, now: dt.datetime) -> "Delivery":
        """To be mailed to *recipient*, because a person wants that; what became of the last mail is kept.

        Where that was asked for already and is still to come, it stays as it is.

        Raises:
            TooManyAttemptsError: it was mailed as often as it may be.
        """
        if self.progress is Progress.PENDING and self.recipient == recipient and self.started_at is None:
            return self
        if self.attempt >= MOST_ATTEMPTS:
            raise TooManyAttemptsError(f"{self.invoice_id} was mailed {self.attempt} times; that is enough")
        begun = () if self.progress is Progress.PENDING else (self.unknown(now).current,)
        return replace(
            self,
            progress=Progress.PENDING,
            recipient=recipient,
            message_id=None,
            started_at=None,
            attempt=self.attempt + 1,
            delivered_at=None,
            returned=None,
            earlier=(*self.earlier, *begun),
        )

    def _having(self, number: int, change: Callable[[Attempt], Attempt]) -> "Delivery":
        """The delivery with one of its attempts changed."""
        earlier = tuple(change(each) if each.number == number else each for each in self.earlier)
        after = change(self.current) if number == self.attempt else self.current
        return replace(
            self,
            progress=after.progress,
            message_id=after.message_id,
            delivered_at=after.delivered_at,
            returned=after.returned,
            earlier=earlier,
        )

    def stopped(self) -> "Delivery":
        """Never to be mailed: its invoice is void."""
        return replace(self, progress=Progress.STOPPED)

    def unknown(self, now: dt.datetime) -> "Delivery":
        """Nobody can say whether the mail went out, unless a run may still be at it."""
        if self.progress is not Progress.SENDING or self.is_under_way(now):
            return self
        return replace(self, progress=Progress.UNKNOWN)


class DeliveryUnderWayError(TryAgainLaterError):
    """Another run may still be handing the mail over: it says how that ends, or time does."""

    code = "delivery-under-way"


class TooManyAttemptsError(ConflictError):
    """An invoice was mailed as often as it may be."""

    code = "too-many-attempts"


class DeliveryUnknownError(WillNeverWorkError):
    """An earlier attempt began and never said how it ended; mailing again could send the invoice twice."""

    code = "delivery-unknown"


class NotIssuedError(WillNeverWorkError):
    """Only an issued invoice can be delivered."""

    code = "invoice-not-issued"


class Deliveries(Protocol):
    """The delivery of each invoice; one that was never touched is pending."""

    def get(self, *, account_id: AccountId, invoice_id: DocumentId) -> Delivery: ...

    def update(
        self,
        *,
        account_id: AccountId,
        invoice_id: DocumentId,
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

    One that was made void is not mailed.

    Raises:
        NotIssuedError: the invoice has no number yet.
        MailRefusedError: the mail was not accepted; try again later.
        DeliveryUnderWayError: another run may still be mailing it; try again later.
        DeliveryUnknownError: an earlier attempt may or may not have been mailed.
    """
    invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
    delivery = deliveries.get(account_id=account_id, invoice_id=invoice_id)
    if delivery.is_over:
        return delivery
    if invoice.state is not State.ISSUED:
        raise NotIssuedError(f"{invoice_id} is {invoice.state}, not issued")
    content = printed(
        delivery,
        lambda: document_of(invoice, invoices.lines(invoice=invoice)),
        under=f"{account_id}/invoices/{invoice_id}",
        deliveries=deliveries,
        archive=archive,
        renderer=renderer,
        einvoices=einvoices,
    )

    def letter(begun: Delivery) -> Mail:
        return invoice_mail(
            invoice,
            recipient=begun.recipient or "",
            attempt=begun.attempt,
            attachments=(Attachment(filename=filename_of(invoice), content=content),),
        )

    return hand_over(delivery, letter, buyer=invoice.buyer, deliveries=deliveries, postman=postman, now=now)


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


def hand_over(
    of: Delivery,
    letter: Callable[[Delivery], Mail],
    *,
    buyer: Party | None,
    deliveries: Deliveries,
    postman: Postman,
    now: dt.datetime,
) -> Delivery:
    """Mail the *letter* to the *buyer*, unless that was begun before; raises as `deliver_invoice` does."""

    def move(change: Callable[[Delivery], Delivery]) -> Delivery:
        return deliveries.update(account_id=of.account_id, invoice_id=of.invoice_id, change=change)

    recipient = (buyer.email if buyer else None) or ""
    try:
        begun = move(lambda delivery: delivery.start(recipient, now))
    except DeliveryUnknownError:
        move(lambda delivery: delivery.unknown(now))
        raise
    if begun.progress is not Progress.SENDING:
        return begun
    try:
        message_id = postman.send(mail=letter(begun))
    except MailRefusedError:
        move(lambda delivery: delivery.refused(begun.attempt))
        raise
    return move(lambda delivery: delivery.sent(message_id, begun.attempt))


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
