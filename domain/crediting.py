"""Credit notes, made by any number of workers and finished by any later run.

    asked for ──▶ CREDIT NOTE open, INVOICE being credited: both or nothing, one at a time
    open ──release, ≤ 49 lines a step──▶ open ──none left──▶ sealed, totals known
    sealed ──number──▶ issued, and INVOICE credited: both or nothing

A released line stays on its invoice as it was; its work is open again, and billed again.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as Many
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeVar

from domain import numbers
from domain.calendar import local_date
from domain.clients import Client
from domain.credit_documents import credit_note_frozen
from domain.credit_notes import Correction, CreditNote, CreditNotes, Line, Progress
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.identifiers import (
    AccountId,
    CreditNoteId,
    InvoiceId,
    WorkId,
    credit_note_id,
    credit_note_parts,
    invoice_parts,
)
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State, charges_of
from domain.invoicing import Parties
from domain.mirrored import mirrored
from domain.numbers import Sequences, Taken
from domain.stopping import TimeIsUp, never, stop_in_time
from domain.totals import Totals
from domain.work import WorkEntry

MOST_RELEASED = 49
MOST_ROUNDS = 6

Result = TypeVar("Result")


class InvoiceNotIssuedError(ConflictError):
    """The invoice has no number yet: nothing of it can be taken back."""

    code = "invoice-not-issued-yet"


class InvoiceIsVoidError(ConflictError):
    """The invoice is void: nothing of it is owed."""

    code = "invoice-is-void"


class InvoiceIsCreditedError(ConflictError):
    """Credit notes have taken back all of the invoice's lines."""

    code = "invoice-is-credited"


class CreditNoteUnderWayError(ConflictError):
    """Another credit note of the invoice is being made; it is done in a moment."""

    code = "credit-note-under-way"


class Crediting(Protocol):
    """Takes back lines of invoices, and releases their work."""

    def lines(self, *, invoice: Invoice) -> Many[Line]:
        """All lines of the invoice, by date, each with what released it, as of now."""
        ...

    def begin(self, *, note: CreditNote, invoice: Invoice, credited: Invoice) -> None:
        """Put the credit note, and mark the invoice: both or nothing.

        Raises:
            InvoiceMovedError: the invoice is not as it was read, or there is such a credit note.
        """
        ...

    def release(self, *, note: CreditNote, entries: Many[WorkEntry]) -> None:
        """Release the entries, leave their lines as they were, and add them up: all of it, or nothing.

        Raises:
            InvoiceMovedError: the credit note is not open, or an entry is not as it was read.
        """
        ...

    def seal(self, *, note: CreditNote, sealed: CreditNote) -> None:
        """Store the credit note as sealed.

        Raises:
            InvoiceMovedError: the credit note is not open at the version that was read.
        """
        ...

    def issue(
        self,
        *,
        note: CreditNote,
        issued: CreditNote,
        invoice: Invoice,
        credited: Invoice,
        taken: Taken,
        buyer: Client,
    ) -> None:
        """Take the number, issue the credit note, and credit the invoice: all of it, or nothing.

        What the invoice gives back with it is the buyer's to spend again, in the same step.

        Raises:
            InvoiceMovedError: the credit note is not sealed, the series or the invoice has moved on, or the
                buyer who gets something is not as it was read.
        """
        ...


def open_credit_note(
    invoice_id: InvoiceId,
    wanted: Correction,
    *,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    credit_notes: CreditNotes,
    crediting: Crediting,
    new_id: Callable[[], str],
) -> CreditNote:
    """Begin to take back an issued invoice, or the lines that are *wanted*; the rest follows by itself.

    A new id is taken only where the same request was begun before; then that credit note is returned.

    Raises:
        InvalidError: a line is not one of the invoice, or it was taken back before; this is told first.
        InvoiceNotIssuedError, InvoiceIsVoidError, InvoiceIsCreditedError: there is nothing to take back.
        CreditNoteUnderWayError: another one is being made.
        InvoiceMovedError: the invoice was changed by others `MOST_ROUNDS` times running.
    """
    invoice_parts(invoice_id)
    wanted_id = credit_note_id(invoice_id, new_id())

    def begin() -> CreditNote:
        if begun := _begun(wanted_id, account_id, credit_notes):
            return begun
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        if wanted.lines:
            _standing(wanted.lines, crediting.lines(invoice=invoice))
        creditable(invoice)
        note = CreditNote.opened(wanted_id, invoice, wanted, opened_at=now)
        crediting.begin(note=note, invoice=invoice, credited=invoice.being_credited(note.id))
        return note

    return again(begin, invoice_id)


def finish_credit_note(
    note_id: CreditNoteId,
    *,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    credit_notes: CreditNotes,
    parties: Parties,
    crediting: Crediting,
    sequences: Sequences,
    time_is_up: TimeIsUp = never,
) -> CreditNote:
    """Release the work, seal the credit note and give it its number; go on wherever a run stopped.

    Returns the credit note as issued. Calling it again changes nothing.

    Raises:
        NotFoundError: there is no such credit note.
        InvoiceMovedError: other workers were faster `MOST_ROUNDS` times running.
        UnfinishedError: there was no time for all of it.
    """
    credit_note_parts(note_id)

    def finish() -> CreditNote:
        note = credit_notes.get(account_id=account_id, credit_note_id=note_id)
        if note.state is Progress.ISSUED:
            return note
        invoice = invoices.get(account_id=account_id, invoice_id=note.invoice_id)
        if note.state is Progress.OPEN:
            note = _release(note, invoice, crediting, credit_notes, time_is_up)
        return _issue(
            note,
            invoice,
            now,
            credit_notes=credit_notes,
            parties=parties,
            crediting=crediting,
            sequences=sequences,
        )

    return again(finish, note_id)


def creditable(invoice: Invoice) -> Invoice:
    """The invoice, if anything of it can be taken back now; raises as `open_credit_note` does."""
    if invoice.state is State.VOID:
        raise InvoiceIsVoidError(f"{invoice.id} is void: nothing of it is owed, and its work is free")
    if invoice.state is not State.ISSUED:
        raise InvoiceNotIssuedError(f"{invoice.id} is {invoice.state}: only an issued invoice is taken back")
    if invoice.crediting:
        raise CreditNoteUnderWayError(
            f"{invoice.crediting} of {invoice.id} is being made: wait for its number"
        )
    if invoice.is_credited:
        raise InvoiceIsCreditedError(f"all lines of {invoice.id} were taken back before")
    return invoice


def _begun(note_id: CreditNoteId, account_id: AccountId, credit_notes: CreditNotes) -> CreditNote | None:
    try:
        return credit_notes.get(account_id=account_id, credit_note_id=note_id)
    except NotFoundError:
        return None


def _standing(wanted: Many[WorkId], lines: Many[Line]) -> None:
    by_id = {line.entry.id: line for line in lines}
    if problems := tuple(_wrong(wanted, by_id)):
        raise InvalidError(*problems)


def _wrong(wanted: Many[WorkId], lines: Mapping[WorkId, Line]) -> Iterator[Problem]:
    for place, work in enumerate(wanted):
        if work not in lines:
            yield Problem(f"/lines/{place}", "not-on-the-invoice", f"{work} is no line of this invoice")
        elif released_by := lines[work].released_by:
            told = f"{released_by} took this line back before"
            yield Problem(f"/lines/{place}", "taken-back", told)


def _release(
    note: CreditNote,
    invoice: Invoice,
    crediting: Crediting,
    credit_notes: CreditNotes,
    time_is_up: TimeIsUp,
) -> CreditNote:
    lines = crediting.lines(invoice=invoice)
    left = [line.entry for line in lines if note.takes(line)]
    for start in range(0, len(left), MOST_RELEASED):
        entries = left[start : start + MOST_RELEASED]
        crediting.release(note=note, entries=entries)
        note = note.with_released(entries)
        stop_in_time(note.id, time_is_up)
    sealed = note.sealed(_totals(note, invoice, lines, _earlier(note, lines, credit_notes)))
    crediting.seal(note=note, sealed=sealed)
    return replace(sealed, version=note.version + 1)


def _earlier(note: CreditNote, lines: Many[Line], credit_notes: CreditNotes) -> Many[Totals]:
    """What the credit notes before this one came to; each of them took a line back."""
    ids = {line.released_by for line in lines} - {None, note.id}
    before = (
        credit_notes.get(account_id=note.account_id, credit_note_id=CreditNoteId(each))
        for each in sorted(map(str, ids))
    )
    return [each.totals for each in before if each.totals]


def _totals(note: CreditNote, invoice: Invoice, lines: Many[Line], earlier: Many[Totals]) -> Totals:
    if invoice.totals is None or invoice.tax is None:
        raise InvoiceNotIssuedError(f"{invoice.id} has no totals")
    now = [place for place, line in enumerate(lines) if note.takes(line) or line.released_by == note.id]
    before = [place for place, line in enumerate(lines) if line.released_by not in {None, note.id}]
    return mirrored(
        now,
        before=before,
        lines=charges_of([line.entry for line in lines], invoice.tax),
        totals=invoice.totals,
        earlier=earlier,
        prices_include_tax=invoice.prices_include_tax,
    )


def _issue(
    note: CreditNote,
    invoice: Invoice,
    now: dt.datetime,
    *,
    credit_notes: CreditNotes,
    parties: Parties,
    crediting: Crediting,
    sequences: Sequences,
) -> CreditNote:
    lines = credit_notes.taken_back(note=note)
    seller, buyer = parties.of(account_id=note.account_id, client_id=note.client_id)
    today = local_date(now, seller.time_zone)
    # Whoever moves to where the day begins later takes nothing back before it was issued.
    today = max(today, invoice.issued_on or today)
    taken = numbers.take(
        seller.numbers_credit_notes, account_id=note.account_id, today=today, sequences=sequences
    )
    issued = note.issued(taken)
    taken = taken.chained(credit_note_frozen(issued, invoice, lines))
    issued = issued.chained(taken)
    credited = invoice.less(entries=issued.entries, credited=issued.credited)
    crediting.issue(note=note, issued=issued, invoice=invoice, credited=credited, taken=taken, buyer=buyer)
    return replace(issued, version=note.version + 1)


def again(attempt: Callable[[], Result], what: str) -> Result:
    """What *attempt* answers, which is begun anew where another worker was faster."""
    for _ in range(MOST_ROUNDS):
        with suppress(InvoiceMovedError):
            return attempt()
    raise InvoiceMovedError(f"{what} was changed by others {MOST_ROUNDS} times running")
