"""Period arithmetic against a reference that is slow and obvious: it walks through the days one by one."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import calendar
from domain.calendar import BillingPeriod, InvoiceDay, Period
from domain.clients import Client
from domain.errors import ConflictError
from domain.invoices import Invoice, State
from tests.builders import a_client, a_work_entry
from tests.fakes import Store
from tests.world import in_memory

ZONES = ("Europe/Berlin", "America/Havana", "Atlantic/Azores", "Africa/Cairo", "Asia/Tokyo", "Pacific/Apia")
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2030, 12, 31)
ONE_DAY = dt.timedelta(days=1)
ANCHORS: tuple[InvoiceDay, ...] = (*range(1, 32), "last")


def days(first: dt.date = FIRST, last: dt.date = LAST) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += ONE_DAY


def is_invoice_day(day: dt.date, anchor: InvoiceDay) -> bool:
    ends_a_month = (day + ONE_DAY).day == 1
    return ends_a_month if anchor == "last" else day.day == anchor or (ends_a_month and day.day < anchor)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_due_dates_are_the_invoice_days_of_the_calendar(anchor: InvoiceDay) -> None:
    client = a_client(invoice_day=anchor, billing_starts_on=FIRST - ONE_DAY)

    due = []
    while client.next_due_on <= LAST:
        due.append(client.next_due_on)
        client = client.after_invoice_day()

    assert due == [day for day in days() if is_invoice_day(day, anchor)]


@pytest.mark.parametrize("zone", ZONES)
def test_every_invoice_day_is_due_in_its_own_morning(zone: str) -> None:
    for day in days():
        there = calendar.due_instant(day, zone).astimezone(ZoneInfo(zone))

        assert (there.date(), there.time()) == (day, dt.time(8))


@dataclass(frozen=True, slots=True)
class Month:
    """What happens between one invoice and the next."""

    invoice_day: InvoiceDay
    billing_period: BillingPeriod
    paused_days: int
    billed_before: tuple[int, int] | None
    """How many days before the next invoice day a person bills, and up to how many days before that."""


months = st.builds(
    Month,
    st.sampled_from(ANCHORS),
    st.sampled_from(BillingPeriod),
    st.sampled_from([0, 0, 0, 1, 40, 200]),
    st.none() | st.tuples(st.integers(1, 40), st.integers(0, 10)),
)


@given(life=st.lists(months, min_size=1, max_size=24), start=st.dates(FIRST, LAST))
def test_periods_leave_no_day_out_and_take_none_twice(life: list[Month], start: dt.date) -> None:
    """However often the invoice day is moved, the kind of period changed, the client paused, or billed."""
    client = a_client(billing_starts_on=start)

    periods, due_dates = [], []
    last: Invoice | None = None
    for month in life:
        schedule = replace(
            client.details(), invoice_day=month.invoice_day, billing_period=month.billing_period
        )
        client = client.changed(schedule)
        if month.paused_days:
            resumed_on = client.next_due_on + dt.timedelta(days=month.paused_days)
            client = client.paused().resumed(resumed_on)
            assert client.next_due_on >= resumed_on
        if month.billed_before and (invoice := billed(client, last, *month.billed_before)):
            periods.append(invoice.period)
            due_dates.append(invoice.due_on)
            client = client.after_period(invoice.period, closed_on=invoice.due_on, nth=invoice.nth)
        last = Invoice.opened(client)
        periods.append(client.next_period())
        due_dates.append(client.next_due_on)
        client = client.after_invoice_day()

    assert periods[0].start == start
    assert [period.start for period in periods[1:]] == [period.end for period in periods[:-1]]
    assert all(
        period.start < period.end <= due_on + ONE_DAY
        for period, due_on in zip(periods, due_dates, strict=True)
    )
    assert all(before < after for before, after in pairwise(due_dates))


def billed(client: Client, last: Invoice | None, before: int, up_to: int) -> Invoice | None:
    """The invoice of new days that a person gets some days *before* the next invoice day, if any."""
    today = client.next_due_on - dt.timedelta(days=before)
    store = Store()
    world = in_memory(store).having(client, a_work_entry(client=client, date=client.billing_starts_on))
    if last:
        store.add(replace(last, state=State.EMPTY, previous_due_on=None))
    with suppress(ConflictError):
        invoice = world.bill(client, day=today, until=today - dt.timedelta(days=up_to))
        return None if last and invoice.period == last.period else invoice
    return None


@given(anchor=st.sampled_from(ANCHORS), start=st.dates(FIRST, LAST))
def test_a_client_billed_by_the_month_gets_each_calendar_month_once(
    anchor: InvoiceDay, start: dt.date
) -> None:
    client = a_client(
        invoice_day=anchor, billing_starts_on=start, billing_period=BillingPeriod.PREVIOUS_MONTH
    )

    periods = []
    for _ in range(24):
        periods.append(client.next_period())
        client = client.after_invoice_day()

    firsts = [day for day in days(start + ONE_DAY, dt.date(2034, 1, 1)) if day.day == 1]
    months = [Period(first, end) for first, end in pairwise([start, *firsts])]
    assert periods == months[:24]
