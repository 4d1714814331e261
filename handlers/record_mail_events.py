"""Queue `mail-events` (what SES tells of our mails) → the delivery, and the client whose address bounces."""

from typing import Any

from domain.mail_events import record_mail_event
from infrastructure import wiring
from infrastructure.mail.events import read
from infrastructure.observability import logger
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    return wiring.consumer().each_body(event, _handle)


def _handle(body: str) -> None:
    if (told := read(body)) is None:
        return
    if not record_mail_event(told, deliveries=wiring.deliveries(), clients=wiring.clients()):
        logger().warning("mail of nobody known", extra={"invoice": told.invoice_id, "fate": told.fate})
