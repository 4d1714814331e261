"""Prepayments in the single table, beside their client's work and invoices.

record     PREPAYMENT put if absent · CLIENT stored with so much more, if as read
"""

from domain.clients import Client
from domain.identifiers import AccountId, PrepaymentId
from domain.paging import Page
from domain.prepayments import ClientMovedError, Prepayment, Prepayments
from infrastructure.dynamodb import clients, keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.errors import LostConditionError, StoreConflictError
from infrastructure.dynamodb.table import Table

_PREPAYMENTS = "PK = :client AND begins_with(SK, :prepayments)"


class DynamoDBPrepayments:
    """Implements `domain.prepayments.Prepayments`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._clients = clients.entities(table)
        self._prepayments = Entities(
            table, "PREPAYMENT", Prepayment, key=lambda each: keys.prepayment(each.account_id, each.id)
        )

    def get(self, *, account_id: AccountId, prepayment_id: PrepaymentId) -> Prepayment:
        key = keys.prepayment(account_id, prepayment_id)
        return self._prepayments.get(key, missing=f"there is no prepayment {prepayment_id}")

    def list(self, *, client: Client, limit: int = 100, cursor: str | None = None) -> Page[Prepayment]:
        values = {
            ":client": keys.client_partition(client.account_id, client.id),
            ":prepayments": keys.PREPAYMENTS,
        }
        found = self._table.query(_PREPAYMENTS, values, limit=limit, cursor=cursor, consistent=True)
        return Page(tuple(self._prepayments.read(item) for item in found.items), found.cursor)

    def add(self, *, prepayment: Prepayment, client: Client, credited: Client) -> None:
        try:
            self._table.write(self._prepayments.added(prepayment), self._clients.changed(client, credited))
        except (LostConditionError, StoreConflictError) as error:
            raise ClientMovedError(f"{client.id} or {prepayment.id} has been changed meanwhile") from error


_: type[Prepayments] = DynamoDBPrepayments  # the promise, checked by mypy
