import pytest

from domain.errors import InvalidError
from domain.parties import EU, Address
from domain.small_businesses import small_business_tax
from domain.tax import Tax, TaxCategory
from tests.builders import BERLIN, TOKYO, some_account_details
from tests.unit.domain.test_issue_invoice import VAT


def test_a_small_business_says_why_it_charges_no_tax_in_the_words_of_its_country() -> None:
    assert small_business_tax("DE") == Tax(
        category=TaxCategory.EXEMPT, reason="Steuerfrei nach der Kleinunternehmerregelung (§ 19 UStG)"
    )
    assert small_business_tax("FR").reason == "TVA non applicable, art. 293 B du CGI"


@pytest.mark.parametrize("country", sorted(EU))
def test_each_member_state_has_a_reason(country: str) -> None:
    assert small_business_tax(country).reason


def test_where_no_words_are_known_the_directive_is_named() -> None:
    assert "2006/112/EC" in str(small_business_tax("IE").reason)


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ({"address": TOKYO}, [("/small_business", "no-such-scheme")]),
        ({"address": BERLIN, "tax": VAT}, [("/tax", "both")]),
    ],
)
def test_what_contradicts_a_small_business_is_refused(
    said: dict[str, Address | Tax], problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidError) as refused:
        some_account_details(small_business=True, **said)

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == problems


def test_the_country_may_be_told_later() -> None:
    assert some_account_details(small_business=True, address=None).small_business
