from decimal import Decimal
from typing import Any

import pytest

from domain.errors import InvalidError
from domain.tax import NOT_SUBJECT, Tax, TaxCategory


def test_a_rate_alone_is_the_standard_category() -> None:
    tax = Tax(rate=Decimal(19))

    assert (tax.category, tax.name, tax.is_charged) == (TaxCategory.STANDARD, "VAT", True)


def test_what_is_not_subject_to_tax_costs_none() -> None:
    assert not NOT_SUBJECT.is_charged


@pytest.mark.parametrize("category", [each for each in TaxCategory if each is not TaxCategory.STANDARD])
def test_only_the_standard_category_has_a_rate(category: TaxCategory) -> None:
    assert not Tax(category=category, reason="Art. 132").is_charged
    with pytest.raises(InvalidError) as refused:
        Tax(category=category, rate=Decimal(19), reason="Art. 132")

    assert [problem.code for problem in refused.value.problems] == ["rate-without-tax"]


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ({}, {"/rate": "no-rate"}),
        ({"rate": Decimal(0)}, {"/rate": "no-rate"}),
        ({"rate": Decimal(-1)}, {"/rate": "out-of-range"}),
        ({"rate": Decimal(101)}, {"/rate": "out-of-range"}),
        ({"rate": Decimal("19.0001")}, {"/rate": "too-precise"}),
        ({"rate": Decimal(19), "name": " "}, {"/name": "empty"}),
        ({"category": TaxCategory.EXEMPT}, {"/reason": "missing"}),
        ({"category": TaxCategory.EXPORT, "reason": "x" * 501}, {"/reason": "too-long"}),
    ],
)
def test_a_tax_that_cannot_be_is_refused(said: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(InvalidError) as refused:
        Tax(**said)

    assert {problem.pointer: problem.code for problem in refused.value.problems} == problems
