"""What is pure is computed once for all seeds: reading and writing of items and events.

Only functions without side effects are remembered, and only by what they are given; without this the
simulation shows the same, at a third of the speed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from domain import money
from domain.counters import Contribution
from events import catalog
from events.envelope import Event
from handlers import publish_changes
from infrastructure import codec
from infrastructure.dynamodb import stream
from infrastructure.dynamodb.attributes import from_item
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import item_of
from tests.fakes.store import Entity

_MOST = 20_000

_images: dict[Entity, dict[str, Any]] = {}
# Whatever is found by its id is kept, too, so that nothing else gets that id.
_events: dict[tuple[int, int], tuple[Event, object, object]] = {}
_bodies: dict[int, tuple[Event, str]] = {}
_read: dict[str, Event] = {}
_plains: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}
_decoded: dict[tuple[type, int], tuple[object, Any]] = {}


@contextmanager
def remembering() -> Iterator[None]:
    """Let the handlers remember."""
    with ExitStack() as patches:
        for module, name, function in (
            (catalog, "write", _written(catalog.write)),
            (catalog, "read", _reading(catalog.read)),
            (codec, "decode", _decoding(codec.decode)),
            (publish_changes, "event_of", event_in),
            (stream, "from_item", _plain(from_item)),
            (money, "amount", _computed(money.amount)),
            (money, "round_half_up", _computed(money.round_half_up)),
            (Contribution, "of_work", _computed(Contribution.of_work)),
            (Contribution, "of_invoice", _computed(Contribution.of_invoice)),
        ):
            patches.enter_context(patch.object(module, name, function))
        yield


def forget() -> None:
    """Give the memory back where much is remembered; only between two runs."""
    if len(_images) > _MOST:
        for memory in (_images, _plains, _events, _bodies, _read, _decoded):
            memory.clear()


def image_of(entity: Entity) -> dict[str, Any]:
    """The item of an entity, as the stream shows it; the same object for equal entities."""
    if (image := _images.get(entity)) is None:
        image = _images[entity] = item_of(entity, because=None)
    return image


def event_in(record: dict[str, Any]) -> Event:
    """The event that a stream record tells of."""
    after, before = record["dynamodb"]["NewImage"], record["dynamodb"].get("OldImage")
    if (known := _events.get((id(after), id(before)))) is None:
        known = _events[id(after), id(before)] = (event_of(record), after, before)
    return known[0]


def _computed(function: Callable[..., Any]) -> Callable[..., Any]:
    return lru_cache(_MOST)(function)


def _plain(read: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """What an item holds; nobody changes it."""

    def remembered(item: Mapping[str, Any]) -> Any:
        if (known := _plains.get(id(item))) is None:
            known = _plains[id(item)] = (item, read(item))
        return known[1]

    return remembered


def _written(write: Callable[[Event], str]) -> Callable[[Event], str]:
    def remembered(event: Event) -> str:
        if (known := _bodies.get(id(event))) is None:
            known = _bodies[id(event)] = (event, write(event))
        return known[1]

    return remembered


def _reading(read: Callable[[str], Event]) -> Callable[[str], Event]:
    def remembered(body: str) -> Event:
        if (event := _read.get(body)) is None:
            event = _read[body] = read(body)
        return event

    return remembered


def _decoding(decode: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def remembered(shape: Any, plain: object) -> Any:
        key = (shape, id(plain))
        if (known := _decoded.get(key)) is None:
            known = _decoded[key] = (plain, decode(shape, plain))
        return known[1]

    return remembered
