import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from domain.errors import NotFoundError
from domain.failures import Failure, FailureClosedError, FailureId, Kind, Ledger, State, record
from domain.paging import every
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.attributes import to_item
from tests import data_stack
from tests.builders import FAILED_AT, a_failure, a_report
from tests.world import World

LATER = FAILED_AT + dt.timedelta(hours=1)


@pytest.fixture
def ledger(world: World) -> Ledger:
    return world.ledger


def item_of(failure: Failure) -> dict[str, Any]:
    """The failure as the table has it."""
    wanted = to_item(keys.failure(failure.id))
    client = data_stack.client("dynamodb")
    item: dict[str, Any] = client.get_item(TableName=data_stack.TABLE, Key=wanted)["Item"]
    return item


def resolved(failure: Failure | None) -> Failure:
    assert failure
    return failure.resolved(LATER, actor="counters")


def test_what_is_recorded_can_be_read_as_it_was(ledger: Ledger) -> None:
    stored = record(a_report(kind=Kind.PERMANENT), ledger=ledger, now=FAILED_AT)

    assert stored == replace(a_failure(kind=Kind.PERMANENT), version=1)
    assert ledger.get(failure_id=stored.id) == stored


def test_a_long_body_comes_back_as_it_was(ledger: Ledger) -> None:
    random = Random(1)  # noqa: S311 - a text that repeats itself little
    body = "".join(chr(random.randint(32, 0x2FFF)) for _ in range(80_000))

    stored = record(a_report(body=body), ledger=ledger, now=FAILED_AT)
    edited = ledger.update(
        failure_id=stored.id, change=lambda each: _known(each).edited("{}", LATER, actor="a")
    )

    assert ledger.get(failure_id=stored.id) == edited
    assert (edited.original, edited.body) == (body, "{}")


def test_there_is_no_failure_that_nobody_reported(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="there is no failure counters:1"):
        ledger.get(failure_id=FailureId("counters:1"))


def test_what_a_change_leaves_alone_is_not_written(ledger: Ledger) -> None:
    record(a_report(), ledger=ledger, now=FAILED_AT)

    again = record(a_report(), ledger=ledger, now=LATER)

    assert again.version == 1


def test_a_change_that_raises_stores_nothing(ledger: Ledger) -> None:
    stored = record(a_report(), ledger=ledger, now=FAILED_AT)
    closed = ledger.update(failure_id=stored.id, change=resolved)

    with pytest.raises(FailureClosedError):
        ledger.update(failure_id=stored.id, change=lambda each: _known(each).sent(LATER, actor="ada"))

    assert ledger.get(failure_id=stored.id) == closed


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_that_change_it_at_once_the_slower_one_changes_what_the_faster_left(
    ledger: Ledger, before: int
) -> None:
    for _ in range(before):
        record(a_report(message_id="first"), ledger=ledger, now=FAILED_AT)
    runs = iter(range(9))

    def too_late(known: Failure | None) -> Failure:
        if next(runs) == 0:
            record(a_report(message_id="fast"), ledger=ledger, now=FAILED_AT)
        report = a_report(message_id="slow")
        return known.again(report, LATER) if known else Failure.reported(report, LATER)

    stored = ledger.update(failure_id=a_report().id, change=too_late)

    assert stored.message_ids == (*["first"] * before, "fast", "slow")
    assert (stored.version, stored.attempts) == (before + 2, 8 * (before + 2))


def test_the_table_forgets_what_is_closed_after_400_days_and_what_is_open_never(dynamodb: World) -> None:
    opened, closed = (record(a_report(number), ledger=dynamodb.ledger, now=FAILED_AT) for number in (1, 2))
    dynamodb.ledger.update(failure_id=closed.id, change=resolved)

    assert "expires_at" not in item_of(opened)
    assert item_of(closed)["expires_at"] == {"N": str(int(LATER.timestamp()) + 400 * 86_400)}


def test_two_bodies_of_the_longest_message_fit_into_one_item(dynamodb: World) -> None:
    """An item holds 400 KB, and a message 256."""
    stored = record(a_report(body="first " * 43_000), ledger=dynamodb.ledger, now=FAILED_AT)

    edited = dynamodb.ledger.update(
        failure_id=stored.id, change=lambda each: _known(each).edited("second " * 37_000, LATER, actor="a")
    )

    assert sum(len(str(value)) for value in item_of(edited).values()) < 400_000


def test_open_failures_are_found_among_others(ledger: Ledger) -> None:
    some = [record(a_report(number), ledger=ledger, now=FAILED_AT) for number in range(103)]
    ledger.update(failure_id=some[0].id, change=resolved)

    found = ledger.open_among(failure_ids=[each.id for each in some] + [FailureId("counters:unheard-of")])

    assert {failure.id for failure in found} == {failure.id for failure in some[1:]}


def test_what_is_due_comes_first_to_last_and_for_one_queue(ledger: Ledger) -> None:
    minutes = {1: 30, 2: 10, 3: 20}
    for number, minute in minutes.items():
        record(a_report(number), ledger=ledger, now=FAILED_AT + dt.timedelta(minutes=minute))
    record(a_report(4, kind=Kind.PERMANENT), ledger=ledger, now=FAILED_AT)
    record(a_report(5, queue="delivery"), ledger=ledger, now=FAILED_AT)

    at_the_minute = FAILED_AT + dt.timedelta(minutes=20 + 15)
    due = ledger.due(queue="counters", until=at_the_minute, limit=10)

    assert [failure.event_id for failure in due] == [a_report(2).event_id, a_report(3).event_id]
    assert [each.id for each in ledger.due(queue="counters", until=at_the_minute, limit=1)] == [due[0].id]


def test_what_is_resolved_is_due_no_more(ledger: Ledger) -> None:
    stored = record(a_report(), ledger=ledger, now=FAILED_AT)

    ledger.update(failure_id=stored.id, change=resolved)

    assert list(ledger.due(queue="counters", until=FAILED_AT + dt.timedelta(days=9), limit=10)) == []


def test_a_queue_lists_its_failures_by_state_a_page_at_a_time(ledger: Ledger) -> None:
    parked = [
        record(
            a_report(number, kind=Kind.PERMANENT), ledger=ledger, now=FAILED_AT + dt.timedelta(seconds=number)
        )
        for number in range(5)
    ]
    record(a_report(7), ledger=ledger, now=FAILED_AT)
    record(a_report(8, queue="delivery", kind=Kind.PERMANENT), ledger=ledger, now=FAILED_AT)

    listed = every(lambda cursor: ledger.list(queue="counters", state=State.PARKED, limit=2, cursor=cursor))

    assert list(listed) == parked


def test_the_closed_are_listed_by_how_they_were_closed(ledger: Ledger) -> None:
    one, two = (record(a_report(number), ledger=ledger, now=FAILED_AT) for number in (1, 2))
    ledger.update(failure_id=one.id, change=resolved)
    ledger.update(
        failure_id=two.id, change=lambda each: _known(each).discarded(LATER, actor="ada", reason="a test")
    )

    by_state = {
        state: [failure.id for failure in ledger.list(queue="counters", state=state).items] for state in State
    }

    assert by_state == {
        State.RETRYING: [],
        State.PARKED: [],
        State.RESOLVED: [one.id],
        State.DISCARDED: [two.id],
    }


def _known(failure: Failure | None) -> Failure:
    assert failure
    return failure
