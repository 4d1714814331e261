"""All that is stored of a client, in the order of its keys: to be audited, and to be published again."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.delivery import Delivery
from domain.errors import NotFoundError
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.proof import Records, Stored, Written
from domain.reminders import Reminder
from domain.work import WorkEntry
from events.catalog import PUBLISHED_TYPES
from events.publishing import Record
from events.republishing import Current
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.attributes import Item
from infrastructure.dynamodb.credit_notes import line_of
from infrastructure.dynamodb.table import Table

_READ: dict[str, Callable[[dict[str, Any]], Stored]] = {
    "WORK": partial(codec.decode, WorkEntry),
    "INVOICE": partial(codec.decode, Invoice),
    "CREDITNOTE": partial(codec.decode, CreditNote),
    "LINE": line_of,
    "DELIVERY": partial(codec.decode, Delivery),
    "PAYMENT": partial(codec.decode, Payment),
    "REMINDER": partial(codec.decode, Reminder),
    "PREPAYMENT": partial(codec.decode, Prepayment),
}
_CLIENTS = "CLIENT#"


class DynamoDBRecords:
    """Implements `domain.proof.Records` and `events.republishing.Current`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def client(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Client, dt.datetime]:
        if (item := self._table.get(keys.client(account_id, client_id))) is None:
            raise NotFoundError(f"there is no client {client_id}")
        return codec.decode(Client, item), _instant(item)

    def of_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Written]:
        values = {":client": keys.client_partition(account_id, client_id)}
        for item in self._table.query_all("PK = :client", values, consistent=True):
            yield Written(_READ[item["type"]](item), _instant(item))

    def of_account(self, *, account_id: AccountId) -> Iterator[Record]:
        yield self._one(keys.account(account_id), missing="there is no account yet; set it up first")
        values = {":account": keys.partition(account_id), ":clients": _CLIENTS}
        for item in self._table.raw("PK = :account AND begins_with(SK, :clients)", values):
            yield _record(item)
            yield from self._below(account_id, ClientId(item["SK"]["S"].removeprefix(_CLIENTS)))
        values = {":account": keys.partition(account_id), ":imports": keys.IMPORTS}
        yield from map(_record, self._table.raw("PK = :account AND begins_with(SK, :imports)", values))

    def of_one_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Record]:
        yield self._one(keys.client(account_id, client_id), missing=f"there is no client {client_id}")
        yield from self._below(account_id, client_id)

    def _below(self, account_id: AccountId, client_id: ClientId) -> Iterator[Record]:
        values = {":client": keys.client_partition(account_id, client_id)}
        below = self._table.raw("PK = :client", values)
        return (_record(item) for item in below if item["type"]["S"] in PUBLISHED_TYPES)

    def _one(self, key: keys.Key, *, missing: str) -> Record:
        for item in self._table.raw("PK = :pk AND SK = :sk", {":pk": key["PK"], ":sk": key["SK"]}):
            return _record(item)
        raise NotFoundError(missing)


def _record(item: Item) -> Record:
    """The stream's record of an item that has just come to be as it is."""
    key = {"PK": item["PK"], "SK": item["SK"]}
    return {"eventName": "INSERT", "dynamodb": {"Keys": key, "NewImage": item}}


def _instant(item: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(item["updated_at"])


_: type[Records] = DynamoDBRecords  # the promises, checked by mypy
__: type[Current] = DynamoDBRecords
