"""What the HTTP API and the command line show of each thing.

Amounts are minor units of the `currency` beside them; prices, rates and quantities are decimals in text; an
instant is RFC 3339 in UTC; what there is nothing to say about is left out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from domain.accounts import Account
from domain.clients import Client
from domain.counters import Counter, Tally
from domain.delivery import Delivery
from domain.invoices import Invoice
from domain.proof import Proof
from domain.repair import Rebuilt
from domain.work import WorkEntry
from infrastructure import codec

View = dict[str, Any]

_WHICH = {"id", "client_id", "state", "number"}
_WHEN = {"issued_on", "due_on", "payment_due_on", "period_start", "period_end"}
_HOW_MUCH = {"entries", "currency", "net"}
_ONCE_ISSUED = {"tax_amount", "total"}
_PRINTED = {"seller", "buyer", "bank", "tax", "payment_terms_days", "language"}


def of_account(account: Account) -> View:
    return {"id": account.id} | codec.encode(account.details())


def of_client(client: Client) -> View:
    """A client, and when its next invoice is due: no instant where none is to be made."""
    schedule = {
        "next_due_on": client.next_due_on.isoformat(),
    }
    billed = {"billed_until": client.billed_until.isoformat()} if client.billed_until else {}
    due = {"due_at": instant(client.due_at)} if client.due_at else {}
    return (
        {"id": client.id, "status": client.status.value}
        | codec.encode(client.details())
        | schedule
        | billed
        | due
    )


def of_work(entry: WorkEntry) -> View:
    """An entry and what is billed for it: `amount` is `quantity` × `unit_price`, 0 where not billable."""
    billed = {
        "quantity": _plain(entry.billed_quantity),
        "unit": entry.billed_unit,
        "unit_price": _plain(entry.unit_price),
        "amount": entry.amount,
        "currency": entry.currency,
    }
    told = {"id": entry.id, "client_id": entry.client_id} | codec.encode(entry.details()) | billed
    return told | ({"invoice_id": entry.invoice_id} if entry.invoice_id else {})


def of_invoice(invoice: Invoice, delivery: Delivery, lines: Sequence[WorkEntry]) -> View:
    """A whole invoice: how far it is on its way, and the work that it charges."""
    return _invoice(invoice, _PRINTED) | {
        "delivery": _delivery(delivery),
        "lines": [of_work(line) for line in lines],
    }


def of_listed_invoice(invoice: Invoice) -> View:
    """An invoice without what is printed on it."""
    return _invoice(invoice, set())


def of_counters(counters: Sequence[Counter]) -> View:
    """The counters of each client, and their sum for each currency."""
    totals: dict[str, Tally] = defaultdict(Tally)
    for counter in counters:
        totals[counter.currency] += counter.total
    sums = [{"currency": currency} | codec.encode(total) for currency, total in sorted(totals.items())]
    return {"data": [_counter(counter) for counter in counters], "has_more": False, "totals": sums}


def of_proof(proof: Proof) -> View:
    """What an audit has proven, and what is wrong."""
    findings = [codec.encode(finding) for finding in proof.findings]
    failed = [{"id": entity, "error": f"{type(error).__name__}: {error}"} for entity, error in proof.failed]
    return {"proven": proof.counts, "findings": findings, "failed": failed}


def of_rebuilt(rebuilt: Rebuilt) -> View:
    """What was done to a client's counter."""
    return codec.encode(rebuilt)


def instant(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _invoice(invoice: Invoice, more: set[str]) -> View:
    shown = _WHICH | _WHEN | _HOW_MUCH | more | (_ONCE_ISSUED if invoice.issued_on else set())
    return {name: value for name, value in codec.encode(invoice).items() if name in shown}


def _delivery(delivery: Delivery) -> View:
    told = {"recipient": delivery.recipient, "message_id": delivery.message_id}
    return {"progress": delivery.progress.value} | {name: value for name, value in told.items() if value}


def _counter(counter: Counter) -> View:
    months = {month: codec.encode(tally) for month, tally in sorted(counter.months.items())}
    told = {"client_id": counter.client_id, "currency": counter.currency}
    return told | {"total": codec.encode(counter.total), "months": months}


def _plain(value: Decimal) -> str:
    """The number without an exponent, and without zeros that say nothing."""
    return f"{value.normalize():f}"
