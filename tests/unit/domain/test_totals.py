"""What an invoice comes to, held against the rules of EN 16931 by their numbers."""

from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidError
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Applied, Charged, Subtotal, Terms, Totals, add_up, net_amounts

VAT_19, VAT_7, VAT_25 = (Tax(rate=Decimal(rate)) for rate in (19, 7, 25))
ZERO = Tax(category=TaxCategory.ZERO_RATED)
EUR = Terms(currency="EUR")

taxes = st.sampled_from([VAT_19, VAT_7, VAT_25, Tax(rate=Decimal("5.5")), ZERO])
amounts = st.integers(-(10**9), 10**9)
lines = st.lists(st.builds(Charged, amount=amounts, tax=taxes), min_size=1, max_size=30)
fees = st.decimals(0, 500, places=2)
percents = st.decimals(0, 100, places=2)
adjustments = st.lists(
    st.one_of(
        st.builds(Adjustment, reason=st.just("Loyalty"), percent=percents, is_charge=st.booleans()),
        st.builds(
            Adjustment,
            reason=st.just("Freight"),
            amount=st.decimals(0, 500, places=2),
            is_charge=st.booleans(),
        ),
    ),
    max_size=3,
).map(tuple)
terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    adjustments=adjustments,
    prices_include_tax=st.booleans(),
    round_to=st.sampled_from([1, 5, 100]),
    prepaid=st.integers(0, 10**6),
)


def half_up(value: Fraction) -> int:
    return int((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def assert_that_it_adds_up(totals: Totals, nets: list[tuple[int, Tax]]) -> None:
    """BR-CO-10 to BR-CO-17, and BR-S-08, from the lines' net amounts up."""
    by_tax: Counter[Tax] = Counter()
    for net, tax in nets:
        by_tax[tax] += net
    for each in totals.adjustments:
        assert each.tax is not None
        by_tax[each.tax] += each.amount if each.is_charge else -each.amount
    assert totals.lines == sum(net for net, _ in nets)
    assert totals.net == totals.lines - totals.allowances + totals.charges
    assert {part.tax: part.net for part in totals.subtotals} == dict(by_tax)
    for part in totals.subtotals:
        assert part.tax_amount == half_up(Fraction(part.net) * Fraction(part.tax.rate) / 100)
    assert totals.tax_amount == sum(part.tax_amount for part in totals.subtotals)
    assert totals.gross == totals.net + totals.tax_amount
    assert totals.payable == totals.gross - totals.prepaid + totals.rounding


@given(lines, terms)
def test_any_lines_add_up_as_the_norm_says(lines: list[Charged], terms: Terms) -> None:
    totals = add_up(lines, terms)

    nets = net_amounts(lines, totals, prices_include_tax=terms.prices_include_tax)
    assert_that_it_adds_up(totals, [(net, line.tax) for net, line in zip(nets, lines, strict=True)])
    assert totals.payable % terms.round_to == 0


@given(lines, terms)
def test_the_opposite_of_all_lines_is_the_exact_mirror(lines: list[Charged], terms: Terms) -> None:
    terms = replace(
        terms, prepaid=0, adjustments=tuple(each for each in terms.adjustments if each.percent is not None)
    )

    totals = add_up(lines, terms)
    mirror = add_up([replace(line, amount=-line.amount) for line in lines], terms)

    names = ("lines", "net", "tax_amount", "gross", "rounding", "payable")
    assert [getattr(mirror, name) for name in names] == [-getattr(totals, name) for name in names]


@given(lines)
def test_what_includes_the_tax_comes_to_what_its_lines_say(lines: list[Charged]) -> None:
    totals = add_up(lines, Terms(currency="EUR", prices_include_tax=True))

    assert totals.payable == sum(line.amount for line in lines)
    assert abs(totals.rounding) <= len(totals.subtotals)


def test_tax_is_rounded_once_per_rate_and_not_per_line() -> None:
    totals = add_up([Charged(amount=99_99, tax=VAT_25)] * 3, EUR)

    assert (totals.tax_amount, totals.gross) == (74_99, 374_96)


def test_each_rate_has_its_own_subtotal_the_highest_first() -> None:
    totals = add_up([Charged(amount=100, tax=tax) for tax in (ZERO, VAT_7, VAT_19, VAT_7)], EUR)

    assert totals.subtotals == (
        Subtotal(tax=VAT_19, net=100, tax_amount=19),
        Subtotal(tax=VAT_7, net=200, tax_amount=14),
        Subtotal(tax=ZERO, net=100, tax_amount=0),
    )


def test_an_allowance_in_percent_is_taken_off_each_rate() -> None:
    loyalty = Adjustment(reason="Loyalty", percent=Decimal(10))

    totals = add_up(
        [Charged(amount=100_05, tax=VAT_19), Charged(amount=50_00, tax=VAT_7)],
        Terms(currency="EUR", adjustments=(loyalty,)),
    )

    assert totals.adjustments == (
        Applied(reason="Loyalty", amount=10_01, percent=Decimal(10), base=100_05, tax=VAT_19),
        Applied(reason="Loyalty", amount=5_00, percent=Decimal(10), base=50_00, tax=VAT_7),
    )
    assert [each.net for each in totals.subtotals] == [90_04, 45_00]


def test_a_charge_of_an_amount_is_put_on_the_rate_with_most_of_the_work() -> None:
    express = Adjustment(reason="Express", amount=Decimal("12.50"), is_charge=True)

    totals = add_up(
        [Charged(amount=100, tax=VAT_19), Charged(amount=200, tax=VAT_7)],
        Terms(currency="EUR", adjustments=(express,)),
    )

    assert totals.adjustments == (Applied(reason="Express", amount=12_50, is_charge=True, tax=VAT_7),)
    assert (totals.charges, totals.allowances, totals.net) == (12_50, 0, 15_50)


def test_what_was_prepaid_is_taken_off_and_the_rest_rounded_to_the_smallest_coin() -> None:
    totals = add_up(
        [Charged(amount=100_01, tax=NOT_SUBJECT)], Terms(currency="CHF", prepaid=30_00, round_to=5)
    )

    assert (totals.gross, totals.prepaid, totals.rounding, totals.payable) == (100_01, 30_00, -1, 70_00)


def test_an_invoice_without_lines_comes_to_nothing() -> None:
    assert add_up([], EUR) == Totals(lines=0, subtotals=())


@pytest.mark.parametrize(
    ("percent", "amount", "codes"),
    [
        (None, None, ["either"]),
        (Decimal(1), Decimal(1), ["either"]),
        (Decimal(101), None, ["out-of-range"]),
        (Decimal("0.0001"), None, ["too-precise"]),
        (None, Decimal(-1), ["out-of-range"]),
        (None, Decimal("0.00001"), ["too-precise"]),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(
    percent: Decimal | None, amount: Decimal | None, codes: list[str]
) -> None:
    with pytest.raises(InvalidError) as refused:
        Adjustment(reason="Loyalty", percent=percent, amount=amount)

    assert [problem.code for problem in refused.value.problems] == codes
