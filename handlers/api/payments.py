"""`/v1/invoices/{id}/payments` and `/v1/payments`: what clients paid."""

from functools import partial
from http import HTTPStatus

from domain.access import Scope
from domain.identifiers import InvoiceId, PaymentId
from domain.payments import (
    NothingOutstandingError,
    NotIssuedYetError,
    PaymentDetails,
    RefundedError,
    TakenBackError,
    record_payment,
    take_back,
)
from domain.refunds import NotOverpaidError, RefundDetails, record_refund
from handlers.api import paging
from handlers.api.answers import Answer, created, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.payments import PaymentView, RecordedPaymentView, of_payment, of_recorded_payment


def record(request: Request) -> Answer:
    """Record what came for an issued invoice: a part of it, all that is outstanding, or too much.

    The answer says how the invoice stands with it. With an Idempotency-Key, one payment is recorded once.
    """
    now = wiring.now()
    payment, invoice = record_payment(
        codec.accept(PaymentDetails, request.json()),
        invoice_id=InvoiceId(request.subject),
        account_id=request.account_id,
        now=now,
        invoices=wiring.invoices(),
        payments=wiring.payments(),
        new_id=request.new_id,
    )
    told = of_recorded_payment(payment, invoice, now=now)
    return created(told, location=f"/v1/payments/{payment.id}")


def refund(request: Request) -> Answer:
    """Record what went back to the client of what the invoice has too much, be it all or a part.

    It stands among the payments, with a minus, and is taken back like one.
    """
    now = wiring.now()
    refunded, invoice = record_refund(
        codec.accept(RefundDetails, request.json()),
        invoice_id=InvoiceId(request.subject),
        account_id=request.account_id,
        now=now,
        invoices=wiring.invoices(),
        payments=wiring.payments(),
        new_id=request.new_id,
    )
    told = of_recorded_payment(refunded, invoice, now=now)
    return created(told, location=f"/v1/payments/{refunded.id}")


def list_(request: Request) -> Answer:
    """The payments and refunds of an invoice, and what took some of them back."""
    invoice = wiring.invoices().get(account_id=request.account_id, invoice_id=InvoiceId(request.subject))
    return paging.listed(request, partial(wiring.payments().list, invoice=invoice), of_payment)


def show(request: Request) -> Answer:
    payment_id = PaymentId(request.subject)
    return ok(of_payment(wiring.payments().get(account_id=request.account_id, payment_id=payment_id)))


def take(request: Request) -> Answer:
    """Take back a payment that never came, or a refund that never went out. Nothing is deleted.

    Once more changes nothing.

    The answer is the entry that takes it back, and how the invoice stands with it.
    """
    now = wiring.now()
    back, invoice = take_back(
        PaymentId(request.subject),
        account_id=request.account_id,
        now=now,
        invoices=wiring.invoices(),
        payments=wiring.payments(),
    )
    return ok(of_recorded_payment(back, invoice, now=now))


OPERATIONS = (
    Operation(
        route="POST /v1/invoices/{id}/payments",
        name="record_payment",
        serve=record,
        summary="Record a payment",
        needs=Scope.WRITE,
        takes=PaymentDetails,
        gives=RecordedPaymentView,
        status=HTTPStatus.CREATED,
        refuses=(NotIssuedYetError, NothingOutstandingError),
    ),
    Operation(
        route="POST /v1/invoices/{id}/refunds",
        name="record_refund",
        serve=refund,
        summary="Record a refund",
        needs=Scope.WRITE,
        takes=RefundDetails,
        gives=RecordedPaymentView,
        status=HTTPStatus.CREATED,
        refuses=(NotIssuedYetError, NotOverpaidError),
    ),
    Operation(
        route="GET /v1/invoices/{id}/payments",
        name="list_payments",
        serve=list_,
        summary="List the payments of an invoice",
        gives=PaymentView,
        lists=True,
    ),
    Operation(
        route="GET /v1/payments/{id}",
        name="show_payment",
        serve=show,
        summary="Show a payment",
        gives=PaymentView,
    ),
    Operation(
        route="POST /v1/payments/{id}/take-back",
        name="take_back_payment",
        serve=take,
        summary="Take a payment back",
        needs=Scope.WRITE,
        gives=RecordedPaymentView,
        refuses=(TakenBackError, RefundedError),
    ),
)
