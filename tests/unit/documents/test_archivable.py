"""PDF/A-3b, by veraPDF: what an archive has to keep readable for ever."""

import pytest

from domain.documents import InvoiceDocument
from domain.einvoices import Syntax
from domain.parties import LANGUAGES
from infrastructure.documents import factur_x, printed
from infrastructure.documents.renderer import TypstRenderer
from infrastructure.einvoice.writer import XmlEInvoices
from tests import verapdf
from tests.einvoices import a_credit_note, a_line, a_seller, an_invoice

pytestmark = [
    pytest.mark.xdist_group("veraPDF"),  # one process asks it, once
    pytest.mark.skipif(not verapdf.is_here(), reason="veraPDF needs a JDK; on Debian: default-jdk-headless"),
]

STRANGE = an_invoice(
    a_line(description="디자인 작업 · مرحبا · שלום · 😀 \x00\ue000", project="<script>"),
    seller=a_seller(name="株式会社みどり </rdf:RDF> & Söhne"),
)
DOCUMENTS = {
    **{f"an invoice in {language}": an_invoice(language=language) for language in LANGUAGES},
    "a credit note": a_credit_note(),
    "several pages": an_invoice(*(a_line(str(number)) for number in range(1, 61))),
    "texts of strangers": STRANGE,
}


@pytest.fixture(scope="module")
def broken(renderer: TypstRenderer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The rules that each document breaks; one is among them that breaks some on purpose."""
    pdfs = {name: with_its_e_invoice(renderer, document) for name, document in DOCUMENTS.items()}
    pdfs["no e-invoice"] = renderer.render(document=an_invoice())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factur_x, "_SCHEMA", "")
        pdfs["words that nothing explains"] = with_its_e_invoice(renderer, an_invoice())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printed, "MOST_TAGGED", 0)
        pdfs["rows without tags"] = with_its_e_invoice(renderer, an_invoice())
    return verapdf.broken_rules(pdfs, tmp_path_factory.mktemp("pdfs"))


@pytest.mark.parametrize("name", [*DOCUMENTS, "no e-invoice", "rows without tags"])
def test_every_document_can_be_archived(broken: dict[str, list[str]], name: str) -> None:
    assert broken[name] == []


def test_what_cannot_is_found(broken: dict[str, list[str]]) -> None:
    """Words of Factur-X in the metadata, without what they mean: ISO 19005-3, 6.6.2.3."""
    found = broken["words that nothing explains"]

    assert found
    assert {rule.split()[0] for rule in found} == {"6.6.2.3.1"}


def with_its_e_invoice(renderer: TypstRenderer, document: InvoiceDocument) -> bytes:
    cii = XmlEInvoices().write(document=document, syntax=Syntax.CII)
    return renderer.render(document=document, cii=cii)
