"""The fakes behind `infrastructure.wiring`, so that the real handlers find them there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from unittest.mock import patch

from infrastructure import observability, sns, wiring
from infrastructure.queue import Consumer
from infrastructure.sns import SnsChanges
from infrastructure.sources import LambdaSource, NamedSources, Source, SqsSource, StreamSource
from infrastructure.sqs import SqsAside, SqsVisibility
from tests.fakes import PlainEInvoices, PlainRenderer
from tests.simulation.cloud import Cloud
from tests.simulation.queues import Declared, served
from tests.simulation.remembering import remembering
from tests.simulation.scheduler import working
from tests.simulation.services import UNPUBLISHED
from tests.world import World

R = TypeVar("R")

_ATTEMPTS = 6

Install = Callable[[Cloud], None]


def _consumer(told: Declared, cloud: Cloud) -> Consumer:
    """How the function behind a queue deals with its messages; its backoff is left to the seed."""
    visibility = SqsVisibility(cloud.sqs, told.name)
    return Consumer(
        queue=told.name,
        most_receives=told.most_receives or 0,
        ledger=cloud.world.ledger,
        visibility=lambda: visibility,
        now=cloud.now,
        jitter=cloud.chance.between,
    )


def _queue() -> str:
    """The queue of the function that is under way."""
    worker = working()
    assert worker is not None
    return worker.queue


def retrying(*errors: type[Exception]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """The house's retry policy in virtual time: others go on in between, at the next call of a port."""
    return lambda function: partial(_again, errors, function)


def _again(errors: tuple[type[Exception], ...], function: Callable[..., R]) -> R:
    for _ in range(_ATTEMPTS - 1):
        with suppress(*errors):
            return function()
    return function()


@contextmanager
def installed() -> Iterator[Install]:
    """Give the handlers the cloud that was installed last, and take everything back in the end."""
    ports: dict[str, Any] = {}
    consumers: dict[str, Consumer] = {}

    def install(cloud: Cloud) -> None:
        ports.update({port: getattr(cloud.world, port) for port in World.ports()})
        ports["archive"], ports["postman"], ports["renderer"] = cloud.archive, cloud.postman, PlainRenderer()
        ports["einvoices"] = PlainEInvoices()
        changes, aside = SnsChanges(cloud.sns, "topic"), SqsAside(cloud.sqs, UNPUBLISHED)
        ports["changes"], ports["aside"] = changes, aside
        ways: dict[str, Source] = {told.name: SqsSource(cloud.sqs, told.name) for told in served()}
        ways["tick"] = LambdaSource(cloud.lambdas, "open_invoices", resolves=True)
        ways["stream"] = StreamSource(cloud.s3, changes=lambda: changes, aside=lambda: aside)
        ports["sources"] = NamedSources(ways)
        consumers.clear()
        consumers.update({told.name: _consumer(told, cloud) for told in served()})
        ports["now"], ports["new_id"] = cloud.now, cloud.new_id

    names = World.ports()
    names += ["archive", "postman", "renderer", "einvoices", "changes", "aside", "sources"]
    level = observability.logger().log_level
    with ExitStack() as patches:
        for name in names:
            patches.enter_context(patch.object(wiring, name, lambda name=name: ports[name]))
        for name in ("now", "new_id"):
            patches.enter_context(patch.object(wiring, name, lambda name=name: ports[name]()))
        patches.enter_context(patch.object(wiring, "consumer", lambda: consumers[_queue()]))
        patches.enter_context(remembering())
        patches.enter_context(patch.object(sns, "retrying", retrying))
        observability.logger().setLevel("CRITICAL")
        try:
            yield install
        finally:
            observability.logger().setLevel(level)
