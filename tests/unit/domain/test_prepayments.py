import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.clients import Client
from domain.errors import InvalidError, NotFoundError
from domain.identifiers import PrepaymentId, prepayment_id
from domain.invoices import Invoice
from domain.payments import PaymentState, TakenBackError, payment_state
from domain.prepayments import (
    MOST_ROUNDS,
    ClientMovedError,
    Prepayment,
    PrepaymentDetails,
    PrepaymentSpentError,
    record_prepayment,
    take_back_prepayment,
)
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash, once
from tests.world import World, in_memory

CLIENT = a_client()
OCTOBER_31, NOVEMBER_30 = dt.date(2026, 10, 31), dt.date(2026, 11, 30)
OCTOBER, NOVEMBER = an_invoice_id(), an_invoice_id(due_on=NOVEMBER_30)
NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
ADD = Step("prepayments.add", Moment.BEFORE, commits=True)


@pytest.fixture
def store() -> Store:
    return Store()


def a_world(store: Store, **client: object) -> World:
    """A client with work of 100.00 in October and in November."""
    work = [a_work_entry("o" * 16), a_work_entry("n" * 16, date=dt.date(2026, 11, 5))]
    return in_memory(store).having(an_account(), replace(CLIENT, **client), *work)  # type: ignore[arg-type] # any field


@pytest.fixture
def world(store: Store) -> World:
    return a_world(store)


def stored(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def bill(world: World, *days: dt.date) -> list[Invoice]:
    """The invoices of these days, and all that their queue does."""
    return [
        invoice
        for day in days
        for invoice in world.issue_all(world.tick(day).invoices, client=CLIENT, day=day)
    ]


def take_back(world: World, prepayment: PrepaymentId) -> tuple[Prepayment, Client]:
    return take_back_prepayment(
        prepayment, account_id=ADA, now=NOON, clients=world.clients, prepayments=world.prepayments
    )


def test_what_came_in_advance_is_the_client_s_to_spend(world: World) -> None:
    prepayment, client = world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    assert (prepayment.amount, prepayment.currency, prepayment.paid_on) == (4_000, "EUR", OCTOBER_31)
    assert client == stored(world)
    assert client.prepaid == 4_000


def test_the_same_prepayment_counts_once(world: World) -> None:
    first = world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    assert world.prepay(CLIENT, 4_000, day=OCTOBER_31) == first


def test_the_next_invoice_takes_it_off(world: World) -> None:
    world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    [invoice] = bill(world, OCTOBER_31)

    assert invoice.totals
    assert (invoice.total, invoice.totals.prepaid, invoice.outstanding) == (10_000, 4_000, 6_000)
    assert stored(world).prepaid == 0


def test_an_invoice_takes_off_no_more_than_it_comes_to_and_the_rest_stays_for_the_next(world: World) -> None:
    world.prepay(CLIENT, 15_000, day=OCTOBER_31)

    october, november = bill(world, OCTOBER_31, NOVEMBER_30)

    assert [each.outstanding for each in (october, november)] == [0, 5_000]
    assert payment_state(october, NOON) is PaymentState.PAID
    assert stored(world).prepaid == 0


def test_an_invoice_without_anything_to_charge_takes_nothing_off(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT)
    world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    bill(world, OCTOBER_31)

    assert stored(world).prepaid == 4_000


def test_what_an_invoice_takes_off_is_what_is_to_be_paid_after_rounding(store: Store) -> None:
    world = a_world(store, round_to=Decimal("0.50"))
    world.prepay(CLIENT, 50_000, day=OCTOBER_31)

    [invoice] = bill(world, OCTOBER_31)

    assert (invoice.payable, stored(world).prepaid) == (0, 40_000)


def test_a_preview_takes_it_off_and_stores_nothing(world: World) -> None:
    world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    preview = world.preview(CLIENT, day=dt.date(2026, 10, 20))

    assert (preview.invoice.payable, stored(world).prepaid) == (6_000, 4_000)


def test_what_comes_while_an_invoice_is_being_issued_is_taken_off_or_left_and_never_lost(
    world: World, store: Store
) -> None:
    world.prepay(CLIENT, 4_000, day=OCTOBER_31)
    opened = world.tick(OCTOBER_31).invoices
    more = lambda: world.prepay(CLIENT, 1_000, body="b" * 16, day=OCTOBER_31)  # noqa: E731 - one line
    once(store, Step("numbering.issue", Moment.BEFORE, commits=True), more)

    [invoice] = world.issue_all(opened, client=CLIENT, day=OCTOBER_31)

    assert (invoice.outstanding, stored(world).prepaid) == (5_000, 0)


def test_it_is_taken_back_once_as_long_as_it_is_there(world: World) -> None:
    prepayment, _ = world.prepay(CLIENT, 4_000, day=OCTOBER_31)

    back, client = take_back(world, prepayment.id)

    assert (back.amount, back.takes_back, client.prepaid) == (-4_000, prepayment.id, 0)
    assert take_back(world, prepayment.id) == (back, client)
    with pytest.raises(TakenBackError):
        take_back(world, back.id)


def test_what_an_invoice_took_off_is_not_taken_back(world: World) -> None:
    prepayment, _ = world.prepay(CLIENT, 4_000, day=OCTOBER_31)
    bill(world, OCTOBER_31)

    with pytest.raises(PrepaymentSpentError):
        take_back(world, prepayment.id)


@pytest.mark.parametrize("missing", [prepayment_id(ACME, "0" * 16), PrepaymentId("pre_1")])
def test_what_is_not_there_is_not_found(world: World, missing: PrepaymentId) -> None:
    with pytest.raises(NotFoundError):
        take_back(world, missing)


def test_it_does_not_come_from_the_future(world: World) -> None:
    with pytest.raises(InvalidError, match="today, which is 2026-10-31"):
        record_prepayment(
            PrepaymentDetails(amount=1, paid_on=dt.date(2026, 11, 1)),
            client_id=ACME,
            account_id=ADA,
            now=NOON,
            clients=world.clients,
            prepayments=world.prepayments,
            new_id=lambda: "0" * 16,
        )


@pytest.mark.parametrize("amount", [0, -1, 10**13 + 1])
def test_an_amount_is_checked(amount: int) -> None:
    with pytest.raises(InvalidError):
        PrepaymentDetails(amount=amount)


def test_who_loses_a_race_for_the_client_reads_it_again(world: World, store: Store) -> None:
    once(store, ADD, lambda: world.prepay(CLIENT, 1_000, body="b" * 16, day=OCTOBER_31))

    assert world.prepay(CLIENT, 4_000, day=OCTOBER_31)[1].prepaid == 5_000


def test_a_client_that_others_change_all_the_time_is_left_for_later(world: World, store: Store) -> None:
    bodies = iter(range(100))

    def first(step: Step) -> None:
        if step == ADD:
            store.hook = lambda _: None
            world.prepay(CLIENT, 1, body=f"{next(bodies):016}", day=OCTOBER_31)
            store.hook = first

    store.hook = first
    with pytest.raises(ClientMovedError):
        world.prepay(CLIENT, 4_000, day=OCTOBER_31)
    assert stored(world).prepaid == MOST_ROUNDS


def every_death() -> Iterator[tuple[Store, World]]:
    """What a run leaves that recorded a prepayment and billed, and died at one of its steps."""
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        store, steps = Store(), list[Step]()
        world = a_world(store)

        def die(step: Step, steps: list[Step] = steps, chosen: int = chosen) -> None:
            steps.append(step)
            if len(steps) == chosen:
                raise Crash

        store.hook = die
        with suppress(Crash):
            prepay_and_bill(world)
        is_alive = len(steps) < chosen
        store.hook = lambda _: None
        yield store, world


def prepay_and_bill(world: World) -> None:
    world.prepay(CLIENT, 15_000, day=OCTOBER_31)
    for day in (OCTOBER_31, NOVEMBER_30):
        world.tick(day)
        world.issue(an_invoice_id(due_on=day), client=CLIENT, day=day)


def test_what_dies_anywhere_spends_nothing_twice_and_loses_nothing() -> None:
    deaths = 0
    for store, world in every_death():
        deaths += 1
        left, spent = stored(world).prepaid, spent_in(store)
        assert left + spent == sum(each.amount for each in store.all(Prepayment))

        prepay_and_bill(world)

        assert (stored(world).prepaid, spent_in(store)) == (0, 15_000)
        check_invoices(store)
        check_history(store)
    assert deaths > 30


def spent_in(store: Store) -> int:
    return sum(each.totals.prepaid for each in store.all(Invoice) if each.totals)
