"""What an audit of an account's numbers tells about each series."""

from dataclasses import replace

import pytest

from domain.audit import audit_numbers
from domain.errors import NotFoundError
from domain.proof import Code, SeriesLook
from tests.builders import ADA, BOB, an_account
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


def test_a_series_is_told_with_its_first_and_last_number_and_their_dates(world: World) -> None:
    proof = audit_numbers(ADA, books=world.books())

    assert proof.series == (
        SeriesLook(
            name=YEAR,
            numbers=2,
            first="2026-0001",
            first_issued_on=OCTOBER_31,
            last="2026-0002",
            last_issued_on=NOVEMBER_30,
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


def test_an_account_that_has_given_no_number_has_nothing_to_prove() -> None:
    world = in_memory(Store()).having(an_account())

    proof = audit_numbers(ADA, books=world.books())

    assert (proof.numbers, proof.series, proof.findings) == (0, (), ())


def test_without_an_account_there_is_nothing_to_audit(world: World) -> None:
    with pytest.raises(NotFoundError):
        audit_numbers(BOB, books=world.books())
