import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId, WorkId, work_id
from domain.paging import every
from domain.work import WorkEntries, WorkEntry
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_work_entry
from tests.world import World

ENTRY = a_work_entry()
FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


@pytest.fixture
def work(world: World) -> WorkEntries:
    return world.work


def listed(work: WorkEntries, *, account_id: AccountId = ADA, limit: int = 100) -> list[WorkEntry]:
    return list(
        every(
            lambda cursor: work.list(
                account_id=account_id, since=FIRST, until=LAST, limit=limit, cursor=cursor
            )
        )
    )


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        a_work_entry(quantity=Decimal("1.50"), unit="page", rate=Decimal("0.0001")),
        a_work_entry(tags=("a", "b"), project="Website", billable=False),
        a_work_entry(description="Zeile 1\nZeile 2 · 日本語 · 👩‍💻", removed=True),
    ],
    ids=["time", "quantity", "tags", "text"],
)
def test_work_comes_back_as_it_was_stored(work: WorkEntries, entry: WorkEntry) -> None:
    work.add(entry=entry)

    assert work.get(account_id=ADA, work_id=entry.id) == entry


def test_work_of_another_account_is_not_there(work: WorkEntries) -> None:
    work.add(entry=ENTRY)

    with pytest.raises(NotFoundError):
        work.get(account_id=BOB, work_id=ENTRY.id)
    with pytest.raises(NotFoundError):
        work.update(account_id=BOB, work_id=ENTRY.id, change=WorkEntry.taken_back)
    assert listed(work, account_id=BOB) == []


@pytest.mark.parametrize("unknown", [work_id(ACME, "0" * 16), work_id(UMBRELLA, "work000000000000")])
def test_work_that_is_not_there_is_not_found(work: WorkEntries, unknown: WorkId) -> None:
    work.add(entry=ENTRY)

    with pytest.raises(NotFoundError):
        work.get(account_id=ADA, work_id=unknown)


def test_an_id_is_taken_once_also_when_the_work_was_removed(work: WorkEntries) -> None:
    work.add(entry=ENTRY)
    removed = work.update(account_id=ADA, work_id=ENTRY.id, change=WorkEntry.taken_back)

    with pytest.raises(ConflictError):
        work.add(entry=ENTRY)

    assert work.get(account_id=ADA, work_id=ENTRY.id) == removed


def test_each_update_is_the_next_version(work: WorkEntries) -> None:
    work.add(entry=ENTRY)

    updated = work.update(account_id=ADA, work_id=ENTRY.id, change=lambda entry: replace(entry, minutes=30))

    assert updated == replace(ENTRY, minutes=30, version=2)
    assert work.get(account_id=ADA, work_id=ENTRY.id) == updated


def test_a_change_that_changes_nothing_is_not_stored(work: WorkEntries) -> None:
    work.add(entry=ENTRY)

    updated = work.update(account_id=ADA, work_id=ENTRY.id, change=lambda entry: entry)

    assert updated == ENTRY
    assert work.get(account_id=ADA, work_id=ENTRY.id) == ENTRY


def test_a_change_runs_again_when_somebody_else_wrote_in_between(work: WorkEntries) -> None:
    work.add(entry=ENTRY)
    seen: list[int | None] = []

    def change(entry: WorkEntry) -> WorkEntry:
        seen.append(entry.minutes)
        if len(seen) == 1:
            work.update(account_id=ADA, work_id=ENTRY.id, change=lambda other: replace(other, minutes=30))
        return replace(entry, description="Notes")

    updated = work.update(account_id=ADA, work_id=ENTRY.id, change=change)

    assert seen == [60, 30]
    assert updated == replace(ENTRY, minutes=30, description="Notes", version=3)


def test_an_edit_that_meets_a_claim_in_between_is_refused(world: World) -> None:
    """The claim wins: the change runs again, on work that is invoiced now."""
    world.having(a_client(), ENTRY)
    (invoice_id,) = world.tick(LAST).invoices
    runs = iter(range(9))

    def edit(entry: WorkEntry) -> WorkEntry:
        if next(runs) == 0:
            invoice = world.invoices.get(account_id=ADA, invoice_id=invoice_id)
            world.collecting.claim(invoice=invoice, entries=[entry])
        return entry.edited(replace(entry.details(), minutes=30))

    with pytest.raises(ConflictError):
        world.work.update(account_id=ADA, work_id=ENTRY.id, change=edit)

    assert world.work.get(account_id=ADA, work_id=ENTRY.id) == replace(ENTRY, invoiced_on=LAST, version=2)


def test_work_is_listed_by_date_for_all_clients_from_the_first_day_to_the_last(work: WorkEntries) -> None:
    umbrella = a_client(id=UMBRELLA)
    stored = [
        a_work_entry("a" * 16, date=LAST),
        a_work_entry("b" * 16, client=umbrella, date=dt.date(2026, 10, 15)),
        a_work_entry("c" * 16, date=FIRST),
    ]
    outside = [
        a_work_entry("d" * 16, date=FIRST - dt.timedelta(days=1)),
        a_work_entry("e" * 16, date=LAST + dt.timedelta(days=1)),
        a_work_entry("f" * 16, client=a_client(account_id=BOB)),
    ]
    for entry in stored + outside:
        work.add(entry=entry)

    assert listed(work) == stored[::-1]


def unbilled(work: WorkEntries, *, account_id: AccountId = ADA, limit: int = 100) -> list[WorkEntry]:
    return list(
        every(
            lambda cursor: work.unbilled(
                account_id=account_id, client_id=ACME, since=FIRST, until=LAST, limit=limit, cursor=cursor
            )
        )
    )


def test_a_clients_unbilled_work_is_listed_by_date_from_the_first_day_to_the_last(world: World) -> None:
    wanted = [a_work_entry("a" * 16, date=LAST), a_work_entry("b" * 16, date=FIRST)]
    others = [
        a_work_entry("c" * 16, date=FIRST - dt.timedelta(days=1)),
        a_work_entry("d" * 16, date=LAST + dt.timedelta(days=1)),
        a_work_entry("e" * 16, billable=False),
        a_work_entry("f" * 16, invoiced_on=LAST),
        a_work_entry("g" * 16, removed=True),
        a_work_entry("h" * 16, client=a_client(id=UMBRELLA)),
        a_work_entry("i" * 16, client=a_client(account_id=BOB)),
    ]
    world.having(*wanted, *others)

    assert unbilled(world.work) == wanted[::-1]
    assert unbilled(world.work, account_id=BOB) == [others[-1]]


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_unbilled_work_comes_a_page_at_a_time(work: WorkEntries, limit: int) -> None:
    stored = [
        a_work_entry(f"{number:016}", date=FIRST + dt.timedelta(days=number // 2)) for number in range(10)
    ]
    for entry in stored:
        work.add(entry=entry)

    page = work.unbilled(account_id=ADA, client_id=ACME, since=FIRST, until=LAST, limit=limit)

    assert list(page.items) == stored[:limit]
    assert unbilled(work, limit=limit) == stored


@pytest.mark.parametrize("only_unbilled", [False, True])
def test_work_that_is_logged_while_pages_are_read_makes_nothing_come_twice_or_not_at_all(
    work: WorkEntries, only_unbilled: bool
) -> None:
    def log(day: int) -> WorkEntry:
        entry = a_work_entry(f"{day:016}", date=dt.date(2026, 10, day))
        work.add(entry=entry)
        return entry

    fetch: Any = partial(work.list, account_id=ADA, since=FIRST, until=LAST)
    if only_unbilled:
        fetch = partial(work.unbilled, account_id=ADA, client_id=ACME, since=FIRST, until=LAST)
    before = [log(10), log(20)]
    first = fetch(limit=1)
    log(5)
    between = log(15)

    rest = fetch(cursor=first.next_cursor)

    assert [*first.items, *rest.items] == [before[0], between, before[1]]


def test_removed_work_is_not_listed(work: WorkEntries) -> None:
    work.add(entry=ENTRY)

    work.update(account_id=ADA, work_id=ENTRY.id, change=WorkEntry.taken_back)

    assert listed(work) == []


def test_work_that_was_moved_is_listed_on_its_new_day_only(work: WorkEntries) -> None:
    work.add(entry=ENTRY)

    moved = work.update(account_id=ADA, work_id=ENTRY.id, change=lambda entry: replace(entry, date=FIRST))

    assert listed(work) == [moved]


@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_a_long_list_comes_a_page_at_a_time(work: WorkEntries, limit: int) -> None:
    stored = [
        a_work_entry(f"{number:016}", date=FIRST + dt.timedelta(days=number // 2)) for number in range(10)
    ]
    for entry in stored:
        work.add(entry=entry)

    page = work.list(account_id=ADA, since=FIRST, until=LAST, limit=limit)

    assert list(page.items) == stored[:limit]
    assert listed(work, limit=limit) == stored
