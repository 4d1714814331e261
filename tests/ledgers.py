"""Failures in the ledger of a world, named by numbers."""

import datetime as dt

from domain.failures import Cause, Failure, FailureId, Kind, Report
from domain.recording import record
from tests.builders import FAILED_AT, a_report
from tests.world import World

LATER = FAILED_AT + dt.timedelta(hours=1)
MISSING = Cause(error="NotFoundError", at="domain.clients:88", code="not-found", message="no client …")
POISON = {"kind": Kind.PERMANENT, "cause": MISSING}


def the_id(number: int = 1, queue: str = "counters") -> FailureId:
    """The failure of the event with that number."""
    return FailureId(f"{queue}:{number:032x}")


def reported(world: World, report: Report, now: dt.datetime = FAILED_AT) -> Failure:
    """The failure that somebody reports."""
    return record(report, ledger=world.ledger, now=now)


def three_failures(world: World) -> World:
    """Two of a poison in the queue of counters, and one of a throttled delivery."""
    for report in (a_report(1, **POISON), a_report(2, **POISON), a_report(3, queue="delivery")):
        reported(world, report)
    return world


def get(world: World, failure_id: FailureId) -> Failure:
    return world.ledger.get(failure_id=failure_id)


def put(world: World, failure: Failure) -> Failure:
    """The failure as it is stored, whatever there was before."""
    return world.ledger.update(failure_id=failure.id, change=lambda _: failure)


def resolve(world: World, failure_id: FailureId) -> Failure:
    return put(world, get(world, failure_id).resolved(LATER, actor="counters"))
