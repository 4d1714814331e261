"""What XRechnung 3.0 wants of an invoice beyond EN 16931, as far as it is a matter of what there is.

The German rules come with no package that this project has; here stand those by which most invoices are
refused, under their names in the standard. What is promised is EN 16931: its own rules are in `test_norm.py`.
"""

from dataclasses import replace

import pytest
from lxml import etree

from domain.documents import InvoiceDocument
from domain.einvoices import Syntax
from domain.parties import Contact
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Terms
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import a_buyer, a_credit_note, a_line, a_seller, an_invoice

CONTACT = Contact(telephone="+49 40 123456")
SELLER, REFERENCE = a_seller(contact=CONTACT), "04011000-1234512345-06"
CASES = {
    "an invoice": an_invoice(seller=SELLER, buyer_reference=REFERENCE),
    "no account": an_invoice(seller=SELLER, buyer_reference=REFERENCE, bank=None),
    "nothing to pay": an_invoice(
        a_line("80"), seller=SELLER, buyer_reference=REFERENCE, terms=Terms(currency="EUR", prepaid=95_20)
    ),
    "a credit note": a_credit_note(seller=SELLER, buyer_reference=REFERENCE),
    "not subject to tax": an_invoice(a_line(tax=NOT_SUBJECT), seller=SELLER, buyer_reference=REFERENCE),
    "another member state": an_invoice(
        a_line(tax=Tax(category=TaxCategory.INTRA_COMMUNITY)), seller=SELLER, buyer_reference=REFERENCE
    ),
}
# What has to be there, in CII and in UBL.
RULES = {
    "BR-DE-1": ("SpecifiedTradeSettlementPaymentMeans/TypeCode", "PaymentMeans/PaymentMeansCode"),
    "BR-DE-3": ("SellerTradeParty/PostalTradeAddress/CityName", "AccountingSupplierParty//CityName"),
    "BR-DE-4": ("SellerTradeParty/PostalTradeAddress/PostcodeCode", "AccountingSupplierParty//PostalZone"),
    "BR-DE-5": ("SellerTradeParty//PersonName", "AccountingSupplierParty//Contact/Name"),
    "BR-DE-6": ("SellerTradeParty//CompleteNumber", "AccountingSupplierParty//Contact/Telephone"),
    "BR-DE-7": (
        "SellerTradeParty/DefinedTradeContact/EmailURIUniversalCommunication/URIID",
        "AccountingSupplierParty//Contact/ElectronicMail",
    ),
    "BR-DE-8": ("BuyerTradeParty/PostalTradeAddress/CityName", "AccountingCustomerParty//CityName"),
    "BR-DE-9": ("BuyerTradeParty/PostalTradeAddress/PostcodeCode", "AccountingCustomerParty//PostalZone"),
    "BR-DE-15": ("BuyerReference", "BuyerReference"),
    "BR-DE-16": (
        "SellerTradeParty/SpecifiedTaxRegistration/ID",
        "AccountingSupplierParty//PartyTaxScheme/CompanyID",
    ),
    "PEPPOL-EN16931-R010": (
        "BuyerTradeParty/URIUniversalCommunication/URIID",
        "AccountingCustomerParty//EndpointID",
    ),
    "PEPPOL-EN16931-R020": (
        "SellerTradeParty/URIUniversalCommunication/URIID",
        "AccountingSupplierParty//EndpointID",
    ),
}
# What has to be in each of these, where there are any.
PARTS = {
    "BR-DE-10": (
        ("ShipToTradeParty/PostalTradeAddress", "CityName"),
        ("DeliveryLocation/Address", "CityName"),
    ),
    "BR-DE-11": (
        ("ShipToTradeParty/PostalTradeAddress", "PostcodeCode"),
        ("DeliveryLocation/Address", "PostalZone"),
    ),
    "BR-DE-14": (
        ("ApplicableHeaderTradeSettlement/ApplicableTradeTax", "RateApplicablePercent"),
        ("TaxSubtotal/TaxCategory", "Percent"),
    ),
}


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("case", CASES)
def test_who_gives_all_that_can_be_given_has_what_xrechnung_wants(case: str, syntax: Syntax) -> None:
    assert broken(CASES[case], syntax) == []


@pytest.mark.parametrize("syntax", Syntax)
def test_without_a_telephone_number_a_reference_and_postal_codes_it_is_not_enough(syntax: Syntax) -> None:
    seller = a_seller(address=replace(SELLER.address, postal_code=None))
    bare = an_invoice(seller=seller)
    bare = replace(bare, buyer=a_buyer(address=replace(bare.buyer.address, postal_code=None)))

    assert broken(bare, syntax) == ["BR-DE-4", "BR-DE-6", "BR-DE-9", "BR-DE-15"]


def broken(document: InvoiceDocument, syntax: Syntax) -> list[str]:
    """The names of the rules that it breaks."""
    root = etree.fromstring(XmlEInvoices().write(document=document, syntax=syntax))
    place = list(Syntax).index(syntax)
    absent = [rule for rule, paths in RULES.items() if not _found(root, paths[place])]
    partly = [
        rule
        for rule, paths in PARTS.items()
        if not all(_found(part, paths[place][1]) for part in _found(root, paths[place][0]))
    ]
    return absent + partly


def _found(root: etree._Element, place: str) -> list[etree._Element]:
    """The elements at *place*, whatever their namespaces."""
    path = "/".join(f"{{*}}{name}" if name else name for name in place.split("/"))
    return list(root.iterfind(f".//{path}"))
