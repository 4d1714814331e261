"""Queue `delivery` (issued invoices) → a PDF in the archive and a mail to each client."""

from typing import Any

from domain.delivery import deliver_invoice
from domain.invoices import Invoice
from events.envelope import Event
from infrastructure import codec, wiring
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    return wiring.consumer().each_event(event, _handle)


def _handle(event: Event) -> None:
    issued = codec.decode(Invoice, event.data)
    deliver_invoice(
        issued.id,
        account_id=issued.account_id,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
        renderer=wiring.renderer(),
        einvoices=wiring.einvoices(),
        postman=wiring.postman(),
        now=wiring.now(),
    )
