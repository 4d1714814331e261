"""What is pinned is what is sent, at most once, and whatever became of each is told."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.failures import MOST_REPLAYS, Failure, FailureClosedError, State
from domain.identifiers import JobId
from domain.replaying import Runner
from domain.replays import (
    MOST_PINS,
    Fate,
    JobCancelledError,
    JobDoneError,
    JobState,
    ReplayJob,
    cancel_replay,
    look_at_replay,
    pin_replay,
)
from domain.retries import Outcome
from tests.builders import ADA, BOB, FAILED_AT, a_failure, ids
from tests.fakes import InMemoryLedger, InMemoryReplayJobs, InMemorySources, Moment, Step, Store
from tests.turns import Crash, once, take_turns

NOW = FAILED_AT + dt.timedelta(days=1)
SENT = (Fate.SENT, "")
AFTER_SENDING = Step("sources.send", Moment.AFTER, commits=True)


class Desk:
    """An operator's place: a ledger, jobs and sources over one store, and a clock that waits make go on."""

    def __init__(self) -> None:
        self.store = Store()
        self.ledger = InMemoryLedger(self.store)
        self.jobs = InMemoryReplayJobs(self.store)
        self.sources = InMemorySources(self.store)
        self.now = NOW
        self.waits: list[float] = []
        self.progress: list[int] = []
        self._new_id = ids()

    def having(self, *failures: Failure) -> list[Failure]:
        return [self._put(failure) for failure in failures]

    def change(self, failure: Failure, change: Callable[[Failure], Failure]) -> Failure:
        return self.ledger.update(
            failure_id=failure.id, change=lambda known: change(known) if known else failure
        )

    def pin(self, shown: Sequence[Failure], *, rate: Decimal | None = None) -> ReplayJob:
        return pin_replay(
            shown,
            asked="everything",
            rate=rate,
            jobs=self.jobs,
            now=self.now,
            actor="ada",
            new_id=self._new_id,
        )

    def runner(self, actor: str = "ada") -> Runner:
        return Runner(
            jobs=self.jobs,
            ledger=self.ledger,
            sources=self.sources,
            now=lambda: self.now,
            pause=self._wait,
            actor=actor,
            progress=self.progress.append,
        )

    def cancel(self, job: ReplayJob) -> ReplayJob:
        return cancel_replay(job.id, jobs=self.jobs, now=self.now, actor="bob")

    def fates(self, job: ReplayJob) -> list[tuple[Fate | None, str]]:
        return [(pin.fate, pin.note) for pin in look_at_replay(job.id, jobs=self.jobs).pins]

    def sent(self) -> list[int]:
        """The numbers of the events that were sent, in order."""
        return [int(failure.event_id, 16) for failure in self.sources.sent]

    def _put(self, failure: Failure) -> Failure:
        return self.ledger.update(failure_id=failure.id, change=lambda _: failure)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def parked(number: int, **changes: Any) -> Failure:
    return a_failure(number, **({"state": State.PARKED, "next_at": None} | changes))


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


def test_the_queues_come_one_after_the_other_and_each_from_its_oldest_failure_on(desk: Desk) -> None:
    shown = desk.having(parked(1, queue="delivery"), parked(2), parked(3, queue="delivery"), parked(4))

    desk.runner().run(desk.pin(shown).id)

    assert desk.sent() == [2, 4, 1, 3]


@pytest.mark.parametrize(("rate", "few"), [("0.5", 1), ("4", 4), ("1000", 10)])
def test_no_more_are_sent_than_the_rate_allows(desk: Desk, rate: str, few: int) -> None:
    job = desk.pin(desk.having(*map(parked, range(20))), rate=Decimal(rate))

    desk.runner().run(job.id)

    assert desk.store.calls["sources.send"] == 20 / few
    assert sum(desk.waits) == pytest.approx(20 / float(rate))
    assert max(desk.waits) == pytest.approx(few / float(rate))


def test_the_time_that_sending_takes_is_no_time_to_wait(desk: Desk) -> None:
    job = desk.pin(desk.having(*map(parked, range(10))), rate=Decimal(10))

    def take_a_while() -> None:
        desk.now += dt.timedelta(seconds=0.75)

    once(desk.store, AFTER_SENDING, take_a_while)
    desk.runner().run(job.id)

    assert desk.waits == [0.25]


def test_what_is_settled_at_once_keeps_to_the_rate_too(desk: Desk) -> None:
    shown = desk.having(*(parked(number, queue="stream") for number in range(20)))
    desk.sources.outcomes = {failure.id: Outcome.SETTLED for failure in shown}

    desk.runner().run(desk.pin(shown, rate=Decimal(1)).id)

    assert desk.waits == [1] * 20


def test_what_is_skipped_takes_no_time(desk: Desk) -> None:
    shown = desk.having(*map(parked, range(10)))
    job = desk.pin(shown)
    for failure in shown:
        desk.change(failure, lambda known: known.resolved(NOW, actor="counters"))

    desk.runner().run(job.id)

    assert desk.waits == []


def test_a_run_may_have_another_rate(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)), rate=Decimal(10))

    replayed = desk.runner().run(job.id, rate=Decimal(2))

    assert (desk.waits, replayed.job.rate) == ([0.5], Decimal(2))


@pytest.mark.parametrize("rate", ["0", "-1", "0.05", "1001", "1.005", "NaN"])
def test_a_rate_out_of_range_is_refused(desk: Desk, rate: str) -> None:
    shown = desk.having(parked(1))
    job = desk.pin(shown)

    with pytest.raises(InvalidError):
        desk.pin(shown, rate=Decimal(rate))
    with pytest.raises(InvalidError):
        desk.runner().run(job.id, rate=Decimal(rate))

    assert len(desk.jobs) == 1
    assert desk.sent() == []


def test_it_tells_how_long_it_will_take(desk: Desk) -> None:
    assert desk.pin(desk.having(*map(parked, range(90))), rate=Decimal("0.5")).minutes == 3


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


def test_a_fate_is_told_once_and_only_the_guess_of_another_run_is_corrected(desk: Desk) -> None:
    [shown] = desk.having(parked(1))
    job = desk.pin([shown])
    [pin] = look_at_replay(job.id, jobs=desk.jobs).pins

    left, sent = replace(pin, fate=Fate.LEFT, note="it is retrying now"), replace(pin, fate=Fate.SENT)
    skipped, handed_back = replace(pin, fate=Fate.SKIPPED), replace(pin, version=pin.version + 2)

    for seen in (left, skipped):
        assert pin.after(seen) == seen
        assert seen.after(sent) == sent
        assert sent.after(seen) == sent
        assert seen.after(handed_back) == handed_back
        assert handed_back.after(seen) == handed_back
    assert left.after(skipped) == skipped
    assert skipped.after(left) == skipped


def test_what_another_run_handed_back_meanwhile_is_as_it_was_shown(desk: Desk) -> None:
    [shown] = desk.having(parked(1))
    desk.sources.outcomes[shown.id] = Outcome.REFUSED
    job = desk.pin([shown])

    def refuse_another_run() -> None:
        desk.runner("ada").run(job.id)
        desk.sources.outcomes.clear()

    once(desk.store, Step("ledger.find", Moment.BEFORE, commits=False), refuse_another_run)
    replayed = desk.runner("bob").run(job.id)

    assert (replayed.job.state, desk.fates(job), desk.sent()) == (JobState.DONE, [SENT], [1])


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        (Step("sources.send", Moment.BEFORE, commits=True), Fate.LEFT),
        (Step("jobs.update_part: read", Moment.BEFORE, commits=False), Fate.SKIPPED),
    ],
    ids=str,
)
def test_what_a_run_hands_back_waits_whatever_another_one_saw_meanwhile(
    desk: Desk, step: Step, seen: Fate
) -> None:
    [shown] = desk.having(parked(1))
    desk.sources.outcomes[shown.id] = Outcome.REFUSED
    job = desk.pin([shown])
    saw: list[Fate | None] = []

    def see() -> None:
        desk.runner("bob").run(job.id)
        saw.extend(fate for fate, _ in desk.fates(job))

    once(desk.store, step, see)
    first = desk.runner("ada").run(job.id)
    desk.sources.outcomes.clear()
    second = desk.runner().run(job.id)

    assert saw == [seen]
    assert (first.job.state, first.waiting) == (JobState.WAITING, 1)
    assert (second.job.state, desk.fates(job), desk.sent()) == (JobState.DONE, [SENT], [1])


def test_of_two_runs_the_last_to_end_says_whether_the_job_is_done(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1))).started(NOW, actor="ada")

    waiting = job.ended(NOW, actor="ada", complete=False)
    done = job.ended(NOW, actor="ada", complete=True)

    assert waiting.ended(NOW, actor="bob", complete=True).state is JobState.DONE
    assert done.ended(NOW, actor="bob", complete=False).state is JobState.WAITING
    assert [each.ended(NOW, actor="bob", complete=each is done) for each in (waiting, done)] == [
        waiting,
        done,
    ]


def dying_at(chosen: int, steps: list[Step]) -> Callable[[Step], None]:
    def hook(step: Step) -> None:
        steps.append(step)
        if len(steps) == chosen:
            raise Crash

    return hook


def test_a_run_that_dies_at_any_step_is_finished_by_the_next_and_sends_nothing_twice() -> None:
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        desk, steps = Desk(), list[Step]()
        shown = desk.having(*map(parked, range(12)), parked(12, queue="delivery"))
        job = desk.pin(shown)
        desk.store.hook = dying_at(chosen, steps)
        with suppress(Crash):
            desk.runner().run(job.id)
        desk.store.hook = lambda _: None

        is_alive = len(steps) < chosen
        replayed = desk.runner("bob").run(job.id)

        assert replayed.job.state is JobState.DONE
        sent, left = desk.sent(), [pin for pin in replayed.pins if pin.fate is Fate.LEFT]
        assert len(sent) == len(set(sent))
        assert len(left) <= 10  # no more than what is sent at once
        for pin in replayed.pins:
            failure = desk.ledger.get(failure_id=pin.failure_id)
            assert (failure.state, failure.replays) == (State.RETRYING, 1)
            assert failure.next_at  # should nothing be heard of it, the timer sends it
            assert pin.fate is Fate.LEFT or pin.failure_id in desk.sources
    assert chosen > 80  # each side of each call is one


@settings(max_examples=60)
@given(
    schedule=st.lists(st.integers(0, 3), max_size=120),
    crashes=st.frozensets(st.integers(0, 120), max_size=2),
)
def test_whoever_else_moves_the_failures_the_job_sends_each_at_most_once_and_none_is_lost(
    schedule: list[int], crashes: frozenset[int]
) -> None:
    desk = Desk()
    shown = desk.having(*map(parked, range(5)))
    job = desk.pin(shown, rate=Decimal(2))

    def timer() -> None:
        for failure in shown:
            with suppress(FailureClosedError):
                desk.sources.send(
                    failures=[desk.change(failure, lambda known: known.sent(NOW, actor="timer"))]
                )

    def consumer() -> None:
        for failure in [*desk.sources.sent, *desk.sources.sent]:
            desk.change(failure, lambda known: known.resolved(NOW, actor="counters"))

    take_turns(
        desk.store,
        schedule,
        lambda: desk.runner("ada").run(job.id),
        lambda: desk.runner("bob").run(job.id),
        timer,
        consumer,
        crashes=crashes,
    )
    replayed = desk.runner().run(job.id)

    by_the_job = Counter(each.id for each in desk.sources.sent if each.history[-1].note == job.id)
    assert max(by_the_job.values(), default=1) == 1
    assert replayed.waiting == 0
    for pin in replayed.pins:
        failure = desk.ledger.get(failure_id=pin.failure_id)
        assert (pin.fate is Fate.SENT) <= (pin.failure_id in by_the_job)
        assert failure.next_at or failure.state is State.RESOLVED
        assert failure.state is not State.RESOLVED or failure.id in desk.sources


def test_a_run_that_dies_while_queues_refuse_loses_nothing() -> None:
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        desk, steps = Desk(), list[Step]()
        shown = desk.having(*map(parked, range(6)))
        outcomes = [Outcome.REFUSED, Outcome.IMPOSSIBLE, Outcome.SETTLED, Outcome.SENT] * 2
        desk.sources.outcomes = {failure.id: told for failure, told in zip(shown, outcomes, strict=False)}
        job = desk.pin(shown)
        desk.store.hook = dying_at(chosen, steps)
        with suppress(Crash):
            desk.runner().run(job.id)
        desk.store.hook = lambda _: None

        is_alive = len(steps) < chosen
        desk.sources.outcomes.clear()
        replayed = desk.runner("bob").run(job.id)

        assert replayed.waiting == 0
        assert len(desk.sent()) == len(set(desk.sent()))
        for pin in replayed.pins:
            failure = desk.ledger.get(failure_id=pin.failure_id)
            assert failure.is_open or pin.failure_id in desk.sources
            assert failure.state is not State.RETRYING or failure.next_at
            assert pin.fate is not Fate.SENT or pin.failure_id in desk.sources
    assert chosen > 50


@pytest.mark.parametrize(
    "schedule", [[0, 1], [0, 0, 1], [1, 1, 0, 1, 0, 0], [1] * 9 + [0] * 5, [0] * 31 + [1] * 17]
)
@pytest.mark.parametrize("crash", [None, 7, 20, 41])
def test_of_two_runs_of_one_job_one_sends_each_failure(schedule: list[int], crash: int | None) -> None:
    desk = Desk()
    job = desk.pin(desk.having(*map(parked, range(15))))

    errors = take_turns(
        desk.store,
        schedule * 20,
        lambda: desk.runner("ada").run(job.id),
        lambda: desk.runner("bob").run(job.id),
        crashes=frozenset({crash} if crash else ()),
    )

    assert sum(error is not None for error in errors) == (crash is not None)
    assert len(desk.sent()) == len(set(desk.sent()))
    replayed = desk.runner().run(job.id)
    assert replayed.waiting == 0
    for pin in replayed.pins:
        assert pin.fate in {Fate.SENT, Fate.LEFT}
        assert (pin.fate is Fate.LEFT) <= (crash is not None)
        assert desk.ledger.get(failure_id=pin.failure_id).replays == 1
