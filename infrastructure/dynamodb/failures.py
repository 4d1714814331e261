"""The failure ledger in the single table; GSI1 lists each queue's failures by state.

Bodies are kept as they came; a long one is packed, since an item holds 400 KB. What is closed is forgotten by
the table after `KEPT_DAYS`; what is open never is.
"""

import base64
import datetime as dt
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from domain.errors import NotFoundError
from domain.failures import Failure, FailureId, Ledger, State, failure_parts
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
        return Page(tuple(failure for failure in failures if failure.state is state), found.cursor)

    def _find(self, failure_id: FailureId) -> Failure | None:
        failure_parts(failure_id)
        item = self._table.get(keys.failure(failure_id))
        return _failure(item) if item else None

    def _stored(self, failure: Failure, before: Failure | None) -> Action:
        if before is None:
            return self._table.put(_item(failure), condition="attribute_not_exists(PK)")
        return self._table.put(
            _item(failure),
            condition="#version = :read",
            values={":read": before.version},
            names={"#version": "version"},
        )


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
    for name in _PACKED:
        if packed := item.get(f"{name}_packed"):
            item = item | {name: zlib.decompress(base64.b64decode(packed)).decode()}
    return codec.decode(Failure, item)


_: type[Ledger] = DynamoDBLedger  # the promise, checked by mypy
