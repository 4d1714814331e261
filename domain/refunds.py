"""Refunds: what an invoice has too much, be it that credit notes took it back, goes to the client again.

A refund is a payment the other way (`domain/payments.py`): an entry of its own, which is taken back like one.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from domain import money
from domain.errors import ConflictError
from domain.identifiers import AccountId, InvoiceId, invoice_parts, payment_id
from domain.invoices import Invoice, Invoices
from domain.payments import Payment, PaymentDetails, PaymentKind, Payments, added, payment_for


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDetails(PaymentDetails):
    """What a person says of money that went back, in minor units, above 0.

    Where no amount is said, it is all that is too much; where no day is said, it is today.
    """


class NotOverpaidError(ConflictError):
    """So much cannot go back: no more than what is overpaid."""

    code = "not-overpaid"


def record_refund(
    details: RefundDetails,
    *,
    invoice_id: InvoiceId,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    payments: Payments,
    new_id: Callable[[], str],
) -> tuple[Payment, Invoice]:
    """Record what went back of what an invoice has too much; answers with the invoice as it is now.

    A refund whose id is there already is that one: it counts once, however often it is recorded.

    Raises:
        NotFoundError: there is no such invoice.
        NotIssuedYetError: it has no number, or is not valid any more.
        NotOverpaidError: not as much is overpaid.
        InvalidError: the day is still to come.
        InvoiceMovedError: others changed the invoice all the time.
    """
    invoice_parts(invoice_id)
    wanted = payment_id(invoice_id, new_id())

    def refunded(invoice: Invoice) -> Payment:
        overpaid = max(0, -invoice.outstanding)
        amount = overpaid if details.amount is None else details.amount
        refund = payment_for(invoice, wanted, -amount, details, now)
        if not 0 < amount <= overpaid:
            most = f"no more than {money.major(overpaid, currency=invoice.currency)} {invoice.currency}"
            raise NotOverpaidError(f"{most if overpaid else 'nothing'} of {invoice.id} is overpaid")
        return replace(refund, kind=PaymentKind.REFUND)

    return added(wanted, refunded, account_id=account_id, invoices=invoices, payments=payments)
