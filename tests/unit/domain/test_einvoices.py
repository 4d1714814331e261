"""What an e-invoice cannot carry."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.documents import InvoiceDocument
from domain.einvoices import not_carried
from domain.money import DIGITS
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Terms
from tests.documents import a_seller
from tests.einvoices import CATEGORIES, VAT, a_buyer, a_line, an_invoice, off_by

DINARS = Terms(currency="KWD")
IVA = replace(VAT, name="IVA")
GOODS = Tax(category=TaxCategory.INTRA_COMMUNITY)
REVERSED = Tax(category=TaxCategory.REVERSE_CHARGE)
EXPORTED = Tax(category=TaxCategory.EXPORT)


def codes(document: InvoiceDocument) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in not_carried(document)]


@pytest.mark.parametrize("tax", CATEGORIES, ids=lambda tax: tax.category.name)
def test_an_invoice_with_all_that_the_norm_wants_is_carried(tax: Tax) -> None:
    assert not_carried(an_invoice(a_line(tax=tax))) == ()


@pytest.mark.parametrize("currency", sorted(DIGITS))
def test_a_currency_is_carried_if_it_has_two_decimal_places_at_most(currency: str) -> None:
    document = an_invoice(a_line(currency=currency), terms=Terms(currency=currency))

    assert codes(document) == ([("/currency", "too-many-digits")] if DIGITS[currency] > 2 else [])


def test_it_is_told_what_is_wrong_and_by_which_rule() -> None:
    (problem,) = not_carried(an_invoice(a_line(currency="KWD"), terms=DINARS))

    assert problem.message == ("KWD has 3 decimal places; amounts of an e-invoice have at most 2 (BR-DEC)")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    document = an_invoice(a_line(currency="KWD"), terms=DINARS, seller=a_seller(tax_id=None))

    assert codes(document) == [("/currency", "too-many-digits"), ("/seller/tax_id", "missing")]


def test_what_is_not_subject_to_tax_stands_alone() -> None:
    document = an_invoice(a_line(tax=NOT_SUBJECT), a_line(tax=VAT))

    assert codes(document) == [("/totals/subtotals", "not-subject-among-others")]


def test_one_rate_of_two_names_is_carried_where_their_taxes_are_that_of_the_sum() -> None:
    assert codes(an_invoice(a_line("100"), a_line("100", tax=IVA))) == []


def test_one_rate_of_two_names_is_not_carried_where_each_was_rounded_up() -> None:
    document = an_invoice(a_line("0.03"), a_line("0.03", tax=IVA))

    assert document.totals.tax_amount == 2
    assert codes(document) == [("/totals/subtotals", "one-rate-several-names")]


def test_a_credit_note_of_what_is_left_is_carried_with_the_cents_that_are_left() -> None:
    assert codes(off_by(-99)) == codes(off_by(99)) == []


def test_a_credit_note_whose_tax_is_a_whole_unit_off_is_not_carried() -> None:
    (problem,) = not_carried(off_by(100))

    assert problem.code == "tax-differs"
    assert problem.message == "tax of 19% is a whole EUR off that of the net amount (BR-CO-17)"


def test_a_yen_too_much_is_a_whole_unit() -> None:
    line = a_line("1000", currency="JPY")

    assert codes(off_by(1, line, terms=Terms(currency="JPY"))) == [("/totals/subtotals", "tax-differs")]


def test_one_rate_written_in_two_ways_is_one() -> None:
    other = replace(VAT, rate=Decimal("19.00"))

    assert codes(an_invoice(a_line("0.03"), a_line("0.03", tax=other))) == []


@pytest.mark.parametrize("tax", [GOODS, EXPORTED])
def test_goods_that_leave_need_the_vat_number_of_the_seller(tax: Tax) -> None:
    document = an_invoice(a_line(tax=tax), seller=a_seller(tax_id="12/345/67890"))

    assert codes(document) == [("/seller/tax_id", "no-vat-number")]


@pytest.mark.parametrize("tax", [GOODS, REVERSED])
@pytest.mark.parametrize("tax_id", [None, "12-3456789"])
def test_where_the_client_owes_the_tax_its_vat_number_is_needed(tax: Tax, tax_id: str | None) -> None:
    document = replace(an_invoice(a_line(tax=tax)), buyer=a_buyer(tax_id=tax_id))

    assert codes(document) == [("/buyer/tax_id", "no-vat-number")]


def test_else_a_client_needs_no_number() -> None:
    assert codes(replace(an_invoice(), buyer=a_buyer(tax_id=None))) == []


def test_an_invoice_of_no_lines_is_not_carried() -> None:
    assert ("/lines", "missing") in codes(replace(an_invoice(), lines=()))
