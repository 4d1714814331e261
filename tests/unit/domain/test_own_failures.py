"""The owner of an account sees what failed there, and nothing of anybody else."""

import datetime as dt
from collections.abc import Callable

import pytest

from domain import own_failures
from domain.errors import InvalidError, NotFoundError
from domain.failures import Failure, FailureClosedError, FailureId, Ledger, State
from domain.own_failures import discard_own_failure, get_own_failure, select_failures
from domain.triage import Filters
from domain.versions import ChangedMeanwhileError
from tests.builders import ADA, BOB, FAILED_AT, a_failure
from tests.fakes import InMemoryLedger, Moment, Step, Store
from tests.turns import once

NOW = FAILED_AT + dt.timedelta(days=1)
MINE, THEIRS, NOBODYS = (
    a_failure(number, account_id=account) for number, account in ((1, ADA), (2, BOB), (3, None))
)
MISSING = a_failure(4)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def ledger(store: Store) -> InMemoryLedger:
    ledger = InMemoryLedger(store)
    having(ledger, MINE, THEIRS, NOBODYS)
    return ledger


def having(ledger: Ledger, *failures: Failure) -> list[Failure]:
    return [put(ledger, failure) for failure in failures]


def put(ledger: Ledger, failure: Failure) -> Failure:
    return ledger.update(failure_id=failure.id, change=lambda _: failure)


def discard(
    ledger: Ledger, failure_id: FailureId, *, reason: str = "a test", seen: int | None = None
) -> Failure:
    return discard_own_failure(
        failure_id,
        reason=reason,
        account_id=ADA,
        ledger=ledger,
        now=NOW,
        actor="account, signed in",
        seen=seen,
    )


def refusal_of(act: Callable[[], object]) -> str:
    with pytest.raises(NotFoundError) as raised:
        act()
    return f"{type(raised.value).__name__}: {raised.value}"


def test_an_owner_gets_a_failure_of_the_account(ledger: Ledger) -> None:
    found = get_own_failure(MINE.id, account_id=ADA, ledger=ledger)

    assert (found.id, found.account_id) == (MINE.id, ADA)


@pytest.mark.parametrize("act", ["get", "discard"])
def test_another_s_failure_and_one_of_nobody_are_refused_like_a_missing_one(ledger: Ledger, act: str) -> None:
    def refusal(failure: Failure) -> str:
        if act == "discard":
            return refusal_of(lambda: discard(ledger, failure.id))
        return refusal_of(lambda: get_own_failure(failure.id, account_id=ADA, ledger=ledger))

    told = [refusal(failure).replace(failure.id, "…") for failure in (MISSING, THEIRS, NOBODYS)]

    assert told == ["NotFoundError: there is no failure …"] * 3
    assert [each.state for each in (THEIRS, NOBODYS)] == [State.RETRYING] * 2
    assert MISSING.id not in ledger  # type: ignore[operator] # the fake


@pytest.mark.parametrize(
    "wrong",
    ["", "counters", "counters:", ":1", "counters:a b", "counters:ä", f"counters:{'1' * 201}", "COUNTERS:1"],
)
def test_what_is_no_id_of_a_failure_costs_no_call(store: Store, ledger: Ledger, wrong: str) -> None:
    calls = sum(store.calls.values())

    told = refusal_of(lambda: get_own_failure(FailureId(wrong), account_id=ADA, ledger=ledger))

    assert told == f"NotFoundError: there is no failure {wrong}"
    assert sum(store.calls.values()) == calls


def test_what_an_owner_gives_up_says_who_and_why(ledger: Ledger) -> None:
    discarded = discard(ledger, MINE.id, reason="The client was a test")

    assert (discarded.state, discarded.reason) == (State.DISCARDED, "The client was a test")
    told = discarded.history[-1]
    assert (told.actor, told.action, told.note) == (
        "account, signed in",
        "discarded",
        "The client was a test",
    )
    assert ledger.get(failure_id=MINE.id) == discarded


def test_what_is_closed_is_not_given_up(ledger: Ledger) -> None:
    discard(ledger, MINE.id)

    with pytest.raises(FailureClosedError):
        discard(ledger, MINE.id)


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\x00b"])
def test_there_has_to_be_a_reason(ledger: Ledger, reason: str) -> None:
    with pytest.raises(InvalidError):
        discard(ledger, MINE.id, reason=reason)

    assert ledger.get(failure_id=MINE.id).state is State.RETRYING


def test_who_has_seen_another_version_gives_nothing_up(ledger: Ledger) -> None:
    with pytest.raises(ChangedMeanwhileError):
        discard(ledger, MINE.id, seen=2)

    assert discard(ledger, MINE.id, seen=1).state is State.DISCARDED


def test_a_failure_that_becomes_another_s_meanwhile_is_left_alone(store: Store, ledger: Ledger) -> None:
    def take() -> None:
        store.failures[MINE.id] = a_failure(1, account_id=BOB)

    once(store, Step("ledger.get", Moment.AFTER, commits=False), take)

    with pytest.raises(NotFoundError):
        discard(ledger, MINE.id)
    assert store.failures[MINE.id].state is State.RETRYING


def test_a_failure_that_is_taken_away_meanwhile_is_missing(store: Store, ledger: Ledger) -> None:
    once(store, Step("ledger.get", Moment.AFTER, commits=False), lambda: store.failures.pop(MINE.id))

    with pytest.raises(NotFoundError):
        discard(ledger, MINE.id)


def test_selects_what_is_meant_of_the_account_those_first_that_failed_first(ledger: Ledger) -> None:
    early = FAILED_AT - dt.timedelta(hours=1)
    [first, _] = having(
        ledger, a_failure(5, last_at=early), a_failure(6, queue="delivery"), a_failure(7, account_id=BOB)
    )[:2]

    found = select_failures(Filters(queue="counters", account_id=ADA), account_id=ADA, ledger=ledger)

    assert [failure.id for failure in found.failures] == [first.id, MINE.id]
    assert not found.more


def test_an_owner_selects_so_many_at_a_time_and_is_told_of_more(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    having(ledger, a_failure(5), a_failure(6))
    everything = Filters(account_id=ADA)

    def numbers() -> tuple[int, bool]:
        found = select_failures(everything, account_id=ADA, ledger=ledger)
        return len(found.failures), found.more

    assert numbers() == (3, False)
    monkeypatch.setattr(own_failures, "MOST_SELECTED", 3)
    assert numbers() == (3, False)
    monkeypatch.setattr(own_failures, "MOST_SELECTED", 2)
    assert numbers() == (2, True)


def test_no_more_is_looked_at_than_an_answer_has_time_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = FAILED_AT + dt.timedelta(hours=1)
    having(ledger, a_failure(5), a_failure(6, queue="delivery", last_at=later))
    deliveries = Filters(account_id=ADA, queue="delivery")

    monkeypatch.setattr(own_failures, "_MOST_LOOKED_AT", 2)
    found = select_failures(deliveries, account_id=ADA, ledger=ledger)

    assert (found.failures, found.more) == ((), True)
    monkeypatch.setattr(own_failures, "_MOST_LOOKED_AT", 3)
    found = select_failures(deliveries, account_id=ADA, ledger=ledger)
    assert (len(found.failures), found.more) == (1, False)


def test_what_is_not_looked_at_is_not_read(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    having(ledger, *map(a_failure, range(5, 255)))

    monkeypatch.setattr(own_failures, "_MOST_LOOKED_AT", 2)
    select_failures(Filters(account_id=ADA), account_id=ADA, ledger=ledger)

    assert store.calls["ledger.of_account"] == 1
