"""Pages as pictures: drawn by Typst itself, so that nothing of this machine shows in them."""

from io import BytesIO

from PIL import Image

from domain.documents import InvoiceDocument
from infrastructure.documents.renderer import TypstRenderer, source


def pictures(renderer: TypstRenderer, document: InvoiceDocument, *, dots_per_inch: int) -> list[Image.Image]:
    """Each page."""
    found = renderer._compiler.compile(input=source(document), format="png", ppi=dots_per_inch)
    pages = found if isinstance(found, list) else [found]
    return [Image.open(BytesIO(page or b"")).convert("RGB") for page in pages]
