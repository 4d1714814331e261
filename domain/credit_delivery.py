"""Get an issued credit note to its client, as an invoice: printed once, stored once, mailed once."""

import datetime as dt

from domain.archiving import Archive
from domain.credit_documents import credit_note_document
from domain.credit_notes import CreditNote, CreditNotes, Progress
from domain.delivering import hand_over
from domain.delivery import Deliveries, Delivery
from domain.documents import Renderer
from domain.einvoices import EInvoices
from domain.file_names import file_name
from domain.identifiers import AccountId, CreditNoteId
from domain.invoices import Invoices
from domain.mailing import Attachment, Mail, Postman, credit_note_mail
from domain.printing import NotIssuedError, printed


def deliver_credit_note(
    note_id: CreditNoteId,
    *,
    account_id: AccountId,
    credit_notes: CreditNotes,
    invoices: Invoices,
    deliveries: Deliveries,
    archive: Archive,
    renderer: Renderer,
    einvoices: EInvoices,
    postman: Postman,
    now: dt.datetime,
) -> Delivery:
    """Print an issued credit note, keep its documents, and mail it once, however often its event arrives.

    Raises like `deliver_invoice`.
    """
    note = credit_notes.get(account_id=account_id, credit_note_id=note_id)
    if note.state is not Progress.ISSUED or note.number is None or note.issued_on is None:
        raise NotIssuedError(f"{note_id} is {note.state}, not issued")
    number, issued_on = note.number, note.issued_on
    delivery = deliveries.get(account_id=account_id, invoice_id=note_id)
    if delivery.is_over:
        return delivery
    invoice = invoices.get(account_id=account_id, invoice_id=note.invoice_id)
    content = printed(
        delivery,
        lambda: credit_note_document(note, invoice, credit_notes.taken_back(note=note)),
        under=f"{account_id}/credit-notes/{note_id}",
        deliveries=deliveries,
        archive=archive,
        renderer=renderer,
        einvoices=einvoices,
    )

    def letter(begun: Delivery) -> Mail:
        return credit_note_mail(
            invoice,
            recipient=begun.recipient or "",
            number=number,
            issued_on=issued_on,
            credited=note.credited,
            delivery_id=note.id,
            attempt=begun.attempt,
            attachments=(Attachment(number=number, content=content),),
        )

    return hand_over(delivery, letter, buyer=invoice.buyer, deliveries=deliveries, postman=postman, now=now)


def credit_filename_of(note: CreditNote, ending: str = "pdf") -> str:
    """What a document is called where its seller stores it."""
    return file_name("credit-note", note.number or note.id, ending=ending)
