"""What an invoice comes to, by EN 16931: tax is rounded once per category and rate, all above it are sums.

    lines ± allowances and charges of a category ──▶ its net ──▶ its tax, half up   BR-CO-10 … 14, BR-CO-17
    net + tax = gross            gross − prepaid + rounding = payable               BR-CO-15, BR-CO-16

Where prices include the tax, each category's gross is divided and not each line's. What the two roundings
then leave is the rounding amount, for nothing else in the norm can say it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain import checks, money
from domain.errors import Problem
from domain.tax import Tax, TaxCategory

MOST_ADJUSTMENTS = 10
ROUNDING = 1
"""The version of these rules; an issued invoice keeps the one that it was added up by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """An allowance, or where `is_charge` a charge: so much percent, or an amount in major units."""

    reason: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    is_charge: bool = False

    def __post_init__(self) -> None:
        checks.require(checks.text("reason", self.reason, longest=100), *self._how_much())

    def of(self, base: int, *, currency: str) -> int:
        """What it comes to, in minor units, where it is applied to *base* of them."""
        if self.percent is not None:
            return money.percentage(base, self.percent)
        return money.amount(Decimal(1), self.amount or Decimal(0), currency=currency)

    def applied(self, base: int, *, currency: str, tax: Tax | None = None) -> "Applied":
        """The same, as it was applied to *base*."""
        return Applied(
            reason=self.reason,
            amount=self.of(base, currency=currency),
            is_charge=self.is_charge,
            percent=self.percent,
            base=None if self.percent is None else base,
            tax=tax,
        )

    def _how_much(self) -> Iterator[checks.Found]:
        if (self.percent is None) == (self.amount is None):
            yield iter([Problem("/percent", "either", "give a percentage or an amount, one of them")])
        if self.percent is not None:
            yield checks.number("percent", self.percent, least=0, most=100, digits=3)
        if self.amount is not None:
            yield checks.number("amount", self.amount, least=0, most=Decimal(10) ** 9, digits=4)


def not_too_many(field: str, adjustments: Sequence[Adjustment]) -> checks.Found:
    """As many as somebody would read on an invoice."""
    told = f"at most {MOST_ADJUSTMENTS} allowances and charges"
    yield from checks.that(len(adjustments) <= MOST_ADJUSTMENTS, field, code="too-many", message=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """An allowance or charge as it was applied: `amount` of `base`, both in minor units.

    Where it was applied to a whole invoice, it has the tax of the lines that it belongs to.
    """

    reason: str
    amount: int
    is_charge: bool = False
    percent: Decimal | None = None
    base: int | None = None
    tax: Tax | None = None

    @property
    def signed(self) -> int:
        """What it adds."""
        return self.amount if self.is_charge else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What a line costs, in minor units, and its tax."""

    amount: int
    tax: Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtotal:
    """One category and rate: its net amount, and the tax on it."""

    tax: Tax
    net: int
    tax_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an invoice comes to, in minor units."""

    lines: int
    subtotals: tuple[Subtotal, ...]
    adjustments: tuple[Applied, ...] = ()
    prepaid: int = 0
    rounding: int = 0

    @property
    def allowances(self) -> int:
        """BT-107."""
        return sum(each.amount for each in self.adjustments if not each.is_charge)

    @property
    def charges(self) -> int:
        """BT-108."""
        return sum(each.amount for each in self.adjustments if each.is_charge)

    @property
    def net(self) -> int:
        """BT-109."""
        return self.lines - self.allowances + self.charges

    @property
    def tax_amount(self) -> int:
        """BT-110."""
        return sum(each.tax_amount for each in self.subtotals)

    @property
    def gross(self) -> int:
        """BT-112."""
        return self.net + self.tax_amount

    @property
    def payable(self) -> int:
        """BT-115."""
        return self.gross - self.prepaid + self.rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How an invoice is added up: the same for all of its lines.

    `round_to`, in minor units, is what the amount to pay is a multiple of: 5 where coins begin there.
    """

    currency: str
    adjustments: tuple[Adjustment, ...] = ()
    prices_include_tax: bool = False
    round_to: int = 1
    prepaid: int = 0


def add_up(lines: Iterable[Charged], terms: Terms) -> Totals:
    """What *lines* come to; their amounts include the tax where the terms say that prices do.

    An allowance or charge in percent is applied to each category and rate, one of an amount to the largest.
    """
    sums = _by_tax(lines)
    applied = [each for adjustment in terms.adjustments for each in _apply(adjustment, sums, terms.currency)]
    whole = sum(sums.values()) + sum(each.signed for each in applied)
    parts = [_part(tax, amount, applied, terms) for tax, amount in sums.items()]
    subtotals = tuple(subtotal for subtotal, _ in parts)
    adjustments = tuple(each for _, own in parts for each in own)
    net, tax = sum(each.net for each in subtotals), sum(each.tax_amount for each in subtotals)
    payable = _rounded((whole if terms.prices_include_tax else net + tax) - terms.prepaid, terms.round_to)
    return Totals(
        lines=net - sum(each.signed for each in adjustments),
        subtotals=subtotals,
        adjustments=adjustments,
        prepaid=terms.prepaid,
        rounding=payable - (net + tax - terms.prepaid),
    )


def net_amounts(lines: Sequence[Charged], totals: Totals, *, prices_include_tax: bool) -> Sequence[int]:
    """The net amount of each line, where they add up to what the totals say of them.

    It differs from the line's amount only where that includes the tax: then it is the line's share.
    """
    if not prices_include_tax:
        return [line.amount for line in lines]
    sums, nets = _by_tax(lines), {each.tax: _net_of_lines(each, totals) for each in totals.subtotals}
    seen, given = dict.fromkeys(sums, 0), dict.fromkeys(sums, 0)
    shares: list[int] = []
    for line in lines:
        seen[line.tax] += line.amount
        until = _share(nets[line.tax], seen[line.tax], sums[line.tax])
        shares.append(until - given[line.tax])
        given[line.tax] = until
    return shares


def _by_tax(lines: Iterable[Charged]) -> Mapping[Tax, int]:
    sums: dict[Tax, int] = {}
    for line in lines:
        sums[line.tax] = sums.get(line.tax, 0) + line.amount
    return dict(sorted(sums.items(), key=lambda each: _order(each[0])))


def _order(tax: Tax) -> tuple[int, Decimal, str, str]:
    return list(TaxCategory).index(tax.category), -tax.rate, tax.name, tax.reason or ""


def _apply(adjustment: Adjustment, sums: Mapping[Tax, int], currency: str) -> Iterator[Applied]:
    largest = max(sums, key=lambda tax: sums[tax], default=None)
    for tax, base in sums.items():
        if adjustment.percent is None and tax is not largest:
            continue
        yield adjustment.applied(base, currency=currency, tax=tax)


def _part(tax: Tax, amount: int, applied: Sequence[Applied], terms: Terms) -> tuple[Subtotal, list[Applied]]:
    own = [each for each in applied if each.tax == tax]
    whole = amount + sum(each.signed for each in own)
    net = whole
    if terms.prices_include_tax:
        net = without_tax(whole, tax)
        own = [_net(each, tax) for each in own]
    return Subtotal(tax=tax, net=net, tax_amount=money.percentage(net, tax.rate)), own


def _net(applied: Applied, tax: Tax) -> Applied:
    return Applied(
        reason=applied.reason,
        amount=without_tax(applied.amount, tax),
        is_charge=applied.is_charge,
        percent=applied.percent,
        base=None if applied.base is None else without_tax(applied.base, tax),
        tax=tax,
    )


def without_tax(gross: int, tax: Tax) -> int:
    """The net amount of what costs *gross* with the tax in it."""
    return int(money.round_half_up(Decimal(gross) * 100 / (100 + tax.rate)))


def _net_of_lines(subtotal: Subtotal, totals: Totals) -> int:
    return subtotal.net - sum(each.signed for each in totals.adjustments if each.tax == subtotal.tax)


def _share(net: int, part: int, whole: int) -> int:
    return int(money.round_half_up(Decimal(net) * part / whole)) if whole else net


def _rounded(amount: int, step: int) -> int:
    return int(money.round_half_up(Decimal(amount) / step)) * step
