"""What is pinned is what is sent, and whatever became of each is told."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from domain.errors import ConflictError, NotFoundError
from domain.failures import MOST_REPLAYS, Failure, FailureClosedError, State
from domain.identifiers import JobId
from domain.replays import MOST_PINS, Fate, JobCancelledError, JobDoneError, JobState, pin_replay
from domain.retries import Outcome
from tests.builders import ADA, BOB, a_failure
from tests.operating import AFTER_SENDING, NOW, SENT, Desk, parked
from tests.turns import once


def test_a_selection_whose_pinning_is_taken_up_again_is_one_job(desk: Desk) -> None:
    [failure, _] = desk.having(a_failure(1), a_failure(2))
    pin = partial(
        pin_replay,
        asked="everything",
        jobs=desk.jobs,
        now=NOW,
        actor="ada",
        new_id=lambda: "0000000000000001",
        account_id=ADA,
    )
    begun = pin([failure])

    assert pin(desk.having(a_failure(2))) == begun
    assert (len(desk.jobs), desk.jobs.get(job_id=begun.id)) == (1, begun)
    with pytest.raises(ConflictError):
        pin([failure], account_id=BOB)


def test_what_was_pinned_is_sent_and_marked_with_the_job(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1), parked(2)))

    replayed = desk.runner().run(job.id)

    assert desk.sent() == [1, 2]
    assert [failure.replays for failure in desk.sources.sent] == [1, 1]
    assert replayed.counts == {Fate.SENT: 2}
    assert replayed.job.state is JobState.DONE
    sent = desk.ledger.get(failure_id=desk.sources.sent[0].id)
    assert (sent.state, sent.next_at) == (State.RETRYING, NOW + dt.timedelta(hours=1))
    assert [(action.actor, action.action, action.note) for action in sent.history] == [
        ("ada", "replayed", job.id)
    ]


def test_what_failed_after_it_was_shown_is_not_part_of_it(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))
    desk.having(parked(2))

    desk.runner().run(job.id)

    assert desk.sent() == [1]


def test_what_changed_since_it_was_shown_is_skipped_and_told_as_it_is_now(desk: Desk) -> None:
    shown = desk.having(parked(1), parked(2), parked(3))
    job = desk.pin(shown)
    desk.change(shown[0], lambda known: known.resolved(NOW, actor="counters"))
    desk.change(shown[1], lambda known: known.edited("{}", NOW, actor="bob"))

    replayed = desk.runner().run(job.id)

    assert desk.sent() == [3]
    assert desk.fates(job) == [
        (Fate.SKIPPED, "it is resolved now, since 2026-11-02T09:00:00Z"),
        (Fate.SKIPPED, "it is parked now, since 2026-11-01T09:00:00Z"),
        SENT,
    ]
    assert replayed.counts == {Fate.SKIPPED: 2, Fate.SENT: 1}


def test_what_the_ledger_has_forgotten_is_skipped(desk: Desk) -> None:
    [shown] = desk.having(parked(1))
    job = desk.pin([shown])
    del desk.store.failures[shown.id]

    desk.runner().run(job.id)

    assert desk.fates(job) == [(Fate.SKIPPED, "it is not there any more")]
    assert desk.store.failures == {}


def test_what_was_sent_too_often_is_refused_and_stays_as_it_is(desk: Desk) -> None:
    shown = desk.having(parked(1, replays=MOST_REPLAYS), parked(2, replays=MOST_REPLAYS - 1))
    job = desk.pin(shown)

    desk.runner().run(job.id)

    assert desk.sent() == [2]
    [(refused, note), sent] = desk.fates(job)
    assert (refused, sent) == (Fate.REFUSED, SENT)
    assert f"has been sent {MOST_REPLAYS} times" in note
    assert desk.ledger.get(failure_id=shown[0].id) == shown[0]


def test_what_is_settled_at_once_is_resolved(desk: Desk) -> None:
    [shown] = desk.having(parked(1, queue="stream"))
    desk.sources.outcomes[shown.id] = Outcome.SETTLED

    replayed = desk.runner().run(desk.pin([shown]).id)

    assert replayed.counts == {Fate.SETTLED: 1}
    assert desk.ledger.get(failure_id=shown.id).state is State.RESOLVED


def test_what_its_queue_does_not_take_for_now_stays_as_it_was_until_the_next_run(desk: Desk) -> None:
    shown = desk.having(parked(1), parked(2))
    desk.sources.outcomes[shown[0].id] = Outcome.REFUSED
    job = desk.pin(shown)

    first = desk.runner().run(job.id)
    left = desk.ledger.get(failure_id=shown[0].id)
    desk.sources.outcomes.clear()
    second = desk.runner().run(job.id)

    assert left == replace(shown[0], version=3)
    assert (first.job.state, first.waiting, first.unreachable) == (JobState.WAITING, 1, ())
    assert (second.job.state, second.counts) == (JobState.DONE, {Fate.SENT: 2})
    assert desk.sent() == [2, 1]


def test_a_queue_that_takes_nothing_is_not_tried_again_in_this_run(desk: Desk) -> None:
    shown = desk.having(*map(parked, range(25)), parked(25, queue="delivery"))
    desk.sources.outcomes = {failure.id: Outcome.REFUSED for failure in shown[:25]}

    replayed = desk.runner().run(desk.pin(shown).id)

    assert (replayed.unreachable, replayed.waiting) == (("counters",), 25)
    assert desk.sent() == [25]
    assert desk.store.calls["sources.send"] == 2


def test_what_its_queue_can_never_take_is_parked_again(desk: Desk) -> None:
    [shown] = desk.having(parked(1))
    desk.sources.outcomes[shown.id] = Outcome.IMPOSSIBLE

    job = desk.pin([shown])
    desk.runner().run(job.id)

    [(fate, note)] = desk.fates(job)
    assert (fate, "edit it" in note) == (Fate.REFUSED, True)
    again = desk.ledger.get(failure_id=shown.id)
    assert (again.state, again.next_at, again.replays) == (State.PARKED, None, 0)
    assert [action.action for action in again.history] == ["parked"]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.IMPOSSIBLE])
def test_what_was_heard_of_while_it_was_refused_keeps_what_was_heard(desk: Desk, outcome: Outcome) -> None:
    [shown] = desk.having(parked(1))
    desk.sources.outcomes[shown.id] = outcome
    job = desk.pin([shown])

    def resolve() -> None:
        desk.change(shown, lambda known: known.resolved(NOW, actor="counters"))

    once(desk.store, AFTER_SENDING, resolve)
    desk.runner().run(job.id)

    assert desk.ledger.get(failure_id=shown.id).state is State.RESOLVED


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda known: known.resolved(NOW, actor="counters"),
            "it is resolved now, since 2026-11-02T09:00:00Z",
        ),
        (
            lambda known: known.discarded(NOW, actor="bob", reason="a test"),
            "it is discarded now, since 2026-11-02T09:00:00Z",
        ),
        (
            lambda known: known.edited("{}", NOW, actor="bob"),
            "it is parked now, since 2026-11-01T09:00:00Z",
        ),
    ],
    ids=["resolved", "discarded", "edited"],
)
def test_what_changes_while_it_is_refused_was_never_shown_and_is_not_sent_by_the_next_run(
    desk: Desk, change: Callable[[Failure], Failure], told: str
) -> None:
    shown = desk.having(parked(1), parked(2))
    desk.sources.outcomes = {failure.id: Outcome.REFUSED for failure in shown}
    job = desk.pin(shown)
    once(desk.store, AFTER_SENDING, lambda: desk.change(shown[0], change))

    desk.runner().run(job.id)
    changed = desk.ledger.get(failure_id=shown[0].id)
    desk.sources.outcomes.clear()
    replayed = desk.runner().run(job.id)

    assert desk.fates(job) == [(Fate.SKIPPED, told), SENT]
    assert (replayed.job.state, desk.sent()) == (JobState.DONE, [2])
    assert desk.ledger.get(failure_id=shown[0].id) == changed


def test_what_is_closed_although_it_is_pinned_does_not_end_the_run(desk: Desk) -> None:
    shown = desk.having(parked(1), parked(2))
    job = desk.pin(shown)
    desk.store.failures[shown[0].id] = replace(shown[0], state=State.RESOLVED, closed_at=NOW)

    replayed = desk.runner().run(job.id)

    told = f"{shown[0].id} is resolved, so it cannot be replayed"
    assert desk.fates(job) == [(Fate.SKIPPED, told), SENT]
    assert replayed.job.state is JobState.DONE


def test_what_vanishes_while_it_is_dealt_with_is_told(desk: Desk) -> None:
    [shown] = desk.having(parked(1))
    desk.sources.outcomes[shown.id] = Outcome.IMPOSSIBLE
    job = desk.pin([shown])
    once(desk.store, AFTER_SENDING, lambda: desk.store.failures.pop(shown.id))

    with pytest.raises(NotFoundError):
        desk.runner().run(job.id)


def test_the_history_of_a_job_does_not_grow_without_end(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))

    for _ in range(60):
        job = job.started(NOW, actor="ada")

    assert len(job.history) == 50


def test_where_a_queue_is_gone_its_failures_stay_as_they_are_and_the_others_are_sent(desk: Desk) -> None:
    shown = desk.having(parked(1), parked(2, queue="delivery"), parked(3, queue="invoicing"))
    job = desk.pin(shown)
    desk.sources.gone.add("counters")

    replayed = desk.runner().run(job.id)

    assert desk.sent() == [2, 3]
    assert (replayed.unreachable, replayed.waiting, replayed.job.state) == (
        ("counters",),
        1,
        JobState.WAITING,
    )
    assert desk.ledger.get(failure_id=shown[0].id) == shown[0]


def test_a_job_goes_on_once_its_queue_is_back(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))
    desk.sources.gone.add("counters")
    desk.runner().run(job.id)
    desk.sources.gone.clear()

    replayed = desk.runner().run(job.id)

    assert desk.sent() == [1]
    assert replayed.job.state is JobState.DONE
    assert [action.action for action in replayed.job.history] == [
        "pinned",
        "started",
        "stopped",
        "started",
        "done",
    ]


def test_a_job_that_is_done_sends_nothing_again_and_tells_what_it_did(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))
    first = desk.runner().run(job.id)

    assert desk.runner().run(job.id) == first
    assert desk.sent() == [1]


def test_a_long_selection_is_kept_in_parts_and_counted_as_it_goes(desk: Desk) -> None:
    number = 2 * MOST_PINS + 1
    job = desk.pin(desk.having(*map(parked, range(number))), rate=Decimal(1000))

    desk.runner().run(job.id)

    assert (job.count, job.parts) == (number, 3)
    assert sorted(desk.sent()) == list(range(number))
    assert desk.progress == sorted(desk.progress)
    assert desk.progress[-1] == number


@pytest.mark.parametrize("state", [State.RESOLVED, State.DISCARDED])
def test_what_is_closed_is_not_pinned(desk: Desk, state: State) -> None:
    shown = desk.having(parked(1), parked(2, state=state, closed_at=NOW))

    with pytest.raises(FailureClosedError, match=state):
        desk.pin(shown)

    assert len(desk.jobs) == 0


def test_nothing_is_not_pinned(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.pin([])


def test_a_job_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.runner().run(JobId("rpl_1"))


def test_a_cancelled_job_is_not_run_and_stays_cancelled(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))

    cancelled = desk.cancel(job)

    assert (cancelled.state, cancelled.history[-1].actor) == (JobState.CANCELLED, "bob")
    assert desk.cancel(job) == cancelled
    with pytest.raises(JobCancelledError):
        desk.runner().run(job.id)
    assert desk.sent() == []


def test_a_job_that_is_being_run_stops_between_two_batches(desk: Desk) -> None:
    job = desk.pin(desk.having(*map(parked, range(25))))
    once(desk.store, AFTER_SENDING, lambda: desk.cancel(job))

    replayed = desk.runner().run(job.id)

    assert len(desk.sent()) == 10
    assert (replayed.job.state, replayed.waiting) == (JobState.CANCELLED, 15)


def test_a_job_that_is_done_cannot_be_cancelled(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)))
    desk.runner().run(job.id)

    with pytest.raises(JobDoneError):
        desk.cancel(job)
