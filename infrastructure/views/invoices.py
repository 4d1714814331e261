"""What is shown of an invoice, in a list and by itself."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from domain.delivery import Delivery
from domain.fields import values
from domain.identifiers import ClientId, CreditNoteId, InvoiceId
from domain.invoices import Invoice, State
from domain.parties import BankDetails, Party
from domain.payments import PaymentState, payment_state
from domain.reminders import Dropped, Reminder
from domain.requirements import Missing
from domain.tax import Tax
from domain.work import WorkEntry
from infrastructure.views.mails import DeliveryView, MailView, of_delivery, of_mail
from infrastructure.views.sums import SumsView, of_sums
from infrastructure.views.work import WorkView, of_work


@dataclass(frozen=True, kw_only=True)
class ListedInvoiceView:
    """An invoice without what is printed on it; number, tax and total are known once it is issued.

    One that is `in_review` goes out at `review_ends_at` or, without that, once a person sends it.

    From then on `payment` says how it stands, `paid` what came, and `outstanding` what is left: below zero
    where too much came. Its credit notes come to `credited`, of which `given_back` was paid in advance and is
    the client's again, and have `released` so many of its entries;
    `crediting` is the one that is being made.
    """

    id: InvoiceId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    state: State
    review_ends_at: dt.datetime | None = None
    entries: int
    net: int
    tax_amount: int | None = None
    total: int | None = None
    number: str | None = None
    issued_on: dt.date | None = None
    payment_due_on: dt.date | None = None
    payment: PaymentState | None = None
    paid: int | None = None
    outstanding: int | None = None
    credited: int | None = None
    given_back: int | None = None
    released: int | None = None
    crediting: CreditNoteId | None = None


@dataclass(frozen=True, kw_only=True)
class ReminderView(MailView):
    """A reminder, `days` after the day of payment: what became of its mail, or why it was `dropped`."""

    step: int
    days: int
    recorded_at: dt.datetime
    dropped: Dropped | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceView(ListedInvoiceView):
    """A whole invoice: what it says, how far it is on its way, and the work that it charges.

    While it is held, `missing` says what the law wants to see on it, and where to mend that; then it goes out
    by itself. `tax` is that of the lines which say no other; where `prices_include_tax`, their amounts and
    `net` do too. Where `has_more_lines`, the list of its lines has all of them. The next reminder is due at
    `remind_at`.
    """

    payment_terms_days: int | None = None
    language: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    bank: BankDetails | None = None
    tax: Tax | None = None
    prices_include_tax: bool
    totals: SumsView | None = None
    missing: Sequence[Missing]
    delivery: DeliveryView
    remind_at: dt.datetime | None = None
    reminders: Sequence[ReminderView] | None = None
    lines: Sequence[WorkView]
    has_more_lines: bool


def of_listed_invoice(invoice: Invoice, *, now: dt.datetime) -> ListedInvoiceView:
    """The invoice, and how it stands as of *now*."""
    is_issued = invoice.issued_on is not None
    return ListedInvoiceView(
        id=invoice.id,
        client_id=invoice.client_id,
        due_on=invoice.due_on,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        currency=invoice.currency,
        state=invoice.state,
        review_ends_at=invoice.review_ends_at,
        entries=invoice.entries,
        net=invoice.net,
        tax_amount=invoice.tax_amount if is_issued else None,
        total=invoice.total if is_issued else None,
        number=invoice.number,
        issued_on=invoice.issued_on,
        payment_due_on=invoice.payment_due_on,
        payment=payment_state(invoice, now),
        paid=invoice.paid if is_issued else None,
        outstanding=invoice.outstanding if is_issued else None,
        credited=invoice.credited if is_issued else None,
        given_back=invoice.given_back or None,
        released=invoice.released if is_issued else None,
        crediting=invoice.crediting,
    )


def of_invoice(
    invoice: Invoice,
    delivery: Delivery,
    lines: Sequence[WorkEntry],
    *,
    now: dt.datetime,
    reminders: Sequence[Reminder] = (),
    more: bool = False,
) -> InvoiceView:
    """The invoice as of *now* with these of its lines, of which there may be *more*."""
    listed = of_listed_invoice(invoice, now=now)
    return InvoiceView(
        **values(listed, ListedInvoiceView),
        payment_terms_days=invoice.payment_terms_days,
        language=invoice.language,
        seller=invoice.seller,
        buyer=invoice.buyer,
        buyer_reference=invoice.buyer_reference,
        order_reference=invoice.order_reference,
        bank=invoice.bank,
        tax=invoice.tax,
        prices_include_tax=invoice.prices_include_tax,
        totals=of_sums(invoice.totals),
        missing=invoice.missing,
        delivery=of_delivery(delivery),
        remind_at=invoice.remind_at,
        reminders=tuple(map(_reminder, reminders)) or None,
        lines=tuple(of_work(line) for line in lines),
        has_more_lines=more,
    )


def _reminder(reminder: Reminder) -> ReminderView:
    return ReminderView(
        step=reminder.step,
        days=reminder.days,
        recorded_at=reminder.recorded_at,
        dropped=reminder.dropped,
        **of_mail(reminder.mail.current),
    )
