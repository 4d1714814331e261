"""Lets workers take turns, one call of a port at a time: any interleaving, and the same one in every run."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat
from threading import Semaphore, Thread, current_thread

from tests.fakes import Hooked, Moment, Step


def once(store: Hooked, step: Step, act: Callable[[], object]) -> None:
    """Act the first time that this step comes."""

    def hook(each: Step) -> None:
        if each == step:
            store.hook = lambda _: None
            act()

    store.hook = hook


class Crash(BaseException):
    """What a worker dies of: no code handles it, as none handles the end of its process."""


class Worker(Thread):
    """A worker that goes on only when it is told to."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.error: BaseException | None = None
        self.is_done = False
        self._work = work
        self._dies = False
        self._go = Semaphore(0)
        self._waits = Semaphore(0)

    def run(self) -> None:
        try:
            self.pause()
            self._work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self.is_done = True
        self._waits.release()

    def pause(self) -> None:
        """Wait for the next turn; called within the worker."""
        self._waits.release()
        self._go.acquire()
        if self._dies:
            raise Crash

    def begin(self) -> None:
        """Start, up to the first call of a port."""
        self.start()
        self._waits.acquire()

    def take_turn(self, *, dies: bool) -> None:
        """Let the worker make one call, or die where it stands."""
        self._dies = dies
        self._go.release()
        self._waits.acquire()


def take_turns(
    store: Hooked,
    schedule: Iterable[int],
    *workers: Callable[[], object],
    between: Callable[[], None] = lambda: None,
    crashes: frozenset[int] = frozenset(),
) -> list[BaseException | None]:
    """Run the workers to their end; returns what each of them raised.

    The *schedule* chooses among those that are not done; after its end the first of them goes on. In the
    turns numbered in *crashes* the worker dies instead. *between* is called after every turn.
    """

    def pause(step: Step) -> None:
        if step.moment is Moment.BEFORE and isinstance(worker := current_thread(), Worker):
            worker.pause()

    store.hook = pause
    threads = [Worker(work) for work in workers]
    for thread in threads:
        thread.begin()
    for turn, choice in enumerate(chain(schedule, repeat(0))):
        if not (waiting := [thread for thread in threads if not thread.is_done]):
            break
        waiting[choice % len(waiting)].take_turn(dies=turn in crashes)
        between()
    return [thread.error for thread in threads]
