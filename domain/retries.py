"""Send what failed back to where it came from."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from domain.errors import ConflictError
from domain.failures import Failure, FailureId

QUEUES = ("counters", "invoicing", "delivery", "tick", "stream")
"""Where an event can fail: in three queues, at the schedule's tick, on its way from the table's stream."""


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
