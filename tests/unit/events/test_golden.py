"""Each event as it was first published. A file here is never changed and never deleted: such events are out.

What is read today understands them, and what is written today of the same change says at least as much.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from domain.accounts import Account
from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.delivery import Delivery
from domain.imports import Import
from domain.invoices import Invoice
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.reminders import Reminder
from domain.work import WorkEntry
from events import catalog
from events.envelope import Event
from infrastructure import codec
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import PAYLOADS, Json, stream_record

GOLDEN = {path.stem: path.read_text() for path in sorted((PAYLOADS / "events").glob("*.json"))}
SHAPES: dict[str, type] = {
    "account": Account,
    "client": Client,
    "work": WorkEntry,
    "invoice": Invoice,
    "creditnote": CreditNote,
    "delivery": Delivery,
    "payment": Payment,
    "prepayment": Prepayment,
    "reminder": Reminder,
    "import": Import,
}

every_golden_event = pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())


@every_golden_event
def test_what_is_written_today_says_all_that_the_golden_event_says(golden: str) -> None:
    event = catalog.read(golden)
    before = entity(event, event.previous) if event.previous else None

    written = event_of(stream_record(entity(event, event.data), before))

    assert list(differences(json.loads(golden), json.loads(catalog.write(written)))) == []


@every_golden_event
def test_a_reader_ignores_what_a_later_writer_adds(golden: str) -> None:
    told = json.loads(golden)
    later = told | {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    later["data"] = told["data"] | {"shoe_size": 43, "nested": {"new": [1]}}

    event = catalog.read(json.dumps(later))

    assert entity(event, event.data) == entity(event, told["data"])


@every_golden_event
def test_an_event_tells_of_the_entity_and_nothing_of_the_table(golden: str) -> None:
    event = catalog.read(golden)
    known = {field.name for field in fields(shape(event))}

    assert {*event.data, *(event.previous or {})} <= known


@every_golden_event
def test_an_event_counts_the_changes_of_its_entity(golden: str) -> None:
    event = catalog.read(golden)

    assert event.entityversion == event.data["version"]
    assert (event.previous is None) == (event.entityversion == 1)


def test_there_is_a_golden_event_of_every_type_that_the_catalogue_names() -> None:
    named = {f"invoicely.{name}.v1" for name in re.findall(r"\b[a-z]+\.[a-z]+\b", catalog.__doc__ or "")}

    assert set(GOLDEN) == named
    assert all(catalog.read(body).type == event_type for event_type, body in GOLDEN.items())


def entity(event: Event, state: Json) -> Any:
    return codec.decode(shape(event), state)


def shape(event: Event) -> type:
    return SHAPES[event.type.split(".")[1]]


def differences(golden: Any, written: Any, place: str = "") -> Iterator[str]:
    """What *written* does not say, or says otherwise."""
    if isinstance(golden, dict) and isinstance(written, dict):
        for name, value in golden.items():
            yield from differences(value, written.get(name), f"{place}/{name}")
    elif isinstance(golden, list) and isinstance(written, list) and len(golden) == len(written):
        for index, (value, now) in enumerate(zip(golden, written, strict=True)):
            yield from differences(value, now, f"{place}/{index}")
    elif golden != written or type(golden) is not type(written):
        yield f"{place}: {golden!r} became {written!r}"
