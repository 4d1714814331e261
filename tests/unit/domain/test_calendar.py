import datetime as dt

import pytest

from domain import calendar
from domain.calendar import InvoiceDay, Period


@pytest.mark.parametrize(
    ("year", "anchor", "days"),
    [
        (2027, 31, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2028, 31, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2028, 30, [30, 29, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30]),
        (2027, 29, [29, 28, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29]),
        (2027, 28, [28] * 12),
        (2027, 1, [1] * 12),
        (2027, "last", [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2100, "last", [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
    ],
)
def test_a_short_month_has_its_invoice_day_at_its_end(year: int, anchor: InvoiceDay, days: list[int]) -> None:
    assert [calendar.due_date(year, month, anchor).day for month in range(1, 13)] == days


def test_the_anchor_never_drifts() -> None:
    due = dt.date(2026, 12, 31)

    dates = [due := calendar.first_due_date(due, 31) for _ in range(4)]

    assert dates == [dt.date(2027, 1, 31), dt.date(2027, 2, 28), dt.date(2027, 3, 31), dt.date(2027, 4, 30)]


@pytest.mark.parametrize(
    ("start", "anchor", "due"),
    [
        ("2026-10-01", 31, "2026-10-31"),
        ("2026-10-30", 31, "2026-10-31"),
        ("2026-10-31", 31, "2026-11-30"),  # the day itself is past
        ("2026-10-01", 1, "2026-11-01"),
        ("2026-12-15", 15, "2027-01-15"),
        ("2027-01-31", "last", "2027-02-28"),
        ("2027-01-30", 30, "2027-02-28"),
    ],
)
def test_the_first_invoice_day_comes_after_the_start(start: str, anchor: InvoiceDay, due: str) -> None:
    assert calendar.first_due_date(dt.date.fromisoformat(start), anchor) == dt.date.fromisoformat(due)


@pytest.mark.parametrize(
    ("date", "first", "end"),
    [("2026-10-15", "2026-09-01", "2026-10-01"), ("2027-01-01", "2026-12-01", "2027-01-01")],
)
def test_the_month_before_is_a_whole_calendar_month(date: str, first: str, end: str) -> None:
    period = calendar.month_before(dt.date.fromisoformat(date))

    assert period == Period(dt.date.fromisoformat(first), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-10-24", "Europe/Berlin", "2026-10-24T06:00"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25T07:00"),  # the clocks went back in the night
        ("2027-03-27", "Europe/Berlin", "2027-03-27T07:00"),
        ("2027-03-28", "Europe/Berlin", "2027-03-28T06:00"),
        ("2026-10-31", "America/Havana", "2026-10-31T12:00"),
        ("2026-11-01", "America/Havana", "2026-11-01T13:00"),  # its first hour came twice
        ("2027-03-28", "Atlantic/Azores", "2027-03-28T08:00"),  # its first hour did not exist
        ("2027-04-30", "Africa/Cairo", "2027-04-30T05:00"),  # nor did this one's
        ("2026-10-31", "Pacific/Kiritimati", "2026-10-30T18:00"),
        ("2026-10-31", "Pacific/Niue", "2026-10-31T19:00"),
        ("2026-10-31", "Asia/Kathmandu", "2026-10-31T02:15"),
    ],
)
def test_an_invoice_is_due_at_eight_on_the_clock_there(day: str, zone: str, instant: str) -> None:
    due = calendar.due_instant(dt.date.fromisoformat(day), zone)

    assert due == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert due.tzinfo is dt.UTC


def test_a_morning_that_a_zone_left_out_is_due_nevertheless() -> None:
    samoa_skipped_this_day = dt.date(2011, 12, 30)

    due = calendar.due_instant(samoa_skipped_this_day, "Pacific/Apia")

    assert due == dt.datetime(2011, 12, 30, 18, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "date"),
    [("Pacific/Kiritimati", "2026-11-01"), ("Europe/Berlin", "2026-11-01"), ("Pacific/Niue", "2026-10-31")],
)
def test_the_date_is_that_of_the_calendar_there(zone: str, date: str) -> None:
    just_before_midnight_in_utc = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)

    assert calendar.local_date(just_before_midnight_in_utc, zone) == dt.date.fromisoformat(date)


@pytest.mark.parametrize(
    "text", ["2026-W44", "2026-W44-6", "20261031", "2026-304", "٢٠٢٦-10-31", "2026-02-30", ""]
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    assert calendar.written_date("2026-10-31") == dt.date(2026, 10, 31)

    with pytest.raises(ValueError):  # noqa: PT011 - whoever asked tells what would be right
        calendar.written_date(text)
