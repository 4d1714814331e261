"""The timer's tick → what failed and is due goes back to where it came from, and what accounts replay too."""

import datetime as dt
from typing import Any

from domain.errors import TryAgainLaterError
from domain.own_replays import carry_on_replays
from domain.retries import Backlog, backlog, retry_failures
from events.catalog import is_newer_than_code
from infrastructure import wiring
from infrastructure.observability import cause, logger


class RetriesIncompleteError(TryAgainLaterError):
    """Some queues or replays could not be dealt with; the others were."""

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
    turns, unturned = _carry_on(now)
    try:
        left = _told(backlog(now, ledger=wiring.ledger()))
    except Exception as error:  # noqa: BLE001 - told; what was done is told as well
        left, failed = {}, [*failed, {"queue": "backlog", **cause(error)}]
    failed += unturned
    told = {"turns": turns, "gone": retried.gone, "failed": failed}
    logger().info("failures retried", extra=done | left | told)
    if failed:
        raise RetriesIncompleteError(f"{len(failed)} queues or replays failed; the next tick tries again")


def _carry_on(now: dt.datetime) -> tuple[int, list[dict[str, Any]]]:
    """How many replays had a turn, and what went wrong with the others."""
    try:
        carried = carry_on_replays(
            now, jobs=wiring.replay_jobs(), ledger=wiring.ledger(), sources=wiring.sources()
        )
    except Exception as error:  # noqa: BLE001 - told; what was retried is told as well
        return 0, [{"replay": "every", **cause(error)}]
    return carried.turns, [{"replay": job_id, **cause(error)} for job_id, error in carried.failed]


def _told(left: Backlog) -> dict[str, int]:
    """template.yaml makes metrics of these."""
    return {
        "all_parked": left.parked,
        "oldest_retrying_seconds": int(left.oldest_retrying.total_seconds()),
    }
