"""What failed, and what becomes of it: one entry in the ledger for each event that a queue could not process.

    try again later ─▶ retrying ──due: sent to its source queue, 15 m … 48 h apart──▶ retrying
                          │    └──sent in vain too often──▶ parked
    will never work ─▶ parked ──a person replays it──▶ retrying
    retrying · parked ──its consumer succeeds──▶ resolved
                      ──a person gives it up───▶ discarded

Nothing in the ledger expires before it is closed. What is reported twice is recorded once.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NewType, Protocol

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId, digest
from domain.paging import Page

FailureId = NewType("FailureId", str)

LADDER = (
    dt.timedelta(minutes=15),
    *(dt.timedelta(hours=hours) for hours in (1, 4, 12, 24, 48)),
)
"""How long after each try the timer sends an event to its source queue again; then a person decides."""

MOST_REPLAYS = 24
"""How often a body is sent to its source queue at all, by the timer and by people together."""

DEPLOYMENT_PAUSE = dt.timedelta(minutes=15)
"""How long an event that is newer than the code waits before it is looked at again."""

REFUSED_PAUSE = dt.timedelta(minutes=5)
"""How long an event that its source did not take waits before it is sent once more."""

MOST_REFUSALS = 288
"""How often its source may refuse an event, one time after the other: for a day; then a person decides."""

_IDS = re.compile(r"\b(?:[a-z]{3}_)?[0-9a-z]{16,}\b")

MOST_ACTIONS = 50
MOST_MESSAGES = 16


class Kind(StrEnum):
    """How an event failed: it decides what follows."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    FUTURE = "future"
    UNKNOWN = "unknown"


class State(StrEnum):
    """What becomes of a failure."""

    RETRYING = "retrying"
    PARKED = "parked"
    RESOLVED = "resolved"
    DISCARDED = "discarded"


OPEN = (State.RETRYING, State.PARKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an event failed: the exception's type, the line of ours that it came from, and its message.

    The message is redacted: ids may stand in it, never names, addresses or amounts.
    """

    error: str
    at: str
    message: str = ""
    code: str | None = None

    @property
    def id(self) -> str:
        """Eight characters that causes have in common which are alike but for ids and line numbers."""
        module, shape = self.at.partition(":")[0], _IDS.sub("…", self.message)
        return digest(self.error, module, shape)[:8]


CUT_OFF = Cause(
    error="NoAnswer",
    at="unknown",
    message="no attempt left word: the function was cut off, or the ledger could not be reached",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that was done with a failure: by whom, when, and what there is to say about it."""

    at: dt.datetime
    actor: str
    action: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of one message that failed; *cause* is None where no attempt left word."""

    queue: str
    event_id: str
    body: str
    message_id: str
    attempts: int
    first_at: dt.datetime
    kind: Kind = Kind.TRANSIENT
    cause: Cause | None = None
    account_id: AccountId | None = None
    event_type: str | None = None
    correlation_id: str | None = None

    @property
    def id(self) -> FailureId:
        """The entry that it belongs to."""
        return failure_id(self.queue, self.event_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An event that a queue could not process. Version 0 has never been stored.

    `attempts` counts the receives of all its messages, `replays` how often its body was sent to its source
    queue again, `next_at` is when that happens next. `original` is the body that came first, once there is
    another, and `edits` how often a person gave it one; `reason` is why it was given up. `closed_at` is set
    while it is resolved or discarded.
    """

    queue: str
    event_id: str
    state: State
    kind: Kind
    cause: Cause
    body: str
    attempts: int
    first_at: dt.datetime
    last_at: dt.datetime
    next_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    replays: int = 0
    refusals: int = 0
    account_id: AccountId | None = None
    event_type: str | None = None
    correlation_id: str | None = None
    message_ids: tuple[str, ...] = ()
    original: str | None = None
    edits: int = 0
    reason: str | None = None
    history: tuple[Action, ...] = ()
    version: int = 0

    @classmethod
    def reported(cls, report: Report, now: dt.datetime) -> "Failure":
        """The first that is heard of an event."""
        failure = cls(
            queue=report.queue,
            event_id=report.event_id,
            state=State.PARKED,
            kind=report.kind,
            cause=report.cause or CUT_OFF,
            body=report.body,
            attempts=report.attempts,
            first_at=report.first_at,
            last_at=now,
            account_id=report.account_id,
            event_type=report.event_type,
            correlation_id=report.correlation_id,
            message_ids=(report.message_id,),
        )
        return failure.judged(now)

    @property
    def id(self) -> FailureId:
        return failure_id(self.queue, self.event_id)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_unsent(self) -> bool:
        """Whether a person gave it another body that was not sent yet: then only a person moves it on.

        What is heard of it meanwhile is of an earlier body, which was on its way when it was edited.
        """
        return self.edits > 0 and self.replays == 0

    def again(self, report: Report, now: dt.datetime) -> "Failure":
        """The failure once more is heard of its event.

        A message that was sent before the failure was closed is a duplicate that comes late: the failure
        stays closed. Of one that is open, the same message adds nothing but a cause that was not known.
        """
        if self.closed_at and report.first_at <= self.closed_at:
            return self
        if self.is_open and report.message_id in self.message_ids:
            if report.cause is None or self.cause != CUT_OFF:
                return self
            return replace(self, cause=report.cause, kind=report.kind)
        more = replace(
            self.of_body(report),
            kind=report.kind,
            cause=report.cause or self.cause,
            attempts=self.attempts + report.attempts,
            last_at=max(self.last_at, now),
            closed_at=None,
            reason=None,
            message_ids=(*self.message_ids, report.message_id)[-MOST_MESSAGES:],
        )
        return more.judged(now)

    def of_body(self, report: Report) -> "Failure":
        """With the body that came last, such as that of an event that was mended and published again.

        What a person edited stays as it is.
        """
        if self.edits or report.body == self.body or report.first_at < self.first_at:
            return self
        return replace(self, body=report.body, original=self.original or self.body)

    def sent(self, now: dt.datetime, *, actor: str, note: str = "") -> "Failure":
        """On its way to its source queue once more; due again should nothing be heard of it.

        Raises:
            FailureClosedError: it is resolved or discarded.
            ReplaysExhaustedError: it has been sent `MOST_REPLAYS` times.
        """
        self._require_open("replayed")
        if self.replays >= MOST_REPLAYS:
            raise ReplaysExhaustedError(
                f"{self.id} has been sent {self.replays} times and failed each time; edit it or discard it"
            )
        replays = self.replays + 1
        wait = LADDER[replays] if replays < len(LADDER) else LADDER[-1]
        moved = replace(self, state=State.RETRYING, replays=replays, refusals=0, next_at=now + wait)
        return moved.having(Action(at=now, actor=actor, action="replayed", note=note))

    def waiting(self, now: dt.datetime) -> "Failure":
        """Still newer than the code: looked at again later, which counts as nothing."""
        return replace(self, next_at=now + DEPLOYMENT_PAUSE)

    def refused(self, now: dt.datetime, *, actor: str) -> "Failure":
        """Its source did not take it for now, which is no replay; so often, and a person decides."""
        refused = replace(self, refusals=self.refusals + 1, next_at=now + REFUSED_PAUSE)
        if refused.refusals < MOST_REFUSALS:
            return refused
        return refused.parked(now, actor=actor, note="refused by its source too often")

    def parked(self, now: dt.datetime, *, actor: str, note: str = "sent in vain too often") -> "Failure":
        """It is not sent again by itself: a person decides."""
        moved = replace(self, state=State.PARKED, next_at=None)
        return moved.having(Action(at=now, actor=actor, action="parked", note=note))

    def resolved(self, now: dt.datetime, *, actor: str) -> "Failure":
        """Its consumer has dealt with the event; a failure that is closed stays as it is.

        Where a person edited it meanwhile, that person decides what becomes of the new body: it stays open.
        """
        if not self.is_open:
            return self
        if self.is_unsent:
            told = Action(at=now, actor=actor, action="earlier body succeeded")
            return self if self.history[-1].action == told.action else self.having(told)
        moved = replace(self, state=State.RESOLVED, next_at=None, closed_at=now)
        return moved.having(Action(at=now, actor=actor, action="resolved"))

    def discarded(self, now: dt.datetime, *, actor: str, reason: str) -> "Failure":
        """Given up by a person.

        Raises:
            FailureClosedError: it is resolved or discarded already.
        """
        self._require_open("discarded")
        moved = replace(self, state=State.DISCARDED, next_at=None, closed_at=now, reason=reason)
        return moved.having(Action(at=now, actor=actor, action="discarded", note=reason))

    def edited(self, body: str, now: dt.datetime, *, actor: str) -> "Failure":
        """With another body; the one that came is kept. It is parked, until the person who edits replays it.

        The new body was never sent, so it may be as often as any.

        Raises:
            FailureClosedError: it is resolved or discarded.
        """
        self._require_open("edited")
        if body == self.body:
            return self
        note = f"body {digest(self.body)} became {digest(body)}"
        moved = replace(
            self,
            body=body,
            original=self.original or self.body,
            edits=self.edits + 1,
            replays=0,
            state=State.PARKED,
            next_at=None,
        )
        return moved.having(Action(at=now, actor=actor, action="edited", note=note))

    def judged(self, now: dt.datetime) -> "Failure":
        """The failure in the state that its kind, and how often it was sent, ask for."""
        match self.kind:
            case _ if self.is_unsent:
                return replace(self, state=State.PARKED, next_at=None)
            case Kind.FUTURE:
                return replace(self, state=State.RETRYING, next_at=now + DEPLOYMENT_PAUSE)
            case Kind.TRANSIENT if self.replays < len(LADDER):
                return replace(self, state=State.RETRYING, next_at=now + LADDER[self.replays])
            case _:
                return replace(self, state=State.PARKED, next_at=None)

    def _require_open(self, verb: str) -> None:
        if not self.is_open:
            raise FailureClosedError(f"{self.id} is {self.state}, so it cannot be {verb}")

    def having(self, action: Action) -> "Failure":
        """The failure with one more action in its history."""
        return replace(self, history=(*self.history, action)[-MOST_ACTIONS:])


class FailureClosedError(ConflictError):
    """The failure is resolved or discarded: there is nothing left to do with it."""

    code = "failure-closed"


class ReplaysExhaustedError(ConflictError):
    """The event has been sent to its source queue as often as it may."""

    code = "replays-exhausted"


class Ledger(Protocol):
    """The failures of every queue."""

    def get(self, *, failure_id: FailureId) -> Failure:
        """Raise `NotFoundError` where there is none."""
        ...

    def update(self, *, failure_id: FailureId, change: Callable[[Failure | None], Failure]) -> Failure:
        """Store what *change* makes of the failure (None: there is none yet), and return it as stored.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        What it returns unchanged costs no write.
        """
        ...

    def open_among(self, *, failure_ids: Collection[FailureId]) -> Sequence[Failure]:
        """Those of the failures that are retrying or parked, as of now."""
        ...

    def due(self, *, queue: str, until: dt.datetime, limit: int) -> Sequence[Failure]:
        """Failures with `next_at` ≤ *until*, those that wait longest first; may be a moment behind."""
        ...

    def list(self, *, queue: str, state: State, limit: int = 100, cursor: str | None = None) -> Page[Failure]:
        """The queue's failures in that state, by the time of the last failure; may be a moment behind."""
        ...

    def of_account(
        self,
        *,
        account_id: AccountId,
        states: Collection[State] = OPEN,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Failure]:
        """The account's failures in these states, those first that failed first; may be a moment behind.

        Where both open and closed ones are asked for, the closed ones come first. Fewer than *limit* may come
        although there are more, and one that fails again between two pages comes again.
        """
        ...


def failure_id(queue: str, event_id: str) -> FailureId:
    """The one entry for an event that failed in a queue."""
    return FailureId(f"{queue}:{event_id}")


def failure_parts(failure: FailureId) -> tuple[str, str]:
    """The queue and the event.

    Raises:
        NotFoundError: it is no id of a failure.
    """
    queue, colon, event_id = failure.partition(":")
    if not (queue and colon and event_id):
        raise NotFoundError(f"there is no failure {failure}; an id looks like counters:5f0c…")
    return queue, event_id
