"""What a consumer does with a message that fails: let it come back, note why it dies, or record it for good.

for now ─▶ comes back ──at its last receive──▶ noted, and left to the dead letters ─▶ recorded from there
for good · newer than the code · unknown too often ─▶ recorded and acknowledged
succeeds after all ─▶ resolved
"""

import datetime as dt
from collections.abc import Collection, Sequence
from enum import StrEnum

from domain.errors import NewerThanCodeError, NotFoundError, TryAgainLaterError, WillNeverWorkError
from domain.failures import Failure, FailureId, Kind, Ledger, Report

UNKNOWN_ATTEMPTS = 3
"""How often an error that nobody anticipated counts as *try again later*."""


class Course(StrEnum):
    """What a consumer does with a message that failed."""

    COME_BACK = "come back"
    NOTE = "note the cause, and let it die"
    RECORD = "record and acknowledge"


def kind_of(error: Exception) -> Kind:
    """Which family an error is of."""
    match error:
        case NewerThanCodeError():
            return Kind.FUTURE
        case TryAgainLaterError():
            return Kind.TRANSIENT
        case WillNeverWorkError():
            return Kind.PERMANENT
        case _:
            return Kind.UNKNOWN


def course_of(kind: Kind, *, receives: int, most_receives: int) -> Course:
    """What a consumer does with a message that failed at its *receives*-th attempt of *most_receives*."""
    match kind:
        case Kind.PERMANENT | Kind.FUTURE:
            return Course.RECORD
        case Kind.UNKNOWN if receives > UNKNOWN_ATTEMPTS:
            return Course.RECORD
        case _:
            return Course.NOTE if receives >= most_receives else Course.COME_BACK


def record(report: Report, *, ledger: Ledger, now: dt.datetime) -> Failure:
    """Put what is known of a message that failed into the ledger, once, however often it is reported."""

    def change(known: Failure | None) -> Failure:
        return known.again(report, now) if known else Failure.reported(report, now)

    return ledger.update(failure_id=report.id, change=change)


def resolve(
    failure_ids: Collection[FailureId], *, ledger: Ledger, now: dt.datetime, actor: str
) -> Sequence[Failure]:
    """Close the failures among these that are open: their events have been dealt with."""

    def change(known: Failure | None) -> Failure:
        if known is None:
            raise NotFoundError("the failure has been taken away")
        return known.resolved(now, actor=actor)

    found = ledger.open_among(failure_ids=failure_ids) if failure_ids else ()
    return [ledger.update(failure_id=failure.id, change=change) for failure in found]
