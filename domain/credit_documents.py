"""What a credit note says: what its invoice said, of the lines that it takes back."""

from collections.abc import Sequence
from dataclasses import replace

from domain.credit_notes import CreditNote, CreditNotes
from domain.documents import DocumentKind, InvoiceDocument, Preceding
from domain.identifiers import AccountId, CreditNoteId, DocumentId, invoice_of
from domain.invoices import Invoice, Invoices
from domain.printing import NotIssuedError, document_of, frozen_of
from domain.work import WorkEntry


def credit_note_document(note: CreditNote, invoice: Invoice, lines: Sequence[WorkEntry]) -> InvoiceDocument:
    """What an issued credit note says on paper of these lines of its invoice.

    Raises:
        NotIssuedError: the credit note or its invoice has no number yet.
    """
    return _corrects(note, invoice, document_of(_said(note, invoice), lines))


def credit_note_frozen(note: CreditNote, invoice: Invoice, lines: Sequence[WorkEntry]) -> InvoiceDocument:
    """All that it settles: each entry by itself, however the printed lines are grouped; raises likewise."""
    return _corrects(note, invoice, frozen_of(_said(note, invoice), lines))


def frozen_document(
    document: DocumentId, *, account_id: AccountId, invoices: Invoices, credit_notes: CreditNotes
) -> InvoiceDocument:
    """All that an invoice or a credit note settles, whichever the id is of, as it is stored now.

    Raises:
        NotIssuedError: it has no number.
        NotFoundError: there is no such document.
    """
    if not document.startswith("crn_"):
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_of(document))
        return frozen_of(invoice, invoices.lines(invoice=invoice))
    note = credit_notes.get(account_id=account_id, credit_note_id=CreditNoteId(document))
    invoice = invoices.get(account_id=account_id, invoice_id=note.invoice_id)
    return credit_note_frozen(note, invoice, credit_notes.taken_back(note=note))


def _said(note: CreditNote, invoice: Invoice) -> Invoice:
    """The invoice, with what the credit note says instead."""
    if not (note.number and note.issued_on and note.totals):
        raise NotIssuedError(f"{note.id} is {note.state}, not issued")
    return replace(
        invoice,
        number=note.number,
        issued_on=note.issued_on,
        payment_due_on=note.issued_on,
        totals=note.totals,
        timesheet=False,
    )


def _corrects(note: CreditNote, invoice: Invoice, document: InvoiceDocument) -> InvoiceDocument:
    if not (invoice.number and invoice.issued_on):
        raise NotIssuedError(f"{invoice.id} is {invoice.state}, not issued")
    corrects = Preceding(number=invoice.number, issued_on=invoice.issued_on)
    reason = note.reason if note.says_reason else None
    return replace(document, kind=DocumentKind.CREDIT_NOTE, corrects=corrects, reason=reason)
