"""The ways back for failures, and their pace, in memory."""

from collections.abc import Mapping, Sequence

from domain.failures import Failure, FailureId
from domain.pace import Pace, Paces
from domain.retries import QUEUES, Outcome, SourceGoneError, Sources
from tests.fakes.store import Store


class InMemorySources:
    """Implements `domain.retries.Sources`; `outcomes` says what becomes of a failure that is not sent."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self.sent: list[Failure] = []
        self.gone: set[str] = set()
        self.outcomes: dict[FailureId, Outcome] = {}

    def __len__(self) -> int:
        return len(self.sent)

    def __contains__(self, failure_id: object) -> bool:
        return any(failure.id == failure_id for failure in self.sent)

    def check(self, *, queue: str) -> None:
        if queue in self.gone or queue not in QUEUES:
            raise SourceGoneError(queue)

    def send(self, *, failures: Sequence[Failure]) -> Mapping[FailureId, Outcome]:
        with self._store.call("sources.send", commits=True):
            outcomes = {failure.id: self._outcome(failure) for failure in failures}
            self.sent += [each for each in failures if outcomes[each.id] in {Outcome.SENT, Outcome.SETTLED}]
            return outcomes

    def _outcome(self, failure: Failure) -> Outcome:
        if failure.queue in self.gone:
            return Outcome.REFUSED
        return self.outcomes.get(failure.id, Outcome.SENT)


class InMemoryPaces:
    """Implements `domain.pace.Paces`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def get(self, *, queue: str) -> Pace:
        with self._store.call("paces.get"):
            return self._store.paces.get(queue, Pace(queue=queue))

    def put(self, *, pace: Pace) -> None:
        with self._store.call("paces.put", commits=True):
            self._store.paces[pace.queue] = pace


_: type[Sources] = InMemorySources
__: type[Paces] = InMemoryPaces
