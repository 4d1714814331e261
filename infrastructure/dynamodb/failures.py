"""The failure ledger in the single table; GSI1 lists each queue's failures by state, GSI2 each account's.

Bodies are kept as they came; a long one is packed, since an item holds 400 KB. What is closed is forgotten by
the table after `KEPT_DAYS`; what is open never is.

An entry that this code cannot read, since a newer version wrote it, holds up no other: what is known of it is
kept, a kind that nobody knows is unknown, and in a state that nobody knows it is parked.
"""

import base64
import datetime as dt
import json
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from domain.errors import NotFoundError
from domain.failures import OPEN, Cause, Failure, FailureId, Kind, Ledger, State, failure_parts
from domain.identifiers import AccountId
from domain.paging import Page
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.table import Action, Table
from infrastructure.retrying import retrying

KEPT_DAYS = 400
_MOST_KEYS = 100
_LONG = 32 * 1024
_PACKED = ("body", "original")

UNREADABLE = "UnreadableEntry"
"""The cause of an entry of which this code can read nothing but its key."""


class DynamoDBLedger:
    """Implements `domain.failures.Ledger`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, *, failure_id: FailureId) -> Failure:
        if (found := self._find(failure_id)) is None:
            raise NotFoundError(f"there is no failure {failure_id}")
        return found

    @retrying(LostConditionError)
    def update(self, *, failure_id: FailureId, change: Callable[[Failure | None], Failure]) -> Failure:
        before = self._find(failure_id)
        after = change(before)
        if after == before:
            return after
        stored = replace(after, version=before.version + 1 if before else 1)
        self._table.write(self._stored(stored, before))
        return stored

    def open_among(self, *, failure_ids: Collection[FailureId]) -> Sequence[Failure]:
        wanted = [keys.failure(failure_id) for failure_id in sorted(set(failure_ids))]
        found: list[Failure] = []
        for first in range(0, len(wanted), _MOST_KEYS):
            found += map(_failure, self._table.get_many(wanted[first : first + _MOST_KEYS]))
        return [failure for failure in found if failure.is_open]

    def due(self, *, queue: str, until: dt.datetime, limit: int) -> Sequence[Failure]:
        values = {":queue": keys.failures_in(queue, State.RETRYING), ":until": keys.due_until(until)}
        condition = "GSI1PK = :queue AND GSI1SK <= :until"
        return [
            _failure(item) for item in self._table.query(condition, values, index="GSI1", limit=limit).items
        ]

    def list(self, *, queue: str, state: State, limit: int = 100, cursor: str | None = None) -> Page[Failure]:
        values = {":queue": keys.failures_in(queue, state)}
        found = self._table.query("GSI1PK = :queue", values, index="GSI1", limit=limit, cursor=cursor)
        failures = (_failure(item) for item in found.items)
        # Only one that cannot be read is open in another state than that of its partition.
        return Page(tuple(each for each in failures if each.state in {state, State.PARKED}), found.cursor)

    def of_account(
        self,
        *,
        account_id: AccountId,
        states: Collection[State] = OPEN,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Failure]:
        values, condition = {":account": keys.failures_of(account_id)}, "GSI2PK = :account"
        if begin := _begin(states):
            values, condition = values | {":begin": begin}, f"{condition} AND begins_with(GSI2SK, :begin)"
        found = self._table.query(condition, values, index="GSI2", limit=limit, cursor=cursor)
        failures = (_failure(item) for item in found.items)
        return Page(tuple(each for each in failures if each.state in states), found.cursor)

    def _find(self, failure_id: FailureId) -> Failure | None:
        failure_parts(failure_id)
        item = self._table.get(keys.failure(failure_id))
        return _failure(item) if item else None

    def _stored(self, failure: Failure, before: Failure | None) -> Action:
        if before is None:
            return self._table.put(_item(failure), condition="attribute_not_exists(PK)")
        if before.version == 0:  # a stand-in: whatever the item has for a version, nobody can compare it
            return self._table.put(_item(failure))
        return self._table.put(
            _item(failure),
            condition="#version = :read",
            values={":read": before.version},
            names={"#version": "version"},
        )


def _begin(states: Collection[State]) -> str | None:
    """What the places of failures in these states begin with, where that is one thing."""
    open_too, closed_too = set(states) & set(OPEN), set(states) - set(OPEN)
    if open_too and closed_too:
        return None
    return keys.OPEN_FAILURES if open_too else keys.CLOSED_FAILURES


def _item(failure: Failure) -> dict[str, Any]:
    plain = codec.encode(failure) | keys.failure(failure.id) | keys.indexes_of_failure(failure)
    if failure.closed_at:
        forgotten = failure.closed_at + dt.timedelta(days=KEPT_DAYS)
        plain["expires_at"] = int(forgotten.timestamp())
    for name in _PACKED:
        if len(plain.get(name) or "") > _LONG:
            plain[f"{name}_packed"] = base64.b64encode(zlib.compress(plain.pop(name).encode())).decode()
    return plain | {"type": "FAILURE"}


def _failure(item: dict[str, Any]) -> Failure:
    try:
        return codec.decode(Failure, _known(_unpacked(item)))
    except (codec.UnreadableError, ValueError, TypeError, zlib.error):
        return _stand_in(item)


def _unpacked(item: dict[str, Any]) -> dict[str, Any]:
    packed = {name: item.get(f"{name}_packed") for name in _PACKED}
    return item | {
        name: zlib.decompress(base64.b64decode(text)).decode() for name, text in packed.items() if text
    }


def _known(item: dict[str, Any]) -> dict[str, Any]:
    """The item with a kind and a state that this code knows."""
    if item.get("kind") not in set(Kind):
        item = item | {"kind": Kind.UNKNOWN}
    if item.get("state") not in set(State):
        item = item | {"state": _state_of(item), "next_at": None}
    return item


def _state_of(item: dict[str, Any]) -> State:
    return State.RESOLVED if item.get("closed_at") else State.PARKED


def _stand_in(item: dict[str, Any]) -> Failure:
    """An entry that can be listed, shown and given up; without a body of its own it has the item for one."""
    queue, event_id = failure_parts(keys.failure_of(item["PK"], item["SK"]))
    body, version = item.get("body"), item.get("version")
    at = dt.datetime.fromtimestamp(0, dt.UTC)
    return Failure(
        queue=queue,
        event_id=event_id,
        state=_state_of(item),
        kind=Kind.UNKNOWN,
        cause=Cause(error=UNREADABLE, at=__name__, message="this code cannot read the entry"),
        body=body if isinstance(body, str) else json.dumps(item),
        attempts=0,
        first_at=at,
        last_at=at,
        closed_at=at if item.get("closed_at") else None,
        version=version if isinstance(version, int) else 0,
    )


_: type[Ledger] = DynamoDBLedger  # the promise, checked by mypy
