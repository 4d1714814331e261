"""What stands on an invoice, line by line."""

from collections.abc import Iterator

from domain.invoices import Invoice
from domain.tax import Tax
from domain.work import WorkEntry
from handlers.cli.output import amount, plain_number


def line(entry: WorkEntry) -> str:
    """A piece of work, how much of it, and what it costs."""
    quantity = f"{plain_number(entry.billed_quantity):>8} {entry.billed_unit}"
    said = entry.description.replace("\n", " ")
    return f"  {entry.date}  {quantity}  {amount(entry.amount, entry.currency):>16}  {said}"


def sums(invoice: Invoice) -> Iterator[str]:
    """Allowances and charges, what all lines come to, the tax where there is one, and what is left to pay."""
    if (totals := invoice.totals) is None:
        yield f"  total {amount(invoice.net, invoice.currency)}"
        return
    for each in totals.adjustments:
        yield f"  {'charge' if each.is_charge else 'allowance'} {_money(each.signed, invoice)}  {each.reason}"
    taxes = [each for each in totals.subtotals if each.tax.is_charged]
    parts = [f"net {_money(totals.net, invoice)}"] if taxes else []
    parts += [
        f"{each.tax.name} {plain_number(each.tax.rate)} % {_money(each.tax_amount, invoice)}"
        for each in taxes
    ]
    yield "  " + " · ".join([*parts, f"total {_money(totals.gross, invoice)}"])
    if totals.payable != totals.gross:
        yield f"  to pay {_money(totals.payable, invoice)}"


def _money(minor: int, invoice: Invoice) -> str:
    return amount(minor, invoice.currency)


def told(tax: Tax) -> str:
    """A tax in a few words."""
    if tax.is_charged:
        return f"{tax.name} {plain_number(tax.rate)} %"
    return f"no tax, category {tax.category}" + (f": {tax.reason}" if tax.reason else "")
