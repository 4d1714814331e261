"""What a person finds in the ledger, gives up, and mends."""

import datetime as dt
from typing import Any

import pytest

from domain.errors import InvalidError, NotFoundError
from domain.failures import Cause, Failure, FailureClosedError, FailureId, Kind, State
from domain.triage import (
    MOST_BYTES,
    ChangedMeanwhileError,
    Filters,
    Histogram,
    by_cause,
    discard_failures,
    edit_failure,
    find_failures,
    get_editable,
    get_failures,
)
from tests.builders import ADA, BOB, FAILED_AT, THROTTLED, a_failure
from tests.fakes import InMemoryLedger

NOW = FAILED_AT + dt.timedelta(days=1)
MISSING = Cause(error="NotFoundError", at="domain.clients:88", code="not-found", message="no client …")
NUMBERED = Cause(error="NotFoundError", at="domain.clients:99", code="not-found", message="no client …")


@pytest.fixture
def ledger() -> InMemoryLedger:
    return InMemoryLedger()


def having(ledger: InMemoryLedger, *failures: Failure) -> list[Failure]:
    """The failures as they are stored."""
    return [
        ledger.update(failure_id=failure.id, change=lambda _, failure=failure: failure)  # type: ignore[misc] # a default
        for failure in failures
    ]


def a_parked_failure(number: int = 1, **changes: Any) -> Failure:
    return a_failure(number, **({"kind": Kind.PERMANENT, "cause": MISSING} | changes))


def found(ledger: InMemoryLedger, **said: Any) -> list[int]:
    """The numbers of the failures that are found."""
    return [int(failure.event_id, 16) for failure in find_failures(Filters(**said), ledger=ledger)]


def test_finds_what_failed_of_an_account_without_looking_at_that_of_others(ledger: InMemoryLedger) -> None:
    having(ledger, a_failure(1), a_parked_failure(2, queue="delivery"), a_failure(3, account_id=BOB))

    assert found(ledger, account_id=ADA) == [1, 2]
    assert found(ledger, account_id=ADA, queue="delivery") == [2]
    assert ledger._store.calls["ledger.list"] == 0


def test_finds_what_is_open_in_any_queue_and_what_failed_first_comes_first(ledger: InMemoryLedger) -> None:
    later = FAILED_AT + dt.timedelta(hours=1)
    having(
        ledger,
        a_failure(1, last_at=later),
        a_parked_failure(2, queue="delivery"),
        a_failure(3, state=State.RESOLVED, closed_at=later, next_at=None),
    )

    assert found(ledger) == [2, 1]
    assert found(ledger, states=tuple(State)) == [3, 2, 1]


@pytest.mark.parametrize(
    "said",
    [
        {"queue": "delivery"},
        {"cause": MISSING.id},
        {"cause": "NotFoundError"},
        {"cause": "not-found"},
        {"account_id": BOB},
        {"since": FAILED_AT + dt.timedelta(hours=1)},
        {"states": (State.PARKED,)},
    ],
    ids=str,
)
def test_each_filter_takes_only_what_it_says(ledger: InMemoryLedger, said: dict[str, Any]) -> None:
    meant = {"queue": "delivery", "account_id": BOB, "last_at": FAILED_AT + dt.timedelta(hours=1)}
    having(ledger, a_failure(1, account_id=ADA), a_parked_failure(2, **meant))

    assert found(ledger, **said) == [2]


def test_what_is_closed_is_meant_only_where_that_is_said() -> None:
    closed = a_failure(state=State.RESOLVED, closed_at=NOW, next_at=None)

    assert not Filters().take(closed)
    assert Filters(states=(State.RESOLVED,)).take(closed)


def test_both_ends_of_a_time_are_included(ledger: InMemoryLedger) -> None:
    having(ledger, a_failure(1), a_failure(2, last_at=FAILED_AT + dt.timedelta(seconds=1)))

    assert found(ledger, since=FAILED_AT, until=FAILED_AT) == [1]


def test_reads_every_page_of_the_ledger_and_takes_at_most_what_is_asked(ledger: InMemoryLedger) -> None:
    having(ledger, *map(a_failure, range(1, 251)))

    assert found(ledger) == list(range(1, 251))
    assert len(find_failures(Filters(), ledger=ledger, most=7)) == 7


def test_a_failure_that_moves_while_it_is_listed_is_found_once(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure(1))

    class Moving(InMemoryLedger):
        def list(self, *, queue: str, state: State, **options: Any) -> Any:
            if (queue, state) == ("counters", State.PARKED):
                having(ledger, stored.parked(NOW, actor="timer"))
            return ledger.list(queue=queue, state=state, **options)

    [failure] = find_failures(Filters(), ledger=Moving())

    assert failure.state is State.PARKED


def test_a_filter_that_matches_nothing_says_so(ledger: InMemoryLedger) -> None:
    having(ledger, a_failure())

    with pytest.raises(NotFoundError, match="no failure matches"):
        found(ledger, queue="delivery")


def test_failures_are_got_by_id_once_each_and_one_that_is_not_there_is_not_found(
    ledger: InMemoryLedger,
) -> None:
    [stored] = having(ledger, a_failure())

    assert get_failures([stored.id, stored.id], ledger=ledger) == [stored]
    with pytest.raises(NotFoundError):
        get_failures([stored.id, FailureId("counters:1")], ledger=ledger)


def test_failures_are_grouped_by_cause_the_most_frequent_first() -> None:
    later = FAILED_AT + dt.timedelta(hours=1)
    failures = [a_failure(1), a_parked_failure(2, cause=NUMBERED, last_at=later), a_parked_failure(3)]

    missing, throttled = by_cause(failures)

    assert [int(failure.event_id, 16) for failure in missing.failures] == [3, 2]
    assert (missing.cause, throttled.cause) == (NUMBERED, THROTTLED)  # as it was last
    assert (missing.first_at, missing.last_at) == (failures[2].first_at, later)


def test_a_histogram_counts_by_cause_queue_and_state() -> None:
    counted = Histogram.of([a_failure(1), a_failure(2), a_parked_failure(3, queue="delivery")])

    assert [len(group.failures) for group in counted.causes] == [2, 1]
    assert counted.queues == {"counters": 2, "delivery": 1}
    assert counted.states == {State.RETRYING: 2, State.PARKED: 1}


def test_what_is_discarded_says_why_and_who_did_it(ledger: InMemoryLedger) -> None:
    stored = having(ledger, a_failure(1), a_parked_failure(2))

    done = discard_failures(stored, reason="a test account", ledger=ledger, now=NOW, actor="ada")

    assert [failure.state for failure in done.discarded] == [State.DISCARDED] * 2
    assert [(failure.reason, failure.closed_at) for failure in done.discarded] == [
        ("a test account", NOW)
    ] * 2
    assert {failure.history[-1].actor for failure in done.discarded} == {"ada"}
    assert done.skipped == ()


def test_what_changed_since_it_was_found_is_not_discarded(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure())
    [moved] = having(ledger, stored.parked(NOW, actor="timer"))

    done = discard_failures([stored], reason="a test", ledger=ledger, now=NOW, actor="ada")

    assert (done.discarded, done.skipped) == ((), (moved,))
    assert ledger.get(failure_id=stored.id) == moved


def test_of_a_selection_with_a_closed_failure_nothing_is_discarded(ledger: InMemoryLedger) -> None:
    closed = a_failure(2, state=State.RESOLVED, closed_at=NOW, next_at=None)
    stored = having(ledger, a_failure(1), closed)

    with pytest.raises(FailureClosedError, match="resolved"):
        discard_failures(stored, reason="a test", ledger=ledger, now=NOW, actor="ada")

    assert ledger.get(failure_id=stored[0].id) == stored[0]


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\x1b[31m"])
def test_nothing_is_discarded_without_a_reason_that_can_be_read(ledger: InMemoryLedger, reason: str) -> None:
    stored = having(ledger, a_failure())

    with pytest.raises(InvalidError):
        discard_failures(stored, reason=reason, ledger=ledger, now=NOW, actor="ada")

    assert ledger.get(failure_id=stored[0].id) == stored[0]


def test_an_edited_failure_keeps_the_first_body_and_waits_for_its_replay(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure(body="first"))

    once = edit_failure(stored, '{"a":1}', ledger=ledger, now=NOW, actor="ada")
    twice = edit_failure(once, '{"a":2}', ledger=ledger, now=NOW, actor="bob")

    assert (twice.body, twice.original, twice.state) == ('{"a":2}', "first", State.PARKED)
    assert [(action.actor, action.action) for action in twice.history] == [
        ("ada", "edited"),
        ("bob", "edited"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        ("{", "not-json"),
        ("[" * 100_000, "not-json"),
        ('{"minutes": NaN}', "not-json"),
        ('{"minutes": -Infinity}', "not-json"),
        ("1e400", "not-json"),
        ('"\x00"', "not-sendable"),
        ('"\ud800"', "not-sendable"),
        ('"\ufffe"', "not-sendable"),
        (f'"{"ä" * (MOST_BYTES // 2)}"', "too-long"),
    ],
    ids=[
        "empty",
        "no JSON",
        "too deep",
        "NaN",
        "infinite",
        "too large",
        "control",
        "surrogate",
        "no character",
        "long",
    ],
)
def test_a_body_that_no_message_can_have_is_refused(ledger: InMemoryLedger, body: str, code: str) -> None:
    [stored] = having(ledger, a_failure())

    with pytest.raises(InvalidError) as refused:
        edit_failure(stored, body, ledger=ledger, now=NOW, actor="ada")

    assert [problem.code for problem in refused.value.problems] == [code]
    assert ledger.get(failure_id=stored.id) == stored


def test_the_place_of_a_mistake_in_json_is_told(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure())

    with pytest.raises(InvalidError, match="line 2, column 1"):
        edit_failure(stored, "{\n", ledger=ledger, now=NOW, actor="ada")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[NaN]", "has NaN, which"),
        ("-1e400", "has -1e400, which"),
        (f"{'9' * 400}.5", f"has {'9' * 40}…, which"),
    ],
    ids=["NaN", "too large", "long"],
)
def test_a_number_that_json_cannot_say_is_told(ledger: InMemoryLedger, body: str, told: str) -> None:
    [stored] = having(ledger, a_failure())

    with pytest.raises(InvalidError, match=told):
        edit_failure(stored, body, ledger=ledger, now=NOW, actor="ada")


def test_a_raw_body_may_be_any_text_that_a_message_can_have(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure())

    assert edit_failure(stored, "{", raw=True, ledger=ledger, now=NOW, actor="ada").body == "{"
    with pytest.raises(InvalidError):
        edit_failure(stored, "\x00", raw=True, ledger=ledger, now=NOW, actor="ada")


def test_what_changed_since_it_was_looked_at_is_not_edited(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure())
    having(ledger, stored.resolved(NOW, actor="counters"))

    with pytest.raises(ChangedMeanwhileError, match="resolved now"):
        edit_failure(stored, "{}", ledger=ledger, now=NOW, actor="ada")


def test_what_has_vanished_since_it_was_looked_at_is_not_found(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure())

    with pytest.raises(NotFoundError, match="any more"):
        edit_failure(stored, "{}", ledger=InMemoryLedger(), now=NOW, actor="ada")


def test_what_is_closed_is_not_edited(ledger: InMemoryLedger) -> None:
    [stored] = having(ledger, a_failure(state=State.RESOLVED, closed_at=NOW, next_at=None))

    with pytest.raises(FailureClosedError):
        edit_failure(stored, "{}", ledger=ledger, now=NOW, actor="ada")
    with pytest.raises(FailureClosedError, match="is resolved, so it cannot be edited"):
        get_editable(stored.id, ledger=ledger)
