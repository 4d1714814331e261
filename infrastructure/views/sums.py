"""What an invoice or a credit note comes to."""

from dataclasses import dataclass

from domain.fields import values
from domain.totals import Applied, Subtotal, Totals


@dataclass(frozen=True, kw_only=True)
class SumsView:
    """What an invoice comes to: `lines` less allowances and with charges is `net`, and with the tax `gross`.

    `payable` is `gross` less what is prepaid, and rounded by `rounding`. Each category and rate of tax has
    its subtotal; `adjustments` are the allowances and charges on the whole invoice. No amount but `gross`,
    `prepaid`, `rounding` and `payable` includes tax.
    """

    lines: int
    allowances: int
    charges: int
    net: int
    subtotals: tuple[Subtotal, ...]
    tax_amount: int
    gross: int
    adjustments: tuple[Applied, ...]
    prepaid: int
    rounding: int
    payable: int


def of_sums(totals: Totals | None) -> SumsView | None:
    if totals is None:
        return None
    return SumsView(**values(totals, SumsView))
