import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from domain.errors import NotFoundError
from domain.failures import Failure, FailureClosedError, FailureId, Kind, Ledger, State
from domain.paging import every
from domain.recording import record
from domain.retries import retry_failures
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.attributes import to_item
from infrastructure.dynamodb.failures import UNREADABLE
from tests import data_stack
from tests.builders import ADA, BOB, FAILED_AT, a_failure, a_report
from tests.contract.watched import Watched
from tests.fakes import InMemorySources
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


def spoil(failure: Failure, **attributes: object) -> None:
    """Let its item have these, as a version of the code that is newer may write it."""
    item = item_of(failure) | to_item(attributes)
    data_stack.client("dynamodb").put_item(TableName=data_stack.TABLE, Item=item)


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


def test_an_account_lists_its_open_failures_of_all_queues_those_first_that_failed_first(
    ledger: Ledger,
) -> None:
    minutes = {1: 30, 2: 10, 3: 20, 4: 40}
    reports = {
        1: a_report(1, queue="delivery"),
        2: a_report(2),
        3: a_report(3, kind=Kind.PERMANENT),
        4: a_report(4),
    }
    failed = {
        number: record(report, ledger=ledger, now=FAILED_AT + dt.timedelta(minutes=minutes[number]))
        for number, report in reports.items()
    }
    record(a_report(5, account_id=BOB), ledger=ledger, now=FAILED_AT)
    record(a_report(6, account_id=None), ledger=ledger, now=FAILED_AT)
    ledger.update(failure_id=failed[4].id, change=resolved)

    listed = every(lambda cursor: ledger.of_account(account_id=ADA, limit=2, cursor=cursor))

    assert list(listed) == [failed[2], failed[3], failed[1]]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (tuple(State), [3, 4, 1, 2]),
        ((State.RETRYING,), [1]),
        ((State.PARKED,), [2]),
        ((State.RESOLVED,), [3]),
        ((State.DISCARDED,), [4]),
        ((State.RESOLVED, State.DISCARDED), [3, 4]),
        ((State.PARKED, State.RESOLVED), [3, 2]),
        ((), []),
    ],
)
def test_an_account_lists_its_failures_by_state_the_closed_ones_first(
    ledger: Ledger, states: tuple[State, ...], expected: list[int]
) -> None:
    failed = [
        record(
            a_report(number, kind=Kind.PERMANENT if number == 2 else Kind.TRANSIENT),
            ledger=ledger,
            now=FAILED_AT + dt.timedelta(seconds=number),
        )
        for number in (1, 2, 3, 4)
    ]
    ledger.update(failure_id=failed[2].id, change=resolved)
    ledger.update(
        failure_id=failed[3].id,
        change=lambda each: _known(each).discarded(LATER, actor="ada", reason="a test"),
    )

    pages = every(lambda cursor: ledger.of_account(account_id=ADA, states=states, limit=1, cursor=cursor))

    assert [int(each.event_id, 16) for each in pages] == expected


def test_the_open_failures_of_an_account_cost_the_same_however_many_are_closed(
    dynamodb: World, watched: Watched
) -> None:
    for number in range(30):
        failure = record(a_report(number), ledger=dynamodb.ledger, now=FAILED_AT)
        dynamodb.ledger.update(failure_id=failure.id, change=resolved)
    opened = record(a_report(99), ledger=dynamodb.ledger, now=FAILED_AT)
    before = watched.calls["query"]

    listed = list(every(lambda cursor: dynamodb.ledger.of_account(account_id=ADA, limit=5, cursor=cursor)))

    assert (listed, watched.calls["query"] - before) == ([opened], 1)


@pytest.mark.parametrize(
    ("attributes", "kind", "state"),
    [
        ({"kind": "throttled-by-tenant"}, Kind.UNKNOWN, State.RETRYING),
        ({"state": "asleep"}, Kind.TRANSIENT, State.PARKED),
        ({"state": "archived", "closed_at": "2026-11-01T10:00:00Z"}, Kind.TRANSIENT, State.RESOLVED),
    ],
)
def test_a_kind_that_nobody_knows_is_unknown_and_a_state_that_nobody_knows_is_parked(
    dynamodb: World, attributes: dict[str, object], kind: Kind, state: State
) -> None:
    failure = record(a_report(), ledger=dynamodb.ledger, now=FAILED_AT)
    spoil(failure, **attributes)

    read = dynamodb.ledger.get(failure_id=failure.id)

    assert (read.kind, read.state) == (kind, state)
    assert (read.body, read.cause, read.version) == (failure.body, failure.cause, failure.version)


@pytest.mark.parametrize(
    "attributes", [{"cause": "throttled"}, {"body": 7}, {"body_packed": "?"}, {"version": "two"}]
)
def test_an_entry_that_cannot_be_read_is_found_among_the_others_and_can_be_discarded(
    dynamodb: World, attributes: dict[str, object]
) -> None:
    ledger = dynamodb.ledger
    strange, plain = (record(a_report(number), ledger=ledger, now=FAILED_AT) for number in (1, 2))
    spoil(strange, **attributes)

    found = [
        ledger.due(queue="counters", until=LATER, limit=9),
        ledger.list(queue="counters", state=State.RETRYING).items,
        ledger.open_among(failure_ids=[strange.id, plain.id]),
    ]
    ledger.update(
        failure_id=strange.id, change=lambda each: _known(each).discarded(LATER, actor="ada", reason="odd")
    )

    assert [{each.id for each in some} for some in found] == [{strange.id, plain.id}] * 3
    assert [each.state for each in found[0] if each.cause.error == UNREADABLE] == [State.PARKED]
    assert [each.id for each in ledger.list(queue="counters", state=State.DISCARDED).items] == [strange.id]
    assert list(ledger.open_among(failure_ids=[strange.id, plain.id])) == [plain]


def test_what_is_closed_and_cannot_be_read_stays_closed(dynamodb: World) -> None:
    failure = record(a_report(), ledger=dynamodb.ledger, now=FAILED_AT)
    spoil(dynamodb.ledger.update(failure_id=failure.id, change=resolved), cause="throttled")

    assert list(dynamodb.ledger.open_among(failure_ids=[failure.id])) == []
    assert dynamodb.ledger.get(failure_id=failure.id).cause.error == UNREADABLE


def test_the_timer_parks_what_it_cannot_read_and_sends_the_others(dynamodb: World) -> None:
    failures = [record(a_report(number), ledger=dynamodb.ledger, now=FAILED_AT) for number in range(3)]
    spoil(failures[0], cause="throttled")
    sources = InMemorySources()

    retried = retry_failures(
        LATER, ledger=dynamodb.ledger, sources=sources, paces=dynamodb.paces, is_newer=lambda _: False
    )

    assert (retried.counts, retried.failed) == ({"parked": 1, "sent": 2}, ())
    assert {sent.id for sent in sources.sent} == {failures[1].id, failures[2].id}
    [parked] = dynamodb.ledger.list(queue="counters", state=State.PARKED).items
    assert (parked.id, parked.history[-1].note) == (failures[0].id, "cannot be read")


def _known(failure: Failure | None) -> Failure:
    assert failure
    return failure
