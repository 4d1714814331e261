"""`/v1/failures`: what could not be processed of an account, and what becomes of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Literal, get_args

from domain import checks
from domain.access import Scope
from domain.errors import Problem
from domain.failures import OPEN, Failure, FailureClosedError, FailureId, State
from domain.identifiers import AccountId, known_job
from domain.own_failures import discard_own_failure, get_own_failure, select_failures
from domain.own_replays import (
    NothingToReplayError,
    ask_for_replay,
    cancel_own_replay,
    look_at_own_replay,
)
from domain.paging import chosen
from domain.replays import JobDoneError, ReplayJob, look_at_replay
from domain.triage import Filters
from domain.versions import ChangedMeanwhileError, require_seen
from handlers.api import paging, queries
from handlers.api.answers import Answer, accepted, done, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views import own_failures as owner_views

QueueName = Literal["counters", "invoicing", "delivery", "imports", "mail-events", "tick", "audit", "stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarding:
    """Why a failure is given up."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaying:
    """Which open failures are to be sent again: those that meet all that is said.

    `cause` is its id, error or code; `since` and `until` are about the last time that it failed. Where it is
    no `dry_run` they are sent.
    """

    queue: QueueName | None = None
    state: Literal["retrying", "parked"] | None = None
    cause: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    dry_run: bool = True

    def __post_init__(self) -> None:
        checks.require(
            checks.optional_text("cause", self.cause, longest=queries.MOST_CHARACTERS),
            _zoned("since", self.since),
            _zoned("until", self.until),
        )

    def filters(self, account_id: AccountId) -> Filters:
        """What is meant, for this account."""
        return Filters(
            account_id=account_id,
            queue=self.queue,
            cause=self.cause,
            since=self.since,
            until=self.until,
            states=(State(self.state),) if self.state else OPEN,
        )

    def told(self) -> str:
        """What was asked for, as the job keeps it."""
        said = codec.encode(self).items()
        return ", ".join(f"{name} {value}" for name, value in said if name != "dry_run") or "all"


def list_(request: Request) -> Answer:
    """Those first that failed first; the open ones, where no state is asked for."""
    wanted = request.asked
    states = (wanted["state"],) if "state" in wanted else OPEN
    named = {name: wanted[name] for name in ("queue", "cause", "since", "until") if name in wanted}
    filters = Filters(account_id=request.account_id, states=states, **named)
    of_account = partial(wiring.ledger().of_account, account_id=request.account_id, states=states)
    fetch = partial(chosen, of_account, filters.take)
    return paging.listed(request, fetch, owner_views.of_listed_failure)


def show(request: Request) -> Answer:
    failure = get_own_failure(
        FailureId(request.subject), account_id=request.account_id, ledger=wiring.ledger()
    )
    return ok(owner_views.of_failure(failure), version=failure.version)


def discard(request: Request) -> Answer:
    """Nothing sends it again, and its event stays without effect where it failed."""
    seen = request.seen()
    failure = discard_own_failure(
        FailureId(request.subject),
        reason=codec.accept(Discarding, request.json()).reason,
        account_id=request.account_id,
        ledger=wiring.ledger(),
        now=wiring.now(),
        actor=_actor(request),
        seen=seen,
    )
    return ok(owner_views.of_failure(failure), version=failure.version)


def replay(request: Request) -> Answer:
    """It is sent within the next minutes; the replay tells what became of it."""
    seen = request.seen()
    failure = get_own_failure(
        FailureId(request.subject), account_id=request.account_id, ledger=wiring.ledger()
    )
    require_seen(failure, seen)
    return _accepted(_asked_for(request, [failure], failure.id))


def replay_all(request: Request) -> Answer:
    """Tell what would be sent; where it is no dry run, send exactly that, a hundred or so a minute."""
    wanted = codec.accept(Replaying, request.json())
    filters = wanted.filters(request.account_id)
    found = select_failures(filters, account_id=request.account_id, ledger=wiring.ledger())
    if wanted.dry_run:
        return ok(owner_views.of_selection(found))
    return _accepted(_asked_for(request, found.failures, wanted.told()))


def show_replay(request: Request) -> Answer:
    replayed = look_at_own_replay(
        known_job(request.subject), account_id=request.account_id, jobs=wiring.replay_jobs()
    )
    return ok(owner_views.of_replay(replayed), version=replayed.job.version)


def cancel(request: Request) -> Answer:
    """What was not sent yet is left as it is; once more changes nothing."""
    cancel_own_replay(
        known_job(request.subject),
        account_id=request.account_id,
        jobs=wiring.replay_jobs(),
        now=wiring.now(),
        actor=_actor(request),
    )
    return done()


def _asked_for(request: Request, failures: Sequence[Failure], asked: str) -> ReplayJob:
    return ask_for_replay(
        failures,
        asked=asked,
        account_id=request.account_id,
        jobs=wiring.replay_jobs(),
        now=wiring.now(),
        actor=_actor(request),
        new_id=request.new_id,
    )


def _accepted(job: ReplayJob) -> Answer:
    replayed = look_at_replay(job.id, jobs=wiring.replay_jobs())
    return accepted(owner_views.of_replay(replayed), location=f"/v1/failures/replays/{job.id}")


def _actor(request: Request) -> str:
    """Who does it, for the histories: no name, and whoever reads them later may ask the account."""
    token = request.caller.token_id
    return f"account, token {token}" if token else "account, signed in"


def _queue(text: str) -> str:
    if text not in get_args(QueueName):
        raise ValueError(f"must be one of {', '.join(get_args(QueueName))}")
    return text


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError as error:
        raise ValueError(f"must be one of {', '.join(State)}") from error


def _zoned(field: str, value: dt.datetime | None) -> checks.Found:
    if value is None:
        return
    yield from checks.date(field, value)
    if value.tzinfo is None:
        yield Problem(f"/{field}", "no-time-zone", "must say its time zone, such as 2026-10-31T08:00:00Z")


_FILTERS = (
    queries.Parameter(
        "queue", _queue, {"type": "string", "enum": [*get_args(QueueName)]}, "Only what failed there."
    ),
    queries.Parameter(
        "state",
        _state,
        {"type": "string", "enum": [*State]},
        "Only those in this state; those that are retrying or parked where nothing is said.",
    ),
    queries.Parameter(
        "cause",
        queries.short,
        {"type": "string", "maxLength": queries.MOST_CHARACTERS},
        "Its id, error or code.",
    ),
    queries.instant("since", "Only those that failed last at this instant, or later."),
    queries.instant("until", "Only those that failed last at this instant, or earlier."),
)

OPERATIONS = (
    Operation(
        route="GET /v1/failures",
        name="list_failures",
        serve=list_,
        summary="List what could not be processed",
        gives=owner_views.ListedFailureView,
        lists=True,
        query=_FILTERS,
    ),
    Operation(
        route="GET /v1/failures/{id}",
        name="show_failure",
        serve=show,
        summary="Show a failure with its message and its history",
        gives=owner_views.FailureView,
    ),
    Operation(
        route="POST /v1/failures/{id}/discard",
        name="discard_failure",
        serve=discard,
        summary="Give a failure up, for a reason",
        needs=Scope.OPERATE,
        takes=Discarding,
        gives=owner_views.FailureView,
        refuses=(FailureClosedError, ChangedMeanwhileError),
    ),
    Operation(
        route="POST /v1/failures/{id}/replay",
        name="replay_failure",
        serve=replay,
        summary="Send a failure to its queue again",
        needs=Scope.OPERATE,
        gives=owner_views.ReplayView,
        status=HTTPStatus.ACCEPTED,
        refuses=(FailureClosedError, ChangedMeanwhileError),
    ),
    Operation(
        route="POST /v1/failures/replays",
        name="replay_failures",
        serve=replay_all,
        summary="Send many failures to their queues again, or tell which",
        needs=Scope.OPERATE,
        takes=Replaying,
        gives=owner_views.ReplayView,
        status=HTTPStatus.ACCEPTED,
        otherwise={HTTPStatus.OK: owner_views.ReplayPreviewView},
        refuses=(NothingToReplayError,),
    ),
    Operation(
        route="GET /v1/failures/replays/{id}",
        name="show_replay",
        serve=show_replay,
        summary="Show how far a replay is",
        gives=owner_views.ReplayView,
    ),
    Operation(
        route="DELETE /v1/failures/replays/{id}",
        name="cancel_replay",
        serve=cancel,
        summary="Stop a replay",
        needs=Scope.OPERATE,
        status=HTTPStatus.NO_CONTENT,
        refuses=(JobDoneError,),
    ),
)
