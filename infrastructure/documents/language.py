"""A language in print: its words, and how it writes dates, numbers and money.

Everything stands in `languages/<code>.toml`; nothing here knows a language.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from domain.money import DIGITS, major
from domain.tax import NOT_SUBJECT, Tax, TaxCategory

_FOLDER = Path(__file__).parent / "languages"
_MINUS = "\N{MINUS SIGN}"
_VALUE_ADDED_TAX = NOT_SUBJECT.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The sections of a language's file, and what the program does with them."""

    code: str
    labels: Mapping[str, str]
    sentences: Mapping[str, str]
    categories: Mapping[str, str]
    reasons: Mapping[str, str]
    days: Mapping[str, str]
    dates: Mapping[str, Any]
    numbers: Mapping[str, str]
    units: Mapping[str, str]
    mail: Mapping[str, str]
    letters: Mapping[str, Mapping[str, str]]
    countries: Mapping[str, str]

    def say(self, sentence: str, **values: object) -> str:
        return self.sentences[sentence].format(**values)

    def long_date(self, day: dt.date) -> str:
        """As in running text: 1 October 2026."""
        return self._date("long", day)

    def short_date(self, day: dt.date) -> str:
        """As in a table: 01.10.2026."""
        return self._date("short", day)

    def period(self, first: dt.date, last: dt.date) -> str:
        """As in a table: the one day, or the first and the last."""
        days = dict.fromkeys((self.short_date(first), self.short_date(last)))
        return " – ".join(days)

    def span_of_days(self, days: int) -> str:
        return self.days["one" if days == 1 else "other"].format(days=days)

    def number(self, value: Decimal, *, places: int) -> str:
        """*value* with at least *places* decimals, and with more where it has more: nothing is rounded."""
        exponent = value.as_tuple().exponent
        own = -exponent if isinstance(exponent, int) else 0
        written = f"{value.copy_abs():,.{max(places, own)}f}"
        separators = str.maketrans({",": self.numbers["group"], ".": self.numbers["decimal"]})
        return (_MINUS if value < 0 else "") + written.translate(separators)

    def amount(self, minor: int, *, currency: str) -> str:
        """Minor units as a plain number with the currency's digits: 1,250.00."""
        return self.number(major(minor, currency=currency), places=DIGITS[currency])

    def money(self, minor: int, *, currency: str) -> str:
        """The same with the currency's code: EUR 1,250.00."""
        return self.numbers["money"].format(amount=self.amount(minor, currency=currency), currency=currency)

    def percent(self, rate: Decimal) -> str:
        return self.numbers["percent"].format(rate=self.number(rate.normalize(), places=0))

    def tax(self, tax: Tax) -> str:
        """What the tax is called: as its seller calls it, or as the language does where nobody said."""
        return self.labels["vat"] if tax.name == _VALUE_ADDED_TAX else tax.name

    def reason(self, tax: Tax) -> str | None:
        """Why there is no tax; a reverse charge is always called one (VAT Directive, Article 226)."""
        own, category = tax.reason, self.categories.get(tax.category, "")
        if own and tax.category is TaxCategory.REVERSE_CHARGE and category.casefold() not in own.casefold():
            return f"{category}: {own}"
        return own or self.reasons.get(tax.category)

    def unit(self, unit: str) -> str:
        """The usual abbreviation, or the unit's own name where the language has none."""
        return self.units.get(unit, unit)

    def country(self, code: str) -> str:
        """In capitals, as the last line of an address abroad wants it (Universal Postal Union)."""
        return self.countries.get(code, code).upper()

    def _date(self, style: str, day: dt.date) -> str:
        pattern: str = self.dates[style]
        return pattern.format(
            day=self.dates["first"] if style == "long" and day.day == 1 else day.day,
            number=day.month,
            month=self.dates["months"][day.month - 1],
            abbreviated=self.dates["abbreviations"][day.month - 1],
            year=day.year,
        )


@cache
def speak(code: str) -> Language:
    """The language with that ISO 639-1 code; one that has no file is a bug, for clients are checked."""
    with (_FOLDER / f"{code}.toml").open("rb") as file:
        return Language(code=code, **tomllib.load(file))
