"""Pages as pictures: drawn by Typst itself, so that nothing of this machine shows in them."""

import json
from io import BytesIO

from PIL import Image

from domain.documents import InvoiceDocument
from infrastructure.documents.printed import printed
from infrastructure.documents.renderer import _TEMPLATE, TypstRenderer


def pictures(renderer: TypstRenderer, document: InvoiceDocument, *, dots_per_inch: int) -> list[Image.Image]:
    """Each page."""
    said = {"invoice": json.dumps(printed(document), ensure_ascii=False)}
    found = renderer._compiler.compile(input=_TEMPLATE, format="png", ppi=dots_per_inch, sys_inputs=said)
    pages = found if isinstance(found, list) else [found]
    return [Image.open(BytesIO(page or b"")).convert("RGB") for page in pages]
