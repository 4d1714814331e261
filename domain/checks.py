"""Small checks that entities compose in `__post_init__`; all problems of an entity are told at once."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import InvalidError, Problem

_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322, 3.2.3
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
# Not the encoded words of RFC 2047: in a header they are decoded, and the mail goes to somebody else.
_EMAIL = re.compile(rf"(?!.*=\?){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
# Files that some machines have beside the database, under names that mean something else on others.
_MACHINES_OWN_ZONE = re.compile(r"localtime$|posixrules$|Factory$|posix/|right/")
_MOST_PLACES = 50
_CONTROL_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Overrides and isolates can make a printed amount or name read as another: Unicode TR 36, 2.2.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Marks that are set above or below the letter before, without end: Latin, Hebrew, Arabic, Thai, symbols.
_STACKED_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{9}"
)

_FIRST_YEAR, _LAST_YEAR = 1970, 2200  # wide enough for any bill, narrow enough for typing errors
_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)  # rounds nothing away

Found = Iterator[Problem]


def require(*checks: Found) -> None:
    """Raise one `InvalidError` with every problem that *checks* found."""
    if problems := [problem for check in checks for problem in check]:
        raise InvalidError(*problems)


def text(field: str, value: str, *, longest: int, lines: bool = False, empty: bool = False) -> Found:
    """Printable text of at most *longest* characters; line breaks only where *lines* allows them."""
    if not empty and not any(map(_is_visible, value)):
        yield Problem(f"/{field}", "empty", "must not be empty")
    if len(value) > longest:
        yield Problem(
            f"/{field}",
            "too-long",
            f"has {len(value)} characters; at most {longest} are allowed",
        )
    printed = value.replace("\n", "") if lines else value
    if not printed.isprintable() and any(_is_control(character) for character in printed):
        yield Problem(
            f"/{field}",
            "control-character",
            "contains control characters; use printable text only",
        )
    if _STACKED_MARKS.search(value):
        told = "has more than eight marks on one letter, which would cover what stands above it"
        yield Problem(f"/{field}", "stacked-marks", told)


def optional_text(field: str, value: str | None, *, longest: int, lines: bool = False) -> Found:
    """Like `text`, where there is a value at all."""
    if value is not None:
        yield from text(field, value, longest=longest, lines=lines)


def email(field: str, value: str) -> Found:
    """An address that a mail header can carry (RFC 5321: at most 254 characters)."""
    if len(value) > _LONGEST_EMAIL or not _EMAIL.fullmatch(value):
        yield Problem(
            f"/{field}",
            "not-an-email",
            "must be one e-mail address such as ada@example.com",
        )


def number(
    field: str,
    value: Decimal | int,
    *,
    least: Decimal | int,
    most: Decimal | int,
    digits: int = 0,
) -> Found:
    """A number within bounds, with at most *digits* places after the point."""
    if isinstance(value, Decimal) and not value.is_finite():
        yield Problem(f"/{field}", "not-a-number", "must be a number")
    elif not least <= value <= most:
        yield Problem(f"/{field}", "out-of-range", f"must be between {least} and {most}")
    elif isinstance(value, Decimal) and _places(value) > digits:
        yield Problem(f"/{field}", "too-precise", f"has more than {digits} decimal places")


def date(field: str, value: dt.date) -> Found:
    """A date of our times: 0206-10-05 is one that was mistyped."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        yield Problem(f"/{field}", "out-of-range", f"must be a date between {_FIRST_YEAR} and {_LAST_YEAR}")


def time_zone(field: str, value: str) -> Found:
    """A name of the IANA time zone database that means the same on every machine."""
    try:
        ZoneInfo(value)
        known = not _MACHINES_OWN_ZONE.match(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        yield Problem(
            f"/{field}",
            "unknown-time-zone",
            "must be an IANA time zone such as Europe/Berlin",
        )


def that(holds: object, field: str, *, code: str, message: str) -> Found:
    """A condition between several values, told at one of them."""
    if not holds:
        yield Problem(f"/{field}", code, message)


def _is_visible(character: str) -> bool:
    return character.isprintable() and not character.isspace()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _CONTROL_CATEGORIES or character in _DIRECTION_CONTROLS


def _places(value: Decimal) -> int:
    """Zeros at the end add no precision, but more of them than anybody types would fill pages."""
    typed = value.as_tuple().exponent
    if not isinstance(typed, int) or abs(typed) > _MOST_PLACES:
        return _MOST_PLACES
    exponent = value.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
