"""What stands on an invoice, line by line."""

from domain.invoices import Invoice
from domain.work import WorkEntry
from handlers.cli.output import amount, plain_number


def line(entry: WorkEntry) -> str:
    """A piece of work, how much of it, and what it costs."""
    quantity = f"{plain_number(entry.billed_quantity):>8} {entry.billed_unit}"
    said = entry.description.replace("\n", " ")
    return f"  {entry.date}  {quantity}  {amount(entry.amount, entry.currency):>16}  {said}"


def sums(invoice: Invoice, *, total: int) -> str:
    """What all lines come to, and the tax where there is one."""
    whole = amount(total, invoice.currency)
    if invoice.tax is None or not invoice.tax.is_charged:
        return f"  total {whole}"
    net, tax = (amount(each, invoice.currency) for each in (invoice.net, invoice.tax_amount))
    return f"  net {net} · {invoice.tax.name} {tax} · total {whole}"
