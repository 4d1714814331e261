"""A selection of failures that is to be sent back to where they came from: exactly the one that was shown.

find ──▶ pin: a job with the ids and versions that were shown ──▶ run (`domain.replaying`)

    waiting ──run──▶ running ──all dealt with──▶ done        waiting · running ──cancel──▶ cancelled
                        └──stopped: some queue is not there──▶ waiting

An operator's job is run at the terminal; the timer carries on those of accounts, a turn at a time.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from domain import checks
from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.failures import (
    Action,
    Failure,
    FailureClosedError,
    FailureId,
    failure_parts,
)
from domain.identifiers import AccountId, JobId

MOST_PINS = 200
"""How many failures a part of a job holds."""

RATE = Decimal(10)
"""Messages a second, where nobody says another rate."""

_SLOWEST, _FASTEST, _DIGITS = Decimal("0.1"), 1000, 2
_MOST_ACTIONS = 50


class JobState(StrEnum):
    """How far a replay job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Fate(StrEnum):
    """What a job did with a failure."""

    SENT = "sent"
    """It is on its way to its source queue."""

    SETTLED = "settled"
    """It is dealt with already, and resolved."""

    SKIPPED = "skipped"
    """It had changed since it was shown."""

    REFUSED = "refused"
    """Its queue can never take it, or it has been sent too often."""

    LEFT = "left to the timer"
    """A run of this job took it and did not live to tell; it is sent again unless it is heard of."""


WELL = frozenset({Fate.SENT, Fate.SETTLED})
"""The source took it."""

_SEEN = frozenset({Fate.LEFT, Fate.SKIPPED})
"""What a run sees that does not have the failure: another one may have it, or have handed it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A failure as it was shown; `fate` is what the job did with it, `note` what there is to say of that."""

    failure_id: FailureId
    version: int
    fate: Fate | None = None
    note: str = ""

    @property
    def queue(self) -> str:
        return failure_parts(self.failure_id)[0]

    def after(self, dealt: "Pin") -> "Pin":
        """What is known once a run has dealt with it.

        Who had it knows better than a run that only saw how it was, and maybe before it was handed back.
        """
        if dealt.fate in _SEEN:
            is_known = self.fate not in {None, Fate.LEFT} or dealt.version < self.version
        else:
            is_known = self.fate not in {None, *_SEEN}
        return self if is_known else dealt


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a job's pins, numbered from 1."""

    number: int
    pins: tuple[Pin, ...]
    version: int = 1

    def after(self, dealt: Mapping[FailureId, Pin]) -> "Part":
        """The part once a run has dealt with some of its pins."""
        pins = (pin.after(dealt.get(pin.failure_id, pin)) for pin in self.pins)
        return replace(self, pins=tuple(pins))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayJob:
    """A selection of failures, pinned at the moment it was shown, in `parts`.

    `asked` is how the selection was described; `rate` is in messages a second, for each queue. Of a job that
    the owner of an account asked for, `account_id` says whose it is, and `turn_at` when the timer last
    carried it on.
    """

    id: JobId
    pinned_at: dt.datetime
    actor: str
    asked: str
    count: int
    parts: int
    rate: Decimal = RATE
    account_id: AccountId | None = None
    turn_at: dt.datetime | None = None
    state: JobState = JobState.WAITING
    history: tuple[Action, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        if problems := [*checks.number("rate", self.rate, least=_SLOWEST, most=_FASTEST, digits=_DIGITS)]:
            raise InvalidError(*problems)

    @property
    def minutes(self) -> Decimal:
        """How long it takes at its rate, at least: the queues are served one after the other."""
        return self.count / self.rate / 60

    def started(self, now: dt.datetime, *, actor: str, rate: Decimal | None = None) -> "ReplayJob":
        """About to be carried out; one that is done stays as it is.

        Raises:
            JobCancelledError: somebody has cancelled it.
        """
        if self.state is JobState.CANCELLED:
            raise JobCancelledError(f"{self.id} is cancelled; select again")
        if self.state is JobState.DONE:
            return self
        moved = replace(self, state=JobState.RUNNING, rate=self.rate if rate is None else rate)
        return moved.having(Action(at=now, actor=actor, action="started"))

    @property
    def is_for_the_timer(self) -> bool:
        """Whether it is left to the timer to carry it on: nobody waits at a terminal."""
        return self.account_id is not None and self.state in {JobState.WAITING, JobState.RUNNING}

    def carried_on(self, now: dt.datetime, *, actor: str) -> "ReplayJob":
        """At its next turn, of as many as it needs; one that is done stays as it is.

        Raises:
            JobCancelledError: somebody has cancelled it.
        """
        begun = self if self.state is JobState.RUNNING else self.started(now, actor=actor)
        return begun if begun.state is JobState.DONE else replace(begun, turn_at=now)

    def ended(self, now: dt.datetime, *, actor: str, complete: bool) -> "ReplayJob":
        """At the end of a run: done, or waiting for another run; what was cancelled meanwhile stays so.

        Where several run it, the one that ends last knows best.
        """
        state, action = (JobState.DONE, "done") if complete else (JobState.WAITING, "stopped")
        if self.state in {JobState.CANCELLED, state}:
            return self
        return replace(self, state=state).having(Action(at=now, actor=actor, action=action))

    def cancelled(self, now: dt.datetime, *, actor: str) -> "ReplayJob":
        """Given up: a run that is under way stops before its next few failures.

        Raises:
            JobDoneError: there is nothing left to cancel.
        """
        if self.state is JobState.CANCELLED:
            return self
        if self.state is JobState.DONE:
            raise JobDoneError(f"{self.id} is done; there is nothing left to cancel")
        moved = replace(self, state=JobState.CANCELLED)
        return moved.having(Action(at=now, actor=actor, action="cancelled"))

    def having(self, action: Action) -> "ReplayJob":
        return replace(self, history=(*self.history, action)[-_MOST_ACTIONS:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A job after a run: every pin, and the queues that are not there, or took nothing for now."""

    job: ReplayJob
    pins: tuple[Pin, ...]
    unreachable: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """How many met which fate."""
        return Counter(pin.fate for pin in self.pins if pin.fate)

    @property
    def waiting(self) -> int:
        """How many have met none yet."""
        return sum(pin.fate is None for pin in self.pins)


class JobCancelledError(ConflictError):
    """The job was cancelled."""

    code = "replay-cancelled"


class JobDoneError(ConflictError):
    """The job has come to its end."""

    code = "replay-done"


class ReplayJobs(Protocol):
    """The replay jobs, and what they hold."""

    def add(self, *, job: ReplayJob, parts: Sequence[Part]) -> None:
        """Store a new job; it can be found once all of its parts are stored.

        A job of few parts is stored with them at once or not at all.

        Raises:
            ConflictError: there is one with that id.
        """
        ...

    def get(self, *, job_id: JobId) -> ReplayJob:
        """Raise `NotFoundError` where there is none."""
        ...

    def update(self, *, job_id: JobId, change: Callable[[ReplayJob], ReplayJob]) -> ReplayJob:
        """Store what *change* makes of the job, one version later; it runs again after a lost race."""
        ...

    def part(self, *, job_id: JobId, number: int) -> Part:
        """Raise `NotFoundError` where there is none."""
        ...

    def update_part(self, *, job_id: JobId, number: int, change: Callable[[Part], Part]) -> Part:
        """Like `update`, for one of the job's parts."""
        ...

    def for_the_timer(self, *, limit: int) -> Sequence[ReplayJob]:
        """Jobs that the timer is to carry on, those first that wait longest; may be a moment behind."""
        ...


def pin_replay(
    shown: Sequence[Failure],
    *,
    asked: str,
    rate: Decimal | None = None,
    jobs: ReplayJobs,
    now: dt.datetime,
    actor: str,
    new_id: Callable[[], str],
    account_id: AccountId | None = None,
) -> ReplayJob:
    """Keep a selection as it is shown, to be carried out later: what fails from here on is no part of it.

    One of the owner of an account says whose it is; the timer carries it out. A new id is taken only where
    the same request was begun before; then that job is returned.

    Raises:
        NotFoundError: nothing is selected.
        FailureClosedError: one of the failures is resolved or discarded.
        InvalidError: the rate is out of range.
    """
    if not shown:
        raise NotFoundError("no failure is selected")
    for failure in shown:
        if not failure.is_open:
            raise FailureClosedError(f"{failure.id} is {failure.state}, so it cannot be replayed")
    parts = [*_parts(shown)]
    job = ReplayJob(
        id=JobId(f"rpl_{new_id()}"),
        pinned_at=now,
        actor=actor,
        asked=asked,
        count=len(shown),
        parts=len(parts),
        rate=RATE if rate is None else rate,
        account_id=account_id,
        history=(Action(at=now, actor=actor, action="pinned"),),
    )
    try:
        jobs.add(job=job, parts=parts)
    except ConflictError:
        begun = jobs.get(job_id=job.id)
        if begun.account_id != account_id:
            raise
        return begun
    return job


def cancel_replay(job_id: JobId, *, jobs: ReplayJobs, now: dt.datetime, actor: str) -> ReplayJob:
    """Stop a job that waits or is being run.

    Raises:
        JobDoneError: it is done.
    """
    return jobs.update(job_id=job_id, change=lambda job: job.cancelled(now, actor=actor))


def look_at_replay(job_id: JobId, *, jobs: ReplayJobs) -> Replayed:
    """How far a job is."""
    job = jobs.get(job_id=job_id)
    parts = (jobs.part(job_id=job_id, number=number) for number in range(1, job.parts + 1))
    return Replayed(job=job, pins=tuple(pin for part in parts for pin in part.pins))


def _parts(shown: Sequence[Failure]) -> Iterator[Part]:
    pins = [Pin(failure_id=failure.id, version=failure.version) for failure in shown]
    pins.sort(key=lambda pin: pin.queue)
    for number, first in enumerate(range(0, len(pins), MOST_PINS), start=1):
        yield Part(number=number, pins=tuple(pins[first : first + MOST_PINS]))
