"""When a client's invoices are due: from an anchor day that never drifts.

anchor 31:  31 Jan · 28 Feb · 31 Mar · 30 Apr …        due at 08:00 in the client's time zone
period:     [previous due date, due date)   or the calendar month before the due date
"""

import datetime as dt
import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

InvoiceDay = int | Literal["last"]
LONGEST_MONTH = 31
DUE_HOUR = dt.time(8)
_MONTHS = 12
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BillingPeriod(StrEnum):
    """Which work an invoice is about."""

    SINCE_LAST_INVOICE_DAY = "since_last_invoice_day"
    PREVIOUS_MONTH = "previous_month"


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates from `start` up to, and not including, `end`."""

    start: dt.date
    end: dt.date


def written_date(text: str) -> dt.date:
    """The day that *text* says as 2026-10-31; a week of the year, such as 2026-W44, is no day.

    Raises:
        ValueError: it is written in another way, or there is no such day.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def due_date(year: int, month: int, day: InvoiceDay) -> dt.date:
    """The invoice day of one month: the anchor, or the month's last day where it is shorter."""
    last = monthrange(year, month)[1]
    return dt.date(year, month, last if day == "last" else min(day, last))


def first_due_date(start: dt.date, day: InvoiceDay) -> dt.date:
    """The first invoice day after *start*, always from the anchor and never from the date before."""
    this_month = due_date(start.year, start.month, day)
    if this_month > start:
        return this_month
    following = _month_after(start)
    return due_date(following.year, following.month, day)


def period_end(due_on: dt.date, kind: BillingPeriod) -> dt.date:
    """The day before which work belongs to the invoice of *due_on*."""
    return due_on.replace(day=1) if kind is BillingPeriod.PREVIOUS_MONTH else due_on


def month_before(date: dt.date) -> Period:
    """The calendar month before the one of *date*."""
    end = date.replace(day=1)
    return Period((end - dt.timedelta(days=1)).replace(day=1), end)


def due_instant(due_on: dt.date, zone: str) -> dt.datetime:
    """The instant, in UTC, at which the invoice of *due_on* is due: 08:00 on the wall clock there.

    A wall-clock time that does not exist is taken as if the clocks had not been put forward yet, and of
    one that comes twice the first is taken: what `zoneinfo` makes of fold 0.
    """
    return dt.datetime.combine(due_on, DUE_HOUR, ZoneInfo(zone)).astimezone(dt.UTC)


def due_until(instant: dt.datetime, zone: str) -> dt.date:
    """The day before which every invoice day is due at *instant*."""
    today = local_date(instant, zone)
    return today + dt.timedelta(days=due_instant(today, zone) <= instant)


def local_date(instant: dt.datetime, zone: str) -> dt.date:
    """The date on the calendar there at *instant*."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _month_after(date: dt.date) -> dt.date:
    return dt.date(date.year + date.month // _MONTHS, date.month % _MONTHS + 1, 1)
