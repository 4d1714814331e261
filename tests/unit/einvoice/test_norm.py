"""Whatever can be on an invoice, its e-invoice is right by the norm's own schemas and rules."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import money
from domain.documents import DocumentLine, Grouping, InvoiceDocument
from domain.einvoices import Syntax, not_carried
from domain.grouping import grouped
from domain.parties import COUNTRIES, Address, BankDetails, Contact
from domain.small_businesses import small_business_tax
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Terms
from infrastructure.einvoice import terms
from infrastructure.einvoice.writer import XmlEInvoices
from tests.einvoices import (
    CATEGORIES,
    REDUCED,
    a_buyer,
    a_credit_note,
    a_line,
    a_seller,
    an_invoice,
    codes,
    off_by,
    wrong_by_the_norm,
)

pytestmark = pytest.mark.xdist_group("the norm")  # one process compiles the rules, once

EUR = Terms(currency="EUR")
REBATE = Adjustment(reason="Rebate", percent=Decimal("2.5"))
VOUCHER = Adjustment(reason="Voucher", amount=Decimal("5.55"))
TRAVEL = Adjustment(reason="Travel", amount=Decimal(40), is_charge=True)
SURCHARGE = Adjustment(reason="At night", percent=Decimal(25), is_charge=True)
ADJUSTED = (a_line("99.99", adjust=(REBATE, TRAVEL)), a_line("33.33", tax=REDUCED, adjust=(SURCHARGE,)))
SELLER = Address(street="Markt 1", city="Wien", country="AT", postal_code="1010", extra_line="Stiege 2")
CASES = {
    "several rates": an_invoice(
        a_line("100.10"), a_line("50.05", tax=REDUCED), a_line("1", tax=CATEGORIES[1])
    ),
    "allowances and charges": an_invoice(
        *ADJUSTED, terms=replace(EUR, adjustments=(REBATE, VOUCHER, TRAVEL))
    ),
    "prices with the tax in them": an_invoice(
        *ADJUSTED, a_line("0.01"), terms=replace(EUR, adjustments=(REBATE, TRAVEL), prices_include_tax=True)
    ),
    "prepaid": an_invoice(a_line("80"), terms=replace(EUR, prepaid=30_00)),
    "all of it prepaid": an_invoice(a_line("80"), terms=replace(EUR, prepaid=95_20)),
    "rounded": an_invoice(a_line("80.01"), terms=Terms(currency="CHF", round_to=5)),
    "nothing to pay": an_invoice(a_line(unit_price=Decimal(0))),
    "more taken off than it costs": an_invoice(a_line("2", adjust=(VOUCHER,))),
    "a currency without decimals": an_invoice(a_line("500", currency="JPY"), terms=Terms(currency="JPY")),
    "one line a day": an_invoice(
        *grouped(
            [a_line(quantity=Decimal("0.3333"), unit_price=Decimal(1))] * 3, Grouping.DAY, currency="EUR"
        )
    ),
    "a small business in France": an_invoice(a_line(tax=small_business_tax("FR"))),
    "late work": an_invoice(a_line(date=dt.date(2026, 8, 3))),
    "references and a contact": an_invoice(
        buyer_reference="04011000-1234512345-06",
        order_reference="PO <1> & 2",
        seller=a_seller(contact=Contact(name="Nele", telephone="+49 40 123", email="nele@brandt.example")),
    ),
    "a credit note with references": a_credit_note(buyer_reference="04011000", order_reference="4500012345"),
    "a credit note of what is left, with more tax": off_by(99),
    "a credit note of what is left, with less tax": off_by(-99),
    "a credit note of what is left, in yen": off_by(
        -1, a_line("5", currency="JPY"), terms=Terms(currency="JPY")
    ),
    "a reason": a_credit_note(reason="Billed twice: <b>1 & 2</b>"),
    "several paragraphs": an_invoice(a_line(description="Workshop\n\nFirst day\nSecond day")),
    "a unit that no list knows": an_invoice(a_line(unit="storyboard", project=None)),
    "a quantity of four digits": an_invoice(
        a_line(quantity=Decimal("0.0833"), unit_price=Decimal("95.1234"))
    ),
    "an account that is no IBAN": an_invoice(
        bank=BankDetails(holder="Ada", account_number="12345-678", bank_code="021000021", bank_name="Bank")
    ),
    "no account": an_invoice(bank=None),
    "two reasons for one exemption": an_invoice(
        *(a_line(tax=Tax(category=TaxCategory.EXEMPT, reason=reason)) for reason in ("Teaching", "Medicine"))
    ),
    "a tax number that is none for VAT": an_invoice(seller=a_seller(tax_id="12/345/67890")),
    "not subject, and a VAT number": an_invoice(a_line(tax=NOT_SUBJECT)),
    "a client without numbers": replace(an_invoice(), buyer=a_buyer(tax_id=None, email=None)),
    "a client with a number of another kind": replace(an_invoice(), buyer=a_buyer(tax_id="12-3456789")),
    "a client in Kosovo": replace(
        an_invoice(), buyer=a_buyer(address=Address(street="Rr. B", city="Prishtina", country="XK"))
    ),
    "an address of all parts": an_invoice(seller=a_seller(address=SELLER)),
    "texts of a stranger": an_invoice(
        a_line(description="<b>\x00\x1b & \u202egnp.\ufffe]]>", project='"' * 3),
        seller=a_seller(name="株式会社 <script> مرحبا 😀"),
    ),
}


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("case", CASES)
def test_whatever_can_be_on_an_invoice_is_right(case: str, syntax: Syntax) -> None:
    assert wrong(CASES[case], syntax) == []


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("make", [an_invoice, a_credit_note])
@pytest.mark.parametrize("tax", CATEGORIES, ids=lambda tax: tax.category.name)
def test_each_category_of_tax_is_right(tax: Tax, make: Any, syntax: Syntax) -> None:
    assert wrong(make(a_line(tax=tax), terms=replace(EUR, adjustments=(REBATE, TRAVEL))), syntax) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({terms.country(Address(street="1", city="X", country=code)) for code in COUNTRIES}, 7),
        (set(money.DIGITS), 24),
        (set(terms._UNITS.values()) | {terms._ONE}, 8),
        ({code for code, _ in terms._EXEMPTIONS.values()} | {terms._FRANCHISE}, 26),
    ],
    ids=["countries", "currencies", "units", "exemptions"],
)
def test_every_code_is_one_of_the_norm(ours: set[str], theirs: int) -> None:
    assert ours <= codes(theirs)


amounts = st.decimals(min_value=0, max_value=10_000, places=4)
adjustments = st.lists(st.sampled_from([REBATE, VOUCHER, TRAVEL, SURCHARGE]), max_size=2).map(tuple)
lines = st.builds(
    a_line,
    adjust=adjustments,
    tax=st.sampled_from([each for each in CATEGORIES if each != NOT_SUBJECT] + [REDUCED]),
    quantity=st.decimals(min_value="0.0001", max_value=1000, places=4),
    unit_price=amounts,
    unit=st.sampled_from(["hour", "page", "storyboard"]),
    date=st.dates(dt.date(2026, 7, 1), dt.date(2026, 10, 31)),
)
several_terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    adjustments=adjustments,
    prices_include_tax=st.booleans(),
    round_to=st.sampled_from([1, 5, 100]),
    prepaid=st.integers(0, 50_00),
)


@given(
    entries=st.lists(lines, min_size=1, max_size=8),
    terms=several_terms,
    make=st.sampled_from([an_invoice, a_credit_note]),
    syntax=st.sampled_from(Syntax),
)
@settings(max_examples=50)
def test_any_invoice_is_right(entries: list[DocumentLine], terms: Terms, make: Any, syntax: Syntax) -> None:
    assert wrong(make(*entries, terms=terms), syntax) == []


@pytest.mark.parametrize(
    ("part", "other", "rule"),
    [
        (b"31.59</ram:CalculatedAmount>", b"32.59</ram:CalculatedAmount>", "BR-CO-14"),
        (b"<ram:LineTotalAmount>166.25", b"<ram:LineTotalAmount>166.26", "BR-CO-10"),
        (b'unitCode="HUR"', b'unitCode="hour"', "unitCode"),
        (b"<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>", b"", "InvoiceCurrencyCode"),
    ],
)
def test_the_rules_find_what_is_wrong(part: bytes, other: bytes, rule: str) -> None:
    xml = XmlEInvoices().write(document=an_invoice(), syntax=Syntax.CII)
    assert part in xml

    assert any(rule in found for found in wrong_by_the_norm(xml.replace(part, other, 1)))


def wrong(document: InvoiceDocument, syntax: Syntax) -> list[str]:
    assert not_carried(document) == ()
    return wrong_by_the_norm(XmlEInvoices().write(document=document, syntax=syntax))
