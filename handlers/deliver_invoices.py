"""Queue `delivery` → a PDF and a mail for each issued invoice and credit note; a mail for each reminder.

What is issued is mailed once more where a person wants that.
"""

from typing import Any

from domain.credit_delivery import deliver_credit_note
from domain.credit_notes import CreditNote
from domain.delivering import deliver_invoice
from domain.delivery import Delivery
from domain.identifiers import AccountId, CreditNoteId, DocumentId, InvoiceId
from domain.invoices import Invoice
from domain.reminders import Reminder, send_reminder
from events.envelope import Event
from infrastructure import codec, wiring
from infrastructure.queue import Batch

_DELIVERY = "invoicely.delivery."
_REMINDER = "invoicely.reminder."
_CREDIT_NOTE = "invoicely.creditnote."


def handler(event: dict[str, Any], _context: object) -> Batch:
    return wiring.consumer().each_event(event, _handle)


def _handle(event: Event) -> None:
    if event.type.startswith(_REMINDER):
        _remind(event)
        return
    account_id, document = _wanted(event)
    if document.startswith("crn_"):
        _deliver_credit_note(account_id, CreditNoteId(document))
    else:
        _deliver(account_id, InvoiceId(document))


def _remind(event: Event) -> None:
    recorded = codec.decode(Reminder, event.data)
    send_reminder(
        recorded.id,
        account_id=recorded.account_id,
        reminders=wiring.reminders(),
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        archive=wiring.archive(),
        postman=wiring.postman(),
        now=wiring.now(),
    )


def _deliver(account_id: AccountId, invoice_id: InvoiceId) -> None:
    deliver_invoice(
        invoice_id,
        account_id=account_id,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
        renderer=wiring.renderer(),
        einvoices=wiring.einvoices(),
        postman=wiring.postman(),
        now=wiring.now(),
    )


def _deliver_credit_note(account_id: AccountId, note_id: CreditNoteId) -> None:
    deliver_credit_note(
        note_id,
        account_id=account_id,
        credit_notes=wiring.credit_notes(),
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
        renderer=wiring.renderer(),
        einvoices=wiring.einvoices(),
        postman=wiring.postman(),
        now=wiring.now(),
    )


def _wanted(event: Event) -> tuple[AccountId, DocumentId]:
    """Whose invoice or credit note is to be mailed, and which: it was issued, or is wanted once more."""
    if event.type.startswith(_DELIVERY):
        wanted = codec.decode(Delivery, event.data)
        return wanted.account_id, wanted.invoice_id
    if event.type.startswith(_CREDIT_NOTE):
        note = codec.decode(CreditNote, event.data)
        return note.account_id, note.id
    invoice = codec.decode(Invoice, event.data)
    return invoice.account_id, invoice.id
