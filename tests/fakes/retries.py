"""The ways back for failures, in memory."""

from collections.abc import Mapping, Sequence

from domain.failures import Failure, FailureId
from domain.retries import QUEUES, Outcome, SourceGoneError, Sources


class InMemorySources:
    """Implements `domain.retries.Sources`; `outcomes` says what becomes of a failure that is not sent."""

    def __init__(self) -> None:
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
        outcomes = {failure.id: self._outcome(failure) for failure in failures}
        self.sent += [each for each in failures if outcomes[each.id] in {Outcome.SENT, Outcome.SETTLED}]
        return outcomes

    def _outcome(self, failure: Failure) -> Outcome:
        if failure.queue in self.gone:
            return Outcome.REFUSED
        return self.outcomes.get(failure.id, Outcome.SENT)


_: type[Sources] = InMemorySources
