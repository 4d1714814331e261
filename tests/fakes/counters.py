"""Counters in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.counters import MOST_ACTIONS, Change, Contribution, Counter, Counters, LostRaceError, Tally
from domain.errors import WillNeverWorkError
from domain.identifiers import AccountId
from tests.fakes.store import Store


class InMemoryCounters:
    """Implements `domain.counters.Counters`.

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

    def list(self, *, account_id: AccountId) -> Sequence[Counter]:
        with self._store.call("counters.list"):
            return [
                counter for (owner, _), counter in sorted(self._store.counters.items()) if owner == account_id
            ]

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


def _key(contribution: Contribution) -> tuple[AccountId, str]:
    return contribution.account_id, contribution.entity_id


_: type[Counters] = InMemoryCounters
