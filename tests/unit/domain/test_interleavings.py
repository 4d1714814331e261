"""Openers, collectors, issuers and a person at work, mixed at every call of a port, some of them dying."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clients import Client
from domain.errors import ConflictError, NotFoundError
from domain.identifiers import WorkId
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.timekeeping import edit_work, remove_work
from domain.work import WorkEntry, WorkIsInvoicedError
from tests.builders import ADA, UMBRELLA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash, take_turns
from tests.world import World, in_memory

NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
ONE_DAY = dt.timedelta(days=1)
CLIENTS = (a_client(), a_client(id=UMBRELLA, name="Umbrella", invoice_day=15))
AT_FIRST = [
    a_work_entry(f"{month:08}{number:08}", client=client, date=dt.date(2026, month, 10))
    for client in CLIENTS
    for month in (10, 11)
    for number in range(4)
]
LATER = [a_work_entry(f"later{number:011}", date=dt.date(2026, 10, 10 + number)) for number in range(4)]

schedules = st.lists(st.integers(0, 6), max_size=150)
crashes = st.frozensets(st.integers(0, 100), max_size=6)


@pytest.fixture(autouse=True, scope="module")
def _small_steps() -> Iterator[None]:
    """Two entries a claim instead of 99: as many steps, and as many ways to mix them, with little work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.invoicing.MOST_CLAIMED", 2)
        yield


def an_issuer(world: World, *, clock: dt.date = NOVEMBER_30) -> Callable[[], None]:
    """Looks four times for invoices and issues what it finds; another worker may be faster."""

    def work() -> None:
        for _ in range(4):
            for invoice in world.invoices.list(account_id=ADA).items:
                with suppress(InvoiceMovedError):
                    world.issue(invoice.id, client=a_client(), day=clock)

    return work


def a_person(world: World) -> Callable[[], None]:
    """Logs late work, edits some and takes some back, as far as no invoice has claimed it."""

    def edit(work_id: WorkId) -> None:
        edit_work(work_id, lambda details: replace(details, minutes=30), account_id=ADA, work=world.work)

    def work() -> None:
        for late, edited, removed in zip(LATER, AT_FIRST[::2], AT_FIRST[1::2], strict=False):
            world.work.add(entry=late)
            with suppress(WorkIsInvoicedError):
                edit(edited.id)
            with suppress(WorkIsInvoicedError, NotFoundError):
                remove_work(removed.id, account_id=ADA, work=world.work)

    return work


def a_world(store: Store) -> World:
    return in_memory(store).having(an_account(), *CLIENTS, *AT_FIRST)


def finish(world: World, store: Store, day: dt.date) -> None:
    """What any later run does."""
    store.hook = lambda _: None
    world.tick(day)
    for invoice in store.all(Invoice):
        world.issue(invoice.id, client=a_client(), day=day)


@given(schedule=schedules, deaths=crashes)
def test_any_interleaving_gives_one_invoice_per_period_and_every_entry_once(
    schedule: list[int], deaths: frozenset[int]
) -> None:
    """The clocks of the issuers are a day apart, which no date of issue may show."""
    store = Store()
    world = a_world(store)
    workers = [
        lambda: world.tick(NOVEMBER_30),
        an_issuer(world, clock=NOVEMBER_30 + ONE_DAY),
        an_issuer(world),
        a_person(world),
        lambda: world.tick(NOVEMBER_30),
        an_issuer(world, clock=NOVEMBER_30 - ONE_DAY),
    ]

    errors = take_turns(store, schedule, *workers, between=lambda: check_invoices(store), crashes=deaths)
    finish(world, store, NOVEMBER_30)

    assert all(error is None or isinstance(error, Crash) for error in errors)
    assert {(invoice.client_id, invoice.due_on) for invoice in store.all(Invoice)} == {
        (CLIENTS[0].id, dt.date(2026, 10, 31)),
        (CLIENTS[0].id, NOVEMBER_30),
        (CLIENTS[1].id, dt.date(2026, 10, 15)),
        (CLIENTS[1].id, dt.date(2026, 11, 15)),
    }
    assert all(invoice.state in {State.ISSUED, State.EMPTY} for invoice in store.all(Invoice))
    check_invoices(store)
    check_history(store)


@given(schedule=schedules, deaths=crashes)
def test_no_work_is_ever_left_out(schedule: list[int], deaths: frozenset[int]) -> None:
    store = Store()
    world = a_world(store)

    take_turns(
        store,
        schedule,
        lambda: world.tick(NOVEMBER_30),
        an_issuer(world),
        a_person(world),
        an_issuer(world),
        crashes=deaths,
    )
    finish(world, store, DECEMBER_31)

    assert [entry.id for entry in store.all(WorkEntry) if entry.is_unbilled] == []


@given(schedule=schedules)
def test_each_period_keeps_what_was_there_before_it_was_due(schedule: list[int]) -> None:
    store = Store()
    world = a_world(store)
    world.tick(NOVEMBER_30)

    take_turns(store, schedule, *(an_issuer(world) for _ in range(4)))
    finish(world, store, NOVEMBER_30)

    by_period = {
        (invoice.due_on.month, invoice.client_id): world.invoices.lines(invoice=invoice)
        for invoice in store.all(Invoice)
    }
    assert {(line.date.month, line.client_id) for lines in by_period.values() for line in lines} == set(
        by_period
    )
    assert all(line.date.month == month for (month, _), lines in by_period.items() for line in lines)


@given(schedule=schedules, deaths=crashes)
def test_people_who_bill_in_between_leave_each_day_in_one_period_and_every_entry_on_one_invoice(
    schedule: list[int], deaths: frozenset[int]
) -> None:
    store = Store()
    world = a_world(store)

    def bills(*days: dt.date) -> Callable[[], None]:
        def work() -> None:
            for day, client in product(days, CLIENTS):
                with suppress(ConflictError, InvoiceMovedError):
                    world.bill(client, day=day, until=day - 3 * ONE_DAY)

        return work

    errors = take_turns(
        store,
        schedule,
        bills(dt.date(2026, 10, 14), dt.date(2026, 11, 12)),
        lambda: world.tick(NOVEMBER_30),
        bills(dt.date(2026, 10, 14), dt.date(2026, 10, 30)),
        an_issuer(world),
        a_person(world),
        between=lambda: check_invoices(store),
        crashes=deaths,
    )
    finish(world, store, DECEMBER_31)

    assert all(error is None or isinstance(error, Crash) for error in errors)
    check_history(store)
    assert [entry.id for entry in store.all(WorkEntry) if entry.is_unbilled] == []
    for client in store.all(Client):
        own = [invoice for invoice in store.all(Invoice) if invoice.client_id == client.id]
        periods = sorted((invoice.due_on, invoice.period_start, invoice.period_end) for invoice in own)
        assert [start for _, start, _ in periods] == [
            client.billing_starts_on,
            *(end for *_, end in periods[:-1]),
        ]
        assert periods[-1][::2] == (client.previous_due_on, client.billed_until)
