"""Queue `invoicing` (opened invoices) → issued invoices, with all their work and a number."""

from typing import Any

from domain.invoices import Invoice
from domain.invoicing import issue_invoice
from events.envelope import Event
from infrastructure import codec, wiring
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    return wiring.consumer().each_event(event, _handle)


def _handle(event: Event) -> None:
    opened = codec.decode(Invoice, event.data)
    issue_invoice(
        opened.id,
        account_id=opened.account_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        parties=wiring.parties(),
        collecting=wiring.collecting(),
        numbering=wiring.numbering(),
    )
