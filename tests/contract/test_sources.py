"""What every way back for failures promises, in memory and over SQS."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.retries import Outcome, SourceGoneError, Sources
from infrastructure.sources import NamedSources, SqsSource
from tests import data_stack
from tests.builders import a_failure
from tests.fakes import InMemorySources


class Ways:
    """The ways back to the queues counters and delivery, of which one can be taken away."""

    def __init__(self, sources: Sources, *, memory: InMemorySources | None = None, sqs: Any = None) -> None:
        self.sources, self._memory, self._sqs = sources, memory, sqs

    def take_away(self, queue: str) -> None:
        if self._memory is not None:
            self._memory.gone.add(queue)
        else:
            self._sqs.delete_queue(QueueUrl=self._sqs.get_queue_url(QueueName=queue)["QueueUrl"])


@pytest.fixture(params=["memory", "sqs"])
def ways(request: pytest.FixtureRequest, environment: None) -> Iterator[Ways]:
    memory = InMemorySources()
    if request.param == "memory":
        yield Ways(memory, memory=memory)
        return
    with data_stack.standing():
        sqs = data_stack.client("sqs")
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("counters", "delivery")}
        yield Ways(NamedSources({name: SqsSource(sqs, url) for name, url in urls.items()}), sqs=sqs)


def test_a_queue_that_is_there_is_no_queue_that_is_gone(ways: Ways) -> None:
    ways.sources.check(queue="counters")


def test_a_queue_that_was_taken_away_is_gone_and_refuses(ways: Ways) -> None:
    ways.take_away("counters")
    failures = [a_failure(1), a_failure(2, queue="delivery")]

    with pytest.raises(SourceGoneError):
        ways.sources.check(queue="counters")
    assert ways.sources.send(failures=failures) == {
        failures[0].id: Outcome.REFUSED,
        failures[1].id: Outcome.SENT,
    }


def test_a_queue_that_never_was_is_gone(ways: Ways) -> None:
    with pytest.raises(SourceGoneError):
        ways.sources.check(queue="nobodys")


def test_what_became_of_every_failure_is_told(ways: Ways) -> None:
    failures = [a_failure(number) for number in range(25)]

    assert ways.sources.send(failures=failures) == {failure.id: Outcome.SENT for failure in failures}
    assert ways.sources.send(failures=[]) == {}
