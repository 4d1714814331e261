"""JSON as people send it: what is wrong with it whatever it is about, and how its text is composed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import Problem, pointer

MOST_ENTRIES = 100
"""How many values an array or an object may have, of whatever it is."""

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_LEAST, _MOST = -(2**63), 2**63 - 1

_WITH_A_POINT = (
    'a number with a point is not exact: send a whole number, or a decimal as text such as "12.50"'
)


def composed(plain: Any) -> Any:  # noqa: ANN401 - the values of JSON
    """The same values, with all text in Unicode's composed form (NFC), so that equal names are equal."""
    match plain:
        case str():
            return unicodedata.normalize("NFC", plain)
        case Mapping():
            return {name: composed(value) for name, value in plain.items()}
        case list() | tuple():
            return [composed(value) for value in plain]
    return plain


def unreadable(plain: object, place: str = "") -> Iterator[Problem]:
    """What nobody can go on with: too many entries to look at, and text that is no text."""
    match plain:
        case str() if _HALF_A_PAIR.search(plain):
            yield Problem(place, "not-text", "holds half a surrogate pair, which is no character")
        case Mapping() | list() | tuple() if len(plain) > MOST_ENTRIES:
            yield Problem(place, "too-many", f"has {len(plain)} entries; at most {MOST_ENTRIES} are taken")
        case Mapping() | list() | tuple():
            for name, value in _entries(plain):
                inner = place + pointer(name)
                yield from unreadable(name, inner)
                yield from unreadable(value, inner)


def inexact(plain: object, place: str = "") -> Iterator[Problem]:
    """Numbers that not every program reads as they were meant."""
    match plain:
        case float():
            told = _WITH_A_POINT
            yield Problem(place, "float", told)
        case int() if not _LEAST <= plain <= _MOST:
            yield Problem(place, "out-of-range", "must be an integer of at most 64 bits")
        case Mapping() | list() | tuple():
            for name, value in _entries(plain):
                yield from inexact(value, place + pointer(name))


def _entries(plain: Mapping[str, Any] | list[Any] | tuple[Any, ...]) -> Iterator[tuple[str | int, Any]]:
    yield from plain.items() if isinstance(plain, Mapping) else enumerate(plain)
