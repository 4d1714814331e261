import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import (
    NotFoundError,
)
from domain.failures import (
    CUT_OFF,
    LADDER,
    MOST_ACTIONS,
    MOST_MESSAGES,
    MOST_REPLAYS,
    Cause,
    Failure,
    FailureClosedError,
    FailureId,
    Kind,
    ReplaysExhaustedError,
    State,
    failure_parts,
)
from domain.recording import record
from tests.builders import FAILED_AT, THROTTLED, a_failure, a_report
from tests.fakes import InMemoryLedger

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
LATER = FAILED_AT + HOUR
POISON = Cause(error="UnreadableEventError", at="events.catalog:70", message="the message is not JSON")


@pytest.mark.parametrize(
    ("kind", "state", "wait"),
    [
        (Kind.TRANSIENT, State.RETRYING, 15 * MINUTE),
        (Kind.FUTURE, State.RETRYING, 15 * MINUTE),
        (Kind.PERMANENT, State.PARKED, None),
        (Kind.UNKNOWN, State.PARKED, None),
    ],
)
def test_what_may_work_later_is_retried_and_all_else_waits_for_a_person(
    kind: Kind, state: State, wait: dt.timedelta | None
) -> None:
    failure = Failure.reported(a_report(kind=kind), FAILED_AT)

    assert (failure.state, failure.next_at) == (state, FAILED_AT + wait if wait else None)


def test_the_ladder_is_15_minutes_to_48_hours_and_then_a_person_decides() -> None:
    failure, now, waits = a_failure(), FAILED_AT, []
    for replay in range(1, 7):
        assert failure.next_at
        waits.append(failure.next_at - now)
        now = failure.next_at
        failure = failure.sent(now, actor="timer").again(a_report(message_id=f"replay-{replay}"), now)

    assert waits == [15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR]
    assert (failure.state, failure.next_at, failure.replays) == (State.PARKED, None, 6)
    assert failure.attempts == 7 * 8


def test_an_event_of_which_nothing_is_heard_is_due_again() -> None:
    waits = []
    failure = a_failure()
    for _ in range(7):
        failure = failure.sent(FAILED_AT, actor="timer")
        assert failure.next_at
        waits.append(failure.next_at - FAILED_AT)

    assert waits == [*LADDER[1:], LADDER[-1], LADDER[-1]]


def test_an_event_is_sent_so_often_and_no_more() -> None:
    failure = a_failure(replays=MOST_REPLAYS - 1).sent(LATER, actor="ada")

    with pytest.raises(ReplaysExhaustedError, match="edit it or discard it"):
        failure.sent(LATER, actor="ada")


def test_the_same_message_reported_twice_is_recorded_once() -> None:
    failure = a_failure()

    assert failure.again(a_report(), LATER) is failure
    assert failure.again(a_report(cause=None, attempts=9), LATER) is failure


def test_the_cause_that_a_consumer_noted_stands_when_its_dead_letter_brings_none() -> None:
    ledger = InMemoryLedger()
    record(a_report(), ledger=ledger, now=FAILED_AT)

    recorded = record(a_report(cause=None), ledger=ledger, now=LATER)

    assert (recorded.cause, recorded.attempts, recorded.version) == (THROTTLED, 8, 1)


def test_a_cause_that_comes_after_the_dead_letter_is_taken_in() -> None:
    ledger = InMemoryLedger()
    silent = record(a_report(cause=None), ledger=ledger, now=FAILED_AT)

    told = record(a_report(), ledger=ledger, now=LATER)

    assert (silent.cause, told.cause) == (CUT_OFF, THROTTLED)
    assert told.attempts == 8


def test_another_message_of_the_event_adds_its_attempts() -> None:
    failure = a_failure().again(a_report(message_id="another", attempts=3), LATER)

    assert (failure.attempts, failure.first_at, failure.last_at) == (11, a_report().first_at, LATER)
    assert (failure.body, failure.original) == (a_report().body, None)
    assert failure.next_at == LATER + LADDER[0]


def test_an_event_that_can_never_work_after_all_is_parked() -> None:
    sent = a_failure().sent(LATER, actor="timer")

    failure = sent.again(a_report(message_id="replay", kind=Kind.PERMANENT, cause=POISON), LATER)

    assert (failure.state, failure.next_at, failure.kind) == (State.PARKED, None, Kind.PERMANENT)
    assert (failure.cause, failure.replays) == (POISON, 1)


@pytest.mark.parametrize("close", [lambda each: each.resolved(LATER, actor="counters"), "discard"])
def test_a_duplicate_that_was_sent_before_the_closing_opens_nothing(
    close: Callable[[Failure], Failure] | str,
) -> None:
    discard = a_failure().discarded(LATER, actor="ada", reason="a test")
    closed = discard if isinstance(close, str) else close(a_failure())

    late = a_report(message_id="duplicate", first_at=LATER)
    again = a_report(message_id="republished", first_at=LATER + MINUTE)

    assert closed.again(late, LATER + HOUR) is closed
    assert closed.again(again, LATER + HOUR).state is State.RETRYING
    assert closed.again(again, LATER + HOUR).closed_at is None


def test_a_resolved_failure_stays_resolved() -> None:
    resolved = a_failure().resolved(LATER, actor="counters")

    assert (resolved.state, resolved.next_at, resolved.closed_at) == (State.RESOLVED, None, LATER)
    assert resolved.resolved(LATER + HOUR, actor="counters") is resolved


@pytest.mark.parametrize(
    "act",
    [
        lambda failure: failure.sent(LATER, actor="ada"),
        lambda failure: failure.discarded(LATER, actor="ada", reason="again"),
        lambda failure: failure.edited("{}", LATER, actor="ada"),
    ],
    ids=["replay", "discard", "edit"],
)
@pytest.mark.parametrize("state", [State.RESOLVED, State.DISCARDED])
def test_nothing_is_done_with_a_failure_that_is_closed(
    act: Callable[[Failure], object], state: State
) -> None:
    with pytest.raises(FailureClosedError, match=f"is {state}"):
        act(a_failure(state=state, closed_at=LATER))


def test_an_edit_keeps_the_first_body_and_who_changed_it() -> None:
    failure = a_failure(body="one").edited("two", FAILED_AT, actor="ada").edited("three", LATER, actor="bob")

    assert (failure.body, failure.original, failure.state) == ("three", "one", State.PARKED)
    assert [(action.actor, action.action) for action in failure.history] == [
        ("ada", "edited"),
        ("bob", "edited"),
    ]
    assert failure.edited("three", LATER, actor="bob") is failure


def test_an_edit_of_what_is_retried_stops_the_retries() -> None:
    assert a_failure().edited("two", FAILED_AT, actor="ada").next_at is None


def test_what_was_sent_in_vain_too_often_is_sent_again_once_it_was_edited() -> None:
    exhausted = a_failure(state=State.PARKED, next_at=None, replays=MOST_REPLAYS)

    sent = exhausted.edited("two", LATER, actor="ada").sent(LATER, actor="ada")

    assert (sent.replays, sent.state) == (1, State.RETRYING)


@pytest.mark.parametrize("kind", Kind)
def test_a_body_that_was_edited_is_not_sent_because_an_earlier_one_fails_late(kind: Kind) -> None:
    edited = a_failure().sent(FAILED_AT, actor="timer").edited("two", FAILED_AT, actor="ada")

    failure = edited.again(a_report(message_id="in flight", kind=kind, first_at=FAILED_AT), LATER)

    assert (failure.state, failure.next_at, failure.body) == (State.PARKED, None, "two")
    assert failure.attempts == 16


def test_a_body_that_was_edited_stays_open_when_an_earlier_one_succeeds_late() -> None:
    edited = a_failure().sent(FAILED_AT, actor="timer").edited("two", FAILED_AT, actor="ada")

    failure = edited.resolved(LATER, actor="counters")

    assert (failure.state, failure.body) == (State.PARKED, "two")
    assert (failure.history[-1].actor, failure.history[-1].action) == ("counters", "earlier body succeeded")
    assert failure.resolved(LATER, actor="counters") is failure


def test_a_body_that_was_edited_and_sent_is_resolved_and_retried_like_any_other() -> None:
    sent = a_failure().edited("two", FAILED_AT, actor="ada").sent(FAILED_AT, actor="ada")

    failed = sent.again(a_report(message_id="replay", body="two"), LATER)

    assert sent.resolved(LATER, actor="counters").state is State.RESOLVED
    assert (failed.state, failed.next_at) == (State.RETRYING, LATER + LADDER[1])


def test_what_was_edited_and_given_up_waits_for_a_person_when_more_is_heard_of_it() -> None:
    closed = a_failure().edited("two", FAILED_AT, actor="ada").discarded(LATER, actor="ada", reason="a test")

    again = closed.again(a_report(message_id="new", first_at=LATER + MINUTE), LATER + HOUR)

    assert (again.state, again.closed_at, again.body) == (State.PARKED, None, "two")


def test_the_body_that_came_last_is_the_one_that_is_sent() -> None:
    failure = a_failure(body="broken", kind=Kind.PERMANENT)

    failure = failure.again(a_report(message_id="2", body="mended", first_at=FAILED_AT), LATER)
    failure = failure.again(a_report(message_id="3", body="better", first_at=FAILED_AT), LATER)

    assert (failure.body, failure.original, failure.state) == ("better", "broken", State.RETRYING)


def test_a_body_that_came_earlier_or_after_an_edit_takes_no_other_s_place() -> None:
    earlier = a_report(message_id="2", body="broken", first_at=a_report().first_at - MINUTE)
    later = a_report(message_id="3", body="broken", first_at=LATER)

    assert a_failure(body="mended").again(earlier, LATER).body == "mended"
    edited = a_failure(body="one").edited("two", FAILED_AT, actor="ada").sent(FAILED_AT, actor="ada")
    assert (edited.again(later, LATER).body, edited.again(later, LATER).original) == ("two", "one")


def test_a_report_that_comes_after_the_closing_opens_it_also_under_a_name_that_is_known() -> None:
    closed = a_failure().resolved(LATER, actor="tick")

    again = closed.again(a_report(kind=Kind.PERMANENT, first_at=LATER + MINUTE), LATER + MINUTE)

    assert (again.state, again.closed_at) == (State.PARKED, None)
    assert closed.again(a_report(), LATER + HOUR) is closed


def test_each_thing_that_was_done_stands_in_the_history_up_to_a_bound() -> None:
    failure = a_failure(history=()).sent(FAILED_AT, actor="ada", note="rpl_1").parked(LATER, actor="timer")

    assert [(each.at, each.actor, each.action, each.note) for each in failure.history] == [
        (FAILED_AT, "ada", "replayed", "rpl_1"),
        (LATER, "timer", "parked", "sent in vain too often"),
    ]
    for body in map(str, range(MOST_ACTIONS)):
        failure = failure.edited(body, LATER, actor="ada")
    assert len(failure.history) == MOST_ACTIONS


def test_it_remembers_the_last_messages_only() -> None:
    failure = a_failure()
    for number in range(MOST_MESSAGES):
        failure = failure.again(a_report(message_id=f"m-{number}"), LATER)

    assert len(failure.message_ids) == MOST_MESSAGES


def test_what_waits_for_a_deployment_waits_without_being_counted() -> None:
    failure = a_failure(kind=Kind.FUTURE)

    waiting = failure.waiting(LATER)

    assert waiting == replace(failure, next_at=LATER + 15 * MINUTE)


def test_causes_that_differ_in_ids_and_lines_only_are_alike() -> None:
    one = Cause(
        error="NotFoundError", at="domain.invoices:7", message="there is no invoice inv_0123456789abcdef"
    )
    two = Cause(
        error="NotFoundError", at="domain.invoices:9", message="there is no invoice inv_fedcba9876543210"
    )
    other = replace(one, error="ConflictError")

    assert one.id == two.id != other.id


@pytest.mark.parametrize("wrong", ["", "counters", "counters:", ":event"])
def test_an_id_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(NotFoundError, match="looks like counters:"):
        failure_parts(FailureId(wrong))
