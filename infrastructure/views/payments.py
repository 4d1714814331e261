"""What is shown of money that came for an invoice."""

import datetime as dt
from dataclasses import dataclass, fields

from domain.fields import values
from domain.identifiers import ClientId, InvoiceId, PaymentId
from domain.invoices import Invoice
from domain.payments import Payment
from infrastructure.views.instants import second
from infrastructure.views.invoices import ListedInvoiceView, of_listed_invoice


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """Money that came for an invoice; where it `takes_back` another payment, as much with a minus."""

    id: PaymentId
    invoice_id: InvoiceId
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PaymentId | None = None


_PAYMENT = tuple(each.name for each in fields(PaymentView) if each.name != "recorded_at")


@dataclass(frozen=True, kw_only=True)
class RecordedPaymentView(PaymentView):
    """A payment, and how its invoice stands with it."""

    invoice: ListedInvoiceView


def of_payment(payment: Payment) -> PaymentView:
    return PaymentView(
        **{name: getattr(payment, name) for name in _PAYMENT}, recorded_at=second(payment.recorded_at)
    )


def of_recorded_payment(payment: Payment, invoice: Invoice, *, now: dt.datetime) -> RecordedPaymentView:
    """What was recorded, and how the invoice stands with it."""
    told = of_listed_invoice(invoice, now=now)
    return RecordedPaymentView(**values(of_payment(payment), PaymentView), invoice=told)
