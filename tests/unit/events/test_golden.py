"""Each event as it was first published. A file here is never changed and never deleted: such events are out.

What is written today says at least that; what is read today understands that.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from domain.accounts import Account
from domain.clients import Client
from domain.delivery import Delivery, Document
from domain.invoicing import Invoice, State
from domain.parties import Address, Tax
from domain.work import WorkEntry
from events import catalog
from events.envelope import Event
from infrastructure import codec
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import PAYLOADS, Entity, stream_record
from tests.builders import (
    ADA,
    a_client,
    a_work_entry,
    an_account,
    an_invoice,
    an_invoice_id,
    an_issued_invoice,
)

GOLDEN = PAYLOADS / "events"

ACCOUNT = an_account(tax_id="DE136695976", number_pattern="INV-{year}-{seq:04}")
CLIENT = a_client(
    address=Address(
        street="1 Rue de Rivoli", extra_line="Bât. B", postal_code="75001", city="Paris", country="FR"
    ),
    hourly_rate=Decimal("95.50"),
    language="fr",
    tax_id="FR40303265045",
    tax=Tax(name="TVA", rate=Decimal("20.0")),
)
WORK = a_work_entry(
    client=CLIENT, description="Notes\non Bernoulli numbers ✍️", project="Engine", tags=("maths", "北京")
)
PAGES = a_work_entry("pages00000000000", client=CLIENT, quantity=Decimal("2.5"), rate=Decimal("19.99"))
OPEN = an_invoice(CLIENT)
SEALED = replace(OPEN, entries=2, net=14_548, state=State.SEALED, version=3)
ISSUED = replace(an_issued_invoice(CLIENT, total=14_548), entries=2)
PENDING = Delivery(invoice_id=an_invoice_id(), account_id=ADA, version=1)
DOCUMENT = Document(key="acc_ada/invoices/inv_acme00000000000020261031.pdf", sha256="0" * 64)
SENDING = replace(PENDING.documented(DOCUMENT).start("billing@acme.example"), version=3)
MAILED = replace(SENDING.sent("0102019a-1"), version=4)

CHANGES: dict[str, tuple[Entity, Entity | None]] = {
    "invoicely.account.opened.v1": (ACCOUNT, None),
    "invoicely.account.changed.v1": (replace(ACCOUNT, name="Ada King", version=2), ACCOUNT),
    "invoicely.client.added.v1": (CLIENT, None),
    "invoicely.client.changed.v1": (replace(CLIENT.paused(), version=2), CLIENT),
    "invoicely.work.logged.v1": (WORK, None),
    "invoicely.work.edited.v1": (replace(PAGES, quantity=Decimal(3), version=2), PAGES),
    "invoicely.work.removed.v1": (replace(WORK.taken_back(), version=2), WORK),
    "invoicely.work.claimed.v1": (replace(WORK.claimed(OPEN.due_on), version=2), WORK),
    "invoicely.invoice.opened.v1": (OPEN, None),
    "invoicely.invoice.collected.v1": (replace(OPEN, entries=2, net=14_548, version=2), OPEN),
    "invoicely.invoice.sealed.v1": (SEALED, replace(OPEN, entries=2, net=14_548, version=2)),
    "invoicely.invoice.emptied.v1": (replace(OPEN.sealed(), version=2), OPEN),
    "invoicely.invoice.issued.v1": (ISSUED, SEALED),
    "invoicely.delivery.changed.v1": (MAILED, SENDING),
}
SHAPES: dict[str, type] = {
    "account": Account,
    "client": Client,
    "work": WorkEntry,
    "invoice": Invoice,
    "delivery": Delivery,
}

every_event_type = pytest.mark.parametrize("event_type", CHANGES)


@every_event_type
def test_what_is_written_today_says_all_that_the_golden_event_says(event_type: str) -> None:
    golden = json.loads(golden_text(event_type))

    written = json.loads(catalog.write(event_of(stream_record(*CHANGES[event_type]))))

    assert list(_differences(golden, written)) == []


@every_event_type
def test_the_golden_event_is_read_as_the_entity_that_it_is_about(event_type: str) -> None:
    entity, _ = CHANGES[event_type]

    event = catalog.read(golden_text(event_type))

    assert codec.decode(shape_of(event), event.data) == entity


@every_event_type
def test_a_reader_ignores_what_a_later_writer_adds(event_type: str) -> None:
    golden = json.loads(golden_text(event_type))
    later = golden | {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    later["data"] = golden["data"] | {"shoe_size": 43, "nested": {"new": [1]}}

    event = catalog.read(json.dumps(later))

    assert codec.decode(shape_of(event), event.data) == CHANGES[event_type][0]


@every_event_type
def test_an_event_tells_of_the_entity_and_not_of_the_table(event_type: str) -> None:
    golden = json.loads(golden_text(event_type))
    known = {field.name for field in fields(shape_of(catalog.read(golden_text(event_type))))}

    states = (golden["data"], golden.get("previous", {}))

    assert set().union(*states) <= known


def test_there_is_a_golden_event_of_every_type_that_the_catalogue_names() -> None:
    named = {f"invoicely.{name}.v1" for name in re.findall(r"\b[a-z]+\.[a-z]+\b", catalog.__doc__ or "")}

    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CHANGES) == named


def golden_text(event_type: str) -> str:
    return (GOLDEN / f"{event_type}.json").read_text()


def shape_of(event: Event) -> type:
    return SHAPES[event.type.split(".")[1]]


def _differences(golden: Any, written: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(golden, dict) and isinstance(written, dict):
        for name, value in golden.items():
            yield from _differences(value, written.get(name), f"{place}/{name}")
    elif golden != written or type(golden) is not type(written):
        yield f"{place}: {golden!r} became {written!r}"
