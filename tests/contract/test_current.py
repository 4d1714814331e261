"""The state of the table as records of its stream: to be published again."""

import pytest

from domain.errors import NotFoundError
from domain.identifiers import client_id
from domain.imports import Format, begin_import
from infrastructure.dynamodb.stream import event_of
from tests import data_stack
from tests.builders import ACME, ADA, BOB, FAILED_AT, UMBRELLA, a_client, a_work_entry, an_account
from tests.contract.watched import Watched
from tests.lived import a_month
from tests.world import World

ACME_TYPES = ["client.added", "delivery.changed", "invoice.issued", *["work.logged"] * 4]


def types(records: object) -> list[str]:
    """What the records tell of, sorted."""
    events = [event_of(record) for record in records]  # type: ignore[attr-defined] # any iterable
    assert all(event.previous is None for event in events)
    return sorted(event.type.removeprefix("invoicely.").removesuffix(".v1") for event in events)


def test_all_of_a_client_can_be_published_again(world: World) -> None:
    a_month(world).having(a_client(account_id=BOB), a_work_entry(client=a_client(account_id=BOB)))

    records = world.current.of_one_client(account_id=ADA, client_id=ACME)

    assert types(records) == ACME_TYPES


def test_all_of_an_account_can_be_published_again(world: World) -> None:
    a_month(world).having(an_account(id=BOB), a_client(account_id=BOB, id=UMBRELLA))

    records = world.current.of_account(account_id=ADA)

    assert types(records) == sorted([*ACME_TYPES, "account.opened", "client.added", "invoice.emptied"])


def test_an_import_that_nobody_took_is_among_what_is_published_again(world: World) -> None:
    a_month(world)
    begin_import(
        "october.csv",
        size=1,
        format_=Format.TOGGL,
        account_id=ADA,
        imports=world.imports,
        now=FAILED_AT,
        new_id=lambda: "1" * 16,
    )

    told = types(world.current.of_account(account_id=ADA))

    assert (told.count("import.started"), told.count("account.opened")) == (1, 1)


def test_there_is_nothing_of_whom_nobody_knows(world: World) -> None:
    a_month(world)

    with pytest.raises(NotFoundError):
        next(iter(world.current.of_account(account_id=BOB)))
    with pytest.raises(NotFoundError):
        next(iter(world.current.of_one_client(account_id=ADA, client_id=client_id("nobody" + "0" * 10))))
    with pytest.raises(NotFoundError):
        next(iter(world.current.of_one_client(account_id=BOB, client_id=ACME)))


def test_a_long_history_is_read_to_its_end(dynamodb: World, watched: Watched) -> None:
    """A query ends after a megabyte."""
    many = [a_work_entry(f"{place:016}", description="x" * 2000) for place in range(600)]
    dynamodb.having(an_account(), a_client(), *many)

    records = list(dynamodb.current.of_one_client(account_id=ADA, client_id=ACME))

    assert len(records) == 601
    assert watched.calls["query"] > 2


def test_an_item_that_somebody_broke_by_hand_comes_as_it_is(dynamodb: World) -> None:
    a_month(dynamodb)
    key = {"PK": {"S": f"ACCOUNT#{ADA}#CLIENT#{ACME}"}, "SK": {"S": "WORK#broken"}}
    item = key | {"type": {"S": "WORK"}, "tags": {"NULL": True}}
    data_stack.client("dynamodb").put_item(TableName=data_stack.TABLE, Item=item)

    records = list(dynamodb.current.of_one_client(account_id=ADA, client_id=ACME))

    assert [record for record in records if record["dynamodb"]["NewImage"] == item] == [
        {"eventName": "INSERT", "dynamodb": {"Keys": key, "NewImage": item}}
    ]
