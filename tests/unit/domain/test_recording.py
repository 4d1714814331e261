import datetime as dt

import pytest

from domain.errors import (
    ConflictError,
    NewerThanCodeError,
    NotFoundError,
    TryAgainLaterError,
    WillNeverWorkError,
)
from domain.failures import FailureId, Kind, State
from domain.recording import Course, course_of, kind_of, record, resolve
from tests.builders import FAILED_AT, a_report
from tests.fakes import InMemoryLedger, Moment, Step, Store
from tests.turns import once

LATER = FAILED_AT + dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TryAgainLaterError(), Kind.TRANSIENT),
        (WillNeverWorkError(), Kind.PERMANENT),
        (ConflictError(), Kind.PERMANENT),
        (NewerThanCodeError(), Kind.FUTURE),
        (ZeroDivisionError(), Kind.UNKNOWN),
    ],
)
def test_the_type_of_an_error_says_its_kind(error: Exception, kind: Kind) -> None:
    assert kind_of(error) is kind


@pytest.mark.parametrize(
    ("kind", "courses"),
    [
        (Kind.TRANSIENT, [Course.COME_BACK] * 7 + [Course.NOTE]),
        (Kind.UNKNOWN, [Course.COME_BACK] * 3 + [Course.RECORD] * 5),
        (Kind.PERMANENT, [Course.RECORD] * 8),
        (Kind.FUTURE, [Course.RECORD] * 8),
    ],
)
def test_the_kind_and_the_receives_decide_what_becomes_of_a_message(
    kind: Kind, courses: list[Course]
) -> None:
    taken = [course_of(kind, receives=receives, most_receives=8) for receives in range(1, 9)]

    assert taken == courses


def test_where_a_message_dies_early_its_cause_is_noted_early() -> None:
    assert course_of(Kind.TRANSIENT, receives=2, most_receives=2) is Course.NOTE
    assert course_of(Kind.UNKNOWN, receives=2, most_receives=2) is Course.NOTE


def test_resolving_touches_only_what_the_ledger_has_open() -> None:
    ledger = InMemoryLedger()
    failed = record(a_report(1), ledger=ledger, now=FAILED_AT)
    ids = [failed.id, FailureId("counters:never-heard-of")]

    closed = resolve(ids, ledger=ledger, now=LATER, actor="counters")
    again = resolve(ids, ledger=ledger, now=LATER, actor="counters")

    assert ([each.state for each in closed], list(again)) == ([State.RESOLVED], [])
    assert ledger.get(failure_id=failed.id).history[-1].actor == "counters"


def test_a_failure_that_was_taken_away_meanwhile_is_not_found() -> None:
    store = Store()
    ledger = InMemoryLedger(store)
    failed = record(a_report(1), ledger=ledger, now=FAILED_AT)
    found = Step("ledger.open_among", Moment.AFTER, commits=False)
    once(store, found, lambda: store.failures.pop(failed.id))

    with pytest.raises(NotFoundError):
        resolve([failed.id], ledger=ledger, now=LATER, actor="counters")

    assert len(ledger) == 0
