"""Virtual time: what is to happen, in the order of its instant, and functions that wait in between."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from tests.simulation.chance import Fault

_MOST_EVENTS = 50_000


class Crash(BaseException):
    """The process of a function ends; no `except` of its code sees that."""


class NeverEndsError(AssertionError):
    """So much has happened that it is a circle."""


class Worker:
    """One run of a function, from its first step to its end."""

    __slots__ = (
        "calls",
        "deadline",
        "fate",
        "faults",
        "looked_at",
        "mails",
        "name",
        "opened",
        "queue",
        "races",
        "read_at",
        "within",
    )

    def __init__(self, name: str, deadline: float, queue: str = "") -> None:
        self.name = name
        self.queue = queue
        self.deadline = deadline
        self.calls = 0
        self.faults = 0
        self.races = 0
        self.fate: Fault | None = None
        self.within: str | None = None
        self.looked_at = -1
        self.read_at = -1
        self.mails = ("", 0)
        self.opened: list[str] = []


class Strand(greenlet):  # type: ignore[misc] # greenlet has no types
    """Carries one worker after the other, in one run and the next: a new strand costs more than its work."""

    def __init__(self) -> None:
        super().__init__(self._run)
        self.worker: Worker | None = None
        self.work: Callable[[Worker], None] | None = None

    def _run(self) -> None:
        while self.worker and self.work:
            self.work(self.worker)
            self.worker = self.work = None
            _idle.append(self)
            self.parent.switch()


_idle: list[Strand] = []


class Scheduler:
    """What is to happen. Instants are seconds since the simulation began."""

    def __init__(self) -> None:
        self.now = 0.0
        self._count = 0
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []

    def at(self, instant: float, act: Callable[[], object]) -> None:
        """Let something happen then; what is due at one instant happens in the order it was said."""
        self._count += 1
        heappush(self._waiting, (instant, self._count, act))

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        self.at(self.now + seconds, act)

    def run(self) -> None:
        """Let everything happen, until nothing is left."""
        waiting, most = self._waiting, self._count + _MOST_EVENTS
        while waiting:
            self.now, _, act = heappop(waiting)
            act()
            if self._count > most:
                raise NeverEndsError(f"more than {_MOST_EVENTS} events")

    def start(self, worker: Worker, work: Callable[[Worker], None]) -> None:
        """Let a worker begin; only from outside of all workers."""
        strand = _idle.pop() if _idle else Strand()
        strand.worker, strand.work = worker, work
        strand.switch()

    def pause(self, worker: Worker, seconds: float) -> None:
        """Let others go on for so long; a function that outlives its timeout dies."""
        wakes = min(self.now + seconds, worker.deadline)
        if self._waiting and self._waiting[0][0] <= wakes:
            strand = getcurrent()
            self.at(wakes, strand.switch)
            strand.parent.switch()
        else:  # nobody comes first
            self.now = wakes
        if wakes >= worker.deadline:
            raise Crash


def working() -> Worker | None:
    """The run of a function that is under way, if any."""
    current = getcurrent()
    return current.worker if isinstance(current, Strand) else None
