from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import money

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("13.455", "13.46"),  # the example of EN 16931-1
        ("156435.885", "156435.89"),  # 25 % of 625,743.54, where half-even gives .88
        ("-156435.885", "-156435.89"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.0049999999999999999999999", "0.00"),
        ("2.675", "2.68"),  # a float would be 2.67499…
    ],
)
def test_a_tie_is_rounded_away_from_zero(value: str, rounded: str) -> None:
    assert money.round_half_up(Decimal(value), digits=2) == Decimal(rounded)


@given(amounts)
def test_a_credit_mirrors_its_invoice(value: Decimal) -> None:
    assert money.round_half_up(-value, digits=2) == -money.round_half_up(value, digits=2)


@given(amounts, st.integers(0, 4))
def test_rounding_moves_a_value_by_half_a_unit_at_most(value: Decimal, digits: int) -> None:
    moved = abs(money.round_half_up(value, digits=digits) - value)

    assert moved * 2 <= Decimal(1).scaleb(-digits)


@pytest.mark.parametrize(
    ("quantity", "price", "net"),
    [
        ("75.3", "2.55", 192_02),  # a float gives 192.01
        ("5.311", "15", 79_67),  # half-even and a float give 79.66
        ("18.7", "2.65", 49_56),  # a float gives 49.55
        ("0.3333", "90", 30_00),
    ],
)
def test_a_line_is_quantity_times_price_rounded_once(quantity: str, price: str, net: int) -> None:
    assert money.amount(Decimal(quantity), Decimal(price), currency="EUR") == net


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("JPY", 1_235), ("EUR", 123_450), ("KWD", 1_234_500), ("CLF", 12_345_000)],
)
def test_an_amount_has_the_digits_of_its_currency(currency: str, minor: int) -> None:
    assert money.amount(Decimal(1), Decimal("1234.5"), currency=currency) == minor


def test_half_a_yen_is_rounded_to_a_whole_one() -> None:
    assert money.amount(Decimal("0.5"), Decimal(1), currency="JPY") == 1
    assert money.amount(Decimal("0.4999"), Decimal(1), currency="JPY") == 0


def test_an_amount_stays_exact_however_large() -> None:
    largest = money.amount(Decimal("999999.9999"), Decimal("999999999.9999"), currency="CLF")

    assert largest == (9_999_999_999 * 9_999_999_999_999 + 5_000) // 10_000


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [(1250, "EUR", "12.50"), (1250, "JPY", "1250"), (1250, "KWD", "1.250"), (-1, "EUR", "-0.01")],
)
def test_major_units_show_all_digits_of_the_currency(minor: int, currency: str, major: str) -> None:
    assert str(money.major(minor, currency=currency)) == major


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CLF", "XOF", "SLE"])
def test_a_currency_of_iso_4217_is_known(code: str) -> None:
    assert list(money.known_currency("currency", code)) == []


@pytest.mark.parametrize("code", ["XAU", "XTS", "XXX", "eur", "EURO", "", "DEM", "HRK"])
def test_metals_test_codes_and_former_currencies_are_refused(code: str) -> None:
    (problem,) = money.known_currency("currency", code)

    assert (problem.pointer, problem.code) == ("/currency", "unknown-currency")


def test_every_digit_count_of_iso_4217_stands_in_the_table() -> None:
    by_digits = {digits: sum(each == digits for each in money.DIGITS.values()) for digits in range(5)}

    assert by_digits == {0: 17, 1: 0, 2: len(money.DIGITS) - 26, 3: 7, 4: 2}
