"""What goes along with a piece of work without being an argument of it: its correlation id, its time."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

SECONDS_TO_STOP = 25
"""What a run may take for its last step, or for what comes after that: to read and add up all lines."""

_MOST_TO_STOP = 0.5
"""Of a run's time, so that one that has little gets something done too."""

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_seconds_left: ContextVar[Callable[[], float] | None] = ContextVar("seconds_left", default=None)


def correlation_id() -> str | None:
    """The id that ties together all that follows from one request or tick."""
    return _correlation_id.get()


@contextmanager
def correlation(identifier: str | None) -> Iterator[None]:
    """Everything written inside carries *identifier*."""
    token = _correlation_id.set(identifier)
    try:
        yield
    finally:
        _correlation_id.reset(token)


def tick_id(until: dt.datetime) -> str:
    """The correlation id of all that follows from the tick of that instant."""
    return f"tick-{until:%Y%m%dT%H%M%SZ}"


@contextmanager
def running(context: Any) -> Iterator[None]:  # noqa: ANN401 - Lambda's own class, or None of who has no limit
    """What is inside can ask whether the time of this run of a Lambda function is nearly over."""
    token = _seconds_left.set(_left_before_it_stops(context) if context else None)
    try:
        yield
    finally:
        _seconds_left.reset(token)


def time_is_up() -> bool:
    """Whether this run should stop between two steps, since Lambda would cut it off soon."""
    seconds_left = _seconds_left.get()
    return seconds_left is not None and seconds_left() < 0


def _left_before_it_stops(context: Any) -> Callable[[], float]:  # noqa: ANN401 - Lambda's own class
    def left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    reserve = min(SECONDS_TO_STOP, _MOST_TO_STOP * left())
    return lambda: left() - reserve
