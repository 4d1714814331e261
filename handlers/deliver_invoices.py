"""Queue `delivery` → a PDF and a mail for each issued invoice and credit note; a mail for each reminder.

An issued invoice is mailed once more where a person wants that.
"""

from typing import Any

from domain.credit_delivery import deliver_credit_note
from domain.credit_notes import CreditNote
from domain.delivering import deliver_invoice
from domain.delivery import Delivery
from domain.identifiers import AccountId, InvoiceId
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
    elif event.type.startswith(_CREDIT_NOTE):
        _deliver_credit_note(event)
    else:
        _deliver(event)


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


def _deliver(event: Event) -> None:
    account_id, invoice_id = _issued(event)
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


def _deliver_credit_note(event: Event) -> None:
    issued = codec.decode(CreditNote, event.data)
    deliver_credit_note(
        issued.id,
        account_id=issued.account_id,
        credit_notes=wiring.credit_notes(),
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
        renderer=wiring.renderer(),
        einvoices=wiring.einvoices(),
        postman=wiring.postman(),
        now=wiring.now(),
    )


def _issued(event: Event) -> tuple[AccountId, InvoiceId]:
    """Whose invoice is to be mailed, and which; nothing else can be asked for once more."""
    if event.type.startswith(_DELIVERY):
        wanted = codec.decode(Delivery, event.data)
        return wanted.account_id, InvoiceId(wanted.invoice_id)
    issued = codec.decode(Invoice, event.data)
    return issued.account_id, issued.id
