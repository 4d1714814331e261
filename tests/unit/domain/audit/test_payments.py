"""The audit finds payments and prepayments that do not add up."""

import datetime as dt
from collections.abc import Callable

import pytest

from domain.audit import audit_clients
from domain.clients import Client
from domain.identifiers import invoice_id
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.proof import Code
from tests.builders import ACME, ADA
from tests.fakes import Store
from tests.lived import (
    A_MONTH_LATER,
    CLIENT,
    INVOICE,
    LATE,
    LATER,
    NOVEMBER_30,
    OCTOBER_31,
    bill,
    codes,
    count,
)
from tests.tampering import NOTHING, invoice_of, put, remove
from tests.world import World


def take_a_payment_away(store: Store) -> None:
    remove(store, store.all(Payment)[0])


def say_more_was_paid(store: Store) -> None:
    put(store, invoice_of(store), paid=10_001)


def pay_what_does_not_exist(store: Store) -> None:
    put(store, store.all(Payment)[0], invoice_id=NOTHING)


@pytest.mark.parametrize(
    ("plant", "subjects"),
    [
        (take_a_payment_away, {INVOICE}),
        (say_more_was_paid, {INVOICE}),
        (pay_what_does_not_exist, {INVOICE, invoice_id(ACME, dt.date(2026, 11, 15))}),
    ],
)
def test_payments_that_do_not_add_up_are_found(
    world: World, store: Store, plant: Callable[[Store], None], subjects: set[str]
) -> None:
    world.pay(invoice_of(store), day=OCTOBER_31)
    count(world)
    assert codes(world) == []

    plant(store)

    found = audit_clients([ACME], account_id=ADA, now=LATE, books=world.books()).findings
    assert {each.subject for each in found if each.code is Code.PAYMENTS_DIFFER} == subjects


def take_a_prepayment_away(store: Store) -> None:
    remove(store, store.all(Prepayment)[0])


def give_a_client_money(store: Store) -> None:
    put(store, store.get(Client, ADA, ACME), prepaid=1)


@pytest.mark.parametrize("plant", [take_a_prepayment_away, give_a_client_money])
def test_prepayments_that_do_not_add_up_are_found(
    world: World, store: Store, plant: Callable[[Store], None]
) -> None:
    world.prepay(CLIENT, 5_000, day=OCTOBER_31)
    assert codes(world) == []

    plant(store)

    assert codes(world) == [Code.PREPAYMENTS_DIFFER]


def test_prepayments_that_invoices_took_off_add_up(world: World) -> None:
    world.prepay(CLIENT, 50_000, day=OCTOBER_31)
    world.having(*LATER)

    bill(world, NOVEMBER_30)
    count(world)

    assert codes(world, now=A_MONTH_LATER) == []
