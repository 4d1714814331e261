"""Counters and what was counted, in the single table: one transaction moves both.

A counter is one item for each client; its months are attributes such as `minutes#2026-10`, so that ADD works.
Its `revision` goes up by one each time, so that who resets it knows whether anybody was faster.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.counters import (
    TALLIED,
    Change,
    Contribution,
    Counter,
    Counters,
    LostRaceError,
    Resetting,
    Tally,
)
from domain.identifiers import AccountId, ClientId
from domain.paging import Page
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.errors import LostConditionError, StoreConflictError
from infrastructure.dynamodb.table import Action, Table

_MOST_KEYS = 100
_COUNTERS = "PK = :account AND begins_with(SK, :counters)"


class DynamoDBCounters:
    """Implements `domain.counters.Counters` and `domain.counters.Resetting`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def contributions(self, *, wanted: Sequence[Contribution]) -> Mapping[str, Contribution]:
        found: dict[str, Contribution] = {}
        for first in range(0, len(wanted), _MOST_KEYS):
            some = [
                keys.contribution(each.account_id, each.entity_id)
                for each in wanted[first : first + _MOST_KEYS]
            ]
            found |= {item["SK"]: codec.decode(Contribution, item) for item in self._table.get_many(some)}
        return found

    def apply(self, *, changes: Sequence[Change]) -> None:
        counters = tuple(self._moved(changes))
        try:
            self._table.write(*(self._counted(change) for change in changes), *counters)
        except (LostConditionError, StoreConflictError) as error:
            raise LostRaceError("another consumer counted one of these first") from error

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Counter | None:
        item = self._table.get(keys.counter(account_id, client_id))
        return _counter(item) if item else None

    def reset(self, *, counter: Counter) -> None:
        key = keys.counter(counter.account_id, counter.client_id)
        item = {
            **key,
            **self._about(counter.account_id, counter.client_id, counter.currency),
            **dict(_numbers(counter.months)),
            "revision": counter.revision + 1,
        }
        # A counter that was never moved, or not since revisions are counted, has none.
        condition = "revision = :read" if counter.revision else "attribute_not_exists(revision)"
        values = {":read": counter.revision} if counter.revision else None
        try:
            self._table.write(self._table.put(item, condition=condition, values=values))
        except (LostConditionError, StoreConflictError) as error:
            raise LostRaceError(f"the counter of {counter.client_id} was moved meanwhile") from error

    def list(self, *, account_id: AccountId) -> Sequence[Counter]:
        return [_counter(item) for item in self._table.query_all(_COUNTERS, _counters_of(account_id))]

    def page(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Counter]:
        found = self._table.query(_COUNTERS, _counters_of(account_id), limit=limit, cursor=cursor)
        return Page(tuple(_counter(item) for item in found.items), found.cursor)

    def _counted(self, change: Change) -> Action:
        key = keys.contribution(change.now.account_id, change.now.entity_id)
        item = codec.encode(change.now) | key | {"type": "CONTRIBUTION"}
        if change.stored is None:
            return self._table.put(item, condition="attribute_not_exists(PK)")
        unchanged = _Unchanged.since(change)
        return self._table.put(
            item, condition=unchanged.condition, values=unchanged.values, names=unchanged.names
        )

    def _moved(self, changes: Sequence[Change]) -> Iterator[Action]:
        """One action for each client whose counter moves at all."""
        by_client: dict[tuple[Any, ...], dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for change in changes:
            months = by_client[change.now.account_id, change.now.client_id, change.now.currency]
            for month, delta in change.deltas():
                months[month] += delta
        for (account_id, client_id, currency), months in by_client.items():
            if moved := dict(_numbers(months)):
                told = self._about(account_id, client_id, currency)
                yield self._added(keys.counter(account_id, client_id), moved | {"revision": 1}, told)

    def _about(self, account_id: AccountId, client_id: ClientId, currency: str) -> dict[str, str]:
        """What a counter says besides its numbers."""
        return {
            "account_id": account_id,
            "client_id": client_id,
            "currency": currency,
            "type": "COUNTER",
            "updated_at": self._table.stamp()["updated_at"],
        }

    def _added(self, key: keys.Key, moved: Mapping[str, int], texts: Mapping[str, str]) -> Action:
        names = {f"#n{index}": name for index, name in enumerate((*moved, *texts))}
        added = ", ".join(f"#n{index} :v{index}" for index in range(len(moved)))
        said = ", ".join(f"#n{index} = :v{index}" for index in range(len(moved), len(names)))
        values = {f":v{index}": value for index, value in enumerate((*moved.values(), *texts.values()))}
        return self._table.update(key, f"ADD {added} SET {said}", condition=None, values=values, names=names)


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """The condition under which a contribution takes the place of the stored one."""

    condition: str
    values: dict[str, Any]
    names: dict[str, str]

    @classmethod
    def since(cls, change: Change) -> "_Unchanged":
        """Another version than was stored: while that is stored. The same: while it also says the same."""
        stored = change.stored or change.now
        of_version = cls("#version = :read", {":read": stored.version}, {"#version": "version"})
        return of_version if change.now.version != stored.version else of_version._and_says(stored)

    def _and_says(self, stored: Contribution) -> "_Unchanged":
        """What was stored before a field was counted lacks it, which is as good as 0."""
        condition, values = f"{self.condition} AND #month = :month", self.values | {":month": stored.month}
        names = self.names | {"#month": "month", "#tally": "tally"}
        for index, name in enumerate(TALLIED):
            number, place = getattr(stored.tally, name), f"#tally.#t{index}"
            is_same = f"{place} = :t{index}"
            condition += f" AND {is_same}" if number else f" AND (attribute_not_exists({place}) OR {is_same})"
            values |= {f":t{index}": number}
            names |= {f"#t{index}": name}
        return _Unchanged(condition, values, names)


def _numbers(months: Mapping[str, Tally]) -> Iterator[tuple[str, int]]:
    for month, tally in months.items():
        for name in TALLIED:
            if number := getattr(tally, name):
                yield f"{name}#{month}", number


def _counters_of(account_id: AccountId) -> dict[str, str]:
    """The values of `_COUNTERS`."""
    return {":account": keys.partition(account_id), ":counters": "COUNTER#"}


def _counter(item: Mapping[str, Any]) -> Counter:
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for attribute, value in item.items():
        name, _, month = attribute.partition("#")
        if month and name in TALLIED:
            months[month][name] = value
    return Counter(
        account_id=item["account_id"],
        client_id=item["client_id"],
        currency=item["currency"],
        revision=item.get("revision", 0),
        months={month: Tally(**numbers) for month, numbers in sorted(months.items())},
    )


_: type[Counters] = DynamoDBCounters  # the promises, checked by mypy
__: type[Resetting] = DynamoDBCounters
