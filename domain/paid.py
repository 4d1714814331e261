"""What is owed: what each invoice says of it ⇄ its sums, its payments, and what was paid in advance.

payment     ──▶ an invoice that exists
invoice     ──▶ payments of as much as it says was paid
prepayments ──▶ taken off invoices that are not void, or still the client's: nothing else
sums        ──▶ the invoice's totals, of which no more than all was credited
"""

import datetime as dt
from collections.abc import Iterator

from domain.invoices import Invoice, State
from domain.lines import BY_HAND
from domain.proof import Code, Finding, OpenFailures, Proof
from domain.recounting import Reading


def paid(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:  # noqa: ARG001 - right at every instant
    """What one look at the client's invoices proves of what is owed."""
    return Proof(findings=(*_differing(reading), *_prepaid(reading), *_owed(reading)))


def _differing(reading: Reading) -> Iterator[Finding]:
    said = {invoice.id: invoice.paid for invoice, _ in reading.invoices}
    for invoice_id in sorted(said.keys() | reading.payments.keys()):
        if said.get(invoice_id, 0) != reading.payments.get(invoice_id, 0):
            yield Finding(
                code=Code.PAYMENTS_DIFFER,
                account_id=reading.client.account_id,
                client_id=reading.client.id,
                subject=invoice_id,
                told=f"the payments of {invoice_id} do not add up to what it says was paid; {BY_HAND}",
            )


def _prepaid(reading: Reading) -> Iterator[Finding]:
    client = reading.client
    spent = sum(invoice.spent for invoice, _ in reading.invoices)
    if reading.prepaid != spent + client.prepaid:
        yield Finding(
            code=Code.PREPAYMENTS_DIFFER,
            account_id=client.account_id,
            client_id=client.id,
            subject=client.id,
            told=f"what {client.id} paid in advance is not what is left and what was spent; {BY_HAND}",
        )


def _owed(reading: Reading) -> Iterator[Finding]:
    for invoice, _ in reading.invoices:
        if not _is_owed(invoice):
            yield Finding(
                code=Code.SUMS_DIFFER,
                account_id=reading.client.account_id,
                client_id=reading.client.id,
                subject=invoice.id,
                told=f"{invoice.id} does not owe what its totals and credit notes leave; {BY_HAND}",
            )


def _is_owed(invoice: Invoice) -> bool:
    """Whether it says what its totals say, and no more was credited than it was over, roundings included."""
    if invoice.state not in {State.ISSUED, State.VOID}:
        return invoice.credited == invoice.paid == 0
    if invoice.totals is None:
        return True
    said = (invoice.total, invoice.tax_amount) == (invoice.totals.gross, invoice.totals.tax_amount)
    return said and 0 <= invoice.credited <= invoice.totals.gross + max(0, invoice.totals.rounding)
