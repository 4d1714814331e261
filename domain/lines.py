"""The lines of each invoice: entries that were claimed ⇄ what the invoice says that it claimed.

claimed entry ──▶ an invoice that exists
invoice       ──▶ as many entries, with the same net amount, those included that were taken back
"""

import datetime as dt
from collections.abc import Iterator

from domain.identifiers import InvoiceId
from domain.invoices import Invoice, State
from domain.proof import GRACE, Code, Finding, OpenFailures, Proof
from domain.recounting import Lines, Reading

BY_HAND = "no command mends it: compare the invoice's document and a backup of the table"


def lined(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:  # noqa: ARG001 - no failure excuses it
    """What one look at the client's invoices proves of their lines.

    These are right at every instant; but an invoice that claims or releases work now moves between two reads.
    """
    left = dict(reading.lines)
    findings = [*_differing(reading, left, now), *_of_no_invoice(reading, left)]
    return Proof(findings=tuple(findings))


def _differing(reading: Reading, left: dict[InvoiceId, Lines], now: dt.datetime) -> Iterator[Finding]:
    for invoice, at in reading.invoices:
        lines = left.pop(invoice.id, Lines())
        if _is_moving(invoice) and now - at <= GRACE:
            continue
        if lines != _claimed_by(invoice):
            told = (
                f"{lines.entries} entries stand on {invoice.id}, which says that it has {invoice.entries}"
                if lines.entries != invoice.entries
                else f"the entries on {invoice.id} do not add up to its net amount"
            )
            yield _finding(reading, Code.LINES_DIFFER, invoice.id, told)


def _is_moving(invoice: Invoice) -> bool:
    is_releasing = invoice.state is State.VOID and invoice.released < invoice.entries
    return invoice.state in {State.OPEN, State.SKIPPED} or invoice.crediting is not None or is_releasing


def _of_no_invoice(reading: Reading, left: dict[InvoiceId, Lines]) -> Iterator[Finding]:
    for invoice_id, lines in left.items():
        told = f"{lines.entries} entries stand on {invoice_id}, which does not exist: nobody is billed"
        yield _finding(reading, Code.LINES_WITHOUT_INVOICE, invoice_id, told)


def _claimed_by(invoice: Invoice) -> Lines:
    return Lines(entries=invoice.entries, net=invoice.net)


def _finding(reading: Reading, code: Code, invoice_id: InvoiceId, told: str) -> Finding:
    client = reading.client
    return Finding(
        code=code,
        account_id=client.account_id,
        client_id=client.id,
        subject=invoice_id,
        told=f"{told}; {BY_HAND}",
    )
