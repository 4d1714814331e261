"""Every suite runs twice: against the fakes, and against the adapters over a table in this process."""

import datetime as dt
from collections.abc import Iterator

import pytest

from infrastructure import aws
from infrastructure.dynamodb.accounts import DynamoDBAccounts
from infrastructure.dynamodb.clients import DynamoDBClients
from infrastructure.dynamodb.counters import DynamoDBCounters
from infrastructure.dynamodb.deliveries import DynamoDBDeliveries
from infrastructure.dynamodb.invoices import DynamoDBInvoices
from infrastructure.dynamodb.table import Table
from infrastructure.dynamodb.work import DynamoDBWork
from infrastructure.retrying import without_waiting
from tests import data_stack
from tests.fakes import Store
from tests.world import World, in_memory

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, socket_disabled: None) -> Iterator[None]:
    """The table and the bucket, empty."""
    for name, value in data_stack.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with data_stack.standing(), without_waiting():
        yield


@pytest.fixture
def table(stack: None) -> Table:
    return Table(aws.client("dynamodb"), data_stack.TABLE, lambda: NOON)


@pytest.fixture
def dynamodb(table: Table) -> World:
    clients, invoices = DynamoDBClients(table), DynamoDBInvoices(table)
    return World(
        accounts=DynamoDBAccounts(table),
        clients=clients,
        due_clients=clients,
        opening=invoices,
        work=DynamoDBWork(table),
        invoices=invoices,
        collecting=invoices,
        numbering=invoices,
        counters=DynamoDBCounters(table),
        deliveries=DynamoDBDeliveries(table),
    )


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    """All ports over one store."""
    if request.param == "memory":
        return in_memory(Store())
    over_the_table: World = request.getfixturevalue("dynamodb")
    return over_the_table
