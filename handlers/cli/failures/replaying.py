"""`invoicely failures replay` and `cancel`: send failures back to where they came from."""

import time
from collections.abc import Iterator, Sequence
from decimal import Decimal

import click

from domain.failures import Failure
from domain.identifiers import JobId
from domain.replaying import Runner
from domain.replays import (
    WELL,
    JobState,
    Replayed,
    ReplayJob,
    cancel_replay,
    look_at_replay,
    pin_replay,
)
from domain.triage import Histogram
from handlers.cli.called import program
from handlers.cli.exits import Exit
from handlers.cli.failures import telling
from handlers.cli.failures.choosing import EVERYTHING, Chosen, filtering
from handlers.cli.operating import Desk, at_desk, by_actor
from handlers.cli.output import printable
from handlers.cli.progress import counting
from handlers.cli.values import RATE, TEXT
from infrastructure import wiring
from infrastructure.views import failures as failure_views

_SHOWN = 5


@click.command(epilog="Example: invoicely failures replay --cause NotFoundError --max 5")
@click.argument("failure_ids", metavar="[ID]...", nargs=-1, type=TEXT)
@filtering
@click.option("--max", "most", type=click.IntRange(min=1), help="At most so many, the oldest first.")
@click.option("--rate", type=RATE, help="Messages a second, for each queue.  [default: 10]")
@click.option("--job", "job_id", metavar="JOB", type=TEXT, help="What an earlier call has selected: rpl_…")
@click.option("--apply", "is_meant", is_flag=True, help="Send; without it, only select and show.")
@by_actor
@at_desk
def replay(
    desk: Desk,
    *,
    chosen: Chosen,
    most: int | None,
    rate: Decimal | None,
    job_id: str | None,
    is_meant: bool,
    actor: str,
) -> int:
    """Send failures back to where they came from.

    At first nothing is sent: what is selected is shown, kept as it is now, and the command that sends exactly
    this is printed. Whatever fails or changes from then on is left out. A selection sends each failure once
    at most, also where the command is stopped and called again. The exit code is 6 where some were not sent.
    """
    if job_id is None:
        if is_meant and chosen.is_everything and not most:
            raise click.UsageError(
                "--apply sends no more than was meant: say which by ids or filters, or look first"
            )
        found = chosen.find(most=most)
        job = _pin(chosen, found, rate, actor)
        if not is_meant:
            return _show_selection(desk, job, found)
        desk.out.say(f"Should this be stopped, {_command(desk, job)} goes on.")
        return _run(desk, job, rate, actor)
    if not chosen.is_everything or most:
        raise click.UsageError("--job is a selection already: give no ids, filters or --max with it")
    if not is_meant:
        return _show_job(desk, JobId(job_id))
    return _run(desk, wiring.replay_jobs().get(job_id=JobId(job_id)), rate, actor)


@click.command(epilog="Example: invoicely failures cancel rpl_…")
@click.argument("job_id", metavar="JOB", type=TEXT)
@by_actor
@at_desk
def cancel(desk: Desk, *, job_id: str, actor: str) -> None:
    """Stop the replay JOB, before it is run or while it is.

    What it has sent is sent; one that is being run stops before its next few failures.
    """
    jobs = wiring.replay_jobs()
    cancel_replay(JobId(job_id), jobs=jobs, now=wiring.now(), actor=actor)
    stopped = look_at_replay(JobId(job_id), jobs=jobs)
    desk.out.record(failure_views.of_replay(stopped), *_told(stopped))


def _pin(chosen: Chosen, found: Sequence[Failure], rate: Decimal | None, actor: str) -> ReplayJob:
    return pin_replay(
        found,
        asked=chosen.told or EVERYTHING,
        rate=rate,
        jobs=wiring.replay_jobs(),
        now=wiring.now(),
        actor=actor,
        new_id=wiring.new_id,
    )


def _show_selection(desk: Desk, job: ReplayJob, found: Sequence[Failure]) -> int:
    counted, command = Histogram.of(found), _command(desk, job)
    minutes = float(round(job.minutes, 1))
    if desk.out.as_json:
        plain = {"job": job.id, "count": job.count, "minutes": minutes, "command": command}
        first = [failure_views.of_listed_failure(failure) for failure in found[:_SHOWN]]
        desk.out.record(plain | failure_views.of_histogram(counted) | {"first": first})
        return Exit.OK
    lines = [f"Would replay {telling.plural(job.count, 'failure')}:", *telling.histogram(counted), ""]
    desk.out.record(None, *lines)
    telling.show_rows(found[:_SHOWN], today=wiring.now().date())
    if job.count > _SHOWN:
        desk.out.record(None, f"and {job.count - _SHOWN:,} more")
    desk.out.record(
        None, "", f"{_time(minutes)} at {job.rate:f} a second. To send exactly these:", f"  {command}"
    )
    return Exit.OK


def _show_job(desk: Desk, job_id: JobId) -> int:
    found = look_at_replay(job_id, jobs=wiring.replay_jobs())
    desk.out.record(failure_views.of_replay(found), *_told(found))
    return Exit.OK


def _run(desk: Desk, job: ReplayJob, rate: Decimal | None, actor: str) -> int:
    with counting("Replaying", total=job.count) as progress:
        runner = Runner(
            jobs=wiring.replay_jobs(),
            ledger=wiring.ledger(),
            sources=wiring.sources(),
            now=wiring.now,
            pause=time.sleep,
            actor=actor,
            progress=progress,
        )
        replayed = runner.run(job.id, rate=rate)
    desk.out.record(failure_views.of_replay(replayed), *_told(replayed))
    if replayed.job.state is JobState.WAITING:
        for line in _left(replayed):
            desk.out.say(line)
        desk.out.say(f"Once that is mended, {_command(desk, job)} goes on.")
        return Exit.FAILURE
    return Exit.OK if replayed.counts.keys() <= WELL and not replayed.waiting else Exit.PARTIAL


def _left(replayed: Replayed) -> Iterator[str]:
    """Why some wait for another run."""
    if queues := replayed.unreachable:
        yield f"error: {', '.join(queues)} cannot be reached; what came from there is left as it was"
    else:
        yield f"error: {replayed.waiting:,} were not taken for now; they are left as they were"


def _told(replayed: Replayed) -> Iterator[str]:
    job, counts = replayed.job, replayed.counts
    told = [f"{count:,} {fate}" for fate, count in sorted(counts.items())]
    rest = "not sent" if job.state is JobState.CANCELLED else "not yet"
    told += [f"{replayed.waiting:,} {rest}"] if replayed.waiting else []
    yield f"{job.id} is {job.state}. Of {telling.plural(job.count, 'failure')}: {', '.join(told)}."
    for pin in replayed.pins:
        if pin.note:
            yield printable(f"  {pin.failure_id} {pin.fate}: {pin.note}")
    if job.state in {JobState.WAITING, JobState.RUNNING}:
        yield f"  pinned {job.pinned_at:%Y-%m-%dT%H:%M:%SZ} by {job.actor}: {printable(job.asked)}"


def _command(desk: Desk, job: ReplayJob) -> str:
    return f"{program()} failures replay --job {job.id} --apply{desk.where}"


def _time(minutes: float) -> str:
    return "Less than a minute" if minutes < 1 else f"About {telling.plural(round(minutes), 'minute')}"
