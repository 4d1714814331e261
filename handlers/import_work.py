"""Queue `imports` (started and withdrawn imports) → work entries, or none of them any more."""

from typing import Any

from domain.importing import import_work
from domain.imports import Import
from events.envelope import Event
from infrastructure import codec, wiring
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    return wiring.consumer().each_event(event, _handle)


def _handle(event: Event) -> None:
    told = codec.decode(Import, event.data)
    import_work(
        told.id,
        account_id=told.account_id,
        uploads=wiring.uploads(),
        readers=wiring.readers(),
        importer=wiring.importer(),
        now=wiring.now(),
    )
