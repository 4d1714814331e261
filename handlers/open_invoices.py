"""The schedule's tick → an open invoice for every period that is due by its own time, and reviews that end.

It also looks again at the held invoices whose turn it is.

A tick that failed comes back with the `failure` that it is to resolve; that of one client names it, and its
`account`.
"""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.held import look_at_held
from domain.opening import TICK, open_invoices, record_hopeless
from domain.recording import resolve
from domain.reviews import end_reviews
from infrastructure import wiring
from infrastructure.causes import cause_of
from infrastructure.context import correlation, tick_id
from infrastructure.observability import cause, logger
from infrastructure.queue import FAILURE, REPLAY


class TickIncompleteError(TryAgainLaterError):
    """Some clients could not be served for now; the others were."""

    code = "tick-incomplete"


def handler(event: dict[str, Any], _context: object) -> None:
    until = dt.datetime.fromisoformat(event["time"])
    with correlation(tick_id(until)):
        opened = open_invoices(
            until,
            due_clients=wiring.due_clients(),
            clients=wiring.clients(),
            opening=wiring.opening(),
            account_id=event.get("account"),
            client_id=event.get("client"),
        )
        opened += end_reviews(
            until,
            invoices=wiring.invoices(),
            reviews=wiring.reviews(),
            account_id=event.get("account"),
            client_id=event.get("client"),
        )
        opened += look_at_held(
            until,
            held=wiring.held_invoices(),
            invoices=wiring.invoices(),
            parties=wiring.parties(),
            account_id=event.get("account"),
            client_id=event.get("client"),
        )
    failed = [{"client": each.client_id, **cause(error)} for each, error in opened.failed]
    done = {
        "until": event["time"],
        "opened": opened.invoices,
        "approved": opened.approved,
        "let_go": opened.let_go,
        "held": opened.held,
        "failed": failed,
    }
    logger().info("tick done", extra=done)
    if opened.held:
        # template.yaml counts this line and rings.
        logger().error("clients held", extra={"clients": opened.held})
    left, hopeless = record_hopeless(
        opened,
        until,
        replay=event.get(REPLAY, 0),
        correlation_id=tick_id(until),
        ledger=wiring.ledger(),
        now=wiring.now(),
        cause_of=cause_of,
    )
    if left.failed:
        raise TickIncompleteError(
            f"{len(left.failed)} clients failed; they stay due and the tick is repeated"
        )
    replayed = {event[FAILURE]} - set(hopeless) if FAILURE in event else set()
    resolve(replayed, ledger=wiring.ledger(), now=wiring.now(), actor=TICK)
