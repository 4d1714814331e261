"""No two documents have one number, whichever patterns an account had before or has for the other kind."""

from dataclasses import replace
from typing import Any

import pytest

from domain.accounts import Account, save_account
from domain.errors import InvalidError
from domain.patterns import print_alike
from tests.builders import ADA, an_account
from tests.fakes import Store
from tests.lived import CLIENT, OCTOBER_31, WORK, bill
from tests.world import World, in_memory


def having_given(pattern: str) -> World:
    """A world in which an invoice of October 2026 has a number by this pattern."""
    world = in_memory(Store()).having(an_account(number_pattern=pattern), CLIENT, *WORK)
    bill(world, OCTOBER_31)
    return world


def save(world: World, **changes: Any) -> Account:
    details = replace(world.accounts.get(account_id=ADA).details(), **changes)
    return save_account(details, account_id=ADA, accounts=world.accounts, numbers=world.register)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{seq}", "{seq:04}"),
        ("{year}-{seq}", "2026-{seq}"),
        ("{month}-{seq}", "11-{seq}"),
        ("{month}-{seq}", "{seq}-{month}"),
        ("{year}{month}{seq}", "{year}{seq:04}"),
        ("{seq}", "{year}{seq}"),
        ("{seq}{year}", "{year}{seq}"),
        ("{year} {seq}", "{seq} {year}"),
    ],
)
def test_two_patterns_print_alike_where_any_number_can_be_of_both(one: str, other: str) -> None:
    assert print_alike(one, other)
    assert print_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{year}-{seq}", "CN-{year}-{seq}"),
        ("{month}-{seq}", "13-{seq}"),
        ("{year}-{seq}", "26-{seq}"),
        ("A{seq}", "B{seq}"),
        ("{seq}", "{seq}-"),
        ("{year}/{seq}", "{year}-{seq}"),
        ("{seq}/{month}", "{seq}-{year}"),
    ],
)
def test_two_patterns_do_not_print_alike_where_none_can(one: str, other: str) -> None:
    assert not print_alike(one, other)
    assert not print_alike(other, one)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{month}-{seq}", "10-{seq}"),
        ("{year}{month}{seq}", "{year}{seq:04}"),
        ("10-{seq}", "{month}-{seq}"),
        ("{year}-{seq}", "{year}-{month}{seq}"),
    ],
)
def test_a_new_pattern_prints_no_number_again(before: str, after: str) -> None:
    world = having_given(before)

    with pytest.raises(InvalidError) as refused:
        save(world, number_pattern=after)

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [
        ("/number_pattern", "numbers-given-already")
    ]


def test_credit_notes_print_no_number_again_that_invoices_had() -> None:
    world = having_given("{month}-{seq}")
    save(world, number_pattern="R{seq}")

    with pytest.raises(InvalidError) as refused:
        save(world, credit_note_pattern="10-{seq}")

    assert [problem.pointer for problem in refused.value.problems] == ["/credit_note_pattern"]


def test_credit_notes_cannot_be_given_the_numbers_of_invoices_later() -> None:
    world = having_given("{year}-{seq}")

    with pytest.raises(InvalidError) as refused:
        save(world, credit_note_pattern="2026-{seq}")

    assert [problem.code for problem in refused.value.problems] == ["not-a-series-of-its-own"]


@pytest.mark.parametrize("before", ["A{seq}", "{year}{seq}"])
def test_another_pattern_of_invoices_still_leaves_credit_notes_theirs(before: str) -> None:
    world = in_memory(Store()).having(an_account(number_pattern=before, credit_note_pattern="2026-{seq}"))

    with pytest.raises(InvalidError) as refused:
        save(world, number_pattern="{year}-{seq}")

    assert [problem.pointer for problem in refused.value.problems] == ["/credit_note_pattern"]


@pytest.mark.parametrize("after", ["{year}-{seq:04}", "2026-{seq}", "R{year}-{seq}"])
def test_a_pattern_goes_on_with_a_series_of_its_own(after: str) -> None:
    world = having_given("{year}-{seq}")

    assert save(world, number_pattern=after).number_pattern == after
    assert save(world, number_pattern="{year}-{seq}", language="de").language == "de"


@pytest.mark.parametrize("field", ["number_pattern", "credit_note_pattern"])
@pytest.mark.parametrize("pattern", [" R{seq}", "R{seq} ", "R  {seq}"])
def test_no_number_differs_by_spaces_that_nobody_sees(field: str, pattern: str) -> None:
    world = in_memory(Store()).having(an_account())

    with pytest.raises(InvalidError) as refused:
        save(world, **{field: pattern})

    assert [problem.pointer for problem in refused.value.problems] == [f"/{field}"]


def test_what_is_not_changed_of_the_numbers_is_not_looked_at() -> None:
    world = in_memory(Store()).having(
        an_account(number_pattern="{year}-{seq}", credit_note_pattern="2026-{seq}")
    )

    assert save(world, language="de").language == "de"
