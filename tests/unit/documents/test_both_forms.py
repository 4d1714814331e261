"""A person who reads the PDF and a program that reads its XML learn the same."""

import shutil
import subprocess
from decimal import Decimal
from typing import Any

import pytest
from facturx import get_xml_from_pdf
from lxml import etree

from domain.documents import InvoiceDocument
from domain.einvoices import Syntax
from domain.parties import Contact
from domain.totals import Adjustment, Terms
from infrastructure.documents.renderer import TypstRenderer
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import REDUCED, a_credit_note, a_line, a_seller, an_invoice

pytestmark = pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")

REBATE = Adjustment(reason="Rebate", percent=Decimal("2.5"))
TERMS = Terms(currency="EUR", adjustments=(REBATE,), prepaid=100_00)
LINES = a_line("1234.50"), a_line("99.99", adjust=(REBATE,)), a_line("50.05", tax=REDUCED)
REFERRED: dict[str, Any] = {
    "buyer_reference": "04011000-12345-06",
    "order_reference": "4500012345",
    "seller": a_seller(contact=Contact(name="Nele Brandt", telephone="+49 40 123", email="n@brandt.example")),
}
TEXTS = (
    *("ID", "Name", "IssuerAssignedID", "Reason", "Content"),
    *("BuyerReference", "PersonName", "CompleteNumber"),
)
AMOUNTS = "LineTotalAmount", "ActualAmount", "CalculatedAmount", "DuePayableAmount", "TotalPrepaidAmount"


@pytest.mark.parametrize(
    "document",
    [an_invoice(*LINES, terms=TERMS, **REFERRED), a_credit_note(*LINES, reason="Billed twice", **REFERRED)],
    ids=["an invoice", "a credit note"],
)
def test_every_number_and_name_of_the_e_invoice_is_printed(
    renderer: TypstRenderer, document: InvoiceDocument
) -> None:
    pdf = renderer.render(document=document, cii=XmlEInvoices().write(document=document, syntax=Syntax.CII))
    _, xml = get_xml_from_pdf(pdf, check_xsd=False)

    printed = (
        subprocess.run(
            ["pdftotext", "-", "-"],  # noqa: S607 - wherever it is
            input=pdf,
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .replace("\n", " ")
    )

    said = {each.text for each in etree.fromstring(xml).iter(*(f"{{*}}{name}" for name in TEXTS))}
    amounts = {each.text for each in etree.fromstring(xml).iter(*(f"{{*}}{name}" for name in AMOUNTS))}
    amounts.discard("0.00")  # nothing of it
    assert len(amounts) > 5
    assert [f"{Decimal(each):,.2f}" for each in amounts if f"{Decimal(each):,.2f}" not in printed] == []
    assert [each for each in said - {"urn:cen.eu:en16931:2017"} if each not in printed] == []
