"""The timer's tick → what failed and is due goes back to where it came from."""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.retries import backlog, retry_failures
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
    left = backlog(now, ledger=wiring.ledger())
    done = {name: retried.counts[name] for name in ("sent", "settled", "refused", "parked", "waiting")}
    failed = [{"queue": queue, **cause(error)} for queue, error in retried.failed]
    # template.yaml makes metrics of this line.
    told = {"all_parked": left.parked, "oldest_retrying_seconds": int(left.oldest_retrying.total_seconds())}
    logger().info("failures retried", extra=done | told | {"gone": retried.gone, "failed": failed})
    if failed:
        raise RetriesIncompleteError(f"{len(failed)} queues failed; the next tick tries again")
