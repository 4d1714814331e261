"""Payments in the single table, beside their invoice.

record     PAYMENT put if absent · INVOICE stored as paid, if as read
"""

from domain.identifiers import AccountId, PaymentId
from domain.invoices import Invoice
from domain.paging import Page
from domain.payments import Payment, Payments
from infrastructure.dynamodb import invoices, keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.steps import lost
from infrastructure.dynamodb.table import Table

_PAYMENTS = "PK = :client AND begins_with(SK, :payments)"


class DynamoDBPayments:
    """Implements `domain.payments.Payments`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._invoices = invoices.entities(table)
        self._payments = Entities(
            table, "PAYMENT", Payment, key=lambda payment: keys.payment(payment.account_id, payment.id)
        )

    def get(self, *, account_id: AccountId, payment_id: PaymentId) -> Payment:
        key = keys.payment(account_id, payment_id)
        return self._payments.get(key, missing=f"there is no payment {payment_id}")

    def list(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[Payment]:
        key = keys.invoice(invoice.account_id, invoice.id)
        values = {":client": key["PK"], ":payments": keys.payments_of(key["SK"])}
        found = self._table.query(_PAYMENTS, values, limit=limit, cursor=cursor, consistent=True)
        return Page(tuple(self._payments.read(item) for item in found.items), found.cursor)

    def add(self, *, payment: Payment, invoice: Invoice, paid: Invoice) -> None:
        with lost(f"{invoice.id} or {payment.id} has been changed meanwhile"):
            self._table.write(self._payments.added(payment), self._invoices.changed(invoice, paid))


_: type[Payments] = DynamoDBPayments  # the promise, checked by mypy
