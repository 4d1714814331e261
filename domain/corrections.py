"""The credit notes of each invoice: what was taken back ⇄ what they and the invoice say of it.

credit note   ──▶ an invoice that exists; as many lines, with the same net amount
issued ones   ──▶ what the invoice says was credited, and all of it once no line is left
open or sealed: for an hour, then the failure ledger knows of it · issued: mailed within the hour, likewise
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from domain.credit_notes import CreditNote, Progress
from domain.invoices import Invoice, State
from domain.proof import GRACE, Code, Finding, OpenFailures, Proof, Step
from domain.recounting import Lines, Reading

BY_HAND = "no command mends it: compare the documents and a backup of the table"


def corrected(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:
    """What one look at the client's credit notes proves."""
    proofs = (_finished(reading, note, at, now, failures) for note, at in reading.notes)
    return sum(proofs, Proof(findings=(*_differing(reading, now), *_of_nothing(reading))))


def _differing(reading: Reading, now: dt.datetime) -> Iterator[Finding]:
    for note, at in reading.notes:
        is_moving = note.state is Progress.OPEN and now - at <= GRACE
        if not is_moving and reading.released.get(note.id, Lines()) != Lines(
            entries=note.entries, net=note.net
        ):
            told = f"the lines that {note.id} took back are not what it says"
            yield _finding(reading, Code.CREDIT_NOTES_DIFFER, note.id, told)
    for invoice, _ in reading.invoices:
        notes = [note for note, _ in reading.notes if note.invoice_id == invoice.id]
        if not _adds_up(invoice, [note for note in notes if note.state is Progress.ISSUED]):
            told = f"the credit notes of {invoice.id} do not come to what it says"
            yield _finding(reading, Code.CREDIT_NOTES_DIFFER, invoice.id, told)


def _adds_up(invoice: Invoice, issued: Sequence[CreditNote]) -> bool:
    if invoice.state is State.VOID:
        return not issued
    said = (sum(note.entries for note in issued), sum(note.credited for note in issued))
    if said != (invoice.released, invoice.credited):
        return False
    is_whole = sum(note.total for note in issued) == invoice.total
    return is_whole or not invoice.is_credited


def _of_nothing(reading: Reading) -> Iterator[Finding]:
    notes = {note.id: note.invoice_id for note, _ in reading.notes}
    void = {invoice.id for invoice, _ in reading.invoices if invoice.state is State.VOID}
    invoices = {invoice.id for invoice, _ in reading.invoices}
    for released_by, lines in reading.released.items():
        if released_by not in notes and released_by not in void:
            told = f"{lines.entries} lines were taken back by {released_by}, which is no credit note"
            yield _finding(reading, Code.CREDIT_NOTES_DIFFER, released_by, told)
    for note_id, invoice_id in notes.items():
        if invoice_id not in invoices:
            told = f"{note_id} corrects {invoice_id}, which does not exist"
            yield _finding(reading, Code.CREDIT_NOTES_DIFFER, note_id, told)


def _finished(
    reading: Reading, note: CreditNote, at: dt.datetime, now: dt.datetime, failures: OpenFailures
) -> Proof:
    is_issued = note.state is Progress.ISSUED
    if is_issued and note.id in reading.sent:
        return Proof()
    if now - at <= GRACE:
        return Proof(pending=1)
    step = Step.MAILED if is_issued else Step.ISSUED
    if failures.of(step, account_id=note.account_id, entity_id=note.id, version=note.version, at=at):
        return Proof(failing=1)
    if is_issued and _is_settled(reading, note, failures):
        return Proof()
    return Proof(findings=(_unfinished(reading, note),))


def _is_settled(reading: Reading, note: CreditNote, failures: OpenFailures) -> bool:
    """Nobody knows whether it was mailed, and a person has given its failure up."""
    return note.id in reading.unsure and failures.is_given_up(
        Step.MAILED, account_id=note.account_id, entity_id=note.id, version=note.version
    )


def _unfinished(reading: Reading, note: CreditNote) -> Finding:
    again = f"invoicely events republish --client {note.client_id}"
    if note.state is not Progress.ISSUED:
        told = f"{note.id} is {note.state} for over an hour and no failure is known; {again} goes on"
        return _finding(reading, Code.CREDIT_NOTE_UNFINISHED, note.id, told, mended="")
    told = f"{note.id} is issued for over an hour and not known as mailed; {again} sends it, or says why not"
    return _finding(reading, Code.CREDIT_NOTE_UNSENT, note.id, told, mended="")


def _finding(
    reading: Reading, code: Code, subject: str, told: str, *, mended: str = f"; {BY_HAND}"
) -> Finding:
    client = reading.client
    return Finding(
        code=code, account_id=client.account_id, client_id=client.id, subject=subject, told=f"{told}{mended}"
    )
