"""What stands below the lines: that a reader can follow it from the lines to what is to be paid."""

from decimal import Decimal
from typing import Any

import pytest

from domain.documents import InvoiceDocument
from domain.parties import LANGUAGES
from domain.tax import Tax, TaxCategory
from domain.totals import Adjustment, Applied, Terms
from infrastructure.documents.language import speak
from infrastructure.documents.rows import rows
from infrastructure.documents.sums import sums
from tests.documents import a_credit_note, a_line, an_invoice

VAT_19, VAT_7 = Tax(rate=Decimal(19)), Tax(rate=Decimal(7))
ZERO_RATED = Tax(category=TaxCategory.ZERO_RATED)
REVERSE_CHARGE = Tax(category=TaxCategory.REVERSE_CHARGE)
EXEMPT = Tax(category=TaxCategory.EXEMPT, reason="§ 19 UStG")
HUNDRED: dict[str, Any] = {"quantity": Decimal(1), "unit_price": Decimal(100)}
LOYALTY = Adjustment(reason="Loyalty", percent=Decimal(10))
FREIGHT = Adjustment(reason="Freight", amount=Decimal("4.50"), is_charge=True)


def with_taxes(*taxes: Tax, terms: Terms | None = None, language: str = "en") -> InvoiceDocument:
    """An invoice over a hundred euros for each of the taxes."""
    lines = tuple(a_line(tax=tax, **HUNDRED) for tax in taxes)
    return an_invoice(lines=lines, terms=terms, language=language)


def summed(document: InvoiceDocument) -> list[str]:
    found = sums(document, speak(document.language))
    rows_, total = found["sums"], found["total"]
    assert isinstance(rows_, list)
    assert isinstance(total, list)
    return [" = ".join(row).replace("\u00a0", " ") for row in [*rows_, total]]


def notes(document: InvoiceDocument) -> object:
    return sums(document, speak(document.language))["notes"]


def test_each_rate_has_its_net_amount_and_its_tax() -> None:
    assert summed(with_taxes(VAT_19, VAT_7, VAT_19)) == [
        "Net amount = 300.00",
        "VAT 19% on 200.00 = 38.00",
        "VAT 7% on 100.00 = 7.00",
        "Total = EUR 345.00",
    ]


def test_a_tax_that_is_not_charged_has_a_row_beside_others_and_a_mark_at_its_reason() -> None:
    document = with_taxes(VAT_19, EXEMPT, REVERSE_CHARGE)

    assert summed(document)[1:-1] == [
        "VAT 19% on 100.00 = 19.00",
        "Exempt on 100.00 ¹ = 0.00",
        "Reverse charge on 100.00 ² = 0.00",
    ]
    assert notes(document) == [
        "¹ § 19 UStG",
        "² Reverse charge: the customer is liable for the VAT.",
    ]


def test_alone_it_only_says_why() -> None:
    document = with_taxes(EXEMPT, EXEMPT)

    assert summed(document) == ["Total = EUR 200.00"]
    assert notes(document) == ["§ 19 UStG"]


def test_a_rate_of_zero_is_said_like_any_other_rate() -> None:
    assert summed(with_taxes(ZERO_RATED, ZERO_RATED)) == [
        "Net amount = 200.00",
        "VAT 0% on 200.00 = 0.00",
        "Total = EUR 200.00",
    ]


@pytest.mark.parametrize("tax", [VAT_19, ZERO_RATED])
def test_a_rate_needs_no_reason(tax: Tax) -> None:
    assert notes(with_taxes(tax)) == []


@pytest.mark.parametrize(
    ("category", "language", "said"),
    [
        (TaxCategory.REVERSE_CHARGE, "de", "Steuerschuldnerschaft des Leistungsempfängers"),
        (TaxCategory.REVERSE_CHARGE, "fr", "Autoliquidation"),
        (TaxCategory.REVERSE_CHARGE, "pl", "Odwrotne obciążenie"),
        (TaxCategory.INTRA_COMMUNITY, "en", "Article 138"),
        (TaxCategory.EXPORT, "en", "Article 146"),
        (TaxCategory.NOT_SUBJECT, "fr", "Non soumis à la TVA."),
    ],
)
def test_a_reason_is_in_the_words_of_the_law_and_of_the_language(
    category: TaxCategory, language: str, said: str
) -> None:
    assert said in str(notes(with_taxes(Tax(category=category), language=language)))


def test_a_reverse_charge_is_called_one_whatever_else_is_said_of_it() -> None:
    reasons = ["Article 44", "reverse charge, Article 44"]

    taxes = [Tax(category=TaxCategory.REVERSE_CHARGE, reason=reason) for reason in reasons]

    assert [notes(with_taxes(tax)) for tax in taxes] == [
        ["Reverse charge: Article 44"],
        ["reverse charge, Article 44"],
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "category", sorted(set(TaxCategory) - {TaxCategory.STANDARD, TaxCategory.ZERO_RATED})
)
def test_every_language_has_words_for_every_category_that_has_no_rate(
    category: TaxCategory, language: str
) -> None:
    tax = Tax(category=category, reason="because")

    assert speak(language).categories[category] in summed(with_taxes(tax, VAT_19, language=language))[2]


def test_a_tax_that_nobody_named_is_called_what_the_language_calls_it() -> None:
    assert "TVA 19 % sur 100,00 = 19,00" in summed(with_taxes(VAT_19, language="fr"))


def test_allowances_and_charges_lead_from_the_lines_to_the_net_amount() -> None:
    terms = Terms(currency="EUR", adjustments=(LOYALTY, FREIGHT))

    assert summed(with_taxes(VAT_19, terms=terms)) == [
        "Subtotal = 100.00",
        "Loyalty, 10% of 100.00 = −10.00",
        "Freight = 4.50",
        "Net amount = 94.50",
        "VAT 19% on 94.50 = 17.96",
        "Total = EUR 112.46",
    ]


def test_the_parts_of_one_allowance_stand_together() -> None:
    terms = Terms(currency="EUR", adjustments=(FREIGHT, LOYALTY))

    labels = [row.partition(" = ")[0] for row in summed(with_taxes(VAT_19, VAT_7, terms=terms))[1:4]]

    assert labels == ["Freight", "Loyalty, 10% of 100.00", "Loyalty, 10% of 100.00"]


def test_what_was_paid_before_and_what_is_rounded_lead_from_the_gross_amount_to_what_is_due() -> None:
    terms = Terms(currency="EUR", prepaid=50_00, round_to=5)

    assert summed(with_taxes(Tax(rate=Decimal("7.77")), terms=terms))[2:] == [
        "Total with tax = 107.77",
        "Already paid = −50.00",
        "Rounding = −0.02",
        "Amount due = EUR 57.75",
    ]


def test_prices_that_include_the_tax_are_said_to() -> None:
    document = with_taxes(VAT_19, terms=Terms(currency="EUR", prices_include_tax=True))

    assert summed(document) == ["Net amount = 84.03", "VAT 19% on 84.03 = 15.97", "Total = EUR 100.00"]
    assert notes(document) == ["Prices and amounts of the lines include the tax."]


def test_where_prices_include_the_tax_the_subtotal_is_said_to_be_without() -> None:
    terms = Terms(currency="EUR", prices_include_tax=True, adjustments=(FREIGHT,))

    assert summed(with_taxes(VAT_19, terms=terms))[0] == "Subtotal without tax = 84.04"


def test_where_no_tax_is_charged_nothing_is_said_to_be_with_tax() -> None:
    terms = Terms(currency="EUR", prepaid=50_00)

    assert summed(with_taxes(REVERSE_CHARGE, terms=terms))[0] == "Total = 100.00"


def test_what_it_comes_to_is_not_called_what_is_to_be_paid() -> None:
    terms = Terms(currency="EUR", prepaid=50_00)

    labels = [row.partition(" = ")[0] for row in summed(with_taxes(EXEMPT, terms=terms, language="fr"))]

    assert labels == ["Total", "Déjà payé", "Net à payer"]


def test_a_credit_note_says_what_is_credited() -> None:
    assert summed(a_credit_note())[-1] == "Amount credited = EUR 498.75"


def test_each_line_shows_its_rate_only_where_there_are_several() -> None:
    alike = rows(with_taxes(VAT_19), speak("en"))["lines"]
    mixed = rows(with_taxes(VAT_19, EXEMPT, Tax(category=TaxCategory.NOT_SUBJECT)), speak("en"))["lines"]

    assert isinstance(alike, list)
    assert isinstance(mixed, list)
    assert [line["tax"] for line in alike] == [None]
    assert [line["tax"]["rate"] + line["tax"]["mark"] for line in mixed] == ["19%", "0%\u00a0¹", "–\u00a0²"]


@pytest.mark.parametrize(
    ("names", "head"),
    [
        (("MwSt.", "MwSt."), "MwSt."),
        (("VAT", "VAT"), "USt."),
        (("MwSt.", "USt."), "USt."),
        (("Mehrwertsteuer", "Mehrwertsteuer"), "USt."),
    ],
)
def test_the_column_of_rates_is_called_as_the_tax_is_where_that_has_one_short_name(
    names: tuple[str, str], head: str
) -> None:
    taxes = [Tax(rate=Decimal(rate), name=name) for rate, name in zip((19, 7), names, strict=True)]

    heads = rows(with_taxes(*taxes, EXEMPT, language="de"), speak("de"))["heads"]

    assert isinstance(heads, dict)
    assert heads["tax"] == head


def test_a_line_shows_its_own_allowances_and_charges() -> None:
    applied = (
        Applied(reason="Loyalty", amount=10_00, percent=Decimal(10), base=100_00),
        Applied(reason="Express", amount=5_00, is_charge=True),
    )
    document = an_invoice(lines=(a_line(adjustments=applied, **HUNDRED),))

    found = rows(document, speak("en"))["lines"]

    assert isinstance(found, list)
    assert found[0]["adjustments"] == ["Loyalty, 10% of 100.00: −10.00", "Express: 5.00"]
