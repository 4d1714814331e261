"""Every dead-letter queue → the failure ledger."""

from typing import Any

from domain.recording import record as record_failure
from infrastructure import wiring
from infrastructure.dead_letters import reports_of
from infrastructure.queue import Batch, each_record


def handler(event: dict[str, Any], _context: object) -> Batch:
    return each_record(event, _handle)


def _handle(message: dict[str, Any]) -> None:
    for report in reports_of(message):
        record_failure(report, ledger=wiring.ledger(), now=wiring.now())
