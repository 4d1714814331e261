"""Work entries in memory."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from domain.identifiers import AccountId, ClientId, WorkId
from domain.paging import Page
from domain.work import KnownWork, WorkEntries, WorkEntry
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryWork:
    """Implements `domain.work.WorkEntries` and `KnownWork`; its length counts what is not removed."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return sum(not entry.removed for entry in self._store.all(WorkEntry))

    def __contains__(self, work_id: object) -> bool:
        return any(entry.id == work_id and not entry.removed for entry in self._store.all(WorkEntry))

    def get(self, *, account_id: AccountId, work_id: WorkId) -> WorkEntry:
        with self._store.call("work.get"):
            return self._store.get(WorkEntry, account_id, work_id)

    def add(self, *, entry: WorkEntry) -> None:
        with self._store.call("work.add", commits=True):
            self._store.add(entry)

    def update(
        self, *, account_id: AccountId, work_id: WorkId, change: Callable[[WorkEntry], WorkEntry]
    ) -> WorkEntry:
        def read() -> WorkEntry:
            return self.get(account_id=account_id, work_id=work_id)

        return self._store.update("work.update", read, change)

    def list(
        self,
        *,
        account_id: AccountId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        with self._store.call("work.list"):
            wanted = [
                entry
                for entry in self._store.all(WorkEntry)
                if entry.account_id == account_id and since <= entry.date <= until and not entry.removed
            ]
            return page(wanted, by=lambda entry: f"{entry.date}#{entry.id}", limit=limit, cursor=cursor)

    def unbilled(
        self,
        *,
        account_id: AccountId,
        client_id: ClientId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        with self._store.call("work.unbilled"):
            wanted = [
                entry
                for entry in self._store.all(WorkEntry)
                if (entry.account_id, entry.client_id) == (account_id, client_id)
                and since <= entry.date <= until
                and entry.is_unbilled
            ]
            return page(wanted, by=lambda entry: f"{entry.date}#{entry.id}", limit=limit, cursor=cursor)

    def among(self, *, account_id: AccountId, work_ids: Sequence[WorkId]) -> Mapping[WorkId, WorkEntry]:
        assert len(work_ids) <= 100, "the table takes no more at once"
        with self._store.call("known_work.among"):
            found = (self._store.find(WorkEntry, account_id, work_id) for work_id in work_ids)
            return {entry.id: entry for entry in found if entry}


_: type[WorkEntries] = InMemoryWork
__: type[KnownWork] = InMemoryWork
