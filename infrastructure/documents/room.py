"""What has its place on the page for certain, so that Typst need not look for it: by the widths of the font.

The sizes are those of the templates. Where a width cannot be known, or a text is long, Typst finds the place.
"""

import re
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from infrastructure.documents.columns import LEADING, MILLIMETRE, SMALL, TEXT, TO_SPARE, WHOLE, figures
from infrastructure.documents.metrics import CAPITAL, room, width

Texts = Mapping[str, Any]

# Letters with marks of their own, and scripts that compose theirs; others need no feature of a font for it.
_COMPOSED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0530-\u1dff\u20d0-\u20ff\u3099\u309a\ufb00-\ufe7f\U00010000-\U0010ffff]"
)
_LEFT, _RIGHT, _SENTENCE = 85 * MILLIMETRE, 72 * MILLIMETRE, 125 * MILLIMETRE
_NAME, _SENDER, _RETURN, _BUYER = 15, 8, 6.5, 10
_BOLD = 1.08  # as much wider than regular letters
_MOST_DETAILS, _MOST_LINES, _MOST_FACTS = 9, 5, 6  # in the fields of a letter's head
_TO_VALUE, _GAP = 4 * MILLIMETRE, 5 * MILLIMETRE
_AROUND_SUMS, _BETWEEN_SUMS, _AROUND_TOTAL = 5.2 * MILLIMETRE, 2 * MILLIMETRE, 10.8 * MILLIMETRE
_TOTAL, _BELOW_NOTES, _BELOW_SENTENCE = 11, 4.5 * MILLIMETRE, 4 * MILLIMETRE
_CODE = 29 * MILLIMETRE
_MORE_THAN_ENOUGH = 2 * MILLIMETRE


def places(texts: Texts) -> dict[str, object]:
    """What the template must know beside the texts; widths and heights in points."""
    facts, bank = [*texts["facts"], *texts["buyer"]["details"]], texts["bank"]
    widths = {"facts": _labels(facts) + _TO_VALUE, "bank": _labels(bank) + _GAP}
    return {
        "label-widths": widths,
        "is-compact": _is_compact(texts, facts, widths["facts"]),
        "amounts": _amounts(texts),
        "has-short-sums": _fit((label for label, _ in texts["sums"]), TEXT, WHOLE - _amounts(texts)),
        "below-lines": _below_lines(texts, widths["bank"]),
        "features": {} if _COMPOSED.search(str(texts)) else {"ccmp": 0},
    }


def _labels(entries: Iterable[list[str]]) -> float:
    return max((room(label, size=TEXT) for label, _ in entries), default=0.0) * TO_SPARE


def _is_compact(texts: Texts, facts: list[list[str]], labels: float) -> bool:
    """Whether each line of the letter's head is one on paper, and all stand in their fields."""
    seller, buyer = texts["seller"], texts["buyer"]
    details = [*seller["address"], *(" ".join(entry) for entry in seller["details"])]
    return (
        len(details) <= _MOST_DETAILS
        and len(buyer["address"]) <= _MOST_LINES
        and len(facts) <= _MOST_FACTS
        and _fit([seller["name"]], _NAME * _BOLD, _LEFT)
        and _fit(details, _SENDER, _RIGHT)
        and _fit([texts["return-address"]], _RETURN, _LEFT)
        and _fit([buyer["name"], *buyer["address"]], _BUYER, _LEFT)
        and _fit((value for _, value in facts), TEXT, _RIGHT - labels)
    )


def _below_lines(texts: Texts, labels: float) -> float:
    """As much at most is taken by the sums, the total, the notes and how to pay."""
    beside_amounts = WHOLE - _amounts(texts)
    heights = [_high(label, TEXT, beside_amounts) - LEADING * TEXT for label, _ in texts["sums"]]
    sums = sum(heights) + _BETWEEN_SUMS * max(len(heights) - 1, 0) + _AROUND_SUMS
    notes = sum(_high(note, SMALL, _SENTENCE) for note in texts["notes"]) + _BELOW_NOTES
    account = sum(_high(value, TEXT, _SENTENCE - labels) + 0.05 * TEXT for _, value in texts["bank"])
    sentence = _high(texts["payment"], TEXT, _SENTENCE) + _BELOW_SENTENCE
    paid = max(sentence + account, _CODE if texts["code"] else 0)
    total = _TOTAL * CAPITAL + _AROUND_TOTAL
    return sums + total + (notes if texts["notes"] else 0) + paid + _MORE_THAN_ENOUGH


def _amounts(texts: Texts) -> float:
    """The column of the sums: that of the lines' amounts, or wider."""
    return max(float(texts["widths"][-1]), *(figures(amount) + _GAP for _, amount in texts["sums"]), 0)


def _high(text: str, size: float, available: float) -> float:
    """As high at most; hardly a line of words is filled by less than two thirds."""
    taken = [room(line, size=size) * TO_SPARE / available for line in text.split("\n")]
    return sum(1 if lines <= 1 else ceil(lines * 1.5) for lines in taken) * size * (CAPITAL + LEADING)


def _fit(texts: Iterable[str], size: float, available: float) -> bool:
    return all(width(text, size=size) * TO_SPARE <= available for text in texts)
