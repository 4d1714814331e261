"""Invoice numbers: 1, 2, 3 … in each series, without a hole, with dates that never descend."""

import datetime as dt
import re
from dataclasses import dataclass, replace

from domain.identifiers import AccountId

_SEQUENCE = re.compile(r"\{seq(?::0([1-9]))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """How far a series has come: the last number given, and the date it was given on."""

    account_id: AccountId
    series: str
    last: int = 0
    last_issued_on: dt.date | None = None

    def next(self, today: dt.date) -> "Sequence":
        """The sequence after one more number, dated today or, if that would descend, like the one before."""
        issued_on = max(today, self.last_issued_on or today)
        return replace(self, last=self.last + 1, last_issued_on=issued_on)


def series_of(pattern: str, issued_on: dt.date) -> str:
    """The series that a number issued on this day belongs to: the pattern with the year filled in.

    So a pattern with the year starts anew each January, and two patterns that print alike share one series.
    """
    return _SEQUENCE.sub("{seq}", pattern.replace("{year}", f"{issued_on:%Y}"))


def formatted(pattern: str, number: int, issued_on: dt.date) -> str:
    """The number as printed; a number longer than its padding keeps all its digits."""
    dated = pattern.replace("{year}", f"{issued_on:%Y}").replace("{month}", f"{issued_on:%m}")
    return _SEQUENCE.sub(lambda found: str(number).zfill(int(found[1] or 1)), dated)
