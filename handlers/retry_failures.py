"""The timer's tick → what failed and is due goes back to where it came from."""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.retries import Backlog, backlog, retry_failures
from events.catalog import is_newer_than_code
from infrastructure import wiring
from infrastructure.observability import cause, logger


class RetriesIncompleteError(TryAgainLaterError):
    """Some queues could not be dealt with; the others were."""

    code = "retries-incomplete"


def handler(event: dict[str, Any], _context: object) -> None:
    now = dt.datetime.fromisoformat(event["time"])
    retried = retry_failures(
        now,
        ledger=wiring.ledger(),
        sources=wiring.sources(),
        paces=wiring.paces(),
        is_newer=is_newer_than_code,
    )
    done = {name: retried.counts[name] for name in ("sent", "settled", "refused", "parked", "waiting")}
    failed = [{"queue": queue, **cause(error)} for queue, error in retried.failed]
    try:
        left = _told(backlog(now, ledger=wiring.ledger()))
    except Exception as error:  # noqa: BLE001 - told; what was done is told as well
        left, failed = {}, [*failed, {"queue": "backlog", **cause(error)}]
    logger().info("failures retried", extra=done | left | {"gone": retried.gone, "failed": failed})
    if failed:
        raise RetriesIncompleteError(f"{len(failed)} queues failed; the next tick tries again")


def _told(left: Backlog) -> dict[str, int]:
    """template.yaml makes metrics of these."""
    return {
        "all_parked": left.parked,
        "oldest_retrying_seconds": int(left.oldest_retrying.total_seconds()),
    }
