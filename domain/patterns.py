"""Patterns of document numbers, and which of them could print a number that another one prints.

"RE{year}-{month}/{seq:03}" ──# any digit, * any more of them──▶ "RE####-10/#*": do any two of these meet?
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from domain import checks
from domain.errors import Problem

_PLACEHOLDER = re.compile(r"\{(year|month|seq(?::0[1-9])?)\}")
_SEQUENCE = re.compile(r"\{seq(?::0[1-9])?\}")
_MONTHS = [f"{month:02}" for month in range(1, 13)]


def number_pattern(field: str, value: str | None) -> Iterator[Problem]:
    """Digits beside the running number could make two patterns print the same number: A0 and 1, A and 01."""
    if value is None:
        return
    counts = [name for name in _PLACEHOLDER.findall(value) if name.startswith("seq")]
    plain = _PLACEHOLDER.sub("", value)
    told = (
        "must hold {seq} or {seq:04} once, with no digit beside it; may hold {year}, {month}, letters, ./_-"
    )
    holds = len(counts) == 1 and re.fullmatch(r"[A-Za-z0-9 ./_-]{0,30}", plain)
    if not holds or re.search(r"[0-9]\{seq|\{seq[^}]*\}[0-9]", value):
        yield Problem(f"/{field}", "not-a-number-pattern", told)


def of_its_own(field: str, value: str, *, beside: str) -> checks.Found:
    """A pattern that prints no number which the one *beside* it could print, in whatever year and month."""
    told = "could print the number of an invoice; credit notes need numbers of their own"
    is_own = not print_alike(value, beside)
    yield from checks.that(is_own, field, code="not-a-series-of-its-own", message=told)


def neat(field: str, value: str) -> checks.Found:
    """Spaces that nobody sees would make two numbers look like one."""
    told = "must neither begin nor end with a space, nor have two of them in a row"
    is_neat = value == " ".join(value.split())
    yield from checks.that(is_neat, field, code="not-a-number-pattern", message=told)


def new_numbers(field: str, value: str, *, given: Sequence[str]) -> checks.Found:
    """A pattern that prints no number again which one of the series that were *given* has, or could have."""
    if again := next((series for series in given if _prints_again(value, series)), None):
        told = f"could print numbers again that the series {again} has given; choose one that cannot"
        yield Problem(f"/{field}", "numbers-given-already", told)


def print_alike(one: str, other: str) -> bool:
    """Whether both patterns can print the same number, be it in different years and months."""
    return any(_meet(each, another) for each in _printed(one) for another in _printed(other))


def _prints_again(pattern: str, series: str) -> bool:
    """A series of the pattern itself goes on where it is, so it prints nothing twice."""
    own = re.escape(_SEQUENCE.sub("{seq}", pattern)).replace(re.escape("{year}"), "[0-9]{4}")
    return not re.fullmatch(own, series) and print_alike(pattern, series)


def _printed(pattern: str) -> Iterable[str]:
    dated = _SEQUENCE.sub("#*", pattern.replace("{year}", "####"))
    return {dated.replace("{month}", month) for month in _MONTHS}


def _meet(one: str, other: str) -> bool:
    if other.startswith("*"):
        one, other = other, one
    if one.startswith("*"):
        goes_on = other.startswith("*") or (other[:1] and _is_digit(other[0]))
        return _meet(one[1:], other) or bool(goes_on and _meet(one, other[1:]))
    if not one or not other:
        return one == other
    return _are_alike(one[0], other[0]) and _meet(one[1:], other[1:])


def _are_alike(one: str, other: str) -> bool:
    return one == other or ("#" in {one, other} and _is_digit(one) and _is_digit(other))


def _is_digit(character: str) -> bool:
    return character == "#" or character.isdigit()
