"""Counts everything anew from what is stored: the slow and obvious way, by none of the code under test."""

from collections import Counter as Sum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import TypeAlias

from domain.counters import Counter
from domain.credit_notes import CreditNote, Progress
from domain.identifiers import ClientId
from domain.invoices import Invoice, State
from domain.totals import Totals
from domain.work import WorkEntry

Counts: TypeAlias = dict[tuple[ClientId, str], dict[str, int]]


def recount(
    work: Iterable[WorkEntry], invoices: Iterable[Invoice], notes: Iterable[CreditNote] = ()
) -> Counts:
    """What the counters of each client and month (YYYY-MM) have to show; zeros are left out."""
    counts: dict[tuple[ClientId, str], Sum[str]] = defaultdict(Sum)
    for entry in work:
        if not entry.removed:
            month = counts[entry.client_id, str(entry.date)[:7]]
            month["entries"] += 1
            month["minutes"] += entry.minutes or 0
            month["billable"] += entry.amount if entry.billable else 0
            month["unbilled"] += entry.amount if entry.billable and entry.invoiced_on is None else 0
    taken_back = Sum[str]()
    for note in notes:
        if note.state is Progress.ISSUED and note.totals:
            counts[note.client_id, str(note.issued_on)[:7]]["credited"] += note.totals.gross
            taken_back[note.invoice_id] += _payable(note.totals)
    for invoice in invoices:
        if invoice.state is State.ISSUED:
            month = counts[invoice.client_id, str(invoice.issued_on)[:7]]
            month["invoices"] += 1
            month["issued"] += invoice.total
            month["paid"] += invoice.paid
            month["outstanding"] += max(0, _payable(invoice.totals) - taken_back[invoice.id]) - invoice.paid
    return _without_zeros(counts)


def shown(counters: Iterable[Counter]) -> Counts:
    """What the counters do show, in the same form."""
    return _without_zeros(
        {
            (counter.client_id, month): asdict(tally)
            for counter in counters
            for month, tally in counter.months.items()
        }
    )


def _payable(totals: Totals | None) -> int:
    return totals.gross - totals.prepaid + totals.rounding if totals else 0


def _without_zeros(counts: dict[tuple[ClientId, str], Sum[str]] | Counts) -> Counts:
    told = {key: {name: value for name, value in month.items() if value} for key, month in counts.items()}
    return {key: month for key, month in told.items() if month}
