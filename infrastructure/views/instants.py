"""Instants, as all that is shown has them: RFC 3339 in UTC, to the second."""

import datetime as dt


def instant(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def second(value: dt.datetime) -> dt.datetime:
    """The instant, to the second."""
    return value.replace(microsecond=0)
