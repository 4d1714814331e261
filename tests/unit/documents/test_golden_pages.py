"""How the pages look: as on the pictures in `tests/gallery/golden`, up to what nobody sees."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from infrastructure.documents.renderer import TypstRenderer
from tests.gallery.golden import PAGES, difference, drawn, golden
from tests.gallery.samples import Sample, twelve_lines

MOST_DIFFERENT = 0.0005
"""A letter more is 0.0002 of a page, a row that moved at least ten times as much as this."""


@pytest.mark.parametrize(
    ("sample", "page"), PAGES, ids=[f"{sample.__name__}-{page}" for sample, page in PAGES]
)
def test_a_page_looks_as_it_did(renderer: TypstRenderer, sample: Sample, page: int, tmp_path: Path) -> None:
    now = drawn(renderer, sample, page)

    now.save(tmp_path / "now.png")
    assert difference(Image.open(golden(sample, page)), now) <= MOST_DIFFERENT, f"look at {tmp_path}"


def test_what_a_person_would_see_is_told(renderer: TypstRenderer) -> None:
    page = drawn(renderer, twelve_lines, 1)

    assert difference(page, ImageChops.offset(page, 0, 1)) > MOST_DIFFERENT
    assert difference(page, page.resize((10, 10))) > MOST_DIFFERENT
