"""How wide the columns of a table are, and how high are its rows.

Typst finds both by laying out every cell twice, which is most of what a document costs. The widths of the
font are known here too: a column gets what its widest text takes, and the description all that is left.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from infrastructure.documents.metrics import CAPITAL, MOST_KERNED, room, width

Row = Mapping[str, Any]

MILLIMETRE = 72 / 25.4
TEXT, SMALL, HEAD = 9.0, 8.0, 7.5
"""Sizes of a row's texts, of its details, and of the table's head."""

WHOLE = 165 * MILLIMETRE
"""From margin to margin."""
LEADING = 0.6
"""Between two lines, of the size of the text."""
TO_SPARE = 1.015
"""Kerning makes a text narrower as a rule, now and then a little wider; by more only where somebody tries."""

_ORDER = ("date", "description", "quantity", "unit", "price", "tax", "amount")
_ONE_WORD = re.compile(r"\w+\.?")
_DIGIT = re.compile(r"\d")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_TO_PROJECT = 0.9 * TEXT
_MANY = 10  # lines: from as many on, the row may break across pages
_NARROW_DESCRIPTION = 50 * MILLIMETRE


class Space(NamedTuple):
    """What is between the columns, and the most that is given to the unit, which may break."""

    gap: float
    unit: float


_WIDE = Space(5 * MILLIMETRE, 20 * MILLIMETRE)
_NARROW = Space(3 * MILLIMETRE, 12 * MILLIMETRE)


def columns(lines: Sequence[Row], heads: Mapping[str, str], *, mark: float = 0) -> dict[str, float]:
    """The width of each column in points, with *mark* beside each rate of tax.

    The space between them is narrower where the description needs it.
    """
    found = _columns(lines, heads, _WIDE, mark)
    is_narrow = found["description"] < _NARROW_DESCRIPTION
    return _columns(lines, heads, _NARROW, mark) if is_narrow else found


def placed(line: Row, widths: Mapping[str, float]) -> dict[str, object]:
    """How high the line's texts are, 0 where they may break; whether the project stands beside them.

    Apart from that, whether the unit may break: a paragraph of its own costs as much as a cell.
    """
    room_for = widths["description"] / TO_SPARE
    described = width(line["description"], size=TEXT)
    project = width(line["project"] or "", size=SMALL)
    adjustments = line.get("adjustments", ())
    beside = described + _TO_PROJECT + project
    is_beside = beside <= room_for
    below = len(adjustments) + (1 if line["project"] and not is_beside else 0)
    first = beside if line["project"] and is_beside else described
    widest = max(first, project, *(width(each, size=SMALL) for each in adjustments), 0) * MOST_KERNED
    breaks_unit = not _fits(line["unit"], widths["unit"])
    is_known = widest <= widths["description"] and not breaks_unit and below < _MANY
    dates = TEXT * (LEADING + CAPITAL) if line["until"] else 0
    height = TEXT * CAPITAL + max(below * (TEXT * LEADING + SMALL * CAPITAL), dates)
    return {"height": height if is_known else 0, "beside": is_beside, "breaks-unit": breaks_unit}


def figures(text: str) -> float:
    """The width of a text of a row with digits of one width."""
    return room(text, size=TEXT, tabular=True)


def _fits(unit: str, room_for: float) -> bool:
    """Whether a unit surely stands in one line: a word has no place to break."""
    own = width(_NO_BREAK_SPACE + unit, size=TEXT, tabular=True)
    return own * (1 if _ONE_WORD.fullmatch(unit) else MOST_KERNED) <= room_for


def _columns(lines: Sequence[Row], heads: Mapping[str, str], space: Space, mark: float) -> dict[str, float]:
    widest = {name: max(map(figures, _texts(lines, name)), default=0.0) for name in (*heads, "unit")}
    unit = figures(_NO_BREAK_SPACE) + min(widest["unit"], space.unit)
    widest["tax"] = widest.get("tax", 0) + mark
    head = {name: room(text, size=HEAD) for name, text in heads.items()}
    head["quantity"] -= unit  # it stands above both
    taken = {name: max(widest[name], head[name]) + space.gap for name in heads if name != "description"}
    taken["unit"] = unit
    described = {"description": WHOLE - sum(taken.values())}
    return {name: (taken | described)[name] for name in _ORDER if name in taken | described}


def _texts(lines: Sequence[Row], name: str) -> set[str]:
    """What stands in a column, each digit as a nought: of one width, so that few texts differ."""
    return {_DIGIT.sub("0", text) for line in lines for text in _parts(line.get(name))}


def _parts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case {"shown": str(shown), "hidden": str(hidden)}:
            yield shown + hidden
        case {"rate": str(rate)}:
            yield rate
