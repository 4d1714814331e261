"""The failure ledger in memory."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from domain.errors import NotFoundError
from domain.failures import OPEN, Failure, FailureId, Ledger, State, failure_parts
from domain.identifiers import AccountId
from domain.paging import Page
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryLedger:
    """Implements `domain.failures.Ledger`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.failures)

    def __contains__(self, failure_id: object) -> bool:
        return failure_id in self._store.failures

    def get(self, *, failure_id: FailureId) -> Failure:
        failure_parts(failure_id)
        with self._store.call("ledger.get"):
            if failure_id not in self._store.failures:
                raise NotFoundError(f"there is no failure {failure_id}")
            return self._store.failures[failure_id]

    def update(self, *, failure_id: FailureId, change: Callable[[Failure | None], Failure]) -> Failure:
        failure_parts(failure_id)
        while True:
            with self._store.call("ledger.find"):
                before = self._store.failures.get(failure_id)
            if (after := change(before)) == before:
                return after
            with self._store.call("ledger.update", commits=True):
                if self._store.failures.get(failure_id) == before:
                    stored = replace(after, version=before.version + 1 if before else 1)
                    self._store.failures[failure_id] = stored
                    return stored

    def open_among(self, *, failure_ids: Collection[FailureId]) -> Sequence[Failure]:
        with self._store.call("ledger.open_among"):
            found = (self._store.failures.get(failure_id) for failure_id in sorted(set(failure_ids)))
            return [failure for failure in found if failure and failure.is_open]

    def due(self, *, queue: str, until: dt.datetime, limit: int) -> Sequence[Failure]:
        with self._store.call("ledger.due"):
            waiting = [
                (failure.next_at, failure.event_id, failure)
                for failure in self._store.failures.values()
                if failure.queue == queue and failure.state is State.RETRYING
                if failure.next_at and failure.next_at <= until
            ]
            return [failure for _, _, failure in sorted(waiting)[:limit]]

    def list(self, *, queue: str, state: State, limit: int = 100, cursor: str | None = None) -> Page[Failure]:
        def by(failure: Failure) -> str:
            return f"{failure.next_at or failure.closed_at or failure.last_at}#{failure.event_id}"

        with self._store.call("ledger.list"):
            wanted = [
                failure
                for failure in self._store.failures.values()
                if (failure.queue, failure.state) == (queue, state)
            ]
            return page(wanted, by=by, limit=limit, cursor=cursor)

    def of_account(
        self,
        *,
        account_id: AccountId,
        states: Collection[State] = OPEN,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Failure]:
        def by(failure: Failure) -> str:
            return f"{failure.is_open:d}#{failure.last_at:%Y-%m-%dT%H:%M:%SZ}#{failure.id}"

        with self._store.call("ledger.of_account"):
            wanted = [
                failure
                for failure in self._store.failures.values()
                if failure.account_id == account_id and failure.state in states
            ]
            return page(wanted, by=by, limit=limit, cursor=cursor)


_: type[Ledger] = InMemoryLedger
