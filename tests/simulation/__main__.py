"""Runs seeds on all cores: `python -m tests.simulation --seeds 2000 --from 0`."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.simulation.chance import Fault
from tests.simulation.running import Tally, simulate

_CHUNK = 50
_MOST_TOLD = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds that were asked for; 1 where one of them broke a promise."""
    asked = _parser().parse_args(arguments)
    seeds = range(asked.first, asked.first + asked.seeds)
    begun = time.monotonic()
    alone = asked.trace
    tally = simulate(seeds, trace=print) if alone else _together(seeds, asked.jobs, quiet=asked.quiet)
    _tell(tally, seeds, time.monotonic() - begun)
    return 1 if tally.broken else 0


def replaying(seed: int) -> str:
    """The command that runs one seed again."""
    return f"make simulate SEEDS=1 FROM={seed} ARGS=--trace"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_count, default=2_000, help="how many (2000)")
    parser.add_argument(
        "--from", dest="first", type=int, default=0, metavar="SEED", help="the first of them (0)"
    )
    parser.add_argument(
        "--jobs", type=_count, default=_cores(), help="processes (as many as there are cores)"
    )
    parser.add_argument("--trace", action="store_true", help="tell every step, in one process")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")
    return parser


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _together(seeds: range, jobs: int, *, quiet: bool) -> Tally:
    """Every seed in one of the processes, with a progress bar where somebody watches."""
    tally = Tally()
    chunks = [seeds[first : first + _CHUNK] for first in range(0, len(seeds), _CHUNK)]
    console = Console(stderr=True)
    columns = (
        TextColumn("simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[broken]}"),
    )
    with (
        Progress(
            *columns, TimeRemainingColumn(), console=console, disable=quiet or not console.is_terminal
        ) as bar,
        get_context("fork").Pool(min(jobs, len(chunks))) as pool,
    ):
        task = bar.add_task("seeds", total=len(seeds), broken="")
        for some in pool.imap_unordered(simulate, chunks):
            tally.add(some)
            broken = f"[red]{len(tally.broken)} broken" if tally.broken else ""
            bar.update(task, advance=some.seeds, broken=broken)
    return tally


def _tell(tally: Tally, seeds: range, seconds: float) -> None:
    for line in _lines(tally, seeds, seconds):
        sys.stdout.write(f"{line}\n")


def _lines(tally: Tally, seeds: range, seconds: float) -> Iterator[str]:
    for fault in Fault:
        yield f"{tally.faults[fault]:>10,}  {fault}"
    for situation, times in sorted(tally.seen.items()):
        yield f"{times:>10,}  {situation}"
    rate = tally.seeds / tally.seconds if tally.seconds else 0
    yield (
        f"{tally.seeds:,} seeds from {seeds.start}, {tally.steps:,} steps, in {seconds:.1f} s: "
        f"{rate:.0f} a second and core"
    )
    for seed, told in sorted(tally.broken.items())[:_MOST_TOLD]:
        yield f"\nSeed {seed} broke a promise: {told}\nTo see how:  {replaying(seed)}"
    if tally.broken:
        yield f"\n{len(tally.broken)} of {tally.seeds} seeds broke a promise."
    else:
        yield "Every promise held at every step."


if __name__ == "__main__":
    sys.exit(main())
