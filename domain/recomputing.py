"""An invoice added up once more, in integers and another way round, before it goes out.

    entries ──fractions, rounded once each──▶ amounts ──▶ per category and rate ──▶ what is to be paid
                                     one minor unit of difference: no invoice ◀──┘

It shares no arithmetic with `totals`, neither its functions nor operations of `Decimal`, so that a mistake in
one of the two does not go out as an invoice. The rules are those of EN 16931.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.errors import WillNeverWorkError
from domain.money import DIGITS
from domain.tax import Tax
from domain.totals import Adjustment, Totals
from domain.work import WorkEntry

if TYPE_CHECKING:
    from domain.clients import Client
    from domain.invoices import Invoice

_QUANTITY = 10**4


class InvoiceDiffersError(WillNeverWorkError):
    """Two computations of one invoice differ: a bug, which a person has to look at."""

    code = "invoice-differs"


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A fraction in integers."""

    over: int
    under: int

    @classmethod
    def of(cls, value: Decimal) -> "_Ratio":
        return cls(*value.as_integer_ratio())

    def times(self, other: "_Ratio") -> "_Ratio":
        return _Ratio(self.over * other.over, self.under * other.under)

    def rounded(self) -> int:
        """The nearest integer; a half goes away from zero."""
        size = (2 * abs(self.over) + self.under) // (2 * self.under)
        return size if self.over >= 0 else -size


def require_same(issued: "Invoice", lines: Sequence[WorkEntry], *, buyer: "Client") -> None:
    """Raise where the invoice does not come to what its lines do.

    Raises:
        InvoiceDiffersError: with every number that differs, in minor units.
    """
    if issued.totals is None or issued.tax is None:
        raise InvoiceDiffersError(f"{issued.id} has no totals")
    said = dict(_said(issued, issued.totals))
    found = dict(_found(issued, lines, buyer, prepaid=issued.totals.prepaid))
    differing = [name for name in sorted({*said, *found}) if said.get(name) != found.get(name)]
    if differing:
        told = "; ".join(f"{name} is {said.get(name)}, recomputed {found.get(name)}" for name in differing)
        raise InvoiceDiffersError(f"{issued.id} differs: {told}")


def _said(issued: "Invoice", totals: Totals) -> Iterator[tuple[str, int]]:
    yield from {"entries": issued.entries, "claimed": issued.net, "lines": totals.lines}.items()
    for each in totals.subtotals:
        yield f"net of {_name(each.tax)}", each.net
        yield f"tax of {_name(each.tax)}", each.tax_amount
    yield from {"gross": totals.gross, "rounding": totals.rounding, "payable": totals.payable}.items()


def _found(
    issued: "Invoice", lines: Sequence[WorkEntry], buyer: "Client", *, prepaid: int
) -> Iterator[tuple[str, int]]:
    amounts = [(entry.tax or issued.tax, _amount(entry)) for entry in lines]
    sums: dict[Tax, int] = {}
    for tax, amount in amounts:
        if tax is not None:
            sums[tax] = sums.get(tax, 0) + amount
    yield "entries", len(lines)
    yield "claimed", sum(amount for _, amount in amounts)
    adjusted = _adjusted(sums, buyer.adjustments, currency=issued.currency)
    wholes = {tax: sums[tax] + sum(adjusted[tax]) for tax in sums}
    includes = buyer.prices_include_tax
    nets = {tax: _without(whole, tax) if includes else whole for tax, whole in wholes.items()}
    taxes = {tax: _percent(net, tax.rate) for tax, net in nets.items()}
    own = {tax: [_without(each, tax) if includes else each for each in adjusted[tax]] for tax in sums}
    gross = sum(nets.values()) + sum(taxes.values())
    yield "lines", sum(nets.values()) - sum(map(sum, own.values()))
    for tax in sums:
        yield f"net of {_name(tax)}", nets[tax]
        yield f"tax of {_name(tax)}", taxes[tax]
    due = (sum(wholes.values()) if includes else gross) - prepaid
    payable = _coins(due, buyer.round_to, currency=issued.currency)
    yield from {"gross": gross, "rounding": payable - (gross - prepaid), "payable": payable}.items()


def _amount(entry: WorkEntry) -> int:
    if not entry.billable:
        return 0
    base = _Ratio.of(_quantity(entry)).times(_Ratio.of(entry.unit_price))
    whole = base.times(_Ratio(10 ** DIGITS[entry.currency], 1)).rounded()
    return whole + sum(_signed(each, whole, currency=entry.currency) for each in entry.adjustments)


def _quantity(entry: WorkEntry) -> Decimal:
    if entry.quantity is not None:
        return entry.quantity
    return Decimal(_Ratio((entry.minutes or 0) * _QUANTITY, 60).rounded()).scaleb(-4)


def _signed(adjustment: Adjustment, base: int, *, currency: str) -> int:
    if adjustment.percent is not None:
        size = _percent(base, adjustment.percent)
    else:
        amount = _Ratio.of(adjustment.amount or Decimal(0))
        size = amount.times(_Ratio(10 ** DIGITS[currency], 1)).rounded()
    return size if adjustment.is_charge else -size


def _adjusted(
    sums: Mapping[Tax, int], adjustments: Sequence[Adjustment], *, currency: str
) -> Mapping[Tax, list[int]]:
    """What each adjustment does to each tax: a percentage to all of them, an amount to the largest."""
    found: dict[Tax, list[int]] = {tax: [] for tax in sums}
    for each in adjustments:
        taxes = list(sums) if each.percent is not None else _largest(sums)
        for tax in taxes:
            found[tax].append(_signed(each, sums[tax], currency=currency))
    return found


def _largest(sums: Mapping[Tax, int]) -> list[Tax]:
    """The tax with the largest sum; of equal ones that which stands first on an invoice."""
    order = ["S", "Z", "E", "AE", "K", "G", "O"]
    first = sorted(
        sums, key=lambda tax: (-sums[tax], order.index(tax.category), -tax.rate, tax.name, tax.reason or "")
    )
    return first[:1]


def _percent(base: int, rate: Decimal) -> int:
    over, under = rate.as_integer_ratio()
    return _Ratio(base * over, under * 100).rounded()


def _without(gross: int, tax: Tax) -> int:
    over, under = tax.rate.as_integer_ratio()
    return _Ratio(gross * 100 * under, 100 * under + over).rounded()


def _coins(amount: int, step: Decimal | None, *, currency: str) -> int:
    if step is None:
        return amount
    over, under = step.as_integer_ratio()
    coin = int(over * 10 ** DIGITS[currency] // under)
    return _Ratio(amount, coin).rounded() * coin


def _name(tax: Tax) -> str:
    return " ".join(filter(None, [tax.category, f"{tax.rate.normalize():f} %", tax.name, tax.reason]))
