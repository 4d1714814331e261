"""Send what failed back to where it came from, in its time and not all at once.

    due ─▶ newer than the code ─────▶ looked at again later
       ├─▶ sent in vain too often ──▶ parked, for a person
       └─▶ leased: next try written ─▶ sent to its source ─▶ its consumer resolves it, or fails again
                                        └── certainly not ──▶ as it was, but some minutes later

The lease comes first: whoever dies before sending has only moved the failure to its next try, and of two that
run at once one gets it. Nothing goes round by itself: a message that fails ends in the table, and only the
timer takes it out again, so there is no chain that Lambda's recursion detection would cut.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Protocol

from domain.errors import ConflictError
from domain.failures import LADDER, OPEN, Failure, FailureId, Kind, Ledger, State
from domain.pace import FASTEST, Paces

QUEUES = ("counters", "invoicing", "delivery", "imports", "mail-events", "tick", "audit", "stream")
"""Where an event can fail: in four queues, at two schedules, on its way from the table's stream."""

ACTOR = "retry_failures"

_BATCH = 10
_LOOKED_AT = 100

_MOST_REFUSED = 2
"""How many batches a source may refuse whole in a run: one may hold just those that it does not like."""


class Outcome(StrEnum):
    """What became of a failure that was to go back to its source."""

    SENT = "sent"
    """On its way, or perhaps: no answer came. What consumes it resolves it."""

    SETTLED = "settled"
    """Dealt with at once: nobody else will resolve it."""

    REFUSED = "refused"
    """Certainly not sent, for now."""

    IMPOSSIBLE = "impossible"
    """Certainly not sent, and never will be as it is."""


class SourceGoneError(ConflictError):
    """The queue or function that the failure came from is not there any more."""

    code = "source-gone"


class Sources(Protocol):
    """Where failures came from."""

    def check(self, *, queue: str) -> None:
        """Raise `SourceGoneError` where nothing can be sent to *queue*, because it is not there."""
        ...

    def send(self, *, failures: Sequence[Failure]) -> Mapping[FailureId, Outcome]:
        """Send each failure's body to its source, marked as a replay, and tell what became of every one.

        `replays` is the count that goes along, so it is raised before. A source that is gone refuses.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What one run did: how many were sent, settled, refused, parked, or wait for a deployment.

    `gone` are the queues that are not there any more, `failed` those that could not be dealt with.
    """

    counts: Counter[str] = field(default_factory=Counter)
    gone: tuple[str, ...] = ()
    failed: tuple[tuple[str, Exception], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many failures wait for a person, and for how long the oldest that is retried has failed."""

    parked: int
    oldest_retrying: dt.timedelta


def retry_failures(
    now: dt.datetime,
    *,
    ledger: Ledger,
    sources: Sources,
    paces: Paces,
    is_newer: Callable[[str], bool],
    queues: Sequence[str] = QUEUES,
) -> Retried:
    """Send what is due by *now*, the timer's own instant, back to its queues; one queue holds up no other.

    *is_newer* tells whether a body that was newer than the code when it failed still is.
    """
    driver = _Driver(now, ledger, sources, paces, is_newer)
    gone: list[str] = []
    failed: list[tuple[str, Exception]] = []
    for queue in queues:
        try:
            driver.retry(queue)
        except SourceGoneError:
            gone.append(queue)
        except Exception as error:  # noqa: BLE001 - told; one queue must not hold up the others
            failed.append((queue, error))
    return Retried(counts=driver.counts, gone=tuple(gone), failed=tuple(failed))


def backlog(now: dt.datetime, *, ledger: Ledger, queues: Sequence[str] = QUEUES) -> Backlog:
    """What is left. Of each queue a hundred are looked at: that costs the same however many there are."""
    pages = [ledger.list(queue=queue, state=state, limit=_LOOKED_AT) for queue in queues for state in OPEN]
    some = [failure for page in pages for failure in page.items]
    since = min((failure.first_at for failure in some if failure.state is State.RETRYING), default=now)
    return Backlog(parked=sum(each.state is State.PARKED for each in some), oldest_retrying=now - since)


class _TakenError(Exception):
    """Somebody else has changed the failure since it was read."""


@dataclass(frozen=True, slots=True)
class _Driver:
    """One run: what it is given, and what it has done."""

    now: dt.datetime
    ledger: Ledger
    sources: Sources
    paces: Paces
    is_newer: Callable[[str], bool]
    counts: Counter[str] = field(default_factory=Counter)

    def retry(self, queue: str) -> None:
        """Send as many of the queue's due failures as its pace allows."""
        if not self.ledger.due(queue=queue, until=self.now, limit=1):
            return
        self.sources.check(queue=queue)
        pace = self.paces.get(queue=queue)
        pace = pace.after(still_open=len(self.ledger.open_among(failure_ids=pace.sample)))
        leases, sent, refused = self._leases(queue, pace.allowed), list[FailureId](), 0
        while refused < _MOST_REFUSED and (batch := list(islice(leases, _BATCH))):
            outcomes = self._send(batch)
            sent += [each for each, told in outcomes.items() if told in {Outcome.SENT, Outcome.SETTLED}]
            refused += set(outcomes.values()) == {Outcome.REFUSED}
        self.paces.put(pace=pace.having(sent))

    def _leases(self, queue: str, most: int) -> Iterator["_Lease"]:
        """The right to send so many of those that are due; what is not to be sent is none of the pace's."""
        leased, passed = 0, 0
        for read in self._due(queue, most):
            if lease := self._leased(read):
                leased += 1
                yield lease
            else:
                passed += 1
            if leased == most or passed == FASTEST:
                return

    def _due(self, queue: str, most: int) -> Iterator[Failure]:
        """Each failure that is due, once: what the ledger's index has not forgotten yet is passed over."""
        seen = set[FailureId]()
        limit = max(most, _LOOKED_AT)
        while found := self.ledger.due(queue=queue, until=self.now, limit=limit):
            new = [failure for failure in found if failure.id not in seen]
            yield from new
            seen.update(failure.id for failure in new)
            if not new:
                return

    def _leased(self, read: Failure) -> "_Lease | None":
        """The right to send the failure, where it is to be sent, and nobody was faster."""
        if read.kind is Kind.FUTURE and self.is_newer(read.body):
            self._change(read, lambda known: known.waiting(self.now), "waiting")
            return None
        if read.state is not State.RETRYING:
            self._change(
                read, lambda known: known.parked(self.now, actor=ACTOR, note="cannot be read"), "parked"
            )
            return None
        if read.replays >= len(LADDER):
            self._change(read, lambda known: known.parked(self.now, actor=ACTOR), "parked")
            return None
        leased = self._change(read, lambda known: known.sent(self.now, actor=ACTOR))
        return _Lease(read, leased) if leased else None

    def _send(self, leases: Sequence["_Lease"]) -> Mapping[FailureId, Outcome]:
        outcomes = self.sources.send(failures=[lease.leased for lease in leases])
        for lease in leases:
            self._note(lease, outcomes[lease.leased.id])
        return outcomes

    def _note(self, lease: "_Lease", outcome: Outcome) -> None:
        match outcome:
            case Outcome.SENT:
                self.counts["sent"] += 1
            case Outcome.SETTLED:
                self._change(lease.leased, self._resolved, "settled")
            case Outcome.REFUSED:
                self._change(lease.leased, lambda known: self._refused(lease.undone(known)), "refused")
            case Outcome.IMPOSSIBLE:
                self._change(lease.leased, lambda known: self._impossible(lease.undone(known)), "parked")

    def _resolved(self, known: Failure) -> Failure:
        return known.resolved(self.now, actor=ACTOR)

    def _refused(self, known: Failure) -> Failure:
        return known.refused(self.now, actor=ACTOR)

    def _impossible(self, known: Failure) -> Failure:
        return known.parked(self.now, actor=ACTOR, note="its source never takes it as it is")

    def _change(
        self, read: Failure, change: Callable[[Failure], Failure], counted: str = ""
    ) -> Failure | None:
        """The failure changed, or None where somebody else did since it was read."""

        def guarded(known: Failure | None) -> Failure:
            if known is None or known.version != read.version:
                raise _TakenError
            return change(known)

        try:
            changed = self.ledger.update(failure_id=read.id, change=guarded)
        except _TakenError:
            return None
        if counted:
            self.counts[counted] += 1
        return changed


@dataclass(frozen=True, slots=True)
class _Lease:
    """A failure as it was read, and as it stands in the ledger while it is sent."""

    read: Failure
    leased: Failure

    def undone(self, known: Failure) -> Failure:
        return replace(self.read, version=known.version)
