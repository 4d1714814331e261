"""How fast failures go back to a queue: slower while most of what went out last is not dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from domain.failures import FailureId

FASTEST, SLOWEST = 1_200, 10
"""How many go to one queue in a minute: twenty a second, and where next to nothing works."""

MOST_SAMPLED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many failures of a queue may go out in this minute, and some of those that went out last."""

    queue: str
    allowed: int = FASTEST
    sample: tuple[FailureId, ...] = ()

    def after(self, *, still_open: int) -> "Pace":
        """Half as fast where most of the sample is still open, else twice."""
        if not self.sample:
            return self
        if 2 * still_open > len(self.sample):
            return replace(self, allowed=max(SLOWEST, self.allowed // 2))
        return replace(self, allowed=min(FASTEST, self.allowed * 2))

    def having(self, sent: Sequence[FailureId]) -> "Pace":
        """The pace once these went out; the first of them are looked at next time."""
        return replace(self, sample=tuple(sent[:MOST_SAMPLED]))


class Paces(Protocol):
    """The pace of each queue. It is advice: of two who put one at once, the last one counts."""

    def get(self, *, queue: str) -> Pace:
        """The pace that was put last; the fastest where none ever was."""
        ...

    def put(self, *, pace: Pace) -> None:
        """Remember it in place of the one before."""
        ...
