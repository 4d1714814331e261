"""Held invoices in memory, by when each is to be looked at again."""

import datetime as dt
from collections.abc import Sequence as Many

from domain.held import HeldInvoices, Waiting
from domain.identifiers import AccountId
from domain.invoices import Invoice, InvoiceMovedError, State
from tests.fakes.store import Store


class InMemoryHeldInvoices:
    """Implements `domain.held.HeldInvoices`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(
        self, *, until: dt.datetime, limit: int, account_id: AccountId | None = None
    ) -> Many[Waiting]:
        with self._store.call("held.waiting"):
            held = [each for each in self._store.all(Invoice) if each.state is State.HELD]
            looks = [(each, self._look_at(each)) for each in held]
        due = [
            Waiting(account_id=each.account_id, invoice_id=each.id, look_at=look_at)
            for each, look_at in looks
            if look_at and look_at <= until and account_id in {None, each.account_id}
        ]
        due = sorted(due, key=lambda each: (each.look_at, each.account_id, each.invoice_id))
        return due if account_id else due[:limit]

    def look_at(self, *, invoice: Invoice) -> dt.datetime | None:
        with self._store.call("held.look_at"):
            stored = self._store.get(Invoice, invoice.account_id, invoice.id)
            return self._look_at(stored) if stored.state is State.HELD else None

    def look_later(self, *, waiting: Waiting, at: dt.datetime) -> None:
        with self._store.call("held.look_later", commits=True):
            if self._store.get(Invoice, waiting.account_id, waiting.invoice_id).state is not State.HELD:
                raise InvoiceMovedError(f"{waiting.invoice_id} is held no longer")
            self._store.looks[waiting.account_id, waiting.invoice_id] = at

    def let_go(self, *, invoice: Invoice, sealed: Invoice) -> None:
        with self._store.call("held.let_go", commits=True):
            stored = self._store.get(Invoice, invoice.account_id, invoice.id)
            if stored.state is not State.HELD or not self._store.holds(invoice):
                raise InvoiceMovedError(f"{invoice.id} is not held as it was read")
            self._store.change(sealed, read=invoice)

    def _look_at(self, invoice: Invoice) -> dt.datetime | None:
        day = dt.datetime.combine(invoice.due_on, dt.time(), dt.UTC)
        return self._store.looks.get((invoice.account_id, invoice.id), day)


_: type[HeldInvoices] = InMemoryHeldInvoices
