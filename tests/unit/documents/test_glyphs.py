"""Whatever somebody types can be printed, and what is printed has a glyph."""

import json
import unicodedata
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typst import Compiler, Fonts

from infrastructure.documents.glyphs import Family, families, printable
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import a_buyer, a_line, an_invoice

FONTS = Path(__file__).parents[3] / "infrastructure" / "documents" / "fonts"
SPECIMEN = b"""
#set page(width: 200cm, height: auto)
#set text(font: json(bytes(sys.inputs.fonts)), fallback: false)
#for line in json(bytes(sys.inputs.lines)) { block(line) }
"""

SAMPLES = {
    "Latin": "Zażółć gęślą jaźń, Ærøskøbing, Đặng Thị Hồng, Ẹ̀kọ́ Yorùbá, Ħal-Għargħur",
    "Greek": "Ελληνική Εταιρεία, Ἀθῆναι",
    "Cyrillic": "Общество «Заря» № 1, Їжак, Ђорђе",
    "Armenian": "Հայաստան",
    "Georgian": "საქართველო",
    "Hebrew": "חברת שָׁלוֹם בע״מ",
    "Arabic": "شركة النُّور للتجارة ١٢٣، فارسی گچپژ، اردو ٹڈ",
    "Devanagari": "हिन्दी में किया गया काम — श्रृंखला",
    "Bengali": "বাংলা কাজ",
    "Tamil": "தமிழ் வேலை",
    "Thai": "บริษัท กรุงเทพ จำกัด",
    "Lao": "ພາສາລາວ",
    "Khmer": "ភាសាខ្មែរ",
    "Myanmar": "မြန်မာဘာသာ",
    "Tibetan": "བོད་སྐད་",
    "Amharic": "አማርኛ",
    "Japanese": "株式会社みどり、𠮷野家・カタカナ ｶﾞ",
    "Chinese": "简体中文，繁體中文。",
    "Korean": "한국어 작업",
    "symbols": "€ £ ¥ ₹ ₿ № ™ → ⇒ ✓ ★ ☎ ½ ² ‰ ∑ ≠",
    "emoji": "🎉 👩🏽‍💻 👨‍👩‍👧 🇩🇪 ❤️ 1️⃣",
}


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_every_living_script_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("a\tb\x07c", "a b c", id="controls are spaces"),
        pytest.param("a\nb", "a\nb", id="a line break stays"),
        pytest.param("a\u2028b", "a b", id="Unicode's own line breaks are spaces"),
        pytest.param("EUR \u202e0001\u202c", "EUR 0001", id="the direction cannot be overridden"),
        pytest.param("葛\U000e0100城", "葛城", id="an unknown variant is the usual form"),
        pytest.param("a\U000f0000\ue000\U00012000b", "a���b", id="private and dead scripts"),
        pytest.param("\ud800", "�", id="half a character"),
        pytest.param("ठ\u0323", "ठ", id="a mark that no font has with its letter"),
        pytest.param("🎉\u200da", "🎉a", id="a joiner with nothing to join"),
        pytest.param(" \u200d\u0301", " \u200d\u0301", id="a mark on its own"),
    ],
)
def test_what_has_no_glyph_is_replaced_by_a_rule(typed: str, printed: str) -> None:
    assert printable(typed) == printed


def test_every_text_of_a_tree_is_made_printable_and_all_else_is_kept() -> None:
    tree = {"texts": ["a\tb", None, 1], "more": {"text": "\x00"}}

    assert printable(tree) == {"texts": ["a b", None, 1], "more": {"text": " "}}


def test_the_list_of_families_is_that_of_the_fonts() -> None:
    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])

    assert sorted(family.name for family in families()) == sorted(set(fonts.families()))


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_a_family_has_every_character_that_its_list_says(family: Family, show: Callable[..., None]) -> None:
    points = chain.from_iterable(range(first, last + 1) for first, last in zip(*family[1:], strict=True))
    characters = [character for character in map(chr, points) if unicodedata.category(character) != "Co"]
    marks = [character for character in characters if unicodedata.category(character).startswith("M")]
    others = [character for character in characters if not unicodedata.category(character).startswith("M")]

    show(
        [*marks, *("\n".join(others[start : start + 200]) for start in range(0, len(others), 200))],
        [family.name],
    )


@given(st.lists(st.text(max_size=60), min_size=5, max_size=5))
@example(["\ufb5c\u0314\u200d", "\u05b8\U0001f5e7\u0349", ".\u06e9\U0001f575\u032b", "1ef9\u0317", "ӵ\u0325"])
def test_any_text_can_be_printed(texts: list[str]) -> None:
    number, name, description, project, unit = texts
    lines = (a_line(description=description, project=project, unit=unit),)

    pdf = RENDERER.render(document=an_invoice(number=number, buyer=a_buyer(name=name), lines=lines))

    assert pdf.startswith(b"%PDF-1.7")


RENDERER = TypstRenderer()


@pytest.fixture(scope="module")
def show() -> Callable[..., None]:
    """Typeset lines in some families as PDF/A, which fails where a glyph is missing."""
    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    compiler = Compiler(SPECIMEN, font_paths=fonts, ignore_system_fonts=True)

    def show(lines: list[str], families: list[str]) -> None:
        inputs = {"lines": json.dumps(lines), "fonts": json.dumps(families)}
        compiler.compile(input=SPECIMEN, format="pdf", pdf_standards="a-3b", sys_inputs=inputs, timestamp=0)

    return show
