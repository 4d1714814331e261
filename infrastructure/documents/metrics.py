"""How wide a text is in print, as far as that can be known without laying it out.

`fonts/widths.txt` has what Inter's characters take, in 2048ths of the size of the text; East Asian characters
are squares. Kerning is left out, it is mostly negative (see `MOST_KERNED`). What other fonts print has no
known width.
"""

import unicodedata
from functools import cache
from math import inf, isfinite
from pathlib import Path

_WIDTHS = Path(__file__).parent / "fonts" / "widths.txt"
_UNITS_PER_EM = 2048
_SQUARE = {"W", "F"}
_RESTLESS = (
    "\u00ef\u0129\u012b\u012d\u0209\u020b\u0390\u03ca\u0457"
    "\u1e2f\u1f32\u1f33\u1f34\u1f35\u1f36\u1f37\u1fd0\u1fd1\u1fd2\u1fd6\u1fd7"
)
"""Narrow letters below wide marks: kerning keeps two of them apart by up to two thirds of their width."""
MOST_KERNED = 1.165
"""So much wider, at most, kerning makes a text of all others: found over all pairs of them, in any order."""
CAPITAL = 1490 / _UNITS_PER_EM
"""How high a capital letter is, of the size of the text."""


def width(text: str, *, size: float, tabular: bool = False) -> float:
    """In points; infinite where it cannot be known."""
    characters = _tabular() if tabular else _proportional()
    try:
        units: float = sum(map(characters.__getitem__, text))
    except KeyError:
        units = sum(characters[each] if each in characters else _other(each) for each in text)
    return units * size / _UNITS_PER_EM


def room(text: str, *, size: float, tabular: bool = False) -> float:
    """In points; where the width cannot be known, that of as many squares."""
    found = width(text, size=size, tabular=tabular)
    return found if isfinite(found) else len(text) * size


@cache
def _tabular() -> dict[str, int]:
    """With digits of one width."""
    return _proportional() | _read("tabular")


@cache
def _proportional() -> dict[str, int]:
    return _read("proportional")


def _read(kind: str) -> dict[str, int]:
    """A line has the widths of characters that follow each other, from the one that it names."""
    found: dict[str, int] = {}
    for line in _WIDTHS.read_text("ascii").splitlines():
        named, _, widths = line.partition(": ")
        if named.startswith(kind):
            first = int(named.removeprefix(kind), 16)
            found.update((chr(point), int(units)) for point, units in enumerate(widths.split(), start=first))
    return {each: units for each, units in found.items() if each not in _RESTLESS}


@cache
def _other(character: str) -> float:
    is_east_asian = "\u2e80" <= character <= "\uffef" or character >= "\U00020000"  # and no emoji
    is_square = is_east_asian and unicodedata.east_asian_width(character) in _SQUARE
    return float(_UNITS_PER_EM) if is_square else inf
