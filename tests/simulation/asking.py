"""How people ask for things: over HTTP, and once again where they are told to."""

from collections.abc import Callable

from domain.errors import InvoicelyError, TryAgainLaterError
from domain.work import WorkIsInvoicedError
from tests.simulation.cloud import Cloud
from tests.simulation.scheduler import Crash, Worker


class Asking:
    """What all who act upon the pipeline from outside have in common."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._chance = cloud.chance

    def at(self, instant: float, act: Callable[[], None]) -> None:
        """Let something happen then, or now where that has passed."""
        self._cloud.scheduler.at(max(instant, self._cloud.scheduler.now), act)

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self._cloud.scheduler.after(seconds, act)

    def ask(
        self, work: Callable[[], object], *, again: bool = True, name: str = "request", seen: str = ""
    ) -> None:
        """Let somebody ask for *work*; what is *seen* once it was done is counted."""

        def run(worker: Worker) -> None:
            try:
                work()
                if seen:
                    self._chance.seen[seen] += 1
            except TryAgainLaterError:
                if again:
                    self.after(
                        self._chance.between(0, 5),
                        lambda: self.ask(work, again=False, name=name, seen=seen),
                    )
            except WorkIsInvoicedError:
                self._chance.seen["an edit came too late"] += 1
            except (InvoicelyError, Crash) as error:
                self._cloud.note(f"is told {type(error).__name__}")
            self._cloud.watch.ended(name, None, worker)

        self._cloud.request(run, name=name)

    def once_or_twice(self, work: Callable[[], object], *, name: str = "request", seen: str = "") -> None:
        """Let somebody ask for *work*, or two at once."""
        for _ in range(2 if self._chance.happens(0.3) else 1):
            self.ask(work, name=name, seen=seen)
