"""The place of an operator, who pins failures and lets them be sent again."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from domain.failures import Failure, State
from domain.replaying import Runner
from domain.replays import Fate, ReplayJob, cancel_replay, look_at_replay, pin_replay
from tests.builders import FAILED_AT, a_failure, ids
from tests.fakes import InMemoryLedger, InMemoryReplayJobs, InMemorySources, Moment, Step, Store

NOW = FAILED_AT + dt.timedelta(days=1)
SENT = (Fate.SENT, "")
AFTER_SENDING = Step("sources.send", Moment.AFTER, commits=True)


class Desk:
    """An operator's place: a ledger, jobs and sources over one store, and a clock that waits make go on."""

    def __init__(self) -> None:
        self.store = Store()
        self.ledger = InMemoryLedger(self.store)
        self.jobs = InMemoryReplayJobs(self.store)
        self.sources = InMemorySources(self.store)
        self.now = NOW
        self.waits: list[float] = []
        self.progress: list[int] = []
        self._new_id = ids()

    def having(self, *failures: Failure) -> list[Failure]:
        return [self._put(failure) for failure in failures]

    def change(self, failure: Failure, change: Callable[[Failure], Failure]) -> Failure:
        return self.ledger.update(
            failure_id=failure.id, change=lambda known: change(known) if known else failure
        )

    def pin(self, shown: Sequence[Failure], *, rate: Decimal | None = None) -> ReplayJob:
        return pin_replay(
            shown,
            asked="everything",
            rate=rate,
            jobs=self.jobs,
            now=self.now,
            actor="ada",
            new_id=self._new_id,
        )

    def runner(self, actor: str = "ada") -> Runner:
        return Runner(
            jobs=self.jobs,
            ledger=self.ledger,
            sources=self.sources,
            now=lambda: self.now,
            pause=self._wait,
            actor=actor,
            progress=self.progress.append,
        )

    def cancel(self, job: ReplayJob) -> ReplayJob:
        return cancel_replay(job.id, jobs=self.jobs, now=self.now, actor="bob")

    def fates(self, job: ReplayJob) -> list[tuple[Fate | None, str]]:
        return [(pin.fate, pin.note) for pin in look_at_replay(job.id, jobs=self.jobs).pins]

    def sent(self) -> list[int]:
        """The numbers of the events that were sent, in order."""
        return [int(failure.event_id, 16) for failure in self.sources.sent]

    def _put(self, failure: Failure) -> Failure:
        return self.ledger.update(failure_id=failure.id, change=lambda _: failure)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += dt.timedelta(seconds=seconds)


def parked(number: int, **changes: Any) -> Failure:
    return a_failure(number, **({"state": State.PARKED, "next_at": None} | changes))
