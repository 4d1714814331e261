"""What goes along with a piece of work without being an argument of it: the correlation id."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)


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
