"""What clients paid: a payment and what its invoice says of it move in one transaction.

record      PAYMENT of +amount, put if absent · INVOICE `paid` + amount, if as read
refund      PAYMENT of −amount, put if absent · INVOICE `paid` − amount, if as read and so much is overpaid
take back   PAYMENT of the opposite, likewise · INVOICE `paid` as it was without it    nothing is deleted

Refunds are made in `domain/refunds.py`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain import checks
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.identifiers import (
    AccountId,
    ClientId,
    InvoiceId,
    PaymentId,
    digest,
    invoice_parts,
    payment_id,
    payment_parts,
)
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.paging import Page

HIGHEST_AMOUNT = 10**13
MOST_ROUNDS = 6


class PaymentState(StrEnum):
    """How an issued invoice stands with its payments."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partly_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    OVERPAID = "overpaid"
    CREDITED = "credited"


class PaymentKind(StrEnum):
    """Which way the money went: it came from the client, or went back there."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDetails:
    """What a person says of a payment, in minor units of the invoice's currency.

    Where no amount is said, it is all that is outstanding; where no day is said, it is today.
    """

    amount: int | None = None
    paid_on: dt.date | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        found = [checks.optional_text("reference", self.reference, longest=200)]
        if self.amount is not None:
            found.append(checks.number("amount", self.amount, least=1, most=HIGHEST_AMOUNT))
        if self.paid_on is not None:
            found.append(checks.date("paid_on", self.paid_on))
        checks.require(*found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came for an invoice or, as a refund with a minus, went back to the client.

    Where it `takes_back` another one, it is as much the other way. `invoice_issued_on` is told along, for the
    invoice's month is the one in which it counts.
    """

    id: PaymentId
    account_id: AccountId
    client_id: ClientId
    invoice_id: InvoiceId
    invoice_issued_on: dt.date
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PaymentId | None = None
    kind: PaymentKind = PaymentKind.PAYMENT
    version: int = 1

    def taken_back(self, now: dt.datetime) -> "Payment":
        """What takes this payment back: one thing, however often it is asked for."""
        return replace(
            self,
            id=payment_id(self.invoice_id, digest(self.id, "taken back")),
            amount=-self.amount,
            recorded_at=now,
            takes_back=self.id,
        )


class NotIssuedYetError(ConflictError):
    """Only an invoice that was issued, and is valid, can be paid."""

    code = "not-issued-yet"


class NothingOutstandingError(ConflictError):
    """Nothing is left to be paid, and no amount was said."""

    code = "nothing-outstanding"


class TakenBackError(ConflictError):
    """What takes a payment back cannot be taken back itself."""

    code = "takes-back-another"


class RefundedError(ConflictError):
    """The payment went back to the client, or a part of it did."""

    code = "payment-refunded"


class Payments(Protocol):
    """The payments of each invoice."""

    def get(self, *, account_id: AccountId, payment_id: PaymentId) -> Payment:
        """Raise `NotFoundError` where there is none."""
        ...

    def list(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[Payment]:
        """The invoice's payments as of now, in the order of their ids."""
        ...

    def add(self, *, payment: Payment, invoice: Invoice, paid: Invoice) -> None:
        """Put the payment and store the invoice as `paid`: both or nothing.

        Raises:
            InvoiceMovedError: the payment is there already, or the invoice is not as it was read.
        """
        ...


def payment_state(invoice: Invoice, now: dt.datetime) -> PaymentState | None:
    """How the invoice stands at an instant; None where there is nothing to pay yet, or ever."""
    if invoice.state is not State.ISSUED or invoice.payment_due_on is None:
        return None
    if invoice.is_credited and not invoice.outstanding and not invoice.paid:
        return PaymentState.CREDITED
    if invoice.outstanding <= 0:
        return PaymentState.OVERPAID if invoice.outstanding < 0 else PaymentState.PAID
    if invoice.payment_due_on < invoice.today(now):
        return PaymentState.OVERDUE
    return PaymentState.PARTLY_PAID if invoice.paid else PaymentState.UNPAID


def record_payment(
    details: PaymentDetails,
    *,
    invoice_id: InvoiceId,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    payments: Payments,
    new_id: Callable[[], str],
) -> tuple[Payment, Invoice]:
    """Record what came for an invoice, be it a part or too much; answers with the invoice as it is now.

    A payment whose id is there already is that payment: it counts once, however often it is recorded.

    Raises:
        NotFoundError: there is no such invoice.
        NotIssuedYetError: it has no number, or is not valid any more.
        NothingOutstandingError: it is paid, and no amount was said.
        InvalidError: the day is still to come.
        InvoiceMovedError: others changed the invoice `MOST_ROUNDS` times running.
    """
    invoice_parts(invoice_id)
    wanted = payment_id(invoice_id, new_id())

    def recorded(invoice: Invoice) -> Payment:
        amount = invoice.outstanding if details.amount is None else details.amount
        payment = payment_for(invoice, wanted, amount, details, now)
        if amount <= 0:
            raise NothingOutstandingError(f"nothing of {invoice.id} is outstanding; say how much more came")
        return payment

    return added(wanted, recorded, account_id=account_id, invoices=invoices, payments=payments)


def take_back(
    payment_id: PaymentId,
    *,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    payments: Payments,
) -> tuple[Payment, Invoice]:
    """Take a payment back that never came, or a refund that never went out; once more changes nothing.

    Answers with the entry that says so, and with the invoice as it is now.

    Raises:
        NotFoundError: there is no such payment.
        TakenBackError: it takes back another one.
        RefundedError: a refund gave back what it brought.
        InvoiceMovedError: others changed the invoice `MOST_ROUNDS` times running.
    """
    payment = payments.get(account_id=account_id, payment_id=payment_id)
    if payment.takes_back:
        raise TakenBackError(f"{payment_id} takes back {payment.takes_back}; record the payment again")
    back = payment.taken_back(now)

    def taken_back(invoice: Invoice) -> Payment:
        if invoice.paid < payment.amount:
            raise RefundedError(f"what {payment_id} brought was refunded: take that refund back first")
        return back

    return added(back.id, taken_back, account_id=account_id, invoices=invoices, payments=payments)


def added(
    wanted: PaymentId,
    made: Callable[[Invoice], Payment],
    *,
    account_id: AccountId,
    invoices: Invoices,
    payments: Payments,
) -> tuple[Payment, Invoice]:
    """The payment *wanted*, which is *made* of the invoice as it is unless it is there already."""
    invoice_id, _ = payment_parts(wanted)
    for _ in range(MOST_ROUNDS):
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        try:
            return payments.get(account_id=account_id, payment_id=wanted), invoice
        except NotFoundError:
            payment = made(invoice)
        try:
            paid = invoice.with_paid(payment.amount)
            payments.add(payment=payment, invoice=invoice, paid=paid)
        except InvoiceMovedError:
            continue
        return payment, replace(paid, version=invoice.version + 1)
    raise InvoiceMovedError(f"{invoice_id} was changed by others {MOST_ROUNDS} times running")


def payment_for(
    invoice: Invoice, wanted: PaymentId, amount: int, details: PaymentDetails, now: dt.datetime
) -> Payment:
    """The payment of this amount for an issued invoice; raises as `record_payment` does."""
    if invoice.state is not State.ISSUED or invoice.issued_on is None:
        raise NotIssuedYetError(f"{invoice.id} is {invoice.state}; an issued invoice can be paid")
    today = invoice.today(now)
    if (paid_on := details.paid_on or today) > today:
        told = f"must not be after today, which is {today} where the invoice is from"
        raise InvalidError(Problem("/paid_on", "in-the-future", told))
    return Payment(
        id=wanted,
        account_id=invoice.account_id,
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        invoice_issued_on=invoice.issued_on,
        amount=amount,
        currency=invoice.currency,
        paid_on=paid_on,
        recorded_at=now,
        reference=details.reference,
    )
