"""A credit note that dies anywhere is finished by any later run, and two that meet come to the same end."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.credit_notes import CreditNote, Progress
from domain.crediting import CreditNoteUnderWayError
from domain.errors import ConflictError
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash, take_turns
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_10 = dt.date(2026, 11, 10)
NOVEMBER_30 = dt.date(2026, 11, 30)
WORK = [a_work_entry(f"{number:016}") for number in range(60)]
"""So many that releasing them takes two steps."""


def an_issued(store: Store, work: list[WorkEntry] = WORK) -> tuple[World, Invoice]:
    world = in_memory(store).having(an_account(), a_client(), *work)
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    return world, world.issue(invoice_id, client=a_client(), day=OCTOBER_31)


def credit(world: World, invoice: Invoice) -> CreditNote:
    note = world.credit(invoice)
    return world.finish(note.id, account_id=ADA, day=NOVEMBER_10)


def make_void(world: World, invoice: Invoice) -> Invoice:
    world.void(invoice)
    return world.release(invoice)


def dying_at(chosen: int, steps: list[Step]) -> Callable[[Step], None]:
    def hook(step: Step) -> None:
        steps.append(step)
        if len(steps) == chosen:
            raise Crash

    return hook


def every_death(run: Callable[[World, Invoice], object]) -> Iterator[tuple[Store, Invoice]]:
    """The store after a run that died at its first step, at its second, and so on, until one lives."""
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        store, steps = Store(), list[Step]()
        world, invoice = an_issued(store)
        store.hook = dying_at(chosen, steps)
        with suppress(Crash):
            run(world, invoice)
        is_alive = len(steps) < chosen
        store.hook = lambda _: None
        yield store, invoice


def test_a_credit_note_that_dies_at_any_step_is_right_then_and_finished_by_the_next_run() -> None:
    deaths = 0
    for store, invoice in every_death(credit):
        deaths += 1
        check_invoices(store)

        note = credit(in_memory(store), invoice)

        assert (note.state, note.number, note.entries) == (Progress.ISSUED, "CN-2026-0001", 60)
        assert note.totals == invoice.totals
        assert all(entry.is_unbilled for entry in store.all(WorkEntry))
        check_invoices(store)
        check_history(store)
    assert deaths > 20


def test_a_void_that_dies_at_any_step_is_right_then_and_finished_by_the_next_run() -> None:
    for store, invoice in every_death(make_void):
        check_invoices(store)

        void = make_void(in_memory(store), invoice)

        assert (void.state, void.released, void.number) == (State.VOID, 60, invoice.number)
        assert all(entry.is_unbilled for entry in store.all(WorkEntry))
        check_invoices(store)
        check_history(store)


def run(work: Callable[[], object]) -> Callable[[], None]:
    """What a worker does: what is refused, or lost again and again, is the queue's to repeat."""

    def worker() -> None:
        with suppress(ConflictError, InvoiceMovedError):
            work()

    return worker


schedules = st.lists(st.integers(0, 3), max_size=60)


@given(schedules)
@settings(max_examples=30, deadline=None)
def test_two_credit_notes_at_once_take_each_line_once(schedule: list[int]) -> None:
    """Two people ask for the same lines; the queue hands each of their events out twice."""
    store = Store()
    world, invoice = an_issued(store, WORK[:3])
    lines = [entry.id for entry in WORK[:2]]

    def ask(body: str) -> Callable[[], None]:
        def both() -> None:
            note = world.credit(invoice, *lines, body=body)
            world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

        return run(both)

    take_turns(
        store, schedule, ask("1" * 16), ask("2" * 16), ask("1" * 16), between=lambda: check_invoices(store)
    )

    for note in store.all(CreditNote):
        world.finish(note.id, account_id=ADA, day=NOVEMBER_10)
    assert [note.entries for note in store.all(CreditNote)] == [2]
    assert world.invoices.get(account_id=ADA, invoice_id=invoice.id).credited == 200_00
    check_invoices(store)
    check_history(store)


@given(schedules)
@settings(max_examples=30, deadline=None)
def test_a_credit_note_beside_billing_and_issuing_loses_no_work_and_bills_none_twice(
    schedule: list[int],
) -> None:
    store = Store()
    world, invoice = an_issued(store, WORK[:3])
    note = world.credit(invoice)
    world.tick(NOVEMBER_30)
    november = an_invoice_id(ACME, NOVEMBER_30)

    take_turns(
        store,
        schedule,
        run(lambda: world.finish(note.id, account_id=ADA, day=NOVEMBER_10)),
        run(lambda: world.issue(november, client=a_client(), day=NOVEMBER_30)),
        run(lambda: world.bill(a_client(), day=dt.date(2026, 12, 5))),
        run(lambda: world.finish(note.id, account_id=ADA, day=NOVEMBER_10)),
        between=lambda: check_invoices(store),
    )

    world.finish(note.id, account_id=ADA, day=NOVEMBER_10)
    world.issue(november, client=a_client(), day=NOVEMBER_30)
    with suppress(ConflictError):
        world.bill(a_client(), day=dt.date(2026, 12, 5))
    for opened in store.all(Invoice):
        world.issue(opened.id, client=a_client(), day=dt.date(2026, 12, 5))
    billed = sum(each.entries - each.released for each in store.all(Invoice))
    assert billed == len(WORK[:3])
    check_invoices(store)
    check_history(store)


@given(schedules)
@settings(max_examples=30, deadline=None)
def test_of_a_credit_note_and_a_void_at_once_one_wins(schedule: list[int]) -> None:
    store = Store()
    world, invoice = an_issued(store, WORK[:3])

    take_turns(
        store,
        schedule,
        run(lambda: credit(world, invoice)),
        run(lambda: make_void(world, invoice)),
        run(lambda: make_void(world, invoice)),
        between=lambda: check_invoices(store),
    )

    (now,) = store.all(Invoice)
    assert (now.state is State.VOID) == (store.all(CreditNote) == [])
    check_invoices(store)
    check_history(store)


def test_events_that_come_twice_or_late_change_nothing() -> None:
    """A dead letter that returns after weeks, when the work stands on another invoice."""
    store = Store()
    world, invoice = an_issued(store, WORK[:2])
    first = world.credit(invoice, WORK[0].id)
    world.finish(first.id, account_id=ADA, day=NOVEMBER_10)
    second = world.credit(invoice, body="2" * 16)
    world.finish(second.id, account_id=ADA, day=NOVEMBER_10)
    world.tick(NOVEMBER_30)
    world.issue(an_invoice_id(ACME, NOVEMBER_30), client=a_client(), day=NOVEMBER_30)
    history = list(store.stream)

    for note in (second, first, second):
        world.finish(note.id, account_id=ADA, day=NOVEMBER_30)
    world.release(invoice)
    world.issue(invoice.id, client=a_client(), day=NOVEMBER_30)

    assert store.stream == history
    check_invoices(store)


def test_a_payment_while_a_credit_note_is_numbered_is_not_lost() -> None:
    store = Store()
    world, invoice = an_issued(store, WORK[:2])
    note = world.credit(invoice)
    seen = False

    def meanwhile(step: Step) -> None:
        nonlocal seen
        if step.call == "crediting.issue" and not seen:
            seen = True
            stored = world.invoices.get(account_id=ADA, invoice_id=invoice.id)
            store.change(replace(stored, language="fr"), read=stored)

    store.hook = meanwhile

    world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

    now = world.invoices.get(account_id=ADA, invoice_id=invoice.id)
    assert (now.language, now.credited, now.crediting) == ("fr", invoice.total, None)


@pytest.mark.parametrize("times", [5, 6])
def test_a_request_gives_up_after_six_lost_races(times: int) -> None:
    store = Store()
    world, invoice = an_issued(store, WORK[:1])
    left = times

    def meanwhile(step: Step) -> None:
        nonlocal left
        if step == Step("crediting.begin", step.moment, commits=True) and step.moment == "before" and left:
            left -= 1
            stored = store.get(Invoice, ADA, invoice.id)
            store.change(stored, read=stored)

    store.hook = meanwhile

    if times < 6:
        assert world.credit(invoice).state is Progress.OPEN
    else:
        with pytest.raises(InvoiceMovedError, match="6 times"):
            world.credit(invoice)


def test_whoever_comes_second_is_told_which_credit_note_is_under_way() -> None:
    world, invoice = an_issued(Store(), WORK[:1])
    note = world.credit(invoice)

    with pytest.raises(CreditNoteUnderWayError, match=note.id):
        world.credit(invoice, body="2" * 16)
