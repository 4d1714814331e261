"""Carry out a replay job: each of its failures is sent at most once, whoever dies and however many run it.

    lease ──▶ send ──▶ note the fate         a few failures of one queue at a time, at the job's rate
                └── not taken for now: as it was, and kept for the next run

A failure is leased by moving it from the pinned version to the next one, with the job's id in its history,
and only then sent. So of any number of runs, at once or one after the other, one sends it. What was leased
by a run that died is left to the timer, which sends it again unless it is heard of.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from domain.errors import NotFoundError
from domain.failures import Failure, FailureClosedError, FailureId, Ledger, ReplaysExhaustedError
from domain.identifiers import JobId
from domain.replays import WELL, Fate, JobState, Part, Pin, Replayed, ReplayJob, ReplayJobs, look_at_replay
from domain.retries import Outcome, SourceGoneError, Sources

_MOST_AT_ONCE = 10
_NEVER_TAKEN = "its source can never take it as it is"


@dataclass(frozen=True, slots=True)
class _Lease:
    """The right to send a failure, as it was before and as it stands in the ledger meanwhile."""

    pin: Pin
    before: Failure
    leased: Failure

    def undone(self, known: Failure) -> Failure:
        return replace(self.before, version=known.version)


@dataclass(frozen=True, slots=True)
class _Aside:
    """What this run does not try any more: queues that are not there or take nothing, and single failures.

    `dealt` is what it has tried, of which there may be at most `most`.
    """

    queues: set[str] = field(default_factory=set)
    failures: set[FailureId] = field(default_factory=set)
    dealt: set[FailureId] = field(default_factory=set)
    most: int | None = None

    @property
    def left(self) -> int | None:
        """How many it may still deal with; None where that is as many as there are."""
        return None if self.most is None else self.most - len(self.dealt)

    def note(self, dealt: Mapping[FailureId, Pin]) -> None:
        """Mind what was not taken; a queue that takes nothing of what it is given is left alone."""
        self.dealt.update(dealt)
        refused = {pin.failure_id: pin.queue for pin in dealt.values() if pin.fate is None}
        self.failures.update(refused)
        if len(refused) == len(dealt):
            self.queues.update(refused.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Carries out replay jobs in the name of *actor*; any number of runners may have the same one.

    `pause` waits for so many seconds; `progress` is told how many failures have been dealt with.
    """

    jobs: ReplayJobs
    ledger: Ledger
    sources: Sources
    now: Callable[[], dt.datetime]
    pause: Callable[[float], None]
    actor: str
    progress: Callable[[int], None]

    def run(self, job_id: JobId, *, rate: Decimal | None = None) -> Replayed:
        """Send what the job still holds; it goes on where an earlier run has stopped.

        Raises:
            JobCancelledError: it was cancelled before.
            InvalidError: the rate is out of range.
        """
        job = self.jobs.update(
            job_id=job_id, change=lambda job: job.started(self.now(), actor=self.actor, rate=rate)
        )
        aside = _Aside()
        self._run_parts(job, aside)
        return self._ended(look_at_replay(job_id, jobs=self.jobs), aside)

    def carry_on(self, job_id: JobId, *, most: int) -> Replayed:
        """Send at most so many of what the job still holds; it stays running while some are left.

        Raises:
            JobCancelledError: it was cancelled before.
        """
        job = self.jobs.update(job_id=job_id, change=lambda job: job.carried_on(self.now(), actor=self.actor))
        aside = _Aside(most=most)
        self._run_parts(job, aside)
        replayed = look_at_replay(job_id, jobs=self.jobs)
        return replayed if replayed.waiting else self._ended(replayed, aside)

    def _run_parts(self, job: ReplayJob, aside: _Aside) -> None:
        done = 0
        for number in range(1, job.parts + 1):
            done += self._run_part(job, number, aside, done)

    def _run_part(self, job: ReplayJob, number: int, aside: _Aside, done: int) -> int:
        """Deal with what can be dealt with; answers how many of the part's failures have met their fate."""
        part = self.jobs.part(job_id=job.id, number=number)
        self.progress(done + _dealt(part))
        while (few := self._next(part, job, aside)) and not self._is_cancelled(job):
            began = self.now()
            dealt = self._deal(few, job)
            aside.note(dealt)
            part = self.jobs.update_part(
                job_id=job.id, number=number, change=partial(Part.after, dealt=dealt)
            )
            self.progress(done + _dealt(part))
            self._keep_pace(dealt, job.rate, began)
        return _dealt(part)

    def _next(self, part: Part, job: ReplayJob, aside: _Aside) -> Sequence[Pin]:
        """The next few of one queue that is there."""
        waiting = [pin for pin in part.pins if pin.fate is None and pin.failure_id not in aside.failures]
        for queue in sorted({pin.queue for pin in waiting} - aside.queues):
            try:
                self.sources.check(queue=queue)
            except SourceGoneError:
                aside.queues.add(queue)
                continue
            few = max(1, min(_MOST_AT_ONCE, int(job.rate)))
            return [pin for pin in waiting if pin.queue == queue][:few][: aside.left]
        return ()

    def _is_cancelled(self, job: ReplayJob) -> bool:
        return self.jobs.get(job_id=job.id).state is JobState.CANCELLED

    def _deal(self, few: Sequence[Pin], job: ReplayJob) -> Mapping[FailureId, Pin]:
        """Each of the pins after it was dealt with; without a fate where its queue did not take it."""
        leases, dealt = list[_Lease](), list[Pin]()
        for pin in few:
            match self._lease(pin, job):
                case Pin() as met:
                    dealt.append(met)
                case lease:
                    leases.append(lease)
        outcomes = self.sources.send(failures=[each.leased for each in leases]) if leases else {}
        dealt += [self._after(lease, outcomes[lease.leased.id]) for lease in leases]
        return {pin.failure_id: pin for pin in dealt}

    def _lease(self, pin: Pin, job: ReplayJob) -> _Lease | Pin:
        """The failure, counted as sent once more; or the fate of one that is not to be sent."""
        read: list[Failure] = []

        def change(known: Failure | None) -> Failure:
            if known is None:
                raise _NotAsShownError(Fate.SKIPPED, "it is not there any more")
            if known.version != pin.version:
                taken = any(action.note == job.id for action in known.history)
                raise _NotAsShownError(Fate.LEFT if taken else Fate.SKIPPED, _told(known))
            read.append(known)
            return known.sent(self.now(), actor=self.actor, note=job.id)

        try:
            leased = self.ledger.update(failure_id=pin.failure_id, change=change)
        except _NotAsShownError as error:
            return replace(pin, fate=error.fate, note=error.note)
        except FailureClosedError as error:
            return replace(pin, fate=Fate.SKIPPED, note=str(error))
        except ReplaysExhaustedError as error:
            return replace(pin, fate=Fate.REFUSED, note=str(error))
        return _Lease(pin, read[-1], leased)

    def _after(self, lease: _Lease, outcome: Outcome) -> Pin:
        match outcome:
            case Outcome.SENT:
                return replace(lease.pin, fate=Fate.SENT)
            case Outcome.SETTLED:
                self._move(lease, lambda known: known.resolved(self.now(), actor=self.actor))
                return replace(lease.pin, fate=Fate.SETTLED)
            case Outcome.REFUSED:
                return self._kept(lease, self._move(lease, lease.undone))
            case Outcome.IMPOSSIBLE:
                self._move(lease, lambda known: self._parked(lease.undone(known)))
                note = f"{_NEVER_TAKEN}; edit it or discard it"
                return replace(lease.pin, fate=Fate.REFUSED, note=note)

    def _kept(self, lease: _Lease, known: Failure) -> Pin:
        """The pin for the next run; what somebody else made of the failure meanwhile was never shown."""
        if known != lease.undone(known):
            return replace(lease.pin, fate=Fate.SKIPPED, note=_told(known))
        return replace(lease.pin, version=known.version)

    def _parked(self, failure: Failure) -> Failure:
        return failure.parked(self.now(), actor=self.actor, note=_NEVER_TAKEN)

    def _move(self, lease: _Lease, change: Callable[[Failure], Failure]) -> Failure:
        """Change what was leased, unless more has been heard of it since."""

        def checked(known: Failure | None) -> Failure:
            if known is None:
                raise NotFoundError(f"there is no failure {lease.leased.id} any more")
            return change(known) if known.version == lease.leased.version else known

        return self.ledger.update(failure_id=lease.leased.id, change=checked)

    def _keep_pace(self, dealt: Mapping[FailureId, Pin], rate: Decimal, began: dt.datetime) -> None:
        taken = sum(pin.fate in WELL for pin in dealt.values())
        seconds = float(taken / rate) - (self.now() - began).total_seconds()
        if seconds > 0:
            self.pause(seconds)

    def _ended(self, replayed: Replayed, aside: _Aside) -> Replayed:
        is_complete = not replayed.waiting
        job = self.jobs.update(
            job_id=replayed.job.id,
            change=lambda job: job.ended(self.now(), actor=self.actor, complete=is_complete),
        )
        return replace(replayed, job=job, unreachable=tuple(sorted(aside.queues)))


class _NotAsShownError(Exception):
    """The failure is not as it was when it was pinned."""

    def __init__(self, fate: Fate, note: str) -> None:
        super().__init__(note)
        self.fate, self.note = fate, note


def _dealt(part: Part) -> int:
    return sum(pin.fate is not None for pin in part.pins)


def _told(failure: Failure) -> str:
    """What a failure is now."""
    since = failure.closed_at or failure.last_at
    return f"it is {failure.state} now, since {since:%Y-%m-%dT%H:%M:%SZ}"
