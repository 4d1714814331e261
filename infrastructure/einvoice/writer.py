"""Both languages of EN 16931 behind one port."""

from domain.documents import InvoiceDocument
from domain.einvoices import EInvoices, Syntax
from infrastructure.einvoice.cii import cii
from infrastructure.einvoice.ubl import ubl

_WRITERS = {Syntax.CII: cii, Syntax.UBL: ubl}


class XmlEInvoices:
    """Implements `domain.einvoices.EInvoices`."""

    def write(self, *, document: InvoiceDocument, syntax: Syntax) -> bytes:
        return _WRITERS[syntax](document)


_: type[EInvoices] = XmlEInvoices  # the promise, checked by mypy
