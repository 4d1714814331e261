"""What holds of invoices at every instant, checked from the store alone."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.work import WorkEntry
from tests.fakes import Store
from tests.fakes.store import Entity

Series: TypeAlias = tuple[AccountId, str]
IssuedOn: TypeAlias = dict[int, dt.date | None]


def check_invoices(store: Store) -> None:
    """Raise an `AssertionError` where one of the promises about invoices is broken."""
    lines: dict[InvoiceId | None, list[WorkEntry]] = defaultdict(list)
    for entry in store.all(WorkEntry):
        lines[entry.invoice_id].append(entry)
    for invoice in store.all(Invoice):
        _totals_are_the_sum_of_the_lines(invoice, lines[invoice.id])
        came = [payment.amount for payment in store.all(Payment) if payment.invoice_id == invoice.id]
        assert invoice.paid == sum(came), "an invoice and its payments differ"
    _numbers_have_no_hole(store)


def check_history(store: Store) -> None:
    """Raise an `AssertionError` where an entity did not become what it is step by step."""
    for versions in _versions(store).values():
        assert [entity.version for entity in versions] == list(range(1, len(versions) + 1))
        for before, after in pairwise(versions):
            if isinstance(before, Invoice) and isinstance(after, Invoice):
                _an_invoice_goes_on(before, after)
            if isinstance(before, WorkEntry) and isinstance(after, WorkEntry):
                assert before.invoiced_on is None, "claimed work has changed"


def _totals_are_the_sum_of_the_lines(invoice: Invoice, lines: list[WorkEntry]) -> None:
    assert (invoice.entries, invoice.net) == (len(lines), sum(line.amount for line in lines))
    assert all(line.billable and not line.removed and line.date < invoice.period_end for line in lines)
    if invoice.state is State.ISSUED:
        assert invoice.total == invoice.net + invoice.tax_amount
    if invoice.state is State.EMPTY:
        assert lines == []


def _numbers_have_no_hole(store: Store) -> None:
    issued = [invoice for invoice in store.all(Invoice) if invoice.state is State.ISSUED]
    assert all(not invoice.number for invoice in store.all(Invoice) if invoice not in issued)
    by_series: dict[Series, IssuedOn] = defaultdict(dict)
    for (account_id, series, number), invoice_id in store.numbers.items():
        by_series[account_id, series][number] = store.get(Invoice, account_id, invoice_id).issued_on
    assert sorted(store.numbers.values()) == sorted(invoice.id for invoice in issued)
    for key, dates in by_series.items():
        assert sorted(dates) == list(range(1, store.sequences[key].last + 1)), "a number is missing"
        in_order = [str(dates[number]) for number in sorted(dates)]
        assert in_order == sorted(in_order), "dates descend"


def _an_invoice_goes_on(before: Invoice, after: Invoice) -> None:
    if before.state is State.ISSUED:
        kept = replace(after, paid=before.paid, reminders=before.reminders, version=before.version)
        assert kept == before, "an issued invoice has changed in what it says"
        return
    assert before.state in {State.OPEN, State.SEALED}, "a finished invoice has changed"
    if before.state is State.SEALED:
        assert after.state is State.ISSUED
        assert (after.entries, after.net) == (before.entries, before.net), "a sealed invoice has changed"


def _versions(store: Store) -> dict[tuple[type[Entity], str], list[Entity]]:
    versions: dict[tuple[type[Entity], str], list[Entity]] = defaultdict(list)
    for entity in store.stream:
        versions[type(entity), getattr(entity, "id", "") or getattr(entity, "invoice_id", "")].append(entity)
    return versions
