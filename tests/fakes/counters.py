"""Counters in memory."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.counters import (
    MOST_ACTIONS,
    Change,
    Contribution,
    Counter,
    Counters,
    LostRaceError,
    Resetting,
    Tally,
)
from domain.errors import WillNeverWorkError
from domain.identifiers import AccountId, ClientId
from domain.paging import Page
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryCounters:
    """Implements `domain.counters.Counters` and `domain.counters.Resetting`.

    It refuses for ever to store what stands in `unstorable`, and to read what stands in `unreadable`.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self.unstorable: set[str] = set()
        self.unreadable: set[str] = set()

    def __len__(self) -> int:
        return len(self._store.counters)

    def contributions(self, *, wanted: Sequence[Contribution]) -> Mapping[str, Contribution]:
        with self._store.call("counters.contributions"):
            if poison := self.unreadable & {each.entity_id for each in wanted}:
                raise WillNeverWorkError(f"{poison} can never be read")
            found = (self._stored(each) for each in wanted)
            return {each.entity_id: each for each in found if each}

    def apply(self, *, changes: Sequence[Change]) -> None:
        with self._store.call("counters.apply", commits=True):
            self._check(changes)
            for change in changes:
                self._store.contributions[_key(change.now)] = change.now
                self._count(change)
            self._revise(changes)

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Counter | None:
        with self._store.call("counters.get"):
            return self._store.counters.get((account_id, client_id))

    def reset(self, *, counter: Counter) -> None:
        with self._store.call("resetting.reset", commits=True):
            key = (counter.account_id, counter.client_id)
            stored = self._store.counters.get(key)
            if (stored.revision if stored else 0) != counter.revision:
                raise LostRaceError(f"the counter of {counter.client_id} was moved meanwhile")
            self._store.counters[key] = replace(counter, revision=counter.revision + 1)

    def list(self, *, account_id: AccountId) -> Sequence[Counter]:
        with self._store.call("counters.list"):
            return [
                counter for (owner, _), counter in sorted(self._store.counters.items()) if owner == account_id
            ]

    def page(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Counter]:
        with self._store.call("counters.page"):
            own = [counter for (owner, _), counter in self._store.counters.items() if owner == account_id]
            return page(own, by=lambda counter: counter.client_id, limit=limit, cursor=cursor)

    def _stored(self, contribution: Contribution) -> Contribution | None:
        return self._store.contributions.get(_key(contribution))

    def _check(self, changes: Sequence[Change]) -> None:
        touched = len(changes) + len({change.now.client_id for change in changes})
        if touched > MOST_ACTIONS:
            raise AssertionError(f"{touched} actions in one transaction")
        if poison := self.unstorable & {change.now.entity_id for change in changes}:
            raise WillNeverWorkError(f"{poison} can never be stored")
        for change in changes:
            if self._stored(change.now) != change.stored:
                raise LostRaceError(f"{change.now.entity_id} was counted by somebody else")

    def _count(self, change: Change) -> None:
        now = change.now
        key = (now.account_id, now.client_id)
        new = Counter(account_id=now.account_id, client_id=now.client_id, currency=now.currency)
        counter = self._store.counters.get(key, new)
        months = dict(counter.months)
        for month, delta in change.deltas():
            months[month] = months.get(month, Tally()) + delta
        self._store.counters[key] = replace(counter, months=months)

    def _revise(self, changes: Sequence[Change]) -> None:
        """Every counter that moved is one revision on."""
        moved: dict[tuple[AccountId, ClientId], dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for change in changes:
            for month, delta in change.deltas():
                moved[change.now.account_id, change.now.client_id][month] += delta
        for key, months in moved.items():
            if any(months.values()):
                counter = self._store.counters[key]
                self._store.counters[key] = replace(counter, revision=counter.revision + 1)


def _key(contribution: Contribution) -> tuple[AccountId, str]:
    return contribution.account_id, contribution.entity_id


_counters: type[Counters] = InMemoryCounters
_resetting: type[Resetting] = InMemoryCounters
