"""Tax on an invoice: rounded once per rate, on the sum of the rounded lines (EN 16931, BR-CO-17).

One rate or none per client today; several rates and the tax categories of EN 16931 come in here.
"""

from domain import money
from domain.parties import Tax


def tax_amount(net: int, tax: Tax | None) -> int:
    """The tax on *net*, both in minor units."""
    return money.percentage(net, tax.rate) if tax else 0
