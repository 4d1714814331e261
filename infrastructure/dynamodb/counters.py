"""Counters and what was counted, in the single table: one transaction moves both.

A counter is one item for each client; its months are attributes such as `minutes#2026-10`, so that ADD works.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.counters import (
    TALLIED,
    Change,
    Contribution,
    Counter,
    Counters,
    LostRaceError,
    Tally,
)
from domain.identifiers import AccountId
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.errors import LostConditionError, StoreConflictError
from infrastructure.dynamodb.table import Action, Table

_MOST_KEYS = 100


class DynamoDBCounters:
    """Implements `domain.counters.Counters`."""

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

    def list(self, *, account_id: AccountId) -> Sequence[Counter]:
        values = {":account": keys.partition(account_id), ":counters": "COUNTER#"}
        found = self._table.query_all("PK = :account AND begins_with(SK, :counters)", values)
        return [_counter(item) for item in found]

    def _counted(self, change: Change) -> Action:
        key = keys.contribution(change.now.account_id, change.now.entity_id)
        item = codec.encode(change.now) | key | {"type": "CONTRIBUTION"}
        if change.stored is None:
            return self._table.put(item, condition="attribute_not_exists(PK)")
        values = {":read": change.stored.version}
        return self._table.put(
            item,
            condition="#version = :read",
            values=values,
            names={"#version": "version"},
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
                whose = {
                    "account_id": account_id,
                    "client_id": client_id,
                    "currency": currency,
                }
                yield self._added(keys.counter(account_id, client_id), moved, whose)

    def _added(self, key: keys.Key, moved: Mapping[str, int], whose: Mapping[str, str]) -> Action:
        texts = {
            **whose,
            "type": "COUNTER",
            "updated_at": self._table.stamp()["updated_at"],
        }
        names = {f"#n{index}": name for index, name in enumerate((*moved, *texts))}
        added = ", ".join(f"#n{index} :v{index}" for index in range(len(moved)))
        said = ", ".join(f"#n{index} = :v{index}" for index in range(len(moved), len(names)))
        values = {f":v{index}": value for index, value in enumerate((*moved.values(), *texts.values()))}
        return self._table.update(key, f"ADD {added} SET {said}", condition=None, values=values, names=names)


def _numbers(months: Mapping[str, Tally]) -> Iterator[tuple[str, int]]:
    for month, tally in months.items():
        for name in TALLIED:
            if number := getattr(tally, name):
                yield f"{name}#{month}", number


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
        months={month: Tally(**numbers) for month, numbers in sorted(months.items())},
    )


_: type[Counters] = DynamoDBCounters  # the promise, checked by mypy
