"""Clients in memory, those that are due among them."""

import datetime as dt
from collections.abc import Callable, Iterator

from domain.clients import Client, Clients, DueClient, DueClients
from domain.identifiers import AccountId, ClientId
from domain.paging import Page
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryClients:
    """Implements `domain.clients.Clients` and `DueClients`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Client))

    def __contains__(self, client_id: object) -> bool:
        return any(client.id == client_id for client in self._store.all(Client))

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Client:
        with self._store.call("clients.get"):
            return self._store.get(Client, account_id, client_id)

    def add(self, *, client: Client) -> None:
        with self._store.call("clients.add", commits=True):
            self._store.add(client)

    def update(
        self, *, account_id: AccountId, client_id: ClientId, change: Callable[[Client], Client]
    ) -> Client:
        def read() -> Client:
            return self.get(account_id=account_id, client_id=client_id)

        return self._store.update("clients.update", read, change)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Client]:
        with self._store.call("clients.list"):
            own = [client for client in self._store.all(Client) if client.account_id == account_id]
            return page(own, by=lambda client: client.id, limit=limit, cursor=cursor)

    def due(self, *, until: dt.datetime) -> Iterator[DueClient]:
        with self._store.call("due_clients.due"):
            due = [client for client in self._store.all(Client) if client.due_at and client.due_at <= until]
        for client in sorted(due, key=lambda client: (client.next_due_on, client.id)):
            assert client.due_at
            yield DueClient(account_id=client.account_id, client_id=client.id, due_at=client.due_at)


_clients: type[Clients] = InMemoryClients
_due: type[DueClients] = InMemoryClients
