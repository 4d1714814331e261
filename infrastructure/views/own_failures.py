"""What the owner of an account is shown of failures: all about its own events, and nobody's name.

Where an operator did something, it says so and not who.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.failures import Action, Cause, Failure, FailureId, Kind, State
from domain.identifiers import JobId
from domain.own_failures import Selection
from domain.replays import Fate, JobState, Pin, Replayed
from domain.retries import ACTOR, QUEUES
from domain.triage import Group, Histogram

_SHOWN = 5
_OPERATOR = "operator"
_OF_ITSELF = {ACTOR, *QUEUES}


@dataclass(frozen=True, kw_only=True)
class CauseView:
    """Why something failed; causes that differ only in ids have the same `id`."""

    id: str
    error: str
    message: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class ActionView:
    """Something that was done with a failure or a replay: by whom, when, and what there is to say of it."""

    at: dt.datetime
    actor: str
    action: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListedFailureView:
    """A failure without what it is about.

    `attempts` counts how often it was tried, `replays` how often it was sent to its queue again, and
    `next_at` is when that happens next.
    """

    id: FailureId
    queue: str
    state: State
    kind: Kind
    cause: CauseView
    event_type: str | None = None
    attempts: int
    replays: int
    first_at: dt.datetime
    last_at: dt.datetime
    next_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class FailureView(ListedFailureView):
    """All of a failure: `body` is the message that could not be processed, `original` as it came first."""

    body: str
    original: str | None = None
    history: Sequence[ActionView]


@dataclass(frozen=True, kw_only=True)
class CauseCountView:
    """The failures of one cause, counted."""

    cause: CauseView
    count: int
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class ReplayPreviewView:
    """What a replay would send: how many of which cause, and the `first` few.

    Where there are `more`, a further replay is needed for those.
    """

    dry_run: Literal[True]
    count: int
    more: bool
    causes: Sequence[CauseCountView]
    queues: Mapping[str, int]
    states: Mapping[State, int]
    first: Sequence[ListedFailureView]


@dataclass(frozen=True, kw_only=True)
class ReplayedFailureView:
    """What a replay did with a failure; without a `fate` it waits."""

    id: FailureId
    fate: Fate | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReplayView:
    """How far a replay is: `counts` by fate, and how many are still `waiting`."""

    id: JobId
    state: JobState
    pinned_at: dt.datetime
    count: int
    waiting: int
    counts: Mapping[Fate, int]
    failures: Sequence[ReplayedFailureView]
    history: Sequence[ActionView]


def of_listed_failure(failure: Failure) -> ListedFailureView:
    return ListedFailureView(
        id=failure.id,
        queue=failure.queue,
        state=failure.state,
        kind=failure.kind,
        cause=_of_cause(failure.cause),
        event_type=failure.event_type,
        attempts=failure.attempts,
        replays=failure.replays,
        first_at=failure.first_at,
        last_at=failure.last_at,
        next_at=failure.next_at,
        closed_at=failure.closed_at,
        reason=failure.reason,
    )


def of_failure(failure: Failure) -> FailureView:
    return FailureView(
        **vars(of_listed_failure(failure)),
        body=failure.body,
        original=failure.original,
        history=_of_history(failure.history),
    )


def of_selection(selection: Selection) -> ReplayPreviewView:
    counted = Histogram.of(selection.failures)
    return ReplayPreviewView(
        dry_run=True,
        count=len(selection.failures),
        more=selection.more,
        causes=tuple(_of_group(group) for group in counted.causes),
        queues=dict(counted.queues),
        states=dict(counted.states),
        first=tuple(of_listed_failure(failure) for failure in selection.failures[:_SHOWN]),
    )


def of_replay(replayed: Replayed) -> ReplayView:
    job = replayed.job
    return ReplayView(
        id=job.id,
        state=job.state,
        pinned_at=job.pinned_at,
        count=job.count,
        waiting=replayed.waiting,
        counts=dict(replayed.counts),
        failures=tuple(_of_pin(pin) for pin in replayed.pins),
        history=_of_history(job.history),
    )


def _of_cause(cause: Cause) -> CauseView:
    return CauseView(id=cause.id, error=cause.error, message=cause.message, code=cause.code)


def _of_group(group: Group) -> CauseCountView:
    return CauseCountView(
        cause=_of_cause(group.cause),
        count=len(group.failures),
        first_at=group.first_at,
        last_at=group.last_at,
    )


def _of_pin(pin: Pin) -> ReplayedFailureView:
    return ReplayedFailureView(id=pin.failure_id, fate=pin.fate, note=pin.note or None)


def _of_history(history: Sequence[Action]) -> Sequence[ActionView]:
    return tuple(
        ActionView(at=each.at, actor=_known(each.actor), action=each.action, note=each.note or None)
        for each in history
    )


def _known(actor: str) -> str:
    """Who did it, but for people who are not of the account."""
    return actor if actor in _OF_ITSELF or actor.startswith("account, ") else _OPERATOR
