"""Replay jobs are kept as they were pinned, and what was done of them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from domain.errors import ConflictError, NotFoundError
from domain.failures import Action, Failure, FailureId
from domain.identifiers import JobId
from domain.replaying import Runner
from domain.replays import Fate, JobCancelledError, Part, Pin, ReplayJob, ReplayJobs
from infrastructure.dynamodb.attributes import from_item
from infrastructure.dynamodb.replays import KEPT_DAYS
from tests import data_stack
from tests.builders import ADA, FAILED_AT, a_failure
from tests.contract.watched import Watched
from tests.fakes import InMemorySources
from tests.turns import take_turns
from tests.world import World

JOB = ReplayJob(
    id=JobId("rpl_0000000000000001"),
    pinned_at=FAILED_AT,
    actor="ada",
    asked="--queue counters",
    count=3,
    parts=2,
    rate=Decimal("0.5"),
    history=(Action(at=FAILED_AT, actor="ada", action="pinned"),),
)
PINS = [Pin(failure_id=FailureId(f"counters:{number:032x}"), version=number) for number in (1, 2, 3)]
PARTS = [Part(number=1, pins=(PINS[0], PINS[1])), Part(number=2, pins=(PINS[2],))]


@pytest.fixture
def jobs(world: World) -> ReplayJobs:
    return world.replay_jobs


def start(job: ReplayJob) -> ReplayJob:
    return job.started(FAILED_AT, actor="ada")


def cancel(job: ReplayJob) -> ReplayJob:
    return job.cancelled(FAILED_AT, actor="bob")


def sent(number: int) -> Callable[[Part], Part]:
    pin = replace(PINS[number], fate=Fate.SENT)
    return lambda part: part.after({pin.failure_id: pin})


def test_a_job_and_its_parts_are_kept_as_they_were_added(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)

    assert jobs.get(job_id=JOB.id) == JOB
    assert [jobs.part(job_id=JOB.id, number=number) for number in (1, 2)] == PARTS


def test_a_job_of_many_parts_is_kept_whole(jobs: ReplayJobs) -> None:
    parts = [Part(number=number, pins=(PINS[0],)) for number in range(1, 121)]  # a transaction takes 100

    jobs.add(job=replace(JOB, parts=120), parts=parts)

    assert [jobs.part(job_id=JOB.id, number=number) for number in range(1, 121)] == parts


def test_a_job_of_few_parts_is_stored_at_once(dynamodb: World, watched: Watched) -> None:
    dynamodb.replay_jobs.add(job=JOB, parts=PARTS)

    assert watched.calls == {"transact_write_items": 1}


def test_no_job_takes_the_place_of_another(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)

    with pytest.raises(ConflictError):
        jobs.add(job=replace(JOB, actor="bob"), parts=[Part(number=1, pins=())])

    assert (jobs.get(job_id=JOB.id), jobs.part(job_id=JOB.id, number=1)) == (JOB, PARTS[0])


def test_what_is_not_there_is_not_found(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)

    with pytest.raises(NotFoundError):
        jobs.get(job_id=JobId("rpl_0000000000000002"))
    with pytest.raises(NotFoundError):
        jobs.update(job_id=JobId("rpl_0000000000000002"), change=start)
    with pytest.raises(NotFoundError):
        jobs.part(job_id=JOB.id, number=3)
    with pytest.raises(NotFoundError):
        jobs.update_part(job_id=JOB.id, number=3, change=sent(0))


def test_each_update_is_the_next_version(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)

    stored = jobs.update(job_id=JOB.id, change=start)
    part = jobs.update_part(job_id=JOB.id, number=1, change=sent(1))

    assert stored == replace(start(JOB), version=2) == jobs.get(job_id=JOB.id)
    assert part == Part(number=1, pins=(PINS[0], replace(PINS[1], fate=Fate.SENT)), version=2)
    assert jobs.part(job_id=JOB.id, number=1) == part
    assert jobs.part(job_id=JOB.id, number=2) == PARTS[1]


def test_what_does_not_change_costs_no_version(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)

    assert jobs.update(job_id=JOB.id, change=lambda job: job) == JOB
    assert jobs.update_part(job_id=JOB.id, number=1, change=lambda part: part) == PARTS[0]
    assert jobs.get(job_id=JOB.id).version == 1


def test_a_change_that_raises_stores_nothing(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)
    jobs.update(job_id=JOB.id, change=cancel)

    with pytest.raises(JobCancelledError):
        jobs.update(job_id=JOB.id, change=start)

    assert jobs.get(job_id=JOB.id).version == 2


def test_a_change_runs_again_where_somebody_else_wrote_in_between(jobs: ReplayJobs) -> None:
    jobs.add(job=JOB, parts=PARTS)
    runs = iter(range(9))

    def cancel_too_late(job: ReplayJob) -> ReplayJob:
        if next(runs) == 0:
            jobs.update(job_id=JOB.id, change=start)
        return cancel(job)

    def note_too_late(part: Part) -> Part:
        if next(runs) == 2:
            jobs.update_part(job_id=JOB.id, number=1, change=sent(1))
        return sent(0)(part)

    job = jobs.update(job_id=JOB.id, change=cancel_too_late)
    part = jobs.update_part(job_id=JOB.id, number=1, change=note_too_late)

    assert [action.action for action in job.history] == ["pinned", "started", "cancelled"]
    assert [pin.fate for pin in part.pins] == [Fate.SENT, Fate.SENT]


def test_jobs_of_accounts_wait_for_the_timer_until_they_end_and_those_of_operators_never_do(
    jobs: ReplayJobs,
) -> None:
    minute = dt.timedelta(minutes=1)
    for number in range(1, 6):
        job = replace(a_job(number), pinned_at=FAILED_AT + number * minute, account_id=ADA)
        jobs.add(job=replace(job, account_id=None) if number == 5 else job, parts=())
    waiting = [each.id for each in jobs.for_the_timer(limit=9)]

    jobs.update(
        job_id=a_job(1).id, change=lambda job: job.carried_on(FAILED_AT + 9 * minute, actor="account")
    )
    jobs.update(job_id=a_job(2).id, change=cancel)
    jobs.update(job_id=a_job(3).id, change=lambda job: job.ended(FAILED_AT, actor="account", complete=True))

    assert waiting == [a_job(number).id for number in (1, 2, 3, 4)]
    assert [each.id for each in jobs.for_the_timer(limit=9)] == [a_job(4).id, a_job(1).id]
    assert jobs.for_the_timer(limit=1) == [jobs.get(job_id=a_job(4).id)]


def a_job(number: int) -> ReplayJob:
    return replace(JOB, id=JobId(f"rpl_{number:016}"), parts=0, count=0)


def test_a_job_is_there_only_once_all_its_parts_are(dynamodb: World, watched: Any) -> None:
    def die_before_the_last(step: Any) -> None:
        if watched.calls["transact_write_items"] == 1:
            raise KeyboardInterrupt

    watched.hook = die_before_the_last
    with pytest.raises(KeyboardInterrupt):
        dynamodb.replay_jobs.add(job=JOB, parts=[Part(number=number, pins=()) for number in range(1, 26)])
    watched.hook = lambda _: None

    with pytest.raises(NotFoundError):
        dynamodb.replay_jobs.get(job_id=JOB.id)


def test_of_two_runs_over_the_table_one_sends_each_failure(dynamodb: World, watched: Any) -> None:
    sources = InMemorySources()
    shown = [
        dynamodb.ledger.update(failure_id=each.id, change=lambda _, each=each: each)  # type: ignore[misc] # a default
        for each in map(a_failure, range(5))
    ]
    dynamodb.replay_jobs.add(job=JOB, parts=[Part(number=1, pins=tuple(map(pin, shown)))])
    run = partial(runner(dynamodb, sources).run, JOB.id)
    dynamodb.replay_jobs.update(job_id=JOB.id, change=lambda job: replace(job, parts=1, rate=Decimal(1000)))

    errors = take_turns(watched, [0, 1, 1, 0, 1, 0, 0] * 20, run, run)
    replayed = run()

    assert errors == [None, None]
    assert sorted(failure.id for failure in sources.sent) == [failure.id for failure in shown]
    assert replayed.counts == {Fate.SENT: 5}


def pin(failure: Failure) -> Pin:
    return Pin(failure_id=failure.id, version=failure.version)


def runner(world: World, sources: InMemorySources) -> Runner:
    return Runner(
        jobs=world.replay_jobs,
        ledger=world.ledger,
        sources=sources,
        now=lambda: FAILED_AT,
        pause=lambda _: None,
        actor="ada",
        progress=lambda _: None,
    )


def test_the_table_forgets_a_job_and_its_parts_also_once_they_were_written_again(dynamodb: World) -> None:
    dynamodb.replay_jobs.add(job=JOB, parts=PARTS)
    dynamodb.replay_jobs.update(job_id=JOB.id, change=start)
    dynamodb.replay_jobs.update_part(job_id=JOB.id, number=1, change=sent(0))

    scanned = data_stack.client("dynamodb").scan(TableName=data_stack.TABLE)["Items"]
    kept = [from_item(item) for item in scanned]
    days = {(item["expires_at"] - FAILED_AT.timestamp()) / 86_400 for item in kept}
    assert (days, {item["type"] for item in kept}) == ({KEPT_DAYS}, {"REPLAY", "REPLAY_PART"})
