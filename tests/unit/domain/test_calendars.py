"""The calendars of 2026 to 2030 against a slow, obvious reference; `make calendars` takes every zone."""

import datetime as dt
import os
from zoneinfo import available_timezones

import pytest

from domain import calendar
from domain.calendar import InvoiceDay
from tests import calendars
from tests.builders import a_client
from tests.calendars import FIRST, LAST, ONE_DAY, QUARTER

WITHOUT_A_MIDNIGHT = ["Africa/Cairo", "America/Havana", "America/Santiago", "Asia/Beirut", "Atlantic/Azores"]
WITH_TWO_MIDNIGHTS = ["America/Havana", "Atlantic/Azores"]
OTHERS = ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Niue"]
SOME = sorted({*WITHOUT_A_MIDNIGHT, *WITH_TWO_MIDNIGHTS, *OTHERS})
ZONES = sorted(available_timezones()) if os.environ.get("INVOICELY_ALL_ZONES") else SOME
ANCHORS: list[InvoiceDay] = [*range(1, 32), "last"]


@pytest.mark.parametrize("anchor", ANCHORS)
def test_the_invoice_days_of_five_years_are_those_that_one_counts(anchor: InvoiceDay) -> None:
    day, found = FIRST - ONE_DAY, list[dt.date]()
    while (day := calendar.first_due_date(day, anchor)) <= LAST:
        found.append(day)

    assert found == calendars.invoice_days(anchor)


@pytest.mark.parametrize("zone", ZONES)
def test_each_invoice_is_due_when_the_clock_there_first_shows_eight(zone: str) -> None:
    looked_at = {*calendars.changes(zone), *calendars.invoice_days("last"), *calendars.invoice_days(1)}

    wrong = [
        (day, due, shown)
        for day in sorted(looked_at)
        if (due := calendar.due_instant(day, zone)) != (shown := calendars.first_at_eight(zone, day))
    ]

    assert wrong == []


@pytest.mark.parametrize("zone", ZONES)
def test_at_each_quarter_of_an_hour_around_a_change_of_clocks_the_days_that_are_due_are_the_right_ones(
    zone: str,
) -> None:
    for day in sorted(set(calendars.changes(zone)))[:12]:
        eight = calendars.first_at_eight(zone, day)
        for instant, shown in calendars.clocks(zone, day):
            assert calendar.local_date(instant, zone) == shown.date()
            if shown.date() == day:
                assert calendar.due_until(instant, zone) == day + ONE_DAY * (instant >= eight)


@pytest.mark.parametrize("zone", WITHOUT_A_MIDNIGHT)
def test_there_are_days_without_a_midnight(zone: str) -> None:
    assert any(calendars.midnights(zone, day) == 0 for day in calendars.changes(zone))


@pytest.mark.parametrize("zone", WITH_TWO_MIDNIGHTS)
def test_there_are_days_with_two_midnights(zone: str) -> None:
    assert any(calendars.midnights(zone, day) == 2 for day in calendars.changes(zone))


@pytest.mark.parametrize("zone", SOME)
def test_ticks_at_each_quarter_of_an_hour_find_a_client_once_whatever_the_clocks_do(zone: str) -> None:
    """Around each change of clocks in 2027 and 2028, with that very day as the invoice day."""
    for day in calendars.changes(zone)[3:15]:
        client = a_client(time_zone=zone, invoice_day=day.day, billing_starts_on=day - 40 * ONE_DAY)
        while client.next_due_on < day:
            client = client.after_invoice_day()
        instant, found = dt.datetime.combine(day - ONE_DAY, dt.time(), dt.UTC), list[dt.date]()
        while instant < dt.datetime.combine(day + 2 * ONE_DAY, dt.time(), dt.UTC):
            if client.due_at and client.due_at <= instant:
                found.append(client.next_due_on)
                client = client.after_invoice_day()
            instant += QUARTER

        assert found == [day]
