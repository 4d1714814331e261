from decimal import Decimal

import pytest

from domain.parties import Tax
from domain.tax import tax_amount


@pytest.mark.parametrize(
    ("net", "rate", "amount"),
    [
        (62_574_354, "25", 15_643_589),  # half-even gives …588
        (10_000, "19", 1_900),
        (29_997, "25", 7_499),  # once on the sum: 74.99, where 3 × 25.00 per line would be 75.00
        (250, "5.5", 14),
        (0, "19", 0),
        (1, "0", 0),
        (-250, "5.5", -14),
    ],
)
def test_tax_is_rounded_half_up_once_on_the_whole_net_amount(net: int, rate: str, amount: int) -> None:
    assert tax_amount(net, Tax(name="VAT", rate=Decimal(rate))) == amount


def test_without_a_tax_there_is_nothing_to_add() -> None:
    assert tax_amount(10_000, None) == 0
