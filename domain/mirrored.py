"""What a credit note comes to: the mirror of its invoice, or of a part of it.

    line by line, as the invoice says it ──▶ net of each category ──▶ its tax, half up
    what takes a category's last line    ──▶ all that is left of the category's tax and adjustments
    what takes the invoice's last line   ──▶ all that is left of its rounding
    what would come to more than is left ──▶ rounded to what is left, so that the last one is not below zero

So the credit notes of an invoice add up to it, to the minor unit, category by category. Amounts are positive.
Nothing is prepaid on a credit note: it credits first what was to be paid, and beyond that what was prepaid,
which is the client's again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain import money
from domain.tax import Tax
from domain.totals import Applied, Charged, Subtotal, Totals, net_amounts

Places = Collection[int]


def mirrored(
    now: Places,
    *,
    before: Places,
    lines: Sequence[Charged],
    totals: Totals,
    earlier: Sequence[Totals],
    prices_include_tax: bool,
) -> Totals:
    """What taking back *now* the lines at these places of an invoice comes to.

    The lines at the places *before* were taken back by others, which came to what *earlier* says.
    """
    nets = net_amounts(lines, totals, prices_include_tax=prices_include_tax)
    parts = {part.tax: part for part in _parts(now, before, lines, nets)}
    adjustments = tuple(parts[each.tax].of(each) for each in totals.adjustments if each.tax in parts)
    subtotals = tuple(
        parts[each.tax].subtotal(each, adjustments, earlier) for each in totals.subtotals if each.tax in parts
    )
    part = Totals(lines=sum(nets[place] for place in now), subtotals=subtotals, adjustments=adjustments)
    if len(now) + len(before) == len(lines):
        return replace(part, rounding=totals.rounding - sum(each.rounding for each in earlier))
    comes_to = _printed(now, lines, adjustments) if prices_include_tax else part.gross
    return replace(part, rounding=_within(comes_to, _left(totals, earlier)) - part.gross)


def _left(totals: Totals, earlier: Sequence[Totals]) -> int:
    """What no credit note has taken back yet, roundings included."""
    return totals.gross + totals.rounding - sum(each.gross + each.rounding for each in earlier)


def _within(amount: int, left: int) -> int:
    """As much of it as is left: lines that cost less than roundings of them can come to more together."""
    least, most = sorted((0, left))
    return min(max(amount, least), most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The lines of one category: their net on the invoice, what was taken of it before, and what is now.

    `is_last` says that now none is left.
    """

    tax: Tax
    whole: int
    before: int
    now: int
    is_last: bool

    def of(self, applied: Applied) -> Applied:
        """The part of an allowance or charge that goes with these lines."""
        base = None if applied.base is None else self._share(applied.base)
        return replace(applied, amount=self._share(applied.amount), base=base)

    def subtotal(self, of: Subtotal, adjustments: Sequence[Applied], earlier: Sequence[Totals]) -> Subtotal:
        """The category of the credit note."""
        net = self.now + sum(each.signed for each in adjustments if each.tax == self.tax)
        tax_amount = money.percentage(net, self.tax.rate)
        if self.is_last:
            said = (each for totals in earlier for each in totals.subtotals if each.tax == self.tax)
            tax_amount = of.tax_amount - sum(each.tax_amount for each in said)
        return Subtotal(tax=self.tax, net=net, tax_amount=tax_amount)

    def _share(self, amount: int) -> int:
        until = amount if self.is_last else self._until(amount, self.before + self.now)
        return until - self._until(amount, self.before)

    def _until(self, amount: int, part: int) -> int:
        return int(money.round_half_up(Decimal(amount) * part / self.whole)) if self.whole else 0


def _parts(now: Places, before: Places, lines: Sequence[Charged], nets: Sequence[int]) -> Iterator[_Part]:
    now, before = frozenset(now), frozenset(before)
    of_tax: dict[Tax, set[int]] = {}
    for place, line in enumerate(lines):
        of_tax.setdefault(line.tax, set()).add(place)
    for tax, own in of_tax.items():
        if own & now:
            yield _Part(
                tax=tax,
                whole=sum(nets[place] for place in own),
                before=sum(nets[place] for place in own & before),
                now=sum(nets[place] for place in own & now),
                is_last=own <= now | before,
            )


def _printed(now: Places, lines: Sequence[Charged], adjustments: Sequence[Applied]) -> int:
    """What the lines cost as they are printed, with the tax in them."""
    adjusted = sum(money.percentage(each.signed, 100 + each.tax.rate) for each in adjustments if each.tax)
    return sum(lines[place].amount for place in now) + adjusted
