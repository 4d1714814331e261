"""What a person does about failures: replay what died, as `invoicely failures replay --apply` does."""

import datetime as dt
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from domain.errors import NotFoundError
from domain.failures import Failure, FailureId, State
from domain.replaying import Runner
from domain.replays import pin_replay
from domain.triage import Filters, find_failures
from infrastructure import wiring

ACTOR = "demo"

_PAUSE = 2.0
"""Seconds between two looks into the ledger."""


@dataclass
class Attendant:
    """Looks into the ledger now and then, and replays what has failed since it was replayed the last time."""

    replayed: dict[FailureId, dt.datetime] = field(default_factory=dict)
    _next: float = 0

    def attend(self) -> int:
        """Look, if it is time to; tells how many were replayed."""
        if time.monotonic() < self._next:
            return 0
        if found := [failure for failure in failures(State.RETRYING, State.PARKED) if self._is_news(failure)]:
            self._replay(found)
        self._next = time.monotonic() + _PAUSE
        return len(found)

    def _is_news(self, failure: Failure) -> bool:
        at = self.replayed.get(failure.id)
        return at is None or at < failure.last_at

    def _replay(self, found: Sequence[Failure]) -> None:
        jobs, now = wiring.replay_jobs(), wiring.now()
        job = pin_replay(found, asked="everything", jobs=jobs, now=now, actor=ACTOR, new_id=wiring.new_id)
        runner = Runner(
            jobs=jobs,
            ledger=wiring.ledger(),
            sources=wiring.sources(),
            now=wiring.now,
            pause=lambda _: None,
            actor=ACTOR,
            progress=lambda _: None,
        )
        runner.run(job.id)
        self.replayed |= {failure.id: now for failure in found}


def failures(*states: State) -> Sequence[Failure]:
    """All failures that the ledger has in these states."""
    with suppress(NotFoundError):
        return find_failures(Filters(states=states), ledger=wiring.ledger())
    return ()
