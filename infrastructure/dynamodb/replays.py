"""Replay jobs in the single table: each job, and what it holds, in parts.

GSI1 lists those that the timer is to carry on. The table forgets them `KEPT_DAYS` after they were pinned.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import JobId
from domain.replays import Part, ReplayJob, ReplayJobs
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.keys import Key
from infrastructure.dynamodb.table import Action, Table
from infrastructure.retrying import retrying

KEPT_DAYS = 400
_MOST_ITEMS = 25

Thing = TypeVar("Thing", ReplayJob, Part)


class DynamoDBReplayJobs:
    """Implements `domain.replays.ReplayJobs`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, *, job: ReplayJob, parts: Sequence[Part]) -> None:
        try:
            self._add(job, parts)
        except LostConditionError as error:
            raise ConflictError(f"there is a replay {job.id} already") from error

    def get(self, *, job_id: JobId) -> ReplayJob:
        return codec.decode(ReplayJob, self._stored(keys.replay(job_id), f"there is no replay {job_id}"))

    def update(self, *, job_id: JobId, change: Callable[[ReplayJob], ReplayJob]) -> ReplayJob:
        return self._update(ReplayJob, keys.replay(job_id), change, missing=f"there is no replay {job_id}")

    def part(self, *, job_id: JobId, number: int) -> Part:
        missing = f"replay {job_id} has no part {number}"
        return codec.decode(Part, self._stored(keys.replay_part(job_id, number), missing))

    def update_part(self, *, job_id: JobId, number: int, change: Callable[[Part], Part]) -> Part:
        missing = f"replay {job_id} has no part {number}"
        return self._update(Part, keys.replay_part(job_id, number), change, missing=missing)

    def for_the_timer(self, *, limit: int) -> Sequence[ReplayJob]:
        values = {":replays": keys.REPLAYS}
        found = self._table.query("GSI1PK = :replays", values, index="GSI1", limit=limit)
        return [codec.decode(ReplayJob, item) for item in found.items]

    @retrying(LostConditionError)
    def _update(
        self, shape: type[Thing], key: Key, change: Callable[[Thing], Thing], *, missing: str
    ) -> Thing:
        item = self._stored(key, missing)
        before = codec.decode(shape, item)
        after = change(before)
        if after == before:
            return before
        stored = replace(after, version=before.version + 1)
        self._table.write(
            self._table.put(
                _item(stored, key, item["expires_at"]),
                condition="#version = :read",
                values={":read": before.version},
                names={"#version": "version"},
            )
        )
        return stored

    def _add(self, job: ReplayJob, parts: Sequence[Part]) -> None:
        forgotten = int((job.pinned_at + dt.timedelta(days=KEPT_DAYS)).timestamp())
        new = [_item(part, keys.replay_part(job.id, part.number), forgotten) for part in parts]
        new.append(_item(job, keys.replay(job.id), forgotten))
        for first in range(0, len(new), _MOST_ITEMS):
            self._table.write(*map(self._new, new[first : first + _MOST_ITEMS]))

    def _stored(self, key: Key, missing: str) -> dict[str, Any]:
        if (item := self._table.get(key)) is None:
            raise NotFoundError(missing)
        return item

    def _new(self, item: dict[str, Any]) -> Action:
        return self._table.put(item, condition="attribute_not_exists(PK)")


def _item(thing: ReplayJob | Part, key: Key, forgotten: int) -> dict[str, Any]:
    kind = "REPLAY" if isinstance(thing, ReplayJob) else "REPLAY_PART"
    indexes = keys.indexes_of_replay(thing) if isinstance(thing, ReplayJob) else {}
    return codec.encode(thing) | key | indexes | {"type": kind, "expires_at": forgotten}


_: type[ReplayJobs] = DynamoDBReplayJobs  # the promise, checked by mypy
