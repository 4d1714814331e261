"""The e-invoice inside of the PDF, as another program finds it."""

import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from facturx import get_level, get_xml_from_pdf
from lxml import etree
from pypdf import PdfReader

from domain.einvoices import Syntax
from infrastructure.documents.factur_x import declared
from infrastructure.documents.renderer import TypstRenderer
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import a_credit_note, a_line, a_seller, an_invoice

# What looks like the parts of the file that are searched for, in a text that goes into its XML.
IMITATION = (
    "9 0 obj\n<</Length 1/Type/Metadata/Subtype/XML>>\nstream\ntrailer\n<</Size 1>>\nstartxref\n1\n%%EOF"
)
IN_ANOTHER_PROCESS = """
from hashlib import sha256
from domain.einvoices import Syntax
from infrastructure.documents.renderer import TypstRenderer
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import an_invoice
cii = XmlEInvoices().write(document=an_invoice(), syntax=Syntax.CII)
print(sha256(TypstRenderer().render(document=an_invoice(), cii=cii)).hexdigest())
"""
DOCUMENTS = {
    "an invoice": an_invoice(),
    "a credit note": a_credit_note(),
    "many lines": an_invoice(*(a_line(str(number)) for number in range(1, 61))),
    "texts of a stranger": an_invoice(
        a_line(description=IMITATION),
        seller=a_seller(name="</rdf:RDF> 株式会社 </rdf:Bag></pdfaExtension:schemas>"),
    ),
}


@pytest.fixture(scope="module")
def pdf(renderer: TypstRenderer) -> bytes:
    return with_its_e_invoice(renderer, "an invoice")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_another_program_finds_the_same_bytes_in_it(renderer: TypstRenderer, name: str) -> None:
    filename, found = get_xml_from_pdf(with_its_e_invoice(renderer, name), check_xsd=True)

    assert (filename, found) == ("factur-x.xml", cii(name))
    assert get_level(etree.fromstring(found)) == "en16931"


def test_another_process_makes_the_same_bytes(pdf: bytes) -> None:
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, check=True, text=True
    )

    assert other.stdout.strip() == sha256(pdf).hexdigest()


def test_the_pdf_itself_stays_byte_for_byte(renderer: TypstRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.documents.renderer.declared", lambda pdf: pdf)
    before = with_its_e_invoice(renderer, "an invoice")

    after = declared(before)

    assert after.startswith(before)
    assert declared(before) == after


def test_it_says_of_itself_that_it_is_factur_x(pdf: bytes) -> None:
    metadata = catalog(pdf)["/Metadata"].get_data()
    ours = {
        etree.QName(each).localname: each.text
        for each in etree.fromstring(metadata).iter("{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}*")
    }

    assert ours == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }


def test_its_e_invoice_is_another_form_of_the_same(pdf: bytes) -> None:
    (attached,) = catalog(pdf)["/AF"]

    found = attached.get_object()
    assert (found["/F"], found["/AFRelationship"]) == ("factur-x.xml", "/Alternative")
    assert found["/EF"]["/F"]["/Subtype"] == "/text/xml"


def test_without_an_e_invoice_it_says_nothing_of_one(renderer: TypstRenderer) -> None:
    pdf = renderer.render(document=an_invoice())

    assert b"factur-x" not in pdf
    assert "/AF" not in catalog(pdf)


@pytest.mark.parametrize(
    "part", [b"/Type/Metadata/Subtype/XML", b"</rdf:Bag></pdfaExtension:schemas>", b"startxref"]
)
def test_a_file_that_is_laid_out_in_another_way_is_refused(
    renderer: TypstRenderer, monkeypatch: pytest.MonkeyPatch, part: bytes
) -> None:
    monkeypatch.setattr("infrastructure.documents.renderer.declared", lambda pdf: pdf)
    other = with_its_e_invoice(renderer, "an invoice").replace(part, b"/" * len(part))

    with pytest.raises(ValueError, match="not laid out as Typst lays"):
        declared(other)


def catalog(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf), strict=True).trailer["/Root"]


def with_its_e_invoice(renderer: TypstRenderer, name: str) -> bytes:
    return renderer.render(document=DOCUMENTS[name], cii=cii(name))


def cii(name: str) -> bytes:
    return XmlEInvoices().write(document=DOCUMENTS[name], syntax=Syntax.CII)
