"""The schedule's tick → an open invoice for every period that is due by the tick's own time."""

import datetime as dt
from typing import Any

from domain.invoicing import open_invoices
from infrastructure import wiring
from infrastructure.context import correlation
from infrastructure.observability import logger


def handler(event: dict[str, Any], _context: object) -> None:
    until = dt.datetime.fromisoformat(event["time"])
    with correlation(f"tick-{until:%Y%m%dT%H%M%SZ}"):
        opened = open_invoices(
            until, due_clients=wiring.due_clients(), clients=wiring.clients(), opening=wiring.opening()
        )
    logger().info("tick done", extra={"until": event["time"], "opened": opened.invoices, "held": opened.held})
