"""How many calls to AWS what costs. Counted, not timed."""

import datetime as dt
from collections.abc import Callable
from itertools import chain
from math import ceil
from typing import Any

import boto3
import pytest

from domain.clients import Client
from domain.identifiers import client_id
from domain.invoices import Invoice
from domain.work import WorkEntry
from infrastructure import wiring
from tests.aws_events import Entity, item_of
from tests.builders import a_client, a_work_entry, an_account
from tests.data_stack import REGION, TABLE
from tests.gateway import Response
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ACCOUNT, ADA, CLIENT, WORK, a_client_of, log_work, open_account
from tests.pipeline.stored import all_of

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

Write = Callable[[str, str], Response]
WRITES: dict[str, Write] = {
    "a client added": lambda _, __: ADA.post("/v1/clients", CLIENT),
    "a client changed": lambda client, _: ADA.patch(f"/v1/clients/{client}", {"name": "Acme AG"}),
    "work logged": lambda client, _: ADA.post("/v1/work-entries", WORK | {"client_id": client}),
    "work edited": lambda _, entry: ADA.patch(f"/v1/work-entries/{entry}", {"minutes": 5}),
    "work removed": lambda _, entry: ADA.delete(f"/v1/work-entries/{entry}"),
    "the account changed": lambda _, __: ADA.put("/v1/account", ACCOUNT | {"name": "Ada King"}, match="*"),
}


def test_an_account_is_opened_by_two_calls_and_one_that_counts_ten_requests() -> None:
    cloud = Cloud()

    open_account(ADA)

    assert cloud.calls == {"UpdateItem": 1, "GetItem": 1, "TransactWriteItems": 1}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_request_that_writes_costs_two_calls(write: Write) -> None:
    cloud = Cloud()
    client = a_client_of(ADA)
    entry = log_work(ADA, client)
    cloud.calls.clear()

    response = write(client, entry)

    assert response.status < 300
    assert cloud.calls.total() <= 2


def test_a_thousand_events_are_published_by_105_calls_and_counted_by_60() -> None:
    clients = [a_client(id=client_id(f"{place:016}")) for place in range(5)]
    by_client = (work_of(client, 200) for client in clients)
    load(*chain.from_iterable(zip(*by_client, strict=True)))
    cloud = Cloud()

    cloud.run()

    assert cloud.calls["PublishBatch"] <= 105
    assert cloud.calls.total() - cloud.calls["PublishBatch"] <= 60
    counters = wiring.counters().list(account_id=clients[0].account_id)
    assert sum(counter.total.entries for counter in counters) == 1_000


@pytest.mark.parametrize("entries", [1, 98, 99, 100, 198, 500])
def test_an_invoice_costs_two_calls_for_99_entries_and_six_more(clock: Clock, entries: int) -> None:
    client = a_client()
    load(an_account(), client, *work_of(client, entries))
    cloud = Cloud()
    cloud.tick(clock.now)
    while cloud._publish():
        cloud.calls.clear()

    cloud._consume(cloud.queues["invoicing"])

    assert cloud.calls.total() <= 2 * ceil(entries / 99) + 6
    [invoice] = all_of(Invoice)
    assert (invoice.number, invoice.entries) == ("2026-0001", entries)


def work_of(client: Client, number: int) -> list[WorkEntry]:
    """Entries of the first thirty days of October."""
    return [
        a_work_entry(f"{place:016}", client=client, date=dt.date(2026, 10, 1 + place % 30))
        for place in range(number)
    ]


def load(*entities: Entity) -> None:
    """Put entities into the table, many at a time."""
    requests = [{"PutRequest": {"Item": item_of(entity)}} for entity in entities]
    for first in range(0, len(requests), 25):
        portion: Any = {TABLE: requests[first : first + 25]}
        boto3.client("dynamodb", REGION).batch_write_item(RequestItems=portion)
