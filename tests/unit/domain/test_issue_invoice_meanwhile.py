import datetime as dt
from dataclasses import replace

import pytest

from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import MOST_ROUNDS
from domain.numbers import Sequence
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import once
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
INVOICE = an_invoice_id(ACME, OCTOBER_31)
BEFORE_CLAIM = Step("collecting.claim", Moment.BEFORE, commits=True)
BEFORE_SEAL = Step("collecting.seal", Moment.BEFORE, commits=True)
BEFORE_ISSUE = Step("numbering.issue", Moment.BEFORE, commits=True)


def opened(store: Store, *work: WorkEntry) -> World:
    """A world in which the client's October has been opened."""
    world = in_memory(store).having(an_account(), a_client(), *work)
    world.tick(OCTOBER_31)
    return world


def issue(world: World) -> Invoice:
    return world.issue(INVOICE, client=a_client(), day=OCTOBER_31)


def test_the_totals_are_right_at_every_instant() -> None:
    store = Store()
    world = opened(store, *(a_work_entry(f"{number:016}") for number in range(250)))
    store.hook = lambda step: check_invoices(store) if step.commits else None

    issue(world)

    check_history(store)


def test_an_edit_between_reading_and_claiming_is_on_the_invoice() -> None:
    store = Store()
    entry = a_work_entry(minutes=60)
    world = opened(store, entry)

    def edit() -> None:
        world.work.update(
            account_id=ADA,
            work_id=entry.id,
            change=lambda current: current.edited(replace(current.details(), minutes=120)),
        )

    once(store, BEFORE_CLAIM, edit)

    assert issue(world).net == 200_00
    check_invoices(store)


def test_work_that_is_removed_between_reading_and_claiming_is_not_on_the_invoice() -> None:
    store = Store()
    entry = a_work_entry()
    world = opened(store, entry, a_work_entry("b" * 16))
    once(
        store,
        BEFORE_CLAIM,
        lambda: world.work.update(account_id=ADA, work_id=entry.id, change=WorkEntry.taken_back),
    )

    assert issue(world).entries == 1
    check_invoices(store)


def test_work_that_is_logged_while_the_invoice_is_sealed_comes_on_the_next_one() -> None:
    store = Store()
    world = opened(store, a_work_entry("a" * 16))
    once(
        store,
        BEFORE_SEAL,
        lambda: world.work.add(entry=a_work_entry("b" * 16)),
    )

    october = issue(world)
    world.tick(NOVEMBER_30)
    november = world.issue(an_invoice_id(ACME, NOVEMBER_30), client=a_client(), day=NOVEMBER_30)

    assert (october.entries, november.entries) == (1, 1)


def test_an_invoice_is_not_sealed_over_what_another_worker_claimed_meanwhile() -> None:
    """The seal writes the whole invoice: without its version it would undo the other one's totals."""
    store = Store()
    world = opened(store, a_work_entry("a" * 16))

    def claim_more() -> None:
        late = a_work_entry("b" * 16)
        world.work.add(entry=late)
        invoice = world.invoices.get(account_id=ADA, invoice_id=INVOICE)
        world.collecting.claim(invoice=invoice, entries=[late])

    once(store, BEFORE_SEAL, claim_more)

    assert (issue(world).entries, issue(world).net) == (2, 200_00)
    check_invoices(store)


def test_nothing_is_claimed_for_an_invoice_that_another_worker_sealed_meanwhile() -> None:
    """The other one looked before the work was logged, so it comes on the next invoice."""
    store = Store()
    world = opened(store, a_work_entry())

    def seal() -> None:
        invoice = world.invoices.get(account_id=ADA, invoice_id=INVOICE)
        world.collecting.seal(invoice=invoice, sealed=invoice.sealed())

    once(store, BEFORE_CLAIM, seal)

    assert issue(world).state is State.EMPTY
    check_invoices(store)
    check_history(store)


def test_an_invoice_that_another_worker_issued_meanwhile_takes_no_second_number() -> None:
    store = Store()
    world = opened(store, a_work_entry())
    once(store, Step("numbering.sequence", Moment.BEFORE, commits=False), lambda: issue(world))

    assert issue(world).number == "2026-0001"
    assert len(store.numbers) == 1
    check_invoices(store)
    check_history(store)


def test_an_invoice_that_never_comes_to_rest_is_tried_again_later() -> None:
    store = Store()
    world = opened(store, a_work_entry("a" * 16))

    def move_the_series(step: Step) -> None:
        if step == BEFORE_ISSUE:
            series = (ADA, "2026-{seq}")
            last = store.sequences.get(series, Sequence(account_id=ADA, series=series[1]))
            store.sequences[series] = last.next(OCTOBER_31)

    store.hook = move_the_series
    with pytest.raises(InvoiceMovedError):
        issue(world)

    assert store.calls["numbering.issue"] == MOST_ROUNDS
