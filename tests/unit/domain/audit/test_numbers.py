"""The audit finds numbers that are wrong."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from domain.audit import audit_clients, audit_numbers
from domain.identifiers import AccountId
from domain.invoices import State
from domain.proof import Code
from tests.builders import ADA, an_account
from tests.fakes import Moment, Step, Store
from tests.lived import (
    A_MONTH_LATER,
    CLIENT,
    LATE,
    LATER,
    NOVEMBER_30,
    OCTOBER_31,
    WORK,
    a_month,
    bill,
    proof_of,
)
from tests.tampering import invoice_of, put, remove
from tests.turns import once
from tests.world import World, in_memory


def number(store: Store, value: int) -> tuple[AccountId, str, int]:
    [key] = [key for key in store.given if key[2] == value]
    return key


def skip_a_number(store: Store) -> None:
    first, last = number(store, 1), number(store, 2)
    store.given[*first[:2], 5] = replace(store.given.pop(last), value=5)


def lose_the_last_number(store: Store) -> None:
    del store.given[number(store, 2)]


def give_one_more(store: Store) -> None:
    last = number(store, 2)
    store.given[*last[:2], 3] = replace(store.given[last], value=3, number="2026-0003")


def print_it_twice(store: Store) -> None:
    last = number(store, 2)
    store.given[last] = replace(store.given[last], number="2026-0001")


def date_it_earlier(store: Store) -> None:
    last = number(store, 2)
    store.given[last] = replace(store.given[last], issued_on=dt.date(2026, 1, 1))


def misremember_the_date(store: Store) -> None:
    [(key, sequence)] = store.sequences.items()
    store.sequences[key] = replace(sequence, last_issued_on=dt.date(2027, 1, 1))


def lose_the_sequence(store: Store) -> None:
    """Then nothing lists the series any more; the account's pattern still names it."""
    store.sequences.clear()


def lose_an_invoice(store: Store) -> None:
    remove(store, invoice_of(store, NOVEMBER_30))


def print_another_number(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), number="2026-0009")


def take_back_an_invoice(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), state=State.SEALED, number=None, issued_on=None)


NUMBER_FAULTS: list[tuple[Callable[[Store], None], set[Code]]] = [
    (skip_a_number, {Code.NUMBER_MISSING, Code.SEQUENCE_DIFFERS}),
    (lose_the_last_number, {Code.NUMBER_MISSING, Code.INVOICE_WITHOUT_NUMBER}),
    (give_one_more, {Code.SEQUENCE_DIFFERS, Code.NUMBER_DIFFERS, Code.INVOICE_WITH_TWO_NUMBERS}),
    (print_it_twice, {Code.NUMBER_TWICE, Code.NUMBER_DIFFERS}),
    (date_it_earlier, {Code.NUMBER_DATE_DESCENDS, Code.NUMBER_DIFFERS, Code.SEQUENCE_DIFFERS}),
    (misremember_the_date, {Code.SEQUENCE_DIFFERS}),
    (lose_the_sequence, {Code.SEQUENCE_DIFFERS}),
    (lose_an_invoice, {Code.NUMBER_WITHOUT_INVOICE}),
    (print_another_number, {Code.NUMBER_DIFFERS}),
    (take_back_an_invoice, {Code.NUMBER_DIFFERS}),
]


@pytest.mark.parametrize(("plant", "expected"), NUMBER_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_numbers_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[Code]
) -> None:
    plant(store)

    found = audit_clients([], account_id=ADA, now=LATE, books=second.books()).findings
    found += proof_of(second, now=A_MONTH_LATER).findings

    numbers = [
        each.code
        for each in found
        if each.code.startswith(("number", "sequence")) or each.code.endswith(("-number", "-numbers"))
    ]
    assert set(numbers) == expected


def test_a_number_that_two_series_print_is_found(store: Store) -> None:
    world = in_memory(store).having(an_account(number_pattern="{month}-{seq}"), CLIENT, *WORK, *LATER)
    bill(world, OCTOBER_31)
    details = replace(an_account().details(), number_pattern="10-{seq}")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))
    bill(world, NOVEMBER_30)

    found = audit_numbers(ADA, books=world.books()).findings

    assert [(each.code, each.subject) for each in found] == [(Code.NUMBER_TWICE, "10-1")]


def test_a_hole_tells_which_numbers_are_missing(second: World, store: Store) -> None:
    skip_a_number(store)

    [hole] = [each for each in proof_of(second).findings if each.code is Code.NUMBER_MISSING]

    assert "has no number 2 to 4;" in hole.told


def test_numbers_that_are_given_while_the_audit_reads_are_no_fault(store: Store) -> None:
    for step in ("invoices.list", "register.series", "numbering.sequence", "register.given"):
        world = a_month(in_memory(store := Store()))
        world.having(*LATER)
        once(store, Step(step, Moment.AFTER, commits=False), partial(bill, world, NOVEMBER_30))

        assert audit_numbers(ADA, books=world.books()).findings == ()
        assert len(store.numbers) == 2
