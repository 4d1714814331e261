"""The hourly tick → a reminder of every unpaid invoice for which one is due by the tick's own time.

What fails is still due: the next tick does this one's work too.
"""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.reminders import remind_clients
from infrastructure import wiring
from infrastructure.context import correlation, tick_id
from infrastructure.observability import cause, logger


class RemindersIncompleteError(TryAgainLaterError):
    """Some invoices could not be dealt with; the others were."""

    code = "reminders-incomplete"


def handler(event: dict[str, Any], _context: object) -> None:
    until = dt.datetime.fromisoformat(event["time"])
    with correlation(tick_id(until)):
        reminded = remind_clients(
            until,
            due_reminders=wiring.due_reminders(),
            invoices=wiring.invoices(),
            reminders=wiring.reminders(),
        )
    failed = [{"invoice": each.invoice_id, **cause(error)} for each, error in reminded.failed]
    done = {"until": event["time"], "reminders": reminded.reminders, "failed": failed}
    logger().info("reminders recorded", extra=done)
    if failed:
        raise RemindersIncompleteError(f"{len(failed)} invoices failed; the next tick tries again")
