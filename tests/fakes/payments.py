"""Payments in memory, beside their invoices."""

from domain.identifiers import AccountId, PaymentId
from domain.invoices import Invoice, InvoiceMovedError
from domain.paging import Page
from domain.payments import Payment, Payments
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryPayments:
    """Implements `domain.payments.Payments`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Payment))

    def __contains__(self, payment_id: object) -> bool:
        return any(payment.id == payment_id for payment in self._store.all(Payment))

    def get(self, *, account_id: AccountId, payment_id: PaymentId) -> Payment:
        with self._store.call("payments.get"):
            return self._store.get(Payment, account_id, payment_id)

    def list(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[Payment]:
        with self._store.call("payments.list"):
            whose = (invoice.account_id, invoice.id)
            found = [each for each in self._store.all(Payment) if (each.account_id, each.invoice_id) == whose]
            return page(found, by=lambda payment: payment.id, limit=limit, cursor=cursor)

    def add(self, *, payment: Payment, invoice: Invoice, paid: Invoice) -> None:
        with self._store.call("payments.add", commits=True):
            is_there = self._store.find(Payment, payment.account_id, payment.id)
            if is_there or not self._store.holds(invoice):
                raise InvoiceMovedError(f"{invoice.id} or {payment.id} has been changed meanwhile")
            self._store.add(payment)
            self._store.change(paid, read=invoice)


_: type[Payments] = InMemoryPayments
