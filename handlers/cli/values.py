"""What people type for durations, days, instants, rates and names."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

import click

from domain import calendar, money

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_ADJUSTMENT = re.compile(r"([+-]) ?(\d{1,12}(?:\.\d{1,6})?) ?(%?) (.*\S)")
_LONGEST_SPAN = dt.timedelta(days=36_525)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_ACTOR = 100
_LONGEST_MINUTES = 24 * 60

Value = TypeVar("Value")


class Typed(click.ParamType[Value], Generic[Value]):
    """Text that a function reads; its `ValueError` says what would be right."""

    def __init__(self, name: str, read: Callable[[str], Value]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Value:
        try:
            return self._read(str(value))
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error


def _duration(text: str) -> int:
    if not 0 < (minutes := _minutes(text)) <= _LONGEST_MINUTES:
        raise ValueError(f"{text} is no duration of a day; give at least 1m and at most 24h")
    return minutes


def _minutes(text: str) -> int:
    plain = text.replace(" ", "").lower()
    if found := re.fullmatch(r"(\d{1,2}):([0-5]\d)|(\d{1,2})h([0-5]?\d)?m?", plain):
        hours, minutes = found[1] or found[3], found[2] or found[4] or 0
        return int(hours) * 60 + int(minutes)
    if found := re.fullmatch(r"(\d{1,4})m(?:in)?", plain):
        return int(found[1])
    if found := re.fullmatch(r"(\d{1,2}\.\d{1,4})h", plain):
        return int(money.round_half_up(Decimal(found[1]) * 60))
    raise ValueError(f"{text} is no duration; give one such as 1:30, 90m, 1h30 or 1.5h")


def _day(text: str) -> dt.date:
    try:
        return calendar.written_date(text)
    except ValueError as error:
        raise ValueError(f"{text} is no date; give one such as 2026-10-31") from error


def _instant(text: str) -> dt.datetime:
    told = f"{text} is no instant; give one with its offset, such as 2026-10-31T08:00:00Z"
    try:
        instant = dt.datetime.fromisoformat(text)
        utc = instant.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(told) from error
    if instant.tzinfo is None:
        raise ValueError(told)
    return utc


def _day_or_instant(text: str) -> dt.date | dt.datetime:
    """An instant or, without a time, a day."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return _day(text)
    return _instant(text)


def _span(text: str) -> dt.timedelta:
    if not (found := _SPAN.fullmatch(text)):
        raise ValueError(f"{text} is no span of time; give one such as 90s, 10m, 1h or 2d")
    span = dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
    if span > _LONGEST_SPAN:
        raise ValueError(f"{text} is too long; give at most {_LONGEST_SPAN.days}d")
    return span


def _moment(text: str) -> dt.datetime | dt.timedelta:
    """An instant, or how long ago it was."""
    if _SPAN.fullmatch(text):
        return _span(text)
    try:
        return _instant(text)
    except ValueError as error:
        raise ValueError(f"{error}, or how long ago it was, such as 90s, 10m, 1h or 2d") from error


def _rate(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text} is no number of messages a second") from error


def _adjustment(text: str) -> Mapping[str, object]:
    found = _ADJUSTMENT.fullmatch(text.strip())
    if not found:
        told = "give an allowance such as '-10% loyal for years', or a charge such as '+25.00 travel'"
        raise ValueError(f"{text} is no allowance and no charge; {told}")
    sign, number, percent, reason = found.groups()
    how_much = {"percent" if percent else "amount": number}
    return {"reason": reason, "is_charge": sign == "+"} | how_much


def _money(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text):
        wrong = f"{text} is no amount"
        if re.fullmatch(r"[0-9]+,[0-9]{1,2}", text):
            raise ValueError(f"{wrong}; use a point: {text.replace(',', '.')}")
        raise ValueError(f"{wrong}; give one such as 500 or 1249.50")
    return Decimal(text)


def _actor(text: str) -> str:
    if not (text.strip() and text.isprintable() and len(text) <= _LONGEST_ACTOR):
        raise ValueError(f"give a name of at most {_LONGEST_ACTOR} printable characters")
    return text


def _utf8(text: str) -> str:
    """The text, where it can be sent to anybody: what a shell passes on may be any bytes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{text} is no text in UTF-8") from error
    return text


DURATION = Typed("duration", _duration)
DAY = Typed("date", _day)
INSTANT = Typed("instant", _instant)
DAY_OR_INSTANT = Typed("date or instant", _day_or_instant)
SPAN = Typed("span", _span)
MOMENT = Typed("moment", _moment)
ADJUSTMENT = Typed("adjustment", _adjustment)
RATE = Typed("rate", _rate)
MONEY = Typed("amount", _money)
ACTOR = Typed("name", _actor)
TEXT = Typed("text", _utf8)
