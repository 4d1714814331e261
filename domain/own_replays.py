"""Replays that owners of accounts ask for: pinned at once, and carried on by the timer, a turn a minute.

ask ──▶ pinned ──the timer: a few failures a turn, each job in its turn──▶ done
          └── cancelled by its owner, or by the timer after `LONGEST_REPLAY`

Who asks waits for nothing, and may send nothing to a queue.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from domain.errors import ConflictError, NotFoundError
from domain.failures import Failure, Ledger
from domain.identifiers import AccountId, JobId
from domain.replaying import Runner
from domain.replays import (
    JobCancelledError,
    Replayed,
    ReplayJob,
    ReplayJobs,
    cancel_replay,
    look_at_replay,
    pin_replay,
)
from domain.retries import ACTOR, Sources

LONGEST_REPLAY = dt.timedelta(days=1)
"""How long the timer carries a job on: what is not sent by then is left as it was."""

MOST_A_TURN = 100
"""How many failures the timer deals with at a time, of all jobs together."""

_LEAST_A_TURN = 10
_MOST_JOBS = 20
_MOST_LISTED = 500


class NothingToReplayError(ConflictError):
    """No failure meets what was asked for."""

    code = "nothing-to-replay"


@dataclass(frozen=True, slots=True)
class CarriedOn:
    """How many jobs had their turn, and what went wrong with others."""

    turns: int
    failed: tuple[tuple[JobId, Exception], ...] = ()


def ask_for_replay(
    failures: Sequence[Failure],
    *,
    asked: str,
    account_id: AccountId,
    jobs: ReplayJobs,
    now: dt.datetime,
    actor: str,
    new_id: Callable[[], str],
) -> ReplayJob:
    """Pin these failures of the account for the timer.

    Raises:
        NothingToReplayError: there are none.
        FailureClosedError: one of them is resolved or discarded.
    """
    if not failures:
        raise NothingToReplayError("no failure is open that matches")
    return pin_replay(
        failures, asked=asked, jobs=jobs, now=now, actor=actor, new_id=new_id, account_id=account_id
    )


def look_at_own_replay(job_id: JobId, *, account_id: AccountId, jobs: ReplayJobs) -> Replayed:
    """How far a job of the account is.

    Raises:
        NotFoundError: there is none with that id, or it is not the account's.
    """
    _require_own(jobs.get(job_id=job_id), account_id)
    return look_at_replay(job_id, jobs=jobs)


def cancel_own_replay(
    job_id: JobId, *, account_id: AccountId, jobs: ReplayJobs, now: dt.datetime, actor: str
) -> ReplayJob:
    """Stop a job of the account.

    Raises:
        NotFoundError: there is none with that id, or it is not the account's.
        JobDoneError: it is done.
    """
    _require_own(jobs.get(job_id=job_id), account_id)
    return cancel_replay(job_id, jobs=jobs, now=now, actor=actor)


def carry_on_replays(now: dt.datetime, *, jobs: ReplayJobs, ledger: Ledger, sources: Sources) -> CarriedOn:
    """Give each job its turn, those first that wait longest; no job or account holds up another."""
    waiting = _by_turns(jobs.for_the_timer(limit=_MOST_LISTED))
    turns, failed = 0, list[tuple[JobId, Exception]]()
    for job in waiting:
        most = max(_LEAST_A_TURN, MOST_A_TURN // len(waiting))
        try:
            _turn(job, now, most, jobs=jobs, ledger=ledger, sources=sources)
            turns += 1
        except JobCancelledError:
            continue  # since it was listed
        except Exception as error:  # noqa: BLE001 - told; one job must not hold up the others
            failed.append((job.id, error))
    return CarriedOn(turns, tuple(failed))


def _by_turns(jobs: Iterable[ReplayJob]) -> Sequence[ReplayJob]:
    """The first job of each account, then the second of each: who asks often does not push others back."""
    asked: Counter[AccountId | None] = Counter()
    ranked: list[tuple[int, ReplayJob]] = []
    for job in jobs:
        ranked.append((asked[job.account_id], job))
        asked[job.account_id] += 1
    return [job for _, job in sorted(ranked, key=itemgetter(0))][:_MOST_JOBS]


def _turn(
    job: ReplayJob, now: dt.datetime, most: int, *, jobs: ReplayJobs, ledger: Ledger, sources: Sources
) -> None:
    if now - job.pinned_at > LONGEST_REPLAY:
        cancel_replay(job.id, jobs=jobs, now=now, actor=ACTOR)
        return
    runner = Runner(
        jobs=jobs,
        ledger=ledger,
        sources=sources,
        now=lambda: now,
        pause=_at_once,
        actor=job.actor,
        progress=_untold,
    )
    runner.carry_on(job.id, most=most)


def _require_own(job: ReplayJob, account_id: AccountId) -> None:
    if job.account_id != account_id:
        raise NotFoundError(f"there is no replay {job.id}")


def _at_once(_: float) -> None:
    """A turn is small enough for any queue."""


def _untold(_: int) -> None:
    """Nobody looks on."""
