"""The pages that must go on looking as they do, each as a small picture.

To change how they look: `make documents ARGS=--golden`, look at what `git diff` says has changed, and commit.
"""

from pathlib import Path

from PIL import Image, ImageChops

from infrastructure.documents.renderer import TypstRenderer
from tests.gallery import samples
from tests.gallery.pictures import pictures
from tests.gallery.samples import Sample

FOLDER = Path(__file__).parent / "golden"
PAGES: tuple[tuple[Sample, int], ...] = (
    (samples.twelve_lines, 1),
    (samples.every_category, 2),
    (samples.allowances, 1),
    (samples.by_project, 1),
    (samples.by_project, 2),
    (samples.credit_note_in_polish, 1),
    (samples.references, 1),
    (samples.long_names, 1),
    (samples.right_to_left, 1),
    (samples.japanese, 1),
)
"""Samples, and which of their pages."""

_DOTS_PER_INCH = 50
_SEEN = 48
"""Of 255: a grey that is nearer to the golden one does not count as different."""


def drawn(renderer: TypstRenderer, sample: Sample, page: int) -> Image.Image:
    return pictures(renderer, sample(), dots_per_inch=_DOTS_PER_INCH)[page - 1].convert("L")


def golden(sample: Sample, page: int) -> Path:
    """Where that page is kept."""
    return FOLDER / f"{sample.__name__}-{page}.png"


def difference(before: Image.Image, after: Image.Image) -> float:
    """The share of the points that differ visibly; 1 where the pages are not even of one size."""
    if before.size != after.size:
        return 1
    greys = ImageChops.difference(before, after).histogram()
    return sum(greys[_SEEN:]) / sum(greys)
