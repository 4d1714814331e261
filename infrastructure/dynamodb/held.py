"""Held invoices of all accounts, by when each is to be looked at again: GSI2 has a pointer of each of them.

look later  HELD put anew, if it is there
let go      INVOICE sealed, if held and as read · HELD deleted
"""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Sequence as Many
from dataclasses import replace

from domain.held import HeldInvoices, Waiting
from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoice, State
from infrastructure.dynamodb import invoices, keys
from infrastructure.dynamodb.steps import NAMES, lost
from infrastructure.dynamodb.table import Table


class DynamoDBHeldInvoices:
    """Implements `domain.held.HeldInvoices`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._invoices = invoices.entities(table)

    def waiting(
        self, *, until: dt.datetime, limit: int, account_id: AccountId | None = None
    ) -> Many[Waiting]:
        values = {":held": keys.HELD, ":until": keys.due_until(until)}
        condition = "GSI2PK = :held AND GSI2SK <= :until"
        if account_id:
            # All of them first: whoever puts one off moves it within this very index.
            every = map(_waiting, self._table.query_all(condition, values, index="GSI2"))
            return [each for each in every if each.account_id == account_id]
        found = self._table.query(condition, values, index="GSI2", limit=limit).items
        return [_waiting(item) for item in found]

    def look_at(self, *, invoice: Invoice) -> dt.datetime | None:
        item = self._table.get(keys.held(invoice.account_id, invoice.id))
        return _look_at(item) if item and "GSI2SK" in item else None

    def look_later(self, *, waiting: Waiting, at: dt.datetime) -> None:
        item = invoices.held_item(waiting.account_id, waiting.invoice_id, look_at=at)
        with lost(f"{waiting.invoice_id} is held no longer"):
            self._table.write(self._table.put(item, condition="attribute_exists(PK)"))

    def let_go(self, *, invoice: Invoice, sealed: Invoice) -> None:
        item = self._invoices.item(replace(sealed, version=invoice.version + 1))
        put = self._table.put(
            item,
            condition="#version = :read AND #state = :held",
            values={":read": invoice.version, ":held": State.HELD},
            names=NAMES,
        )
        with lost(f"{invoice.id} has been changed meanwhile"):
            self._table.write(put, self._table.delete(keys.held(invoice.account_id, invoice.id)))


def _waiting(item: Mapping[str, str]) -> Waiting:
    return Waiting(
        account_id=AccountId(item["account_id"]), invoice_id=InvoiceId(item["SK"]), look_at=_look_at(item)
    )


def _look_at(item: Mapping[str, str]) -> dt.datetime:
    return dt.datetime.fromisoformat(item["GSI2SK"].partition("#")[0])


_: type[HeldInvoices] = DynamoDBHeldInvoices  # the promise, checked by mypy
