"""When a client's invoices are to come, what each is about, and why: a calculation that reads nothing.

client ──its next day──▶ Planned ──as if that had come──▶ client ──its next day──▶ Planned ──▶ …
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain import calendar, checks
from domain.calendar import BillingPeriod, Period, local_date
from domain.clients import Client, ClientStatus
from domain.identifiers import ClientId

MOST_MONTHS = 60
_DAYS_BEHIND = dt.timedelta(days=1)
_STATUS = {
    ClientStatus.PAUSED: "it is paused: none of these is made before it is active again, here as from today",
    ClientStatus.HELD: "it fell too far behind and is held: none of these is made before it is active again",
    ClientStatus.ARCHIVED: "it is archived: no invoice is made",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An invoice to come: its day, the instant (UTC) it is due, the days that it is about, and why so."""

    due_on: dt.date
    due_at: dt.datetime
    period_start: dt.date
    period_end: dt.date
    reasons: tuple[str, ...]

    @property
    def last_day(self) -> dt.date:
        """The last day of the period, included."""
        return self.period_end - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The invoices to come up to a day; `remarks` say why there are none, or none for now."""

    client_id: ClientId
    until: dt.date
    days: tuple[Planned, ...]
    remarks: tuple[str, ...]


def explain_schedule(client: Client, *, months: int, now: dt.datetime) -> Schedule:
    """The client's invoices of the coming *months*, as its details are now.

    Raises:
        InvalidError: fewer than one month, or more than `MOST_MONTHS`.
    """
    checks.require(checks.number("months", months, least=1, most=MOST_MONTHS))
    today = local_date(now, client.time_zone)
    until = _months_later(today, months)
    going_on = client if client.status is ClientStatus.ACTIVE else client.resumed(today)
    days = () if client.status is ClientStatus.ARCHIVED else tuple(_planned(going_on, until, now))
    return Schedule(client_id=client.id, until=until, days=days, remarks=tuple(_remarks(client, until)))


def _planned(client: Client, until: dt.date, now: dt.datetime) -> Iterator[Planned]:
    while client.due_at and client.next_due_on <= until:
        period = client.next_period()
        yield Planned(
            due_on=client.next_due_on,
            due_at=client.due_at,
            period_start=period.start,
            period_end=period.end,
            reasons=tuple(_reasons(client, client.due_at, period, now)),
        )
        client = client.after_invoice_day()


def _reasons(client: Client, due_at: dt.datetime, period: Period, now: dt.datetime) -> Iterator[str]:
    yield _day(client)
    yield _hour(client, due_at)
    yield from _period(client, period)
    if due_at <= now:
        yield "it is due already: the next tick opens it, within a quarter of an hour"


def _day(client: Client) -> str:
    due_on, day = client.next_due_on, client.invoice_day
    if day == "last":
        return f"the last day of {due_on:%B %Y}"
    if day != due_on.day:
        return f"day {day}, but {due_on:%B %Y} has {due_on.day} days"
    return f"day {day} of the month"


def _hour(client: Client, due_at: dt.datetime) -> str:
    there = due_at.astimezone(ZoneInfo(client.time_zone))
    before = (due_at - _DAYS_BEHIND).astimezone(ZoneInfo(client.time_zone))
    shown = f"{there:%H:%M} in {client.time_zone} (UTC{there:%z}) is {due_at:%H:%M} UTC"
    return shown if there.utcoffset() == before.utcoffset() else f"{shown}; the clocks are changed that day"


def _period(client: Client, period: Period) -> Iterator[str]:
    if client.billed_until is None or period.start > client.billed_until:
        yield f"billing starts on {period.start}"
    else:
        yield f"all days up to {period.start - dt.timedelta(days=1)} have their invoice"
    if client.billing_ends_on and period.end > client.billing_ends_on:
        yield f"billing ends on {client.billing_ends_on}: the last one"
    elif client.billing_period is BillingPeriod.PREVIOUS_MONTH:
        yield f"up to the end of the month before {client.next_due_on:%B}"
    else:
        yield "up to the day before the invoice day"
    for retainer in client.retainers:
        if months := [f"{month:%Y-%m}" for month in retainer.months(period)]:
            yield f"retainer {retainer.key} of {', '.join(months)}, where no invoice has it yet"
    if client.skipped_on:
        yield f"{client.skipped_on} is skipped, and its work comes here"
    if client.resumed_on and period.start < client.resumed_on <= client.next_due_on:
        yield f"no invoice was made in the pause up to {client.resumed_on}"


def _remarks(client: Client, until: dt.date) -> Iterator[str]:
    if told := _STATUS.get(client.status):
        yield told
    if client.has_ended:
        yield f"billing ended on {client.billing_ends_on}: no invoice is made by itself any more"
    elif client.billing_ends_on and client.billing_ends_on <= until:
        told = "what is typed in after the last invoice is billed by hand"
        yield f"billing ends on {client.billing_ends_on}: {told}"


def _months_later(date: dt.date, months: int) -> dt.date:
    """The same day *months* later, or the last one of that month."""
    month = date.month - 1 + months
    return calendar.due_date(date.year + month // 12, month % 12 + 1, date.day)
