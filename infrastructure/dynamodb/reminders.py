"""Reminders in the single table, beside their invoice.

record     REMINDER put if absent · INVOICE moved on to its next reminder, if as read
"""

import datetime as dt
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many

from domain.identifiers import AccountId, ReminderId
from domain.invoices import Invoice
from domain.reminders import DueReminder, DueReminders, Reminder, Reminders
from infrastructure.dynamodb import invoices, keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.errors import LostConditionError, StoreUnavailableError
from infrastructure.dynamodb.steps import lost
from infrastructure.dynamodb.table import Table
from infrastructure.retrying import retrying

_REMINDERS = "PK = :client AND begins_with(SK, :reminders)"
_DUE = "GSI2PK = :shard AND GSI2SK <= :until"


class DynamoDBReminders:
    """Implements `domain.reminders.Reminders` and `domain.reminders.DueReminders`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._invoices = invoices.entities(table)
        self._reminders = Entities(
            table, "REMINDER", Reminder, key=lambda reminder: keys.reminder(reminder.account_id, reminder.id)
        )

    def get(self, *, account_id: AccountId, reminder_id: ReminderId) -> Reminder:
        key = keys.reminder(account_id, reminder_id)
        return self._reminders.get(key, missing=f"there is no reminder {reminder_id}")

    def of(self, *, invoice: Invoice) -> Many[Reminder]:
        key = keys.invoice(invoice.account_id, invoice.id)
        values = {":client": key["PK"], ":reminders": keys.reminders_of(key["SK"])}
        found = self._table.query_all(_REMINDERS, values, consistent=True)
        return [self._reminders.read(item) for item in found]

    def record(self, *, reminder: Reminder, invoice: Invoice, reminded: Invoice) -> None:
        with lost(f"{invoice.id} or {reminder.id} has been changed meanwhile"):
            self._table.write(self._reminders.added(reminder), self._invoices.changed(invoice, reminded))

    # As with deliveries: once a mail is out, the next attempt could only say that nobody knows.
    @retrying(LostConditionError, StoreUnavailableError)
    def update(
        self, *, account_id: AccountId, reminder_id: ReminderId, change: Callable[[Reminder], Reminder]
    ) -> Reminder:
        current = self.get(account_id=account_id, reminder_id=reminder_id)
        return self._reminders.replace(current, change(current))

    def due(self, *, until: dt.datetime) -> Iterator[DueReminder]:
        for shard in range(keys.REMINDER_SHARDS):
            values = {":shard": keys.reminders_shard(shard), ":until": keys.due_until(until)}
            # The whole shard first: what the caller does with an invoice moves it within this very index.
            for item in tuple(self._table.query_all(_DUE, values, index="GSI2")):
                yield DueReminder(account_id=item["account_id"], invoice_id=item["id"])


_: type[Reminders] = DynamoDBReminders  # the promises, checked by mypy
__: type[DueReminders] = DynamoDBReminders
