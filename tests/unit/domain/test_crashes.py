"""A run that dies anywhere, before a step or after it, leaves what any later run finishes."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from domain.calendar import first_due_date
from domain.clients import Client
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from tests.builders import ADA, a_client, a_work_entry, an_account
from tests.fakes import Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
DECEMBER_31 = dt.date(2026, 12, 31)
WORK = [
    a_work_entry(f"{month:02}{number:014}", date=dt.date(2026, month, 20))
    for month in (10, 11, 12)
    for number in range(100)
]


def a_quarter(store: Store) -> World:
    """A client who missed three ticks, with 100 entries in each period, so that claiming takes two steps."""
    return in_memory(store).having(an_account(), a_client(), *WORK)


def run(world: World) -> list[Invoice]:
    """What a tick starts, and all that follows from it."""
    world.tick(DECEMBER_31)
    opened = sorted(world.invoices.list(account_id=ADA).items, key=lambda invoice: invoice.due_on)
    return [world.issue(invoice.id, client=a_client(), day=DECEMBER_31) for invoice in opened]


def dying_at(chosen: int, steps: list[Step]) -> Callable[[Step], None]:
    """Note each step, and die at the one that was chosen."""

    def hook(step: Step) -> None:
        steps.append(step)
        if len(steps) == chosen:
            raise Crash

    return hook


def every_death() -> Iterator[Store]:
    """The store after a run that died at its first step, at its second, and so on, until one lives."""
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        store = Store()
        world, steps = a_quarter(store), list[Step]()
        store.hook = dying_at(chosen, steps)
        with suppress(Crash):
            run(world)
        is_alive = len(steps) < chosen
        store.hook = lambda _: None
        yield store


def test_a_run_that_dies_at_any_step_leaves_the_totals_and_the_numbers_right() -> None:
    for store in every_death():
        check_invoices(store)


def test_a_run_that_dies_at_any_step_is_finished_by_the_next() -> None:
    deaths = 0
    for store in every_death():
        deaths += 1

        invoices = run(in_memory(store))

        assert [(invoice.state, invoice.number, invoice.entries) for invoice in invoices] == [
            (State.ISSUED, "2026-0001", 100),
            (State.ISSUED, "2026-0002", 100),
            (State.ISSUED, "2026-0003", 100),
        ]
        assert not any(entry.is_unbilled for entry in store.all(WorkEntry))
        check_invoices(store)
        check_history(store)
    assert deaths > 70  # each side of each call is one


@pytest.mark.parametrize("steps_each", [18, 19, 25, 40])
def test_runs_that_all_die_come_to_the_end_together(steps_each: int) -> None:
    store = Store()
    world = a_quarter(store)

    for _ in range(20):
        store.hook = dying_at(steps_each, [])
        with suppress(Crash):
            run(world)

    assert [(invoice.state, invoice.entries) for invoice in store.all(Invoice)] == [(State.ISSUED, 100)] * 3
    check_invoices(store)


def test_a_client_is_never_moved_on_without_its_invoice() -> None:
    for store in every_death():
        (client,) = store.all(Client)
        opened = [invoice.due_on for invoice in store.all(Invoice)]

        following = first_due_date(max(opened), 31) if opened else OCTOBER_31
        assert (client.next_due_on, len(opened)) == (following, len(set(opened)))
