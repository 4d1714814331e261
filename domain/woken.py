"""Each held invoice lacks something, and something wakes it: who mends that, or the tick's next look.

no pointer to it ──▶ nothing wakes it
lacks nothing, and the look at it is an hour late ──▶ no tick has let it go
"""

import datetime as dt
from collections.abc import Iterator

from domain.accounts import Accounts
from domain.held import HeldInvoices
from domain.invoices import Invoice, Invoices, State
from domain.invoicing import lacking
from domain.proof import GRACE, Code, Finding, OpenFailures, Proof, Step
from domain.recounting import Reading


def woken(
    reading: Reading,
    *,
    now: dt.datetime,
    failures: OpenFailures,
    accounts: Accounts,
    invoices: Invoices,
    held: HeldInvoices,
) -> Proof:
    """What one look at the client's held invoices proves."""
    kept = [each for each in reading.invoices if each[0].state is State.HELD]
    seller = accounts.get(account_id=reading.client.account_id) if kept else None

    def look() -> Iterator[Proof]:
        for invoice, at in kept:
            look_at = held.look_at(invoice=invoice)
            if seller is None or (look_at and now - look_at <= GRACE):
                continue
            lines = invoices.lines(invoice=invoice)
            lacks = bool(lacking(invoice, lines, seller=seller, buyer=reading.client))
            if not (lacks and look_at):
                yield _forgotten(invoice, at, failures, lacks=lacks)

    return sum(look(), Proof())


def _forgotten(invoice: Invoice, at: dt.datetime, failures: OpenFailures, *, lacks: bool) -> Proof:
    account_id, version = invoice.account_id, invoice.version
    if failures.of(Step.ISSUED, account_id=account_id, entity_id=invoice.id, version=version, at=at):
        return Proof(failing=1)
    if lacks:
        mended = f"invoicely invoices review {invoice.id} skip, and then reopen, does"
        told = f"is held, and nothing wakes it; {mended}"
    else:
        mended = f"invoicely events republish --client {invoice.client_id} issues it"
        told = f"is held and lacks nothing; {mended}"
    finding = Finding(
        code=Code.HELD_AND_FORGOTTEN,
        account_id=invoice.account_id,
        client_id=invoice.client_id,
        subject=invoice.id,
        told=f"{invoice.id} {told}",
    )
    return Proof(findings=(finding,))
