import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from domain import issued
from domain.errors import InvalidError
from domain.invoices import Invoice
from domain.issued import IssuedDocument, list_issued
from domain.paging import Page, every
from tests.builders import ADA, a_work_entry, an_account
from tests.exports import a_year, exported, sources
from tests.fakes import InMemoryArchive, Store
from tests.lived import CLIENT, bill
from tests.world import World, in_memory

JANUARY_31 = dt.date(2027, 1, 31)
ARCHIVE = InMemoryArchive()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    return a_year(in_memory(store), ARCHIVE)


def listed(
    world: World, *, year: int | None = None, limit: int = 100, cursor: str | None = None
) -> Page[IssuedDocument]:
    return list_issued(account_id=ADA, year=year, sources=sources(world, ARCHIVE), limit=limit, cursor=cursor)


def test_what_is_listed_is_what_an_export_holds(world: World) -> None:
    export = exported(world, ARCHIVE)

    found = listed(world).items

    assert [str(each.content).encode() for each in found] == [
        export.files[document.content.path] for document in export.manifest().documents
    ]
    assert [file.sha256 for each in found for file in each.files.values()] == [
        file.sha256 for document in export.manifest().documents for file in document.files
    ]


def test_each_link_follows_from_what_is_listed(world: World) -> None:
    link = "0" * 64
    for each in listed(world).items:
        assert each.before_sha256 == link
        content = sha256(str(each.content).encode()).hexdigest()
        link = sha256((link + content).encode()).hexdigest()
        assert each.given.chain_sha256 == link


def test_a_year_has_what_was_issued_in_it_and_follows_what_was_before() -> None:
    world = in_memory(Store()).having(an_account(number_pattern="R{seq}"), CLIENT, a_work_entry())
    [october] = bill(world, dt.date(2026, 10, 31))
    world.having(a_work_entry("b" * 16, date=dt.date(2027, 1, 4)))
    bill(world, JANUARY_31)

    [only] = listed(world, year=2027).items

    assert (only.given.number, only.before_sha256) == ("R2", october.chain_sha256)


def test_a_page_goes_on_behind_the_last_one_over_all_series(world: World) -> None:
    details = replace(an_account().details(), number_pattern="R{seq}")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))
    world.having(a_work_entry("b" * 16, date=dt.date(2026, 12, 4)))
    bill(world, dt.date(2026, 12, 31))

    pages = every(lambda cursor: listed(world, limit=1, cursor=cursor))

    assert [each.given.number for each in pages] == ["2026-0001", "2026-0002", "R1"]
    assert len(listed(world, limit=2).items) == 2


def test_a_page_ends_before_it_is_too_long_for_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issued, "MOST_BYTES", 100)

    page = listed(world)

    assert (len(page.items), page.next_cursor) == (1, "1@2026-{seq}")


def test_a_content_that_no_answer_could_hold_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issued, "LONGEST_CONTENT", 100)

    assert [each.content for each in listed(world).items] == [None, None]


def test_a_cursor_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(InvalidError):
        listed(world, cursor="anything")


def lose(store: Store, invoice: Invoice) -> None:
    of_kind = store._entities[Invoice]
    store._entities[Invoice] = {key: stored for key, stored in of_kind.items() if stored != invoice}


def unfreeze(store: Store, invoice: Invoice) -> None:
    store.change(replace(invoice, buyer=None), read=invoice)


@pytest.mark.parametrize("take_away", [lose, unfreeze])
def test_what_was_taken_away_since_is_listed_without_what_it_said(
    world: World, store: Store, take_away: Callable[[Store, Invoice], None]
) -> None:
    [october] = [each for each in store.all(Invoice) if each.due_on == dt.date(2026, 10, 31)]
    take_away(store, october)

    first, second = listed(world).items

    assert (first.content, first.given.content_sha256) == (None, october.content_sha256)
    assert second.content
