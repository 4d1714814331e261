"""Retainers: what a client pays each month whatever was worked, for whole calendar months only.

A month is charged on the first invoice whose period reaches beyond the month's first day.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain import checks
from domain.calendar import Period
from domain.tax import Tax

MOST_RETAINERS = 10
_HIGHEST_AMOUNT = Decimal(10) ** 9
_MONTH = re.compile(r"(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])")
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retainer:
    """A fixed item of each month from `first_month` to `last_month` (YYYY-MM), both included.

    `key` tells it from the client's others: a month of one key is charged once, whatever else is changed.
    `amount` is the price of a month in major units of the client's currency. A part of a month is not
    offered: whoever agrees on one logs it as work.
    """

    key: str
    description: str
    amount: Decimal
    first_month: str
    last_month: str | None = None
    project: str | None = None
    tax: Tax | None = None

    def __post_init__(self) -> None:
        told = "must be lower-case letters, digits and hyphens, at most 40"
        checks.require(
            checks.that(_KEY.fullmatch(self.key), "key", code="not-a-key", message=told),
            checks.text("description", self.description, longest=2000, lines=True),
            checks.number("amount", self.amount, least=0, most=_HIGHEST_AMOUNT, digits=4),
            _month("first_month", self.first_month),
            *([_month("last_month", self.last_month)] if self.last_month is not None else []),
            _order(self.first_month, self.last_month),
            checks.optional_text("project", self.project, longest=200),
        )

    def months(self, period: Period) -> Iterator[dt.date]:
        """The first day of each of its months that begins in *period*."""
        day = period.start if period.start.day == 1 else _following(period.start)
        while day < period.end:
            if self.first_month <= f"{day:%Y-%m}" <= (self.last_month or "9999-12"):
                yield day
            day = _following(day)


def all_different(field: str, retainers: Sequence[Retainer]) -> checks.Found:
    """No more than anybody agrees on, and no key twice."""
    told = f"at most {MOST_RETAINERS} retainers"
    yield from checks.that(len(retainers) <= MOST_RETAINERS, field, code="too-many", message=told)
    keys = [retainer.key for retainer in retainers]
    for index, key in enumerate(keys):
        told = "another retainer of the client has this key"
        yield from checks.that(key not in keys[:index], f"{field}/{index}/key", code="taken", message=told)


def _month(field: str, value: str) -> checks.Found:
    is_month = _MONTH.fullmatch(value)
    yield from checks.that(is_month, field, code="not-a-month", message="must be a month such as 2026-11")


def _order(first: str, last: str | None) -> checks.Found:
    told = f"must not be before the first month, which is {first}"
    yield from checks.that(last is None or last >= first, "last_month", code="too-early", message=told)


def _following(day: dt.date) -> dt.date:
    """The first day of the month after."""
    return (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
