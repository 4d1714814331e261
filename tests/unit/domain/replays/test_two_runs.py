"""However runs die and meet, each failure is sent at most once a job, and none is lost."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.failures import FailureClosedError, State
from domain.replays import Fate, JobState, look_at_replay
from domain.retries import Outcome
from tests.fakes import Moment, Step
from tests.operating import NOW, SENT, Desk, parked
from tests.turns import Crash, once, take_turns


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
