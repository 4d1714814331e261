"""What is shown of money that came for an invoice."""

import datetime as dt
from dataclasses import dataclass

from domain.fields import values
from domain.identifiers import ClientId, InvoiceId, PaymentId
from domain.invoices import Invoice
from domain.payments import Payment, PaymentKind
from infrastructure.views.instants import second
from infrastructure.views.invoices import ListedInvoiceView, of_listed_invoice


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """Money that came for an invoice, or a refund with a minus; what `takes_back` one is the opposite."""

    id: PaymentId
    kind: PaymentKind
    invoice_id: InvoiceId
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PaymentId | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedPaymentView(PaymentView):
    """A payment, and how its invoice stands with it."""

    invoice: ListedInvoiceView


def of_payment(payment: Payment) -> PaymentView:
    recorded_at = second(payment.recorded_at)
    return PaymentView(**values(payment, PaymentView) | {"recorded_at": recorded_at})


def of_recorded_payment(payment: Payment, invoice: Invoice, *, now: dt.datetime) -> RecordedPaymentView:
    """What was recorded, and how the invoice stands with it."""
    told = of_listed_invoice(invoice, now=now)
    return RecordedPaymentView(**values(of_payment(payment), PaymentView), invoice=told)
