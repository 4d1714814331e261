"""What an audit of an account's numbers tells about each series."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.audit import audit_numbers
from domain.chain import link
from domain.errors import NotFoundError
from domain.invoices import Invoice
from domain.parties import Party
from domain.proof import Code, SeriesLook
from domain.work import WorkEntry
from tests.builders import ADA, BERLIN, BOB, an_account
from tests.fakes import Store
from tests.lived import CLIENT, LATER, NOVEMBER_30, OCTOBER_31, WORK, bill
from tests.world import World, in_memory

YEAR = "2026-{seq}"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    """Two months of invoices, numbered by the year."""
    world = in_memory(store).having(an_account(), CLIENT, *WORK, *LATER)
    bill(world, OCTOBER_31)
    bill(world, NOVEMBER_30)
    return world


def test_a_series_is_told_with_its_first_and_last_number_and_their_dates(world: World, store: Store) -> None:
    proof = audit_numbers(ADA, books=world.books())

    assert proof.series == (
        SeriesLook(
            name=YEAR,
            numbers=2,
            first="2026-0001",
            first_issued_on=OCTOBER_31,
            last="2026-0002",
            last_issued_on=NOVEMBER_30,
            chain_sha256=store.given[ADA, YEAR, 2].chain_sha256,
        ),
    )
    assert (proof.numbers, proof.findings) == (2, ())


def test_each_series_is_told_by_itself_and_what_is_wrong_with_it_bears_its_name(
    world: World, store: Store
) -> None:
    details = replace(an_account().details(), number_pattern="R{seq}")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))
    del store.given[ADA, YEAR, 1]

    proof = audit_numbers(ADA, books=world.books())

    assert [(series.name, series.numbers, series.first) for series in proof.series] == [
        (YEAR, 1, "2026-0002"),
        ("R{seq}", 0, None),
    ]
    assert {(finding.code, finding.series) for finding in proof.findings} == {
        (Code.NUMBER_MISSING, YEAR),
        (Code.INVOICE_WITHOUT_NUMBER, None),
    }


def change_a_line(store: Store) -> None:
    entry = next(each for each in store.all(WorkEntry) if each.invoiced_on == OCTOBER_31)
    store.change(replace(entry, description="Something else"), read=entry)


def change_the_buyer(store: Store) -> None:
    [invoice] = [each for each in store.all(Invoice) if each.due_on == OCTOBER_31]
    store.change(replace(invoice, buyer=Party(name="Somebody else", address=BERLIN)), read=invoice)


def unfreeze(store: Store) -> None:
    [invoice] = [each for each in store.all(Invoice) if each.due_on == OCTOBER_31]
    store.change(replace(invoice, buyer=None), read=invoice)


@pytest.mark.parametrize("change", [change_a_line, change_the_buyer, unfreeze])
def test_an_invoice_that_was_changed_after_it_was_issued_is_named(
    world: World, store: Store, change: Callable[[Store], None]
) -> None:
    change(store)

    found = audit_numbers(ADA, books=world.books()).findings

    assert [(each.code, each.series, each.subject) for each in found] == [
        (Code.CONTENT_DIFFERS, YEAR, "2026-0001")
    ]
    assert audit_numbers(ADA, books=world.books(), contents=False).findings == ()


def test_an_invoice_and_its_number_that_were_changed_alike_break_the_chain(
    world: World, store: Store
) -> None:
    [invoice] = [each for each in store.all(Invoice) if each.due_on == OCTOBER_31]
    store.change(replace(invoice, content_sha256="0" * 64), read=invoice)
    store.given[ADA, YEAR, 1] = replace(store.given[ADA, YEAR, 1], content_sha256="0" * 64)

    found = audit_numbers(ADA, books=world.books(), contents=False).findings

    assert [(each.code, each.subject) for each in found] == [(Code.CHAIN_BROKEN, "2026-0001")]


def test_a_link_that_was_changed_breaks_what_follows_too(world: World, store: Store) -> None:
    store.given[ADA, YEAR, 1] = replace(store.given[ADA, YEAR, 1], chain_sha256="0" * 64)

    found = audit_numbers(ADA, books=world.books()).findings

    assert [(each.code, each.subject) for each in found] == [
        (Code.CHAIN_BROKEN, "2026-0001"),
        (Code.CHAIN_BROKEN, "2026-0002"),
        (Code.NUMBER_DIFFERS, "2026-0001"),
    ]


def test_a_chain_that_goes_on_elsewhere_is_named_by_its_series(world: World, store: Store) -> None:
    store.sequences[ADA, YEAR] = replace(store.sequences[ADA, YEAR], chain_sha256="0" * 64)

    [found] = audit_numbers(ADA, books=world.books()).findings

    assert (found.code, found.subject) == (Code.SEQUENCE_DIFFERS, YEAR)
    assert "with another end of its chain" in found.told


def test_numbers_from_before_there_was_a_chain_are_no_fault(world: World, store: Store) -> None:
    october, november = (
        next(each for each in store.all(Invoice) if each.due_on == day) for day in (OCTOBER_31, NOVEMBER_30)
    )
    given = store.given[ADA, YEAR, 2]
    first = link(None, str(given.content_sha256))
    store.change(replace(october, content_sha256=None, chain_sha256=None), read=october)
    store.change(replace(november, chain_sha256=first), read=november)
    store.given[ADA, YEAR, 1] = replace(store.given[ADA, YEAR, 1], content_sha256=None, chain_sha256=None)
    store.given[ADA, YEAR, 2] = replace(given, chain_sha256=first)
    store.sequences[ADA, YEAR] = replace(store.sequences[ADA, YEAR], chain_sha256=first)

    assert audit_numbers(ADA, books=world.books()).findings == ()


def test_a_chain_does_not_end_before_its_series_does(world: World, store: Store) -> None:
    last = store.given[ADA, YEAR, 2]
    store.given[ADA, YEAR, 2] = replace(last, content_sha256=None, chain_sha256=None)

    found = audit_numbers(ADA, books=world.books()).findings

    assert (Code.CHAIN_BROKEN, "2026-0002") in [(each.code, each.subject) for each in found]


def test_an_account_that_has_given_no_number_has_nothing_to_prove() -> None:
    world = in_memory(Store()).having(an_account())

    proof = audit_numbers(ADA, books=world.books())

    assert (proof.numbers, proof.series, proof.findings) == (0, (), ())


def test_without_an_account_there_is_nothing_to_audit(world: World) -> None:
    with pytest.raises(NotFoundError):
        audit_numbers(BOB, books=world.books())
