"""What an owner replays is sent by the timer, a turn at a time, and seen by nobody else."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

import pytest

from domain import own_replays
from domain.errors import NotFoundError
from domain.failures import Failure, FailureClosedError, State
from domain.identifiers import AccountId, JobId
from domain.own_replays import (
    LONGEST_REPLAY,
    MOST_A_TURN,
    CarriedOn,
    NothingToReplayError,
    ask_for_replay,
    cancel_own_replay,
    carry_on_replays,
    look_at_own_replay,
)
from domain.replays import JobCancelledError, JobDoneError, JobState, ReplayJob, pin_replay
from domain.retries import Outcome
from tests.builders import ADA, BOB, FAILED_AT, a_failure, ids
from tests.fakes import InMemoryLedger, InMemoryReplayJobs, InMemorySources, Moment, Step, Store
from tests.turns import once, take_turns

NOW = FAILED_AT + dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
ME = "account, signed in"


class Desk:
    """A ledger, jobs and sources over one store, and the timer."""

    def __init__(self) -> None:
        self.store = Store()
        self.ledger = InMemoryLedger(self.store)
        self.jobs = InMemoryReplayJobs(self.store)
        self.sources = InMemorySources(self.store)
        self.now = NOW
        self._new_id = ids()

    def having(self, *numbers: int, account_id: AccountId = ADA) -> list[Failure]:
        failures = (
            a_failure(number, state=State.PARKED, next_at=None, account_id=account_id) for number in numbers
        )
        return [self.ledger.update(failure_id=each.id, change=partial(_as, each)) for each in failures]

    def ask(self, failures: Sequence[Failure], *, account_id: AccountId = ADA) -> ReplayJob:
        job = ask_for_replay(
            failures,
            asked="all",
            account_id=account_id,
            jobs=self.jobs,
            now=self.now,
            actor=ME,
            new_id=self._new_id,
        )
        self.now += dt.timedelta(seconds=1)
        return job

    def tick(self) -> CarriedOn:
        self.now += MINUTE
        return carry_on_replays(self.now, jobs=self.jobs, ledger=self.ledger, sources=self.sources)

    def job(self, job: ReplayJob) -> ReplayJob:
        return self.jobs.get(job_id=job.id)

    def sent(self) -> list[int]:
        return [int(failure.event_id, 16) for failure in self.sources.sent]


def _as(failure: Failure, _: Failure | None) -> Failure:
    return failure


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_an_owner_asks_for_is_sent_by_the_next_tick_and_says_who_asked(desk: Desk) -> None:
    job = desk.ask(desk.having(1, 2))
    before = desk.sent()

    carried = desk.tick()

    assert (before, desk.sent()) == ([], [1, 2])
    assert carried == CarriedOn(1)
    told = desk.ledger.get(failure_id=desk.sources.sent[0].id).history[-1]
    assert (told.actor, told.action, told.note) == (ME, "replayed", job.id)
    assert desk.job(job).state is JobState.DONE
    assert [(each.actor, each.action) for each in desk.job(job).history] == [
        (ME, "pinned"),
        (ME, "started"),
        (ME, "done"),
    ]
    assert desk.tick() == CarriedOn(0)


def test_nothing_is_asked_for_where_nothing_matches(desk: Desk) -> None:
    with pytest.raises(NothingToReplayError):
        desk.ask([])

    assert len(desk.jobs) == 0


def test_what_is_closed_is_not_asked_for(desk: Desk) -> None:
    [failure] = desk.having(1)

    with pytest.raises(FailureClosedError):
        desk.ask([failure.resolved(NOW, actor="counters")])


def test_a_long_job_is_sent_a_turn_at_a_time(desk: Desk) -> None:
    job = desk.ask(desk.having(*range(MOST_A_TURN + 1)))

    desk.tick()
    first, state = len(desk.sent()), desk.job(job).state
    desk.tick()

    assert (first, state) == (MOST_A_TURN, JobState.RUNNING)
    assert (sorted(desk.sent()), desk.job(job).state) == ([*range(MOST_A_TURN + 1)], JobState.DONE)
    assert [each.action for each in desk.job(job).history] == ["pinned", "started", "done"]


def test_several_jobs_share_a_turn(desk: Desk) -> None:
    long = desk.ask(desk.having(*range(200)))
    short = desk.ask(desk.having(*range(1_000, 1_030), account_id=BOB), account_id=BOB)

    desk.tick()

    assert len(desk.sent()) == MOST_A_TURN // 2 + 30
    assert (desk.job(long).state, desk.job(short).state) == (JobState.RUNNING, JobState.DONE)


def test_of_many_jobs_each_has_its_turn(desk: Desk) -> None:
    """Also where the first ones come to no end, for their queue takes nothing."""
    stuck = [desk.ask(desk.having(number)) for number in range(20)]
    desk.sources.outcomes = {failure.id: Outcome.REFUSED for failure in desk.store.failures.values()}
    last = desk.ask(desk.having(99))

    desk.tick()
    first = desk.sent()
    desk.tick()

    assert (first, desk.sent()) == ([], [99])
    assert desk.job(last).state is JobState.DONE
    assert {desk.job(job).state for job in stuck} == {JobState.RUNNING}


def test_a_few_of_each_are_sent_however_many_jobs_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_replays, "MOST_A_TURN", 2)
    desk.ask(desk.having(*range(30)))
    desk.ask(desk.having(*range(30, 60)))

    desk.tick()

    assert len(desk.sent()) == 20


def test_who_asks_often_pushes_nobody_back(desk: Desk) -> None:
    mine = desk.having(1)
    for _ in range(104):
        desk.ask(mine)
    other = desk.ask(desk.having(2, account_id=BOB), account_id=BOB)

    desk.tick()

    assert 2 in desk.sent()
    assert desk.job(other).state is JobState.DONE


def test_a_job_that_comes_to_no_end_is_given_up_after_a_day(desk: Desk) -> None:
    [failure] = desk.having(1)
    desk.sources.gone.add("counters")
    job = desk.ask([failure])

    desk.now = job.pinned_at + LONGEST_REPLAY - MINUTE
    desk.tick()
    before = desk.job(job).state
    desk.sources.gone.clear()
    desk.tick()

    assert (before, desk.job(job).state) == (JobState.RUNNING, JobState.CANCELLED)
    assert desk.job(job).history[-1].actor == "retry_failures"
    assert desk.sent() == []
    assert desk.ledger.get(failure_id=failure.id) == failure


def test_what_was_cancelled_since_it_was_listed_is_no_failure_of_the_timer(desk: Desk) -> None:
    job = desk.ask(desk.having(1))
    cancel = partial(cancel_own_replay, job.id, account_id=ADA, jobs=desk.jobs, now=NOW, actor=ME)
    once(desk.store, Step("jobs.for_the_timer", Moment.AFTER, commits=False), cancel)

    assert desk.tick() == CarriedOn(0)
    assert desk.sent() == []


def test_one_job_that_cannot_be_carried_on_holds_up_no_other(desk: Desk) -> None:
    broken, fine = desk.ask(desk.having(1)), desk.ask(desk.having(2))
    del desk.store.replay_parts[broken.id, 1]

    carried = desk.tick()

    assert (carried.turns, desk.sent()) == (1, [2])
    [(job_id, error)] = carried.failed
    assert (job_id, type(error)) == (broken.id, NotFoundError)
    assert desk.job(fine).state is JobState.DONE


@pytest.mark.parametrize("step", range(40))
def test_a_tick_that_dies_anywhere_is_made_good_and_sends_nothing_twice(desk: Desk, step: int) -> None:
    desk.ask(desk.having(1, 2, 3))

    take_turns(desk.store, [], desk.tick, crashes=frozenset({step}))
    desk.store.hook = lambda _: None
    desk.tick()

    assert len(desk.sent()) == len(set(desk.sent()))
    left = [failure for failure in desk.store.failures.values() if failure.state is State.PARKED]
    assert left == []  # what a dead tick had taken is due again by itself


def test_of_two_ticks_at_once_one_sends_each_failure(desk: Desk) -> None:
    job = desk.ask(desk.having(*range(25)))

    errors = take_turns(desk.store, [0, 1, 1, 0, 1, 0, 0] * 40, desk.tick, desk.tick)

    assert errors == [None, None]
    assert sorted(desk.sent()) == [*range(25)]
    assert desk.job(job).state is JobState.DONE


def test_the_replay_of_another_and_one_of_an_operator_are_refused_like_a_missing_one(desk: Desk) -> None:
    theirs = desk.ask(desk.having(1, account_id=BOB), account_id=BOB)
    operators = pin_replay(
        desk.having(2), asked="", jobs=desk.jobs, now=NOW, actor="root", new_id=lambda: "9" * 16
    )
    told = []

    for job_id in (JobId("rpl_missing000000000"), theirs.id, operators.id):
        for act in (
            partial(look_at_own_replay, job_id, account_id=ADA, jobs=desk.jobs),
            partial(cancel_own_replay, job_id, account_id=ADA, jobs=desk.jobs, now=NOW, actor=ME),
        ):
            with pytest.raises(NotFoundError) as raised:
                act()
            told.append(str(raised.value).replace(job_id, "…"))

    assert told == ["there is no replay …"] * 6
    assert {desk.job(job).state for job in (theirs, operators)} == {JobState.WAITING}


def test_an_owner_sees_how_far_it_is_and_stops_it(desk: Desk) -> None:
    job = desk.ask(desk.having(1))

    seen = look_at_own_replay(job.id, account_id=ADA, jobs=desk.jobs)
    stopped = cancel_own_replay(job.id, account_id=ADA, jobs=desk.jobs, now=NOW, actor=ME)
    carried = desk.tick()

    assert (seen.job, seen.waiting) == (job, 1)
    assert (stopped.state, stopped.history[-1].actor) == (JobState.CANCELLED, ME)
    assert (carried, desk.sent()) == (CarriedOn(0), [])


def test_what_is_done_is_not_stopped(desk: Desk) -> None:
    job = desk.ask(desk.having(1))
    desk.tick()

    with pytest.raises(JobDoneError):
        cancel_own_replay(job.id, account_id=ADA, jobs=desk.jobs, now=NOW, actor=ME)


def test_a_job_that_is_done_or_cancelled_has_no_further_turn(desk: Desk) -> None:
    job = desk.ask(desk.having(1))
    done = job.ended(NOW, actor=ME, complete=True)

    assert done.carried_on(NOW, actor=ME) == done
    with pytest.raises(JobCancelledError):
        job.cancelled(NOW, actor=ME).carried_on(NOW, actor=ME)
