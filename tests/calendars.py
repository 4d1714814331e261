"""Calendars the slow and obvious way, to hold the fast one to: days are counted, and clocks are looked at.

Nothing here is shared with `domain/calendar.py`. The offsets of these years are quarters of an hour, and so
are the moments at which clocks are changed: a look at each quarter of an hour misses nothing.
"""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2030, 12, 31)
QUARTER = dt.timedelta(minutes=15)
ONE_DAY = dt.timedelta(days=1)


def all_days() -> Iterator[dt.date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += ONE_DAY


def invoice_days(anchor: int | str) -> list[dt.date]:
    """Each day that is the anchor, or the last of a month that has no such day."""
    found = []
    for day in all_days():
        is_last = (day + ONE_DAY).month != day.month
        if day.day == anchor or (is_last and (anchor == "last" or int(anchor) > day.day)):
            found.append(day)
    return found


def clocks(zone: str, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """Each quarter of an hour around that day: the instant, and what the clock there shows."""
    there = ZoneInfo(zone)
    begin = dt.datetime.combine(day, dt.time(), dt.UTC) - 15 * ONE_DAY / 24
    instants = [begin + number * QUARTER for number in range(4 * 60)]
    return [(instant, instant.astimezone(there).replace(tzinfo=None)) for instant in instants]


def first_at_eight(zone: str, day: dt.date) -> dt.datetime:
    """The first instant at which it is that day there, and eight o'clock or later."""
    return next(
        instant for instant, shown in clocks(zone, day) if shown.date() == day and shown.time() >= dt.time(8)
    )


def midnights(zone: str, day: dt.date) -> int:
    """How many times the clock there shows 00:00 of that day: once, or not at all, or twice."""
    return sum(shown == dt.datetime.combine(day, dt.time()) for _, shown in clocks(zone, day))


def changes(zone: str) -> list[dt.date]:
    """The days on which the clocks there are changed, and the ones beside them."""
    there = ZoneInfo(zone)
    noons = {day: dt.datetime.combine(day, dt.time(12), there).utcoffset() for day in all_days()}
    changed = [day for day in noons if noons.get(day - ONE_DAY, noons[day]) != noons[day]]
    return [day + number * ONE_DAY for day in changed for number in (-1, 0, 1)]
