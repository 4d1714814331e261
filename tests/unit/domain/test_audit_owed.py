"""The audit finds an invoice that owes something else than its totals, payments and credit notes leave."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.invoices import Invoice, State
from domain.proof import Code
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Store
from tests.lived import OCTOBER_31, bill, codes, count
from tests.world import World, in_memory

OCTOBERS = an_invoice_id(ACME, OCTOBER_31)


def lived(store: Store, *, prepaid: int = 0) -> World:
    """October is invoiced, and the client has paid some of it in advance."""
    world = in_memory(store).having(an_account(), a_client(), a_work_entry())
    if prepaid:
        world.prepay(a_client(), prepaid, day=OCTOBER_31)
    bill(world, OCTOBER_31)
    count(world)
    return world


def break_(store: Store, change: Callable[[Invoice], Invoice]) -> None:
    [invoice] = store.all(Invoice)
    store.change(change(invoice), read=invoice)


@pytest.mark.parametrize(
    "fields",
    [{"total": 1}, {"tax_amount": 1}, {"credited": 100_01}, {"credited": -1}],
    ids=["total", "tax", "more than all", "less than nothing"],
)
def test_an_invoice_that_owes_something_else_is_found(fields: dict[str, Any]) -> None:
    store = Store()
    world = lived(store)
    assert codes(world) == []

    break_(store, lambda invoice: replace(invoice, **fields))

    assert Code.SUMS_DIFFER in codes(world)


@pytest.mark.parametrize("fields", [{"paid": 1}, {"credited": 1}], ids=["paid", "credited"])
def test_an_invoice_without_a_number_owes_nothing(fields: dict[str, Any]) -> None:
    store = Store()
    world = lived(store)

    break_(store, lambda invoice: replace(invoice, state=State.HELD, totals=None, **fields))

    assert Code.SUMS_DIFFER in codes(world)


def test_an_invoice_from_before_there_were_totals_is_right() -> None:
    store = Store()
    world = lived(store)

    break_(store, lambda invoice: replace(invoice, totals=None))

    assert Code.SUMS_DIFFER not in codes(world)


def test_what_was_taken_off_twice_is_found() -> None:
    store = Store()
    world = lived(store, prepaid=60_00)
    assert codes(world) == []

    [client] = world.clients.list(account_id=ADA).items
    world.clients.update(account_id=ADA, client_id=client.id, change=lambda each: each.with_prepaid(60_00))

    assert codes(world) == [Code.PREPAYMENTS_DIFFER]


def test_what_a_void_invoice_gave_back_is_the_clients_again() -> None:
    store = Store()
    world = in_memory(store).having(an_account(), a_client(), a_work_entry())
    world.prepay(a_client(), 60_00, day=OCTOBER_31)
    [invoice] = world.issue_all(world.tick(OCTOBER_31).invoices, client=a_client(), day=OCTOBER_31)
    world.release(world.void(invoice))
    count(world)

    assert codes(world) == []
