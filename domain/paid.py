"""What was paid: the payments of each invoice ⇄ what the invoice says of them, and likewise in advance.

payment     ──▶ an invoice that exists
invoice     ──▶ payments of as much as it says was paid
prepayments ──▶ taken off invoices, or still the client's: nothing else
"""

import datetime as dt
from collections.abc import Iterator

from domain.lines import BY_HAND
from domain.proof import Code, Finding, OpenFailures, Proof
from domain.recounting import Reading


def paid(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:  # noqa: ARG001 - right at every instant
    """What one look at the client's invoices proves of their payments."""
    return Proof(findings=(*_differing(reading), *_prepaid(reading)))


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
