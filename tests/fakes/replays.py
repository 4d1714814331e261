"""Replay jobs in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import JobId
from domain.replays import Part, ReplayJob, ReplayJobs
from tests.fakes.store import Store

Thing = TypeVar("Thing", ReplayJob, Part)
Key = TypeVar("Key", JobId, tuple[JobId, int])


class InMemoryReplayJobs:
    """Implements `domain.replays.ReplayJobs`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.replays)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._store.replays

    def add(self, *, job: ReplayJob, parts: Sequence[Part]) -> None:
        with self._store.call("jobs.add", commits=True):
            if job.id in self._store.replays:
                raise ConflictError(f"there is a replay {job.id} already")
            self._store.replay_parts |= {(job.id, part.number): part for part in parts}
            self._store.replays[job.id] = job

    def get(self, *, job_id: JobId) -> ReplayJob:
        with self._store.call("jobs.get"):
            return _found(self._store.replays, job_id)

    def update(self, *, job_id: JobId, change: Callable[[ReplayJob], ReplayJob]) -> ReplayJob:
        return self._update("jobs.update", self._store.replays, job_id, change)

    def part(self, *, job_id: JobId, number: int) -> Part:
        with self._store.call("jobs.part"):
            return _found(self._store.replay_parts, (job_id, number))

    def update_part(self, *, job_id: JobId, number: int, change: Callable[[Part], Part]) -> Part:
        return self._update("jobs.update_part", self._store.replay_parts, (job_id, number), change)

    def for_the_timer(self, *, limit: int) -> Sequence[ReplayJob]:
        with self._store.call("jobs.for_the_timer"):
            waiting = [
                (job.turn_at or job.pinned_at, job.id, job)
                for job in self._store.replays.values()
                if job.is_for_the_timer
            ]
            return [job for *_, job in sorted(waiting)[:limit]]

    def _update(
        self, name: str, things: dict[Key, Thing], key: Key, change: Callable[[Thing], Thing]
    ) -> Thing:
        while True:
            with self._store.call(f"{name}: read"):
                before = _found(things, key)
            if (after := change(before)) == before:
                return before
            with self._store.call(name, commits=True):
                if things[key] == before:
                    things[key] = replace(after, version=before.version + 1)
                    return things[key]


def _found(things: dict[Key, Thing], key: Key) -> Thing:
    if key not in things:
        raise NotFoundError(f"there is no replay {key}")
    return things[key]


_: type[ReplayJobs] = InMemoryReplayJobs
