"""What of a text can be printed: PDF/A allows no character without a glyph, so there must be none.

    in a shipped font                 printed as it is (an emoji in black and white)
    a control character               a space; a line break stays one
    an override of the direction      dropped: it makes an amount or a name read as another (Unicode TR 36)
    invisible by nature               dropped where no font knows it (a variation selector)
    a mark on a letter                dropped where no one font has both
    in no shipped font                � (unassigned, private use, scripts of the past)

`fonts/coverage.txt` says what each font family has; a text tries the families in that order.
"""

import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import NamedTuple

_COVERAGE = Path(__file__).parent / "fonts" / "coverage.txt"
_NO_GLYPH = "\N{REPLACEMENT CHARACTER}"
_JOINER = "\N{ZERO WIDTH JOINER}"
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TONES_AND_HALF_WIDTH_MARKS = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff\uff9e\uff9f")
_RIGHT_TO_LEFT = (
    range(0x0590, 0x0900),
    range(0xFB1D, 0xFE00),
    range(0xFE70, 0xFF00),
    range(0x10800, 0x11000),
    range(0x1E800, 0x1F000),
)


class Family(NamedTuple):
    """A font family, with the first and the last code points of the ranges that it has."""

    name: str
    starts: list[int]
    ends: list[int]

    def has(self, code_point: int) -> bool:
        position = bisect_right(self.starts, code_point) - 1
        return position >= 0 and code_point <= self.ends[position]


@cache
def families() -> tuple[Family, ...]:
    """All shipped families, in the order in which a text tries them."""
    lines = [line.split(": ") for line in _COVERAGE.read_text("ascii").splitlines()]
    return tuple(starmap(_family, lines))


def printable(value: object) -> object:
    """The same tree of lists, dictionaries and texts, with each text as it can be printed."""
    match value:
        case str():
            return value if value.isascii() and value.isprintable() else _printable(value)
        case list():
            return [printable(item) for item in value]
        case dict():
            return {key: printable(item) for key, item in value.items()}
    return value


def _printable(text: str) -> str:
    characters = "".join(map(_glyph, text))
    is_strict = any(map(_is_right_to_left, characters))
    printed = ""
    fonts = 0
    for character in characters:
        own = _fonts_with(character)
        if _is_mark(character):
            if not fonts & own:
                continue
            fonts &= own
        else:
            if printed.endswith(_JOINER) and not fonts & own:
                printed = printed[:-1]
            fonts = own & -own if is_strict else own
        printed += character
    return printed


@cache
def _glyph(character: str) -> str:
    if character == "\n":
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if character in _DIRECTION_CONTROLS:
        return ""
    if category != "Co" and _fonts_with(character):
        return character
    return "" if category in {"Cf", "Mn", "Me"} else _NO_GLYPH


@cache
def _is_mark(character: str) -> bool:
    """Is shaped together with the character before it."""
    is_mark = unicodedata.category(character) in {"Mn", "Mc", "Me"}
    return is_mark or character == _JOINER or character in _TONES_AND_HALF_WIDTH_MARKS


@cache
def _is_right_to_left(character: str) -> bool:
    return any(ord(character) in block for block in _RIGHT_TO_LEFT)


@cache
def _fonts_with(character: str) -> int:
    """The set of families that have the character, one bit each, the first family lowest."""
    if character == _JOINER:
        return -1
    return sum(1 << number for number, family in enumerate(families()) if family.has(ord(character)))


def _family(name: str, ranges: str) -> Family:
    bounds = [[int(bound, 16) for bound in part.split("-")] for part in ranges.split()]
    return Family(name, [bound[0] for bound in bounds], [bound[-1] for bound in bounds])
