"""All chance of one run, drawn from its seed, and a tally of what it brought.

Each run has some of the faults, often or rarely, and none of the others: a run with everything at once
would seldom get far enough for anything rare to happen.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

Item = TypeVar("Item")

_HOUR = 3600.0
_RATES = (0.004, 0.015, 0.05)


class Fault(StrEnum):
    """What may go wrong."""

    CRASH_BEFORE = "crash before a call"
    CRASH_AFTER = "crash after a commit"
    LOST_ANSWER = "timeout, applied"
    NO_ANSWER = "timeout, not applied"
    CONFLICT = "conflict"
    THROTTLE = "throttle"
    SLOW = "a call outlasts the function"
    OUTAGE = "outage"
    DUPLICATE_MESSAGE = "message sent twice"
    DUPLICATE_RECEIVE = "batch received twice at once"
    REORDER = "reordered"
    DELAY = "delayed for hours"
    PARTIAL_PUBLISH = "published in part"
    REFUSED_EVENT = "event refused by the topic"
    MAIL_REFUSED = "mail refused"
    MAIL_UNCERTAIN = "mail uncertain"
    POISON = "poison message"
    BROKEN_ITEM = "item broken by hand"
    UNDELIVERED = "not delivered to a queue"
    LOST_TICK = "tick lost"
    DOUBLE_TICK = "tick doubled"
    LATE_REPLAY = "replayed from the ledger"
    WEEKS_LATER = "replayed weeks later, by a person"
    GIVEN_UP = "stream record given up"


# The faults of a call, and those which only a call that commits can meet.
OF_CALLS = (Fault.CRASH_BEFORE, Fault.THROTTLE, Fault.SLOW)
OF_COMMITS = (Fault.CRASH_AFTER, Fault.LOST_ANSWER, Fault.NO_ANSWER, Fault.CONFLICT)


class Chance:
    """Decides by lot; *struck* counts the faults, *seen* the rare situations that they led to."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - chance, repeatable
        self.struck: Counter[Fault] = Counter()
        self.seen: Counter[str] = Counter()
        self.is_stormy = True
        self._rates = {
            fault: self.random.choice(_RATES) if self.random.random() < 0.4 else 0.0 for fault in Fault
        }
        self._of_calls = self._lots(OF_CALLS)
        self._of_commits = self._lots((*OF_CALLS, *OF_COMMITS))

    def strikes(self, fault: Fault, *, times: float = 1) -> bool:
        """Whether it happens now; *times* as likely as a fault of one call is in this run."""
        if struck := self.draws(fault, times=times):
            self.struck[fault] += 1
        return struck

    def draws(self, fault: Fault, *, times: float = 1) -> bool:
        """As `strikes`, but somebody else counts it."""
        rate = self._rates[fault] * times if self.is_stormy else 0
        return bool(rate) and self.random.random() < rate

    def is_in_this_run(self, fault: Fault) -> bool:
        """Whether this run is one of those that have the fault."""
        return self._rates[fault] > 0

    def happens(self, probability: float) -> bool:
        return self.random.random() < probability

    def one_of(self, many: Sequence[Item]) -> Item:
        return self.random.choice(many)

    def between(self, least: float, most: float) -> float:
        return least + (most - least) * self.random.random()

    def of_call(self, *, commits: bool) -> Fault | None:
        """What goes wrong with one call of a port, if anything; it counts once it has struck."""
        total, lots = self._of_commits if commits else self._of_calls
        if not total or not self.is_stormy or (drawn := self.random.random()) >= total:
            return None
        for limit, fault in lots:
            if drawn < limit:
                return fault
        return None

    def _lots(self, faults: Sequence[Fault]) -> tuple[float, list[tuple[float, Fault]]]:
        total, lots = 0.0, []
        for fault in faults:
            if self._rates[fault]:
                total += self._rates[fault]
                lots.append((total, fault))
        return total, lots
