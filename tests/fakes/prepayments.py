"""Prepayments in memory, beside their clients."""

from domain.clients import Client
from domain.identifiers import AccountId, PrepaymentId
from domain.paging import Page
from domain.prepayments import ClientMovedError, Prepayment, Prepayments
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryPrepayments:
    """Implements `domain.prepayments.Prepayments`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Prepayment))

    def __contains__(self, prepayment_id: object) -> bool:
        return any(prepayment.id == prepayment_id for prepayment in self._store.all(Prepayment))

    def get(self, *, account_id: AccountId, prepayment_id: PrepaymentId) -> Prepayment:
        with self._store.call("prepayments.get"):
            return self._store.get(Prepayment, account_id, prepayment_id)

    def list(self, *, client: Client, limit: int = 100, cursor: str | None = None) -> Page[Prepayment]:
        with self._store.call("prepayments.list"):
            whose = (client.account_id, client.id)
            found = self._store.all(Prepayment)
            own = [each for each in found if (each.account_id, each.client_id) == whose]
            return page(own, by=lambda each: each.id, limit=limit, cursor=cursor)

    def add(self, *, prepayment: Prepayment, client: Client, credited: Client) -> None:
        with self._store.call("prepayments.add", commits=True):
            is_there = self._store.find(Prepayment, prepayment.account_id, prepayment.id)
            if is_there or not self._store.holds(client):
                raise ClientMovedError(f"{client.id} or {prepayment.id} has been changed meanwhile")
            self._store.add(prepayment)
            self._store.change(credited, read=client)


_: type[Prepayments] = InMemoryPrepayments
