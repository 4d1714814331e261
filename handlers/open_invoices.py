"""The schedule's tick → an open invoice for every period that is due by the tick's own time."""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.opening import open_invoices
from infrastructure import wiring
from infrastructure.context import correlation, tick_id
from infrastructure.observability import cause, logger


class TickIncompleteError(TryAgainLaterError):
    """Some clients could not be served; the others were."""

    code = "tick-incomplete"


def handler(event: dict[str, Any], _context: object) -> None:
    until = dt.datetime.fromisoformat(event["time"])
    with correlation(tick_id(until)):
        opened = open_invoices(
            until, due_clients=wiring.due_clients(), clients=wiring.clients(), opening=wiring.opening()
        )
    failed = [{"client": client_id, **cause(error)} for client_id, error in opened.failed]
    done = {"until": event["time"], "opened": opened.invoices, "held": opened.held, "failed": failed}
    logger().info("tick done", extra=done)
    if opened.held:
        # template.yaml counts this line and rings.
        logger().error("clients held", extra={"clients": opened.held})
    if failed:
        raise TickIncompleteError(f"{len(failed)} clients failed; they stay due and the tick is repeated")
