"""What holds of invoices at every instant, checked from the store alone."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.identifiers import AccountId
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.work import WorkEntry
from tests.fakes import Store
from tests.fakes.store import Entity

Series: TypeAlias = tuple[AccountId, str]
IssuedOn: TypeAlias = dict[int, dt.date | None]


def check_invoices(store: Store) -> None:
    """Raise an `AssertionError` where one of the promises about invoices is broken."""
    for invoice in store.all(Invoice):
        lines = [line.entry for line in store.lines_of(invoice)]
        _totals_are_the_sum_of_the_lines(invoice, lines)
        _what_was_taken_back_adds_up(store, invoice)
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
            if isinstance(before, CreditNote) and isinstance(after, CreditNote):
                assert before.state is not NoteState.ISSUED, "an issued credit note has changed"
            if isinstance(before, WorkEntry) and isinstance(after, WorkEntry):
                is_released = after == replace(
                    before, invoiced_on=None, invoiced_nth=None, version=after.version
                )
                assert before.invoiced_on is None or is_released, "claimed work has changed"


def _totals_are_the_sum_of_the_lines(invoice: Invoice, lines: list[WorkEntry]) -> None:
    assert (invoice.entries, invoice.net) == (len(lines), sum(line.amount for line in lines))
    assert all(line.billable and not line.removed and line.date < invoice.period_end for line in lines)
    if invoice.state in {State.ISSUED, State.VOID}:
        assert invoice.total == invoice.net + invoice.tax_amount
    if invoice.state is State.EMPTY:
        assert lines == []


def _what_was_taken_back_adds_up(store: Store, invoice: Invoice) -> None:
    """Each line by one credit note; together they are at most the invoice, and all of it at last."""
    lines = store.lines_of(invoice)
    assert len({line.entry.id for line in lines}) == len(lines), "a line stands there twice"
    notes = [note for note in store.all(CreditNote) if note.invoice_id == invoice.id]
    for note in notes:
        own = [line.entry for line in lines if line.released_by == note.id]
        assert (note.entries, note.net) == (len(own), sum(entry.amount for entry in own))
    released = {line.released_by for line in lines} - {None}
    expected = {invoice.id} if invoice.state is State.VOID else {note.id for note in notes}
    assert released <= expected, "released by something else"
    issued = [note for note in notes if note.state is NoteState.ISSUED]
    assert len(notes) - len(issued) == (1 if invoice.crediting else 0), "two are under way"
    if invoice.state is State.VOID:
        assert notes == []
        assert invoice.released == sum(line.released_by is not None for line in lines)
    else:
        assert invoice.released == sum(note.entries for note in issued)
    assert invoice.credited == sum(note.credited for note in issued)
    if invoice.is_credited and invoice.totals:
        assert sum(note.total for note in issued) == invoice.total
        assert sum(note.tax_amount for note in issued) == invoice.tax_amount
        assert (invoice.outstanding, invoice.given_back) == (-invoice.paid, invoice.totals.prepaid)


def _numbers_have_no_hole(store: Store) -> None:
    numbered: list[Invoice | CreditNote] = []
    numbered += [each for each in store.all(Invoice) if each.state in {State.ISSUED, State.VOID}]
    numbered += [note for note in store.all(CreditNote) if note.state is NoteState.ISSUED]
    everything: list[Invoice | CreditNote] = [*store.all(Invoice), *store.all(CreditNote)]
    assert all(not each.number for each in everything if each not in numbered)
    issued_on = {(each.account_id, str(each.id)): each.issued_on for each in numbered}
    by_series: dict[Series, IssuedOn] = defaultdict(dict)
    for (account_id, series, number), numbered_id in store.numbers.items():
        by_series[account_id, series][number] = issued_on[account_id, numbered_id]
    assert sorted(store.numbers.values()) == sorted(each.id for each in numbered)
    for key, dates in by_series.items():
        assert sorted(dates) == list(range(1, store.sequences[key].last + 1)), "a number is missing"
        in_order = [str(dates[number]) for number in sorted(dates)]
        assert in_order == sorted(in_order), "dates descend"


def _an_invoice_goes_on(before: Invoice, after: Invoice) -> None:
    if before.state in {State.ISSUED, State.VOID}:
        names = ("paid", "reminders", "released", "credited", "given_back", "crediting", "version")
        moves = {name: getattr(after, name) for name in names}
        is_made_void = before.state is State.ISSUED and after.state is State.VOID
        state = after.state if is_made_void else before.state
        assert after == replace(before, state=state, **moves), "a finished invoice has changed"
        return
    if before.state in {State.IN_REVIEW, State.SKIPPED}:
        ends = {State.IN_REVIEW, State.SEALED, State.SKIPPED}
        if before.state is State.SKIPPED and not before.entries:
            ends |= {State.OPEN}
        assert after.state in ends, "a review ended otherwise"
        return
    assert before.state in {State.OPEN, State.SEALED, State.HELD}, "a finished invoice has changed"
    if before.state in {State.SEALED, State.HELD}:
        ends = {State.HELD, State.ISSUED} | (
            {State.SKIPPED, State.SEALED} if before.state is State.HELD else set()
        )
        assert after.state in ends
        assert (after.entries, after.net) == (before.entries, before.net), "a sealed invoice has changed"


def _versions(store: Store) -> dict[tuple[type[Entity], str], list[Entity]]:
    versions: dict[tuple[type[Entity], str], list[Entity]] = defaultdict(list)
    for entity in store.stream:
        versions[type(entity), getattr(entity, "id", "") or getattr(entity, "invoice_id", "")].append(entity)
    return versions
