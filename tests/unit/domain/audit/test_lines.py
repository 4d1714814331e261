"""The audit finds lines of invoices that are wrong."""

import datetime as dt
from collections.abc import Callable

import pytest

from domain.audit import audit_clients
from domain.identifiers import invoice_id
from domain.invoices import State
from domain.proof import Code
from domain.repair import rebuild_counter
from domain.work import WorkEntry
from tests.builders import ACME, ADA
from tests.fakes import Store
from tests.lived import EARLY, INVOICE, LATE, NOVEMBER_30, WORK
from tests.tampering import NOTHING, invoice_of, put, remove
from tests.world import World


def lose_an_entry(store: Store) -> None:
    remove(store, store.get(WorkEntry, ADA, WORK[0].id))


def bill_too_little(store: Store) -> None:
    put(store, invoice_of(store), net=invoice_of(store).net - 1)


def free_an_entry(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=None)


def forget_the_claims(store: Store) -> None:
    put(store, invoice_of(store), entries=0, net=0)


def claim_for_nothing(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=dt.date(2026, 11, 15))


def claim_for_another(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=NOVEMBER_30)


LINE_FAULTS: list[tuple[Callable[[Store], None], set[tuple[Code, str]]]] = [
    (lose_an_entry, {(Code.LINES_DIFFER, INVOICE)}),
    (bill_too_little, {(Code.LINES_DIFFER, INVOICE)}),
    (free_an_entry, {(Code.LINES_DIFFER, INVOICE)}),
    (forget_the_claims, {(Code.LINES_DIFFER, INVOICE)}),
    (claim_for_nothing, {(Code.LINES_DIFFER, INVOICE), (Code.LINES_WITHOUT_INVOICE, NOTHING)}),
    (
        claim_for_another,
        {(Code.LINES_DIFFER, INVOICE), (Code.LINES_DIFFER, invoice_id(ACME, NOVEMBER_30))},
    ),
]


@pytest.mark.parametrize(("plant", "expected"), LINE_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_lines_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[tuple[Code, str]]
) -> None:
    plant(store)
    rebuild_counter(
        ACME, account_id=ADA, records=second.records, counters=second.counters, resetting=second.resetting
    )

    found = audit_clients([ACME], account_id=ADA, now=LATE, books=second.books()).findings

    about_lines = [each for each in found if each.code.startswith("lines")]
    assert {(each.code, each.subject) for each in about_lines} == expected
    assert all("; no command mends it" in each.told for each in about_lines)


@pytest.mark.parametrize("state", [State.OPEN, State.VOID])
def test_an_invoice_that_claims_or_releases_its_work_now_is_not_compared_with_it(
    second: World, store: Store, state: State
) -> None:
    def of_lines(now: dt.datetime) -> list[Code]:
        found = audit_clients([ACME], account_id=ADA, now=now, books=second.books()).findings
        return [each.code for each in found if each.code.startswith("lines")]

    bill_too_little(store)
    assert of_lines(EARLY) == [Code.LINES_DIFFER]
    put(store, invoice_of(store), state=state)
    assert of_lines(EARLY) == []
    assert of_lines(LATE) == [Code.LINES_DIFFER]
