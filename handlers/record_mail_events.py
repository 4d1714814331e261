"""Queue `mail-events` (what SES tells of our mails) → the delivery or reminder, and the client."""

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
    is_known = record_mail_event(
        told, deliveries=wiring.deliveries(), reminders=wiring.reminders(), clients=wiring.clients()
    )
    if not is_known:
        logger().warning("mail of nobody known", extra={"invoice": told.invoice_id, "fate": told.fate})
