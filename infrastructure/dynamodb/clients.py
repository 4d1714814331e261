"""Clients in the single table; the sparse `DUE#` keys of GSI1 find those whose invoice is due."""

import datetime as dt
from collections.abc import Callable, Iterator

from domain.clients import Client, Clients, DueClient, DueClients
from domain.identifiers import AccountId, ClientId
from domain.paging import Page
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.table import Table


class DynamoDBClients:
    """Implements `domain.clients.Clients` and `domain.clients.DueClients`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._clients = entities(table)

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Client:
        return self._clients.get(
            keys.client(account_id, client_id),
            missing=f"there is no client {client_id}",
        )

    def add(self, *, client: Client) -> None:
        self._clients.add(client, taken=f"there is a client {client.id} already")

    def update(
        self,
        *,
        account_id: AccountId,
        client_id: ClientId,
        change: Callable[[Client], Client],
    ) -> Client:
        missing = f"there is no client {client_id}"
        return self._clients.update(keys.client(account_id, client_id), change, missing=missing)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Client]:
        values = {":account": keys.partition(account_id), ":clients": "CLIENT#"}
        found = self._table.query(
            "PK = :account AND begins_with(SK, :clients)",
            values,
            limit=limit,
            cursor=cursor,
            consistent=True,
        )
        return Page(tuple(self._clients.read(item) for item in found.items), found.cursor)

    def due(self, *, until: dt.datetime) -> Iterator[DueClient]:
        for shard in range(keys.DUE_SHARDS):
            values = {":shard": keys.due_shard(shard), ":until": keys.due_until(until)}
            condition = "GSI1PK = :shard AND GSI1SK <= :until"
            # The whole shard first: what the caller does with a client moves it within this very index.
            for item in tuple(self._table.query_all(condition, values, index="GSI1")):
                yield DueClient(
                    account_id=item["account_id"],
                    client_id=item["id"],
                    due_at=dt.datetime.fromisoformat(item["GSI1SK"].partition("#")[0]),
                )


def entities(table: Table) -> Entities[Client]:
    """How clients are stored."""
    return Entities(
        table,
        "CLIENT",
        Client,
        key=lambda client: keys.client(client.account_id, client.id),
        indexes=keys.indexes_of_client,
    )


_: type[Clients] = DynamoDBClients  # the promises, checked by mypy
__: type[DueClients] = DynamoDBClients
