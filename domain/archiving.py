"""Keep the documents of an invoice: each is made once, stored once, and always served from there.

printed document ──▶ CII, UBL ──▶ stored ──▶ PDF, with the stored CII in it ──▶ stored
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from domain.documents import InvoiceDocument, Renderer
from domain.einvoices import EInvoices, Syntax, not_carried
from domain.errors import Problem, WillNeverWorkError


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Where a document is stored, and the SHA-256 of its bytes."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """All documents of an invoice. Where it has no e-invoice, `not_carried` says why."""

    pdf: Document
    cii: Document | None = None
    ubl: Document | None = None
    not_carried: tuple[Problem, ...] = ()


class Archive(Protocol):
    """Keeps documents for ever: what is stored first stays."""

    def put(self, *, key: str, content: bytes) -> None:
        """Store *content*, unless there is something under *key* already."""
        ...

    def get(self, *, key: str) -> bytes:
        """Raise `NotFoundError` where there is nothing."""
        ...

    def url(self, *, key: str, filename: str) -> str:
        """An address from which anybody who has it can fetch the document for a few minutes."""
        ...


class DocumentDiffersError(WillNeverWorkError):
    """What is stored is not what was recorded when it was made; nobody gets it as the document."""

    code = "document-differs"


def fetched(document: Document, *, archive: Archive) -> bytes:
    """The document as it was made.

    Raises:
        NotFoundError: it is gone.
        DocumentDiffersError: these are other bytes.
    """
    content = archive.get(key=document.key)
    if sha256(content).hexdigest() != document.sha256:
        raise DocumentDiffersError(f"{document.key} is not the document that was stored: its hash differs")
    return content


def address_of(document: Document, *, archive: Archive, filename: str) -> str:
    """From where anybody can fetch the document for a few minutes; it is looked at before it is told.

    Raises:
        NotFoundError: it is gone.
        DocumentDiffersError: there are other bytes.
    """
    fetched(document, archive=archive)
    return archive.url(key=document.key, filename=filename)


def keep_documents(
    document: InvoiceDocument, *, under: str, archive: Archive, renderer: Renderer, einvoices: EInvoices
) -> tuple[Documents, bytes]:
    """Make and store all documents under keys that begin with *under*; with the bytes of the PDF.

    What an earlier run has stored stays, and is what the PDF holds, whichever version of the code made it.
    """
    cii = ubl = content = None
    problems = not_carried(document)
    if not problems:
        ubl, _ = _kept(archive, f"{under}.ubl.xml", einvoices.write(document=document, syntax=Syntax.UBL))
        cii, content = _kept(
            archive, f"{under}.cii.xml", einvoices.write(document=document, syntax=Syntax.CII)
        )
    pdf, printed = _kept(archive, f"{under}.pdf", renderer.render(document=document, cii=content))
    return Documents(pdf=pdf, cii=cii, ubl=ubl, not_carried=problems), printed


def _kept(archive: Archive, key: str, content: bytes) -> tuple[Document, bytes]:
    archive.put(key=key, content=content)
    stored = archive.get(key=key)
    return Document(key=key, sha256=sha256(stored).hexdigest()), stored
