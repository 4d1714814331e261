"""How wide a text is: what the file of widths says against what Typst lays out."""

import json
from math import inf, isclose
from pathlib import Path
from random import Random

import pytest
import typst

from infrastructure.documents import renderer
from infrastructure.documents.columns import TO_SPARE
from infrastructure.documents.metrics import MOST_KERNED, room, width

FONTS = str(Path(renderer.__file__).parent / "fonts")
MEASURED = """
#let texts = json(bytes(sys.inputs.texts))
#set text(font: ("Inter", "Noto Sans CJK JP"), fallback: false, size: 9pt, number-width: sys.inputs.digits)
#context [#metadata(texts.map(each => measure(each).width.pt())) <widths>]
"""
SENTENCE = "Überarbeitung der Formulare: Zustände, erty rt ty Łódź (Wrocław) – naïve Œuvre Привет №"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüßéèçłńśźżąęŁŚŻœ"


@pytest.mark.parametrize("digits", ["tabular", "proportional"])
def test_digits_separators_and_signs_are_as_wide_as_they_are_said_to_be(digits: str, tmp_path: Path) -> None:
    texts = ["1.234,56", "−99,999.9999", "31.12.2026", "0.0000", "19\u00a0%", "12"]

    found = [width(text, size=9, tabular=digits == "tabular") for text in texts]

    tolerance = 0.005 if digits == "tabular" else 0.06  # proportional digits are kerned
    assert all(
        isclose(mine, theirs, rel_tol=tolerance)
        for mine, theirs in zip(found, laid_out(texts, tmp_path, digits), strict=True)
    )


def test_no_text_is_wider_than_what_is_kept_free_for_it(tmp_path: Path) -> None:
    random = Random(20261126)  # noqa: S311 - texts, no secrets
    sentences = [" ".join(random.choices(SENTENCE.split(), k=8)) for _ in range(200)]
    names = ["".join(random.choices(LETTERS, k=40)) for _ in range(200)]
    snakes = ["_".join(random.choices(["join", "list", "item", "to", "lt"], k=8)) for _ in range(50)]
    texts = [*sentences, *names, *snakes, "小説の翻訳（第一章）" * 3]

    widths = laid_out(texts, tmp_path)

    assert [
        text for text, theirs in zip(texts, widths, strict=True) if width(text, size=9) * TO_SPARE < theirs
    ] == []


def test_not_even_letters_that_kerning_keeps_apart_are_wider_than_what_is_allowed_for(tmp_path: Path) -> None:
    texts = [letter * 20 for code in range(0x21, 0x530) if (letter := chr(code)).isprintable()]
    texts += ["tv" * 10, "ďt" * 10, "łt" * 10, "7W" * 10, "_j" * 10]

    widths = laid_out(texts, tmp_path)

    assert [
        text for text, theirs in zip(texts, widths, strict=True) if width(text, size=9) * MOST_KERNED < theirs
    ] == []


@pytest.mark.parametrize("text", ["مرحبا", "🚀", "line\nbreak", "ไทย", "naïve"])
def test_what_another_font_prints_has_no_known_width(text: str) -> None:
    assert width(text, size=9) == inf
    assert room(text, size=9) == len(text) * 9


def laid_out(texts: list[str], folder: Path, digits: str = "proportional") -> list[float]:
    (folder / "measured.typ").write_text(MEASURED)
    said = typst.query(
        str(folder / "measured.typ"),
        "<widths>",
        field="value",
        one=True,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"texts": json.dumps(texts), "digits": digits},
    )
    widths: list[float] = json.loads(said)
    return widths
