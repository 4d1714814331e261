"""Carry out a replay job: each of its failures is sent at most once, whoever dies and however many run it.

    lease ──▶ send ──▶ note the fate         a few failures of one queue at a time, at the job's rate

A failure is leased by moving it from the pinned version to the next one, with the job's id in its history,
and only then sent. So of any number of runs, at once or one after the other, one sends it. What was leased
by a run that died is left to the timer, which sends it again unless it is heard of.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from domain.errors import NotFoundError
from domain.failures import Action, Failure, FailureId, Ledger, ReplaysExhaustedError, State
from domain.identifiers import JobId
from domain.replays import Fate, JobState, Part, Pin, Replayed, ReplayJob, ReplayJobs, look_at_replay
from domain.retries import Outcome, SourceGoneError, Sources

_MOST_AT_ONCE = 10

Met = tuple[Fate, str]
"""The fate that a failure met, and what there is to say about it."""


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
        gone, done = set[str](), 0
        for number in range(1, job.parts + 1):
            done += self._run_part(job, number, gone, done)
        return self._ended(job_id, gone)

    def _run_part(self, job: ReplayJob, number: int, gone: set[str], done: int) -> int:
        """Deal with what can be dealt with; answers how many of the part's failures have met their fate."""
        part = self.jobs.part(job_id=job.id, number=number)
        self.progress(done + _dealt(part))
        while (few := self._next(part, job, gone)) and not self._is_cancelled(job):
            began = self.now()
            fates = self._deal(few, job)
            part = self.jobs.update_part(job_id=job.id, number=number, change=partial(Part.met, fates=fates))
            self.progress(done + _dealt(part))
            self._keep_pace(fates, job.rate, began)
        return _dealt(part)

    def _next(self, part: Part, job: ReplayJob, gone: set[str]) -> Sequence[Pin]:
        """The next few of one queue that is there."""
        waiting = [pin for pin in part.pins if pin.fate is None]
        for queue in sorted({pin.queue for pin in waiting} - gone):
            try:
                self.sources.check(queue=queue)
            except SourceGoneError:
                gone.add(queue)
                continue
            few = max(1, min(_MOST_AT_ONCE, int(job.rate)))
            return [pin for pin in waiting if pin.queue == queue][:few]
        return ()

    def _is_cancelled(self, job: ReplayJob) -> bool:
        return self.jobs.get(job_id=job.id).state is JobState.CANCELLED

    def _deal(self, few: Sequence[Pin], job: ReplayJob) -> dict[FailureId, Met]:
        leased, fates = list[Failure](), dict[FailureId, Met]()
        for pin in few:
            match self._lease(pin, job):
                case Failure() as failure:
                    leased.append(failure)
                case fate:
                    fates[pin.failure_id] = fate
        outcomes = self.sources.send(failures=leased) if leased else {}
        return fates | {failure.id: self._after(failure, outcomes[failure.id]) for failure in leased}

    def _lease(self, pin: Pin, job: ReplayJob) -> Failure | Met:
        """The failure, counted as sent once more; or why it is not to be sent."""

        def change(known: Failure | None) -> Failure:
            if known is None:
                raise _NotAsShownError(Fate.SKIPPED, "it is not there any more")
            if known.version == pin.version:
                return known.sent(self.now(), actor=self.actor, note=job.id)
            taken = any(action.note == job.id for action in known.history)
            raise _NotAsShownError(Fate.LEFT if taken else Fate.SKIPPED, _told(known))

        try:
            return self.ledger.update(failure_id=pin.failure_id, change=change)
        except _NotAsShownError as error:
            return error.fate, error.note
        except ReplaysExhaustedError as error:
            return Fate.REFUSED, str(error)

    def _after(self, failure: Failure, outcome: Outcome) -> Met:
        match outcome:
            case Outcome.SENT:
                return Fate.SENT, ""
            case Outcome.SETTLED:
                self._move(failure, lambda known: known.resolved(self.now(), actor=self.actor))
                return Fate.SETTLED, ""
            case Outcome.REFUSED:
                return Fate.REFUSED, "its queue did not take it; the timer tries again"
            case Outcome.IMPOSSIBLE:
                self._move(failure, self._parked)
                return Fate.REFUSED, "its queue can never take it as it is; edit it or discard it"

    def _parked(self, failure: Failure) -> Failure:
        parked = replace(failure, state=State.PARKED, next_at=None)
        note = "its queue can never take it as it is"
        return parked.having(Action(at=self.now(), actor=self.actor, action="parked", note=note))

    def _move(self, leased: Failure, change: Callable[[Failure], Failure]) -> None:
        """Change what was leased, unless more has been heard of it since."""

        def checked(known: Failure | None) -> Failure:
            if known is None:
                raise NotFoundError(f"there is no failure {leased.id} any more")
            return change(known) if known.version == leased.version else known

        self.ledger.update(failure_id=leased.id, change=checked)

    def _keep_pace(self, fates: Mapping[FailureId, Met], rate: Decimal, began: dt.datetime) -> None:
        sent = sum(fate is Fate.SENT for fate, _ in fates.values())
        seconds = float(sent / rate) - (self.now() - began).total_seconds()
        if seconds > 0:
            self.pause(seconds)

    def _ended(self, job_id: JobId, gone: set[str]) -> Replayed:
        replayed = look_at_replay(job_id, jobs=self.jobs)
        is_complete = not replayed.waiting
        job = self.jobs.update(
            job_id=job_id, change=lambda job: job.ended(self.now(), actor=self.actor, complete=is_complete)
        )
        return replace(replayed, job=job, gone=tuple(sorted(gone)))


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
