"""The sparse indexes hold what they are for and nothing else, whatever has happened before."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from domain.clients import Client, ClientStatus
from domain.work import WorkEntry
from infrastructure import codec
from infrastructure.dynamodb.attributes import from_item
from tests import data_stack
from tests.builders import ACME, ADA, a_client, a_work_entry
from tests.contract.tables import over
from tests.fakes import Store
from tests.histories import Change, histories, live
from tests.world import World, in_memory

few_but_long = settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])


def items(kind: str, index: str | None = None) -> list[dict[str, Any]]:
    """All items of a type, or those of them in one index."""
    told = {"TableName": data_stack.TABLE} | ({"IndexName": index} if index else {})
    pages = data_stack.client("dynamodb").get_paginator("scan").paginate(**told)
    found = (from_item(item) for page in pages for item in page["Items"])
    return [item for item in found if item["type"] == kind]


def assert_sparse() -> None:
    """What is in `Billing` is what can be, or has been, invoiced, each entry in its place."""
    work = {item["id"]: codec.decode(WorkEntry, item) for item in items("WORK")}
    expected = {
        entry.id: f"INVOICE#{entry.invoiced_on}#" if entry.invoiced_on else "UNBILLED#"
        for entry in work.values()
        if entry.billable and not entry.removed
    }
    indexed = {
        item["id"]: item["billing"].removesuffix(f"{item['date']}#{item['id']}")
        for item in items("WORK", index="Billing")
    }

    assert indexed == expected


@few_but_long
@given(history=histories)
def test_after_any_history_the_index_of_billing_is_exact_and_the_table_agrees_with_the_fakes(
    environment: None, history: list[Change]
) -> None:
    store = Store()
    live(history, in_memory(store))

    with data_stack.standing():
        world = over(data_stack.client("dynamodb"))
        live(history, world)

        assert_sparse()
        for entry in store.all(WorkEntry):
            assert world.work.get(account_id=ADA, work_id=entry.id) == entry
        assert world.clients.list(account_id=ADA).items == tuple(
            sorted(store.all(Client), key=lambda client: client.id)
        )
        assert world.invoices.list(account_id=ADA) == in_memory(store).invoices.list(account_id=ADA)


@pytest.mark.parametrize(
    "entry",
    [a_work_entry(billable=False), a_work_entry(removed=True)],
    ids=["not billable", "removed"],
)
def test_work_that_is_never_invoiced_is_in_no_index_of_billing(dynamodb: World, entry: WorkEntry) -> None:
    dynamodb.having(entry)

    assert items("WORK", index="Billing") == []


def test_removed_work_is_in_no_index_at_all(dynamodb: World) -> None:
    entry = a_work_entry()
    dynamodb.having(entry)

    dynamodb.work.update(account_id=ADA, work_id=entry.id, change=WorkEntry.taken_back)

    assert items("WORK", index="Billing") + items("WORK", index="GSI1") == []
    assert len(items("WORK")) == 1


@pytest.mark.parametrize(
    "change", [Client.paused, Client.held, Client.archived], ids=["paused", "held", "archived"]
)
def test_only_active_clients_are_in_the_index_of_what_is_due(dynamodb: World, change: Any) -> None:
    dynamodb.having(a_client())
    active = items("CLIENT", index="GSI1")

    dynamodb.clients.update(account_id=ADA, client_id=ACME, change=change)

    assert [item["status"] for item in active] == [ClientStatus.ACTIVE]
    assert items("CLIENT", index="GSI1") == []
