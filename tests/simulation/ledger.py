"""The failure ledger, in which it takes no step to find that there never was a failure.

The timer and the operators look at every queue in every state, and every function looks for what it has
mended: nearly always in vain, and what could happen in between happens at the other calls as well. Without
this a third of all steps were such looks.
"""

import datetime as dt
from collections.abc import Collection, Sequence

from domain.failures import Failure, FailureId, State
from domain.paging import Page
from tests.fakes import InMemoryLedger


class QuietLedger(InMemoryLedger):
    """Implements `domain.failures.Ledger`."""

    def due(self, *, queue: str, until: dt.datetime, limit: int) -> Sequence[Failure]:
        return super().due(queue=queue, until=until, limit=limit) if self._knows(queue) else ()

    def list(self, *, queue: str, state: State, limit: int = 100, cursor: str | None = None) -> Page[Failure]:
        if not self._knows(queue):
            return Page(())
        return super().list(queue=queue, state=state, limit=limit, cursor=cursor)

    def open_among(self, *, failure_ids: Collection[FailureId]) -> Sequence[Failure]:
        return super().open_among(failure_ids=failure_ids) if self._store.failures else ()

    def _knows(self, queue: str) -> bool:
        return any(failure.queue == queue for failure in self._store.failures.values())
