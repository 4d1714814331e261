"""Queue `counters` (work and issued invoices) → each client's counters, a whole batch at once."""

from typing import Any

from domain.counters import keep_counters
from infrastructure import wiring
from infrastructure.counting import read_contributions
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    read = read_contributions(event["Records"])
    uncounted = keep_counters(read.contributions.values(), counters=wiring.counters())
    failed = read.unreadable | read.messages_of(uncounted)
    return wiring.consumer().answer(event, failed, because=read.because)
