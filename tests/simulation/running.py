"""One seed, from its beginning to its end; and many of them, with what they brought."""

import datetime as dt
import gc
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.simulation.chance import Chance, Fault
from tests.simulation.cloud import BEGIN, Cloud
from tests.simulation.ending import check_ending
from tests.simulation.installing import Install, installed
from tests.simulation.people import People
from tests.simulation.promises import BrokenPromise
from tests.simulation.remembering import forget

_DAY = 86_400.0
_WEEKS_LATER = 21 * _DAY
_LAST_TICK = 22 * _DAY


@dataclass(slots=True)
class Tally:
    """What some seeds brought."""

    seeds: int = 0
    steps: int = 0
    seconds: float = 0
    faults: Counter[Fault] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    broken: dict[int, str] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count these seeds, too."""
        self.seeds += other.seeds
        self.steps += other.steps
        self.seconds += other.seconds
        self.faults += other.faults
        self.seen += other.seen
        self.broken |= other.broken


def simulate(seeds: Iterable[int], *, trace: Callable[[str], None] | None = None) -> Tally:
    """Run each seed; the broken promises are told by seed.

    A run leaves no garbage, and what is remembered stays: the garbage collector is kept away from both.
    """
    tally = Tally()
    begun = time.process_time()
    with installed() as install:
        gc.disable()
        try:
            for seed in seeds:
                _run(seed, install, tally, trace)
        finally:
            gc.freeze()
            gc.enable()
    tally.seconds = time.process_time() - begun
    return tally


def _run(seed: int, install: Install, tally: Tally, trace: Callable[[str], None] | None) -> None:
    forget()
    cloud = Cloud(Chance(seed), trace=trace)
    install(cloud)
    try:
        _live(cloud)
    except BrokenPromise as broken:
        tally.broken[seed] = str(broken)
    except Exception:  # noqa: BLE001 - whatever escapes is told with its seed
        tally.broken[seed] = traceback.format_exc()
    tally.seeds += 1
    tally.steps += cloud.steps
    tally.faults += cloud.chance.struck
    tally.seen += cloud.chance.seen
    cloud.end()


def _live(cloud: Cloud) -> None:
    """Weeks of work under faults; then replays, without new faults; then a tick that comes weeks too late."""
    people, scheduler = People(cloud), cloud.scheduler
    scheduler.at(people.length, lambda: _calm(cloud, people))
    scheduler.run()
    for later, act in (
        (_WEEKS_LATER, people.operators.replay),
        (_LAST_TICK, lambda: people.tick(BEGIN + dt.timedelta(seconds=people.length))),
        (_LAST_TICK + _WEEKS_LATER, people.operators.replay),
    ):
        scheduler.at(max(scheduler.now, people.length + later), act)
        scheduler.run()
    check_ending(cloud, people)


def _calm(cloud: Cloud, people: People) -> None:
    cloud.chance.is_stormy = False
    cloud.outages.clear()
    people.clerks.clear_up()
