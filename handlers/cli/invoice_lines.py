"""What stands on an invoice, line by line."""

from collections.abc import Iterable, Iterator

from domain.invoices import Invoice
from domain.requirements import Missing
from domain.tax import Tax
from domain.totals import Applied, Totals
from domain.work import WorkEntry
from handlers.cli.output import amount, plain_number
from infrastructure.documents.language import Language, speak


def lines_of(entries: Iterable[WorkEntry]) -> Iterator[str]:
    """Each piece of work, how much of it, and what it costs with its own allowances and charges."""
    for entry in entries:
        yield _line(entry)
        yield from (f"{_adjusted(each, entry.currency):>41}  {each.reason}" for each in entry.applied)


def _line(entry: WorkEntry) -> str:
    quantity = f"{plain_number(entry.billed_quantity):>8} {entry.billed_unit}"
    said = entry.description.replace("\n", " ")
    return f"  {entry.date}  {quantity}  {amount(entry.amount, entry.currency):>16}  {said}"


def sums(invoice: Invoice) -> Iterator[str]:
    """Allowances and charges, what all lines come to, the tax where there is one, and what is left to pay."""
    yield from sums_of(invoice.totals, net=invoice.net, currency=invoice.currency, language=invoice.language)


def sums_of(
    totals: Totals | None, *, net: int, currency: str, language: str | None, payable: str = "to pay"
) -> Iterator[str]:
    """The same of whatever has such totals; before these are known, what the lines come to by themselves.

    Why there is no tax is told in the invoice's own *language*, where it has one yet.
    """
    if totals is None:
        yield f"  total {amount(net, currency)}"
        return
    for each in totals.adjustments:
        of = f", of {_named(each.tax)}" if each.tax else ""
        yield f"  {_adjusted(each, currency)}  {each.reason}{of}"
    yield from _untaxed(totals, currency, speak(language or "en"))
    taxes = [each for each in totals.subtotals if each.tax.is_charged]
    parts = [f"net {amount(totals.net, currency)}"] if taxes else []
    parts += [f"{_named(each.tax)} {amount(each.tax_amount, currency)}" for each in taxes]
    yield "  " + " · ".join([*parts, f"total {amount(totals.gross, currency)}"])
    between = {"prepaid": -totals.prepaid, "rounding": totals.rounding}
    if any(between.values()):
        yield from (f"  {what} {amount(each, currency)}" for what, each in between.items() if each)
        yield f"  {payable} {amount(totals.payable, currency)}"


def lacking(missing: Iterable[Missing]) -> Iterator[str]:
    """Each thing that an invoice may not go out without, and what mends it."""
    for each in missing:
        yield f"  – {each.message} ({each.rule})"
        yield f"    {each.command}"


def _adjusted(applied: Applied, currency: str) -> str:
    what = "charge" if applied.is_charge else "allowance"
    return f"{what} {amount(applied.signed, currency)}"


def told(tax: Tax) -> str:
    """A tax in a few words."""
    if tax.is_charged:
        return _named(tax)
    return f"no tax, {_named(tax)}" + (f": {tax.reason}" if tax.reason else "")


def _named(tax: Tax) -> str:
    return f"{tax.name} {plain_number(tax.rate)} %" if tax.is_charged else f"category {tax.category}"


def _untaxed(totals: Totals, currency: str, language: Language) -> Iterator[str]:
    """Why there is no tax on a part of it, as the invoice says it."""
    for each in totals.subtotals:
        if not each.tax.is_charged:
            why = language.reason(each.tax)
            told = f"no tax on {amount(each.net, currency)}, {_named(each.tax)}"
            yield f"  {told}: {why}" if why else f"  {told}"


def referred(buyer_reference: str | None, order_reference: str | None) -> Iterator[str]:
    """What a client wants to find on its invoices; no line where it wants nothing."""
    values = {"reference": buyer_reference, "order": order_reference}
    if any(values.values()):
        yield "  " + " · ".join(f"{what} {value}" for what, value in values.items() if value)
