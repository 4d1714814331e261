"""Long work, done in steps: a run stops between two of them while there is still time, and another goes on.

What is stopped goes back to its queue and comes again at once. That counts as one of its receives, so work of
more than some seven runs goes by way of the failure ledger, and goes on from there.
"""

from collections.abc import Callable

from domain.errors import TryAgainLaterError

TimeIsUp = Callable[[], bool]
"""Whether the time of this run is nearly over."""


class UnfinishedError(TryAgainLaterError):
    """The time of this run is nearly over; what it did is stored, and another run goes on from there."""

    code = "unfinished"


def never() -> bool:
    """The `TimeIsUp` of who has all the time in the world."""
    return False


def stop_in_time(what: str, time_is_up: TimeIsUp) -> None:
    """Called between two steps; raises `UnfinishedError` where there is no time for another one."""
    if time_is_up():
        raise UnfinishedError(f"{what} is not finished; another run goes on at once", seconds=0)
