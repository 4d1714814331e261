"""What a person does with the failures in the ledger: find them, give them up, mend them.

find ──▶ by cause ──▶ replay (`domain.replays`) · discard · edit, then replay
"""

import datetime as dt
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from domain import checks
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.failures import OPEN, Cause, Failure, FailureClosedError, FailureId, Ledger, State
from domain.identifiers import AccountId
from domain.paging import every
from domain.retries import QUEUES

MOST_BYTES = 256 * 1024
"""The longest body that a person may give a failure, in bytes of UTF-8."""

_LONGEST_REASON = 500
_LONGEST_NUMBER = 40
_NOT_SENDABLE = (
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # slow to compile, so not before it is used
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which failures are meant: those that meet all that is said. `cause` is its id, error type or code.

    `since` and `until` are about the last time that it failed, both included.
    """

    queue: str | None = None
    cause: str | None = None
    account_id: AccountId | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    states: tuple[State, ...] = OPEN

    def take(self, failure: Failure) -> bool:
        """Whether the failure is meant."""
        cause = failure.cause
        return (
            failure.state in self.states
            and self.queue in {None, failure.queue}
            and self.cause in {None, cause.id, cause.error, cause.code}
            and self.account_id in {None, failure.account_id}
            and (self.since is None or self.since <= failure.last_at)
            and (self.until is None or failure.last_at <= self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The failures of one cause, told as it was last."""

    cause: Cause
    failures: tuple[Failure, ...]

    @property
    def first_at(self) -> dt.datetime:
        return min(failure.first_at for failure in self.failures)

    @property
    def last_at(self) -> dt.datetime:
        return max(failure.last_at for failure in self.failures)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many failures there are of each cause, the most frequent first, in each queue, in each state."""

    causes: Sequence[Group]
    queues: Mapping[str, int]
    states: Mapping[State, int]

    @classmethod
    def of(cls, failures: Sequence[Failure]) -> "Histogram":
        queues, states = (
            Counter(failure.queue for failure in failures),
            Counter(failure.state for failure in failures),
        )
        return cls(by_cause(failures), queues, states)


@dataclass(frozen=True, slots=True)
class Discarded:
    """What was given up, and what was left alone because it had changed since it was found."""

    discarded: tuple[Failure, ...]
    skipped: tuple[Failure, ...]


class ChangedMeanwhileError(ConflictError):
    """Somebody or something else changed the failure since it was looked at."""

    code = "changed-meanwhile"

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.id} has changed meanwhile: it is {failure.state} now")
        self.failure = failure


def find_failures(filters: Filters, *, ledger: Ledger, most: int | None = None) -> Sequence[Failure]:
    """The failures that are meant, at most so many, those first that failed first.

    Raises:
        NotFoundError: there are none.
    """
    found: dict[FailureId, Failure] = {}
    for failure in _candidates(filters, ledger):
        if filters.take(failure):
            found[failure.id] = failure  # listed twice where it moved meanwhile: the later one holds
    if not found:
        raise NotFoundError("no failure is open" if filters == Filters() else "no failure matches")
    return sorted(found.values(), key=lambda failure: (failure.last_at, failure.id))[:most]


def get_failures(failure_ids: Iterable[FailureId], *, ledger: Ledger) -> Sequence[Failure]:
    """The failures with these ids, each once.

    Raises:
        NotFoundError: there is no such failure.
    """
    return [ledger.get(failure_id=failure_id) for failure_id in dict.fromkeys(failure_ids)]


def by_cause(failures: Iterable[Failure]) -> Sequence[Group]:
    """The failures of each cause, the most frequent one first."""
    alike: defaultdict[str, list[Failure]] = defaultdict(list)
    for failure in sorted(failures, key=lambda failure: failure.last_at):
        alike[failure.cause.id].append(failure)
    groups = [Group(cause=each[-1].cause, failures=tuple(each)) for each in alike.values()]
    return sorted(groups, key=lambda group: (-len(group.failures), group.cause.id))


def discard_failures(
    found: Sequence[Failure], *, reason: str, ledger: Ledger, now: dt.datetime, actor: str
) -> Discarded:
    """Give up what was found, for a reason; what has changed since is left alone.

    Raises:
        InvalidError: there is no reason, or it is too long.
        FailureClosedError: one of them is resolved or discarded; nothing was given up.
    """
    require_reason(reason)
    for failure in found:
        failure.discarded(now, actor=actor, reason=reason)
    discarded, skipped = list[Failure](), list[Failure]()
    for failure in found:
        change = as_found(failure, lambda known: known.discarded(now, actor=actor, reason=reason))
        try:
            discarded.append(ledger.update(failure_id=failure.id, change=change))
        except ChangedMeanwhileError as error:
            skipped.append(error.failure)
    return Discarded(tuple(discarded), tuple(skipped))


def require_reason(reason: str) -> None:
    """Raise `InvalidError` where it is no reason to give something up, or too long."""
    checks.require(checks.text("reason", reason, longest=_LONGEST_REASON))


def get_editable(failure_id: FailureId, *, ledger: Ledger) -> Failure:
    """The failure, where it can be given another body.

    Raises:
        NotFoundError: there is none.
        FailureClosedError: it is resolved or discarded.
    """
    found = ledger.get(failure_id=failure_id)
    if not found.is_open:
        raise FailureClosedError(f"{found.id} is {found.state}, so it cannot be edited")
    return found


def edit_failure(
    found: Failure, body: str, *, raw: bool = False, ledger: Ledger, now: dt.datetime, actor: str
) -> Failure:
    """Give a failure another body, which has to be JSON unless it is *raw*; the one that came is kept.

    Raises:
        InvalidError: no message can have that body.
        FailureClosedError: it is resolved or discarded.
        ChangedMeanwhileError: it is not as it was found any more.
    """
    if problems := [*_body(body, raw=raw)]:
        raise InvalidError(*problems)
    change = as_found(found, lambda known: known.edited(body, now, actor=actor))
    return ledger.update(failure_id=found.id, change=change)


def as_found(found: Failure, change: Callable[[Failure], Failure]) -> Callable[[Failure | None], Failure]:
    """The *change*, for a failure that is as it was found; `ChangedMeanwhileError` for any other."""

    def checked(known: Failure | None) -> Failure:
        if known is None:
            raise NotFoundError(f"there is no failure {found.id} any more")
        if known.version != found.version:
            raise ChangedMeanwhileError(known)
        return change(known)

    return checked


def _candidates(filters: Filters, ledger: Ledger) -> Iterator[Failure]:
    """What may be meant, from where there is least to look at."""
    if account_id := filters.account_id:
        yield from every(
            lambda cursor: ledger.of_account(account_id=account_id, states=filters.states, cursor=cursor)
        )
        return
    queues = QUEUES if filters.queue is None else (filters.queue,)
    for queue, state in product(queues, filters.states):
        yield from _listed(ledger, queue, state)


def _listed(ledger: Ledger, queue: str, state: State) -> Iterator[Failure]:
    return every(lambda cursor: ledger.list(queue=queue, state=state, cursor=cursor))


def _body(body: str, *, raw: bool) -> Iterator[Problem]:
    if not body:
        yield Problem("/body", "empty", "is empty; SQS takes no empty message")
    elif found := re.search(_NOT_SENDABLE, body):
        told = (
            f"has the character U+{ord(found[0]):04X} at position {found.start()}, which SQS does not carry"
        )
        yield Problem("/body", "not-sendable", told)
    elif (size := len(body.encode())) > MOST_BYTES:
        yield Problem("/body", "too-long", f"has {size:,} bytes; at most {MOST_BYTES:,} are allowed")
    elif not raw and (wrong := _not_json(body)):
        yield Problem("/body", "not-json", wrong)


def _not_json(body: str) -> str | None:
    try:
        json.loads(body, parse_float=_finite, parse_constant=_finite)
    except _NotFiniteError as error:
        return f"has {error}, which is no number that JSON can say"
    except json.JSONDecodeError as error:
        return f"is no JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError) as error:
        return f"is no JSON that can be read: {type(error).__name__}"
    return None


class _NotFiniteError(ValueError):
    """What Python reads as a number, and hardly anybody else."""


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise _NotFiniteError(text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}…")
    return number
