"""Finding work by what is said about it, over every store."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from domain.identifiers import AccountId, WorkId
from domain.paging import MOST_READS, every
from domain.work import WorkEntry
from domain.work_lists import WorkFilters, list_work
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_work_entry
from tests.contract.watched import Watched
from tests.world import World

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
UMBRELLAS = a_client(id=UMBRELLA)
WEBSITE = a_work_entry("a" * 16, date=dt.date(2026, 10, 4), project="Website")
BILLED = a_work_entry("b" * 16, date=dt.date(2026, 10, 3), invoiced_on=LAST, project="Website")
FREE = a_work_entry("c" * 16, date=dt.date(2026, 10, 2), billable=False)
THEIRS = a_work_entry("d" * 16, date=dt.date(2026, 10, 1), client=UMBRELLAS, project="Website")
THEIRS_BILLED = a_work_entry("e" * 16, date=dt.date(2026, 10, 5), client=UMBRELLAS, invoiced_on=LAST)
ALL = (THEIRS, FREE, BILLED, WEBSITE, THEIRS_BILLED)


@pytest.fixture
def worked(world: World) -> World:
    others = [
        replace(WEBSITE, account_id=BOB),
        a_work_entry("f" * 16, date=LAST + dt.timedelta(days=1), project="Website"),
        a_work_entry("g" * 16, removed=True, project="Website"),
    ]
    return world.having(*ALL, *others)


def found(world: World, *, account_id: AccountId = ADA, limit: int = 100, **said: Any) -> list[WorkId]:
    wanted = WorkFilters(since=FIRST, until=LAST, **said)

    def page(cursor: str | None) -> Any:
        return list_work(wanted, account_id=account_id, work=world.work, limit=limit, cursor=cursor)

    return [entry.id for entry in every(page)]


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ALL),
        ({"client_id": ACME}, (FREE, BILLED, WEBSITE)),
        ({"project": "Website"}, (THEIRS, BILLED, WEBSITE)),
        ({"project": "website"}, ()),
        ({"billed": True}, (BILLED, THEIRS_BILLED)),
        ({"billed": False}, (THEIRS, WEBSITE)),
        ({"client_id": ACME, "billed": True}, (BILLED,)),
        ({"client_id": ACME, "billed": False}, (WEBSITE,)),
        ({"client_id": UMBRELLA, "billed": False, "project": "Website"}, (THEIRS,)),
        ({"client_id": ACME, "billed": False, "project": "Other"}, ()),
    ],
    ids=str,
)
def test_work_is_found_by_all_that_is_said_of_it_and_comes_by_date(
    worked: World, said: dict[str, Any], expected: tuple[WorkEntry, ...], limit: int
) -> None:
    assert found(worked, limit=limit, **said) == [entry.id for entry in expected]


def test_work_of_another_account_is_not_found(worked: World) -> None:
    assert found(worked, account_id=BOB, client_id=UMBRELLA) == []
    assert found(worked, account_id=BOB, client_id=ACME, billed=False) == [WEBSITE.id]


def test_a_clients_unbilled_work_costs_nothing_of_the_other_work(dynamodb: World, watched: Watched) -> None:
    dynamodb.having(*ALL, *(a_work_entry(f"{number:016}", client=UMBRELLAS) for number in range(50)))
    watched.items_read = 0

    assert found(dynamodb, client_id=ACME, billed=False) == [WEBSITE.id]
    assert watched.items_read == 1


def test_one_page_reads_on_for_what_is_rare_and_not_for_ever(dynamodb: World, watched: Watched) -> None:
    dynamodb.having(*(a_work_entry(f"{number:016}") for number in range(30)), THEIRS)
    wanted = WorkFilters(since=THEIRS.date, until=LAST, billed=True)
    watched.calls.clear()

    page = list_work(wanted, account_id=ADA, work=dynamodb.work, limit=2)

    assert (page.items, page.next_cursor is None) == ((), False)
    assert watched.calls.total() == MOST_READS
