"""The audit finds counters that are wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.audit import verify_counters
from domain.counters import Contribution, Tally, keep_counters
from domain.invoices import State
from domain.proof import Code
from domain.timekeeping import edit_work
from tests.builders import ACME, ADA, a_work_entry, some_work
from tests.fakes import Store
from tests.lived import EARLY, INVOICE, LATE, codes, proof_of
from tests.tampering import FIRST, invoice_of, miscount, put
from tests.world import World


def forget_the_counter(store: Store) -> None:
    del store.counters[ADA, ACME]


def falsify(store: Store) -> None:
    right = store.contributions[FIRST]
    store.contributions[FIRST] = replace(right, tally=right.tally + Tally(minutes=30))


def forget_a_contribution(store: Store) -> None:
    del store.contributions[FIRST]


def count_ahead(store: Store) -> None:
    store.contributions[FIRST] = replace(store.contributions[FIRST], version=9)


def count_what_is_not_issued(store: Store) -> None:
    put(store, invoice_of(store), state=State.SEALED, issued_on=None, number=None)


COUNTER_FAULTS: dict[Code, Callable[[Store], None]] = {
    Code.COUNTER_DIFFERS: miscount,
    Code.CONTRIBUTION_DIFFERS: falsify,
    Code.CONTRIBUTION_MISSING: forget_a_contribution,
    Code.CONTRIBUTION_AHEAD: count_ahead,
}


@pytest.mark.parametrize("code", COUNTER_FAULTS)
def test_a_fault_of_the_counters_is_found(world: World, store: Store, code: Code) -> None:
    COUNTER_FAULTS[code](store)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books()).findings

    assert code in [finding.code for finding in found]
    assert {(finding.account_id, finding.client_id) for finding in found} == {(ADA, ACME)}
    assert all(finding.told.endswith(f"rebuild --client {ACME} mends it") for finding in found)


def test_a_counter_that_was_deleted_differs_in_every_month(second: World, store: Store) -> None:
    forget_the_counter(store)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=second.books()).findings

    assert [(finding.code, finding.subject) for finding in found] == [
        (Code.COUNTER_DIFFERS, "2026-10"),
        (Code.COUNTER_DIFFERS, "2026-11"),
    ]


def test_a_counter_says_which_of_its_numbers_differ(world: World, store: Store) -> None:
    miscount(store)

    [finding] = proof_of(world).findings

    assert "(minutes)" in finding.told


def test_an_edit_that_is_not_counted_after_an_hour_is_drift(world: World) -> None:
    free = a_work_entry("free" * 4)
    world.having(free)
    keep_counters([Contribution.of_work(free)], counters=world.counters)
    edit_work(free.id, lambda _: some_work(minutes=5), account_id=ADA, work=world.work)

    assert codes(world, now=EARLY) == []
    assert codes(world, now=LATE) == [Code.CONTRIBUTION_BEHIND]


@pytest.mark.parametrize("versions", [0, 1], ids=["as of now", "as of before"])
def test_an_invoice_that_is_counted_though_it_is_not_issued_is_drift(
    world: World, store: Store, versions: int
) -> None:
    count_what_is_not_issued(store)
    put(store, invoice_of(store), version=invoice_of(store).version + versions)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books()).findings

    assert [(finding.code, finding.subject) for finding in found] == [(Code.CONTRIBUTION_DIFFERS, INVOICE)]
