"""Reminders in memory, beside their invoices."""

import datetime as dt
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many

from domain.identifiers import AccountId, ReminderId
from domain.invoices import Invoice, InvoiceMovedError
from domain.reminders import DueReminder, DueReminders, Reminder, Reminders
from tests.fakes.store import Store


class InMemoryReminders:
    """Implements `domain.reminders.Reminders` and `domain.reminders.DueReminders`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Reminder))

    def __contains__(self, reminder_id: object) -> bool:
        return any(reminder.id == reminder_id for reminder in self._store.all(Reminder))

    def get(self, *, account_id: AccountId, reminder_id: ReminderId) -> Reminder:
        with self._store.call("reminders.get"):
            return self._store.get(Reminder, account_id, reminder_id)

    def of(self, *, invoice: Invoice) -> Many[Reminder]:
        with self._store.call("reminders.of"):
            whose = (invoice.account_id, invoice.id)
            found = self._store.all(Reminder)
            own = [each for each in found if (each.account_id, each.invoice_id) == whose]
            return sorted(own, key=lambda reminder: reminder.step)

    def record(self, *, reminder: Reminder, invoice: Invoice, reminded: Invoice) -> None:
        with self._store.call("reminders.record", commits=True):
            is_there = self._store.find(Reminder, reminder.account_id, reminder.id)
            if is_there or not self._store.holds(invoice):
                raise InvoiceMovedError(f"{invoice.id} or {reminder.id} has been changed meanwhile")
            self._store.add(reminder)
            self._store.change(reminded, read=invoice)

    def update(
        self, *, account_id: AccountId, reminder_id: ReminderId, change: Callable[[Reminder], Reminder]
    ) -> Reminder:
        def read() -> Reminder:
            return self.get(account_id=account_id, reminder_id=reminder_id)

        return self._store.update("reminders.update", read, change)

    def due(self, *, until: dt.datetime) -> Iterator[DueReminder]:
        with self._store.call("due_reminders.due"):
            invoices = self._store.all(Invoice)
            found = [each for each in invoices if each.remind_at and each.remind_at <= until]
        for each in found:
            yield DueReminder(account_id=each.account_id, invoice_id=each.id)


_reminders: type[Reminders] = InMemoryReminders
_due: type[DueReminders] = InMemoryReminders
