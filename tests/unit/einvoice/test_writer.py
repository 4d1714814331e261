"""What an e-invoice says, read back by another library."""

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from domain import money
from domain.documents import Grouping, InvoiceDocument
from domain.einvoices import Syntax, not_carried
from domain.grouping import grouped
from domain.parties import BankDetails, Contact
from domain.small_businesses import small_business_tax
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Terms
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import VAT, a_buyer, a_credit_note, a_line, a_seller, an_invoice

WITH_TAX = Terms(currency="EUR", prices_include_tax=True)
IN_ANOTHER_PROCESS = """
from hashlib import sha256
from domain.einvoices import Syntax
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import an_invoice
for syntax in Syntax:
    print(sha256(XmlEInvoices().write(document=an_invoice(), syntax=syntax)).hexdigest())
"""
# The same term in both languages.
SUMS = {
    "LineTotalAmount": "LegalMonetaryTotal/LineExtensionAmount",
    "TaxBasisTotalAmount": "LegalMonetaryTotal/TaxExclusiveAmount",
    "TaxTotalAmount": "TaxTotal/TaxAmount",
    "GrandTotalAmount": "LegalMonetaryTotal/TaxInclusiveAmount",
    "DuePayableAmount": "LegalMonetaryTotal/PayableAmount",
}


def test_another_process_writes_the_same_bytes() -> None:
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, check=True, text=True
    )

    ours = [written(an_invoice(), syntax) for syntax in Syntax]

    assert other.stdout.split() == [sha256(xml).hexdigest() for xml in ours]


def test_both_languages_say_the_same_sums() -> None:
    document = an_invoice(
        a_line("100.10"),
        terms=Terms(currency="EUR", adjustments=(Adjustment(reason="x", percent=Decimal(3)),)),
    )
    totals = document.totals

    in_cii = {
        name: read(document, Syntax.CII, f"SpecifiedTradeSettlementHeaderMonetarySummation/{name}")
        for name in SUMS
    }
    in_ubl = {name: read(document, Syntax.UBL, place) for name, place in SUMS.items()}

    amounts = (totals.lines, totals.net, totals.tax_amount, totals.gross, totals.payable)
    assert list(in_cii.values()) == [[f"{Decimal(amount) / 100:.2f}"] for amount in amounts]
    assert in_ubl == in_cii


@pytest.mark.parametrize(
    ("document", "cii", "ubl"),
    [
        (an_invoice(), "380", ("InvoiceTypeCode", "380")),
        (a_credit_note(), "381", ("CreditNoteTypeCode", "381")),
    ],
)
def test_an_invoice_and_a_credit_note_are_told_apart(
    document: InvoiceDocument, cii: str, ubl: tuple[str, str]
) -> None:
    place, code = ubl

    assert read(document, Syntax.CII, "ExchangedDocument/TypeCode") == [cii]
    assert read(document, Syntax.UBL, place) == [code]


def test_a_credit_note_names_the_invoice_that_it_corrects() -> None:
    document = a_credit_note()

    assert read(document, Syntax.CII, "InvoiceReferencedDocument/IssuerAssignedID") == ["2026-0041"]
    assert read(document, Syntax.UBL, "InvoiceDocumentReference/ID") == ["2026-0041"]
    assert read(document, Syntax.UBL, "InvoiceDocumentReference/IssueDate") == ["2026-09-30"]


@pytest.mark.parametrize("make", [an_invoice, a_credit_note])
def test_what_the_client_refers_to_is_told(make: Any) -> None:
    document = make(buyer_reference="04011000-06", order_reference="4500012345")

    assert read(document, Syntax.CII, "ApplicableHeaderTradeAgreement/BuyerReference") == ["04011000-06"]
    assert read(document, Syntax.CII, "BuyerOrderReferencedDocument/IssuerAssignedID") == ["4500012345"]
    assert read(document, Syntax.UBL, "BuyerReference") == ["04011000-06"]
    assert read(document, Syntax.UBL, "OrderReference/ID") == ["4500012345"]


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        (None, [["Ada Brandt"], [], ["ada@brandt.example"]]),
        (Contact(telephone="+49 40 123"), [["Ada Brandt"], ["+49 40 123"], ["ada@brandt.example"]]),
        (Contact(name="Nele", email="nele@brandt.example"), [["Nele"], [], ["nele@brandt.example"]]),
    ],
    ids=["nobody else", "a telephone number", "a person"],
)
def test_whom_to_ask_is_the_seller_but_for_what_was_said(
    contact: Contact | None, told: list[list[str]]
) -> None:
    document = an_invoice(seller=a_seller(contact=contact))
    in_cii = (
        "PersonName",
        "TelephoneUniversalCommunication/CompleteNumber",
        "EmailURIUniversalCommunication/URIID",
    )

    assert [read(document, Syntax.CII, f"DefinedTradeContact/{place}") for place in in_cii] == told
    assert [
        read(document, Syntax.UBL, f"Contact/{place}") for place in ("Name", "Telephone", "ElectronicMail")
    ] == told


def test_a_credit_note_says_why() -> None:
    document = a_credit_note(reason="Billed twice")

    assert read(document, Syntax.CII, "ExchangedDocument/IncludedNote/Content") == ["Billed twice"]
    assert read(document, Syntax.UBL, "Note")[0] == "Billed twice"


def test_a_credit_note_asks_for_no_payment() -> None:
    document = a_credit_note()

    assert (
        read(document, Syntax.CII, "IBANID") == read(document, Syntax.UBL, "PayeeFinancialAccount/ID") == []
    )
    assert read(an_invoice(), Syntax.CII, "IBANID") == ["DE02120300000000202051"]


def test_an_account_is_written_as_banks_do_however_it_was_typed() -> None:
    bank = BankDetails(holder="Ada", account_number="de02-1203-0000-0000-2020-51", bank_code="bylade m1001")
    document = replace(an_invoice(), bank=bank)

    assert read(document, Syntax.CII, "IBANID") == ["DE02120300000000202051"]
    assert read(document, Syntax.CII, "BICID") == ["BYLADEM1001"]
    assert read(document, Syntax.UBL, "FinancialInstitutionBranch/ID") == ["BYLADEM1001"]


def test_nothing_asks_for_a_payment_where_nothing_is_to_be_paid() -> None:
    document = an_invoice(a_line("80"), terms=Terms(currency="EUR", prepaid=95_20))

    assert read(document, Syntax.CII, "IBANID") == []


@given(
    amount=st.decimals(min_value="0.01", max_value=10_000, places=2),
    quantity=st.decimals(min_value="0.0001", max_value=5_000, places=4),
)
@settings(max_examples=50)
def test_where_prices_include_tax_the_net_price_gives_the_net_amount(
    amount: Decimal, quantity: Decimal
) -> None:
    document = an_invoice(a_line(quantity=quantity, unit_price=amount), terms=WITH_TAX)
    (line,) = document.lines

    (price,) = read(document, Syntax.UBL, "Price/PriceAmount")

    assert money.amount(quantity, Decimal(price), currency="EUR") == line.net


def test_a_net_price_has_no_more_digits_than_it_needs() -> None:
    third = a_line(quantity=Decimal(3), unit_price=Decimal("39.6667"))
    document = an_invoice(a_line("119.00"), third, terms=WITH_TAX)

    assert read(document, Syntax.CII, "NetPriceProductTradePrice/ChargeAmount") == ["100", "33.333"]


def test_where_prices_include_tax_what_is_taken_off_is_net_too() -> None:
    rebate = Adjustment(reason="Rebate", percent=Decimal(10))
    document = an_invoice(a_line("119.00", adjust=(rebate,)), terms=WITH_TAX)

    found = [
        read(document, Syntax.CII, f"SpecifiedLineTradeSettlement//{name}")
        for name in ("CalculationPercent", "BasisAmount", "ActualAmount", "LineTotalAmount")
    ]

    assert found == [["10"], ["100.00"], ["10.00"], ["90.00"]]


def test_a_percentage_that_does_not_give_the_amount_is_left_out() -> None:
    """Without the tax, the cent of 0.15 is one of 0.13, of which 3.5 percent are none."""
    rebate = Adjustment(reason="Rebate", percent=Decimal("3.5"))
    document = an_invoice(a_line("0.15", adjust=(rebate,)), terms=WITH_TAX)

    found = [
        read(document, Syntax.UBL, f"InvoiceLine/AllowanceCharge/{name}")
        for name in ("MultiplierFactorNumeric", "Amount", "BaseAmount")
    ]

    assert found == [[], ["0.01"], []]


def test_late_work_says_its_day_in_a_note() -> None:
    """Its day is outside of the invoice's period, where a period of the line must not be."""
    late, in_time = a_line(date=dt.date(2026, 8, 3)), a_line(date=dt.date(2026, 10, 31))
    document = an_invoice(late, in_time)

    assert read(document, Syntax.UBL, "InvoiceLine/Note") == ["3 Aug 2026"]
    assert read(document, Syntax.UBL, "InvoiceLine/InvoicePeriod/StartDate") == ["2026-10-31"]


def test_the_first_line_of_a_text_is_its_name() -> None:
    document = an_invoice(a_line(description="Workshop\nFirst day\nSecond day"))

    assert read(document, Syntax.UBL, "Item/Name") == ["Workshop"]
    assert read(document, Syntax.UBL, "Item/Description") == ["Workshop\nFirst day\nSecond day"]
    assert read(an_invoice(a_line(description="Workshop")), Syntax.UBL, "Item/Description") == []


def test_a_unit_that_no_list_knows_is_counted_in_ones_and_named() -> None:
    document = an_invoice(a_line(unit="storyboard", project=None))

    (quantity,) = found(document, Syntax.UBL, "InvoicedQuantity")
    assert quantity.get("unitCode") == "C62"
    assert read(document, Syntax.UBL, "AdditionalItemProperty/Value") == ["storyboard"]
    assert read(an_invoice(a_line(project=None)), Syntax.UBL, "AdditionalItemProperty/Value") == []


@pytest.mark.parametrize("syntax", Syntax)
def test_texts_come_back_as_they_were_but_for_what_xml_cannot_hold(syntax: Syntax) -> None:
    document = an_invoice(
        a_line(description='\x00<b> & "\u202egnp\ufffe]]>'), seller=a_seller(name="株式会社 😀")
    )

    names = {
        each.text
        for each in etree.fromstring(written(document, syntax)).iter("{*}Name", "{*}RegistrationName")
    }

    assert {'<b> & "gnp]]>', "株式会社 😀"} <= names


def test_where_nothing_is_subject_to_tax_no_vat_number_stands_but_the_seller_is_known() -> None:
    document = an_invoice(a_line(tax=NOT_SUBJECT))

    assert read(document, Syntax.CII, "SellerTradeParty/ID") == ["DE123456789"]
    assert [each.get("schemeID") for each in found(document, Syntax.CII, "SpecifiedTaxRegistration/ID")] == [
        "FC"
    ]
    assert read(an_invoice(), Syntax.CII, "SellerTradeParty/ID") == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("fr 40 303 265 045", "FR40303265045"),
        ("BE 0428.759.497", "BE0428759497"),
        ("GR 094259216", "EL094259216"),
        ("NL 0044.95.445-B01", "NL004495445B01"),
    ],
)
def test_a_vat_number_is_written_without_what_stands_between(typed: str, written: str) -> None:
    document = replace(
        an_invoice(a_line(tax=Tax(category=TaxCategory.REVERSE_CHARGE))), buyer=a_buyer(tax_id=typed)
    )

    assert not_carried(document) == ()
    assert written in read(document, Syntax.CII, "SpecifiedTaxRegistration/ID")


@pytest.mark.parametrize(
    ("tax", "reason"),
    [
        (VAT, []),
        (replace(VAT, reason="of no use"), []),
        (Tax(category=TaxCategory.REVERSE_CHARGE), ["Reverse charge: the customer is liable for the VAT."]),
        (Tax(category=TaxCategory.REVERSE_CHARGE, reason="§ 13b UStG"), ["Reverse charge: § 13b UStG"]),
    ],
)
def test_why_there_is_no_tax_is_said_where_there_is_none(tax: Tax, reason: list[str]) -> None:
    assert read(an_invoice(a_line(tax=tax)), Syntax.CII, "ExemptionReason") == reason


def test_why_there_is_no_tax_is_said_in_the_language_of_the_client() -> None:
    document = an_invoice(a_line(tax=Tax(category=TaxCategory.REVERSE_CHARGE)), language="de")

    (reason,) = read(document, Syntax.UBL, "TaxSubtotal/TaxCategory/TaxExemptionReason")

    assert reason.startswith("Steuerschuldnerschaft des Leistungsempfängers")


@pytest.mark.parametrize(("country", "code"), [("FR", ["VATEX-FR-FRANCHISE"]), ("DE", [])])
def test_a_small_business_in_france_says_so_by_a_code(country: str, code: list[str]) -> None:
    document = an_invoice(a_line(tax=small_business_tax(country)))

    assert read(document, Syntax.CII, "ExemptionReasonCode") == code


def test_a_line_of_several_days_has_all_of_them_as_its_period() -> None:
    document = an_invoice(a_line(until=dt.date(2026, 10, 9)))

    assert read(document, Syntax.UBL, "InvoiceLine/InvoicePeriod/EndDate") == ["2026-10-09"]


def test_a_line_of_several_days_that_began_too_early_says_them_in_a_note() -> None:
    document = an_invoice(a_line(date=dt.date(2026, 9, 30), until=dt.date(2026, 10, 9)))

    assert read(document, Syntax.UBL, "InvoiceLine/Note") == ["30 Sep 2026 – 9 Oct 2026"]


def test_what_grouping_rounded_is_called_so_in_the_language_of_the_client() -> None:
    third = a_line(quantity=Decimal("0.3333"), unit_price=Decimal(1))
    lines = grouped([third] * 3, Grouping.PROJECT, currency="EUR")
    document = an_invoice(*lines, language="de")

    assert read(document, Syntax.UBL, "InvoiceLine/AllowanceCharge/AllowanceChargeReason") == ["Rundung"]


def written(document: InvoiceDocument, syntax: Syntax) -> bytes:
    return XmlEInvoices().write(document=document, syntax=syntax)


def found(document: InvoiceDocument, syntax: Syntax, place: str) -> list[etree._Element]:
    """The elements at *place*, whatever their namespaces."""
    path = "".join(f"/*[local-name()='{name}']" if name else "/" for name in place.split("/")).replace(
        "///", "//"
    )
    elements = etree.fromstring(written(document, syntax)).xpath(f"/{path}")
    assert isinstance(elements, list)
    return [each for each in elements if isinstance(each, etree._Element)]


def read(document: InvoiceDocument, syntax: Syntax, place: str) -> list[str]:
    return [each.text or "" for each in found(document, syntax, place)]
