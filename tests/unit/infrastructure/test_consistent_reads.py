"""What an audit holds against each other is read as of now: an index or a replica may be a moment behind."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from infrastructure.dynamodb.counters import DynamoDBCounters
from infrastructure.dynamodb.invoices import DynamoDBInvoices
from infrastructure.dynamodb.records import DynamoDBRecords
from infrastructure.dynamodb.table import Table
from tests.builders import ACME, ADA

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)

READS: dict[str, Callable[[Table], object]] = {
    "all of a client": lambda table: list(DynamoDBRecords(table).of_client(account_id=ADA, client_id=ACME)),
    "numbers": lambda table: DynamoDBInvoices(table).given(account_id=ADA, series="{seq}"),
    "sequence": lambda table: DynamoDBInvoices(table).sequence(account_id=ADA, series="{seq}"),
    "counter": lambda table: DynamoDBCounters(table).get(account_id=ADA, client_id=ACME),
    "what is published again": lambda table: list(table.raw("PK = :pk", {":pk": "ACCOUNT#acc_ada"})),
}


class Empty:
    """A client of DynamoDB that finds nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def query(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        return {"Items": []}

    def get_item(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        return {}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_is_read_as_of_now(read: Callable[[Table], object]) -> None:
    client = Empty()

    read(Table(client, "t", lambda: NOON))

    assert [asked["ConsistentRead"] for asked in client.asked] == [True]
