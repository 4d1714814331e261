"""Invoices as PDF/A-3b by Typst: the data go in as JSON, so that no text can become markup.

Nothing comes from the clock, the system's fonts or the network: the same invoice gives the same bytes.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from domain.documents import InvoiceDocument, Renderer
from infrastructure.documents.factur_x import declared
from infrastructure.documents.printed import printed

if TYPE_CHECKING:
    from typst import Compiler

_FOLDER = Path(__file__).parent
_BLANK = b""
# The data stand in a raw text: inputs would make Typst read all templates anew for each document.
_DOCUMENT = '#import "invoice.typ": paper\n#paper(json(bytes(``` {data}```.text)))\n'

# Typst remembers its last ten documents, 70 MB for 600 lines; as many blank ones push them out.
_LINES_REMEMBERED = 500
_DOCUMENTS_REMEMBERED = 12


class TypstRenderer:
    """Implements `domain.documents.Renderer`."""

    def __init__(self) -> None:
        self._lines_rendered = 0

    def render(self, *, document: InvoiceDocument, cii: bytes | None = None) -> bytes:
        pdf = self._compile(source(document, cii=cii))
        self._lines_rendered += len(document.lines) + len(document.timesheet)
        if self._lines_rendered > _LINES_REMEMBERED:
            self._forget()
        return declared(pdf) if cii else pdf

    def _forget(self) -> None:
        for _ in range(_DOCUMENTS_REMEMBERED):
            self._compile(_BLANK)
        self._lines_rendered = 0

    def _compile(self, document: bytes) -> bytes:
        return cast("bytes", self._compiler.compile(input=document, format="pdf", pdf_standards="a-3b"))

    @cached_property
    def _compiler(self) -> "Compiler":
        """Made at the first invoice: it takes 30 ms, and most processes render none."""
        from typst import Compiler, Fonts  # noqa: PLC0415 - as it says

        fonts = Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FOLDER / "fonts")]
        )
        return Compiler(root=str(_FOLDER), font_paths=fonts, ignore_system_fonts=True)


def source(document: InvoiceDocument, *, cii: bytes | None = None) -> bytes:
    """The document as Typst reads it. JSON in ASCII has no character that could end the raw text but one."""
    said = printed(document) | ({"cii": cii.decode()} if cii else {})
    return _DOCUMENT.format(data=json.dumps(said).replace("`", "\\u0060")).encode()


_: type[Renderer] = TypstRenderer
