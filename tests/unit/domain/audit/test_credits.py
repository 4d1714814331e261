"""The audit understands credit notes and void invoices, and finds what is wrong with them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.credit_notes import CreditNote, Progress
from domain.delivery import Delivery
from domain.delivery import Progress as DeliveryProgress
from domain.failures import State as FailureState
from domain.identifiers import credit_note_id
from domain.invoices import Invoice, State
from domain.proof import Code
from domain.work import WorkEntry
from tests.builders import ADA, a_failure, an_account
from tests.fakes import Store
from tests.lived import (
    CLIENT,
    EARLY,
    INVOICE,
    LATE,
    NOVEMBER_30,
    OCTOBER_31,
    WORK,
    bill,
    codes,
    count,
    mail,
    proof_of,
)
from tests.tampering import put
from tests.world import World, in_memory

NOTE = credit_note_id(INVOICE, "1" * 16)


def invoice_of(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def note_of(world: World) -> CreditNote:
    return world.credit_notes.get(account_id=ADA, credit_note_id=NOTE)


def credited(world: World, *, lines: int = 2) -> World:
    world.credit(invoice_of(world), *(entry.id for entry in WORK[:lines]))
    mail(world, world.finish(NOTE, account_id=ADA, day=OCTOBER_31))
    count(world)
    return world


def fail(store: Store, queue: str, note: CreditNote, state: FailureState = FailureState.PARKED) -> None:
    body = f'{{"data":{{"id":"{note.id}","version":{note.version}}}}}'
    failure = a_failure(queue=queue, body=body, state=state)
    store.failures[failure.id] = failure


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_nothing_is_wrong_with_an_invoice_of_which_something_was_taken_back(world: World, lines: int) -> None:
    credited(world, lines=lines)

    proof = proof_of(world)

    assert (proof.findings, proof.failed, proof.failing) == ((), (), 0)
    assert [look.name for look in proof.series] == ["2026-{seq}", "CN-2026-{seq}"]
    assert (proof.numbers, proof.invoices) == (2, 2)


def test_nothing_is_wrong_once_the_work_was_billed_again(world: World) -> None:
    credited(world)
    bill(world, NOVEMBER_30)
    count(world)

    assert codes(world, now=dt.datetime(2026, 11, 30, 15, tzinfo=dt.UTC)) == []


def make_void(world: World, invoice: Invoice) -> None:
    world.void(invoice)
    world.release(invoice)


def test_nothing_is_wrong_with_a_void_invoice(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT, *WORK)
    (opened,) = world.tick(OCTOBER_31).invoices
    world.void(world.issue(opened, client=CLIENT, day=OCTOBER_31))
    count(world)
    assert codes(world, now=EARLY) == []
    assert codes(world) == [Code.INVOICE_UNFINISHED]

    world.release(invoice_of(world))
    count(world)

    assert (codes(world), codes(world, now=EARLY)) == ([], [])


def test_a_void_invoice_whose_work_waits_in_the_failure_ledger_is_known(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT, *WORK)
    (opened,) = world.tick(OCTOBER_31).invoices
    void = world.void(world.issue(opened, client=CLIENT, day=OCTOBER_31))
    count(world)
    body = f'{{"data":{{"id":"{void.id}","version":{void.version}}}}}'
    failure = a_failure(queue="invoicing", body=body)
    store.failures[failure.id] = failure

    assert codes(world) == []


def leave_open(world: World) -> None:
    world.credit(invoice_of(world))


def leave_sealed(world: World) -> None:
    note = world.credit(invoice_of(world))
    lines = list(world.invoices.lines(invoice=invoice_of(world)))
    world.crediting.release(note=note, entries=lines)
    note = note.with_released(lines)
    totals = invoice_of(world).totals
    assert totals
    world.crediting.seal(note=note, sealed=note.sealed(totals))


def leave_unsent(world: World) -> None:
    leave_open(world)
    world.finish(NOTE, account_id=ADA, day=OCTOBER_31)


@pytest.mark.parametrize(
    ("leave", "queue", "other", "code"),
    [
        (leave_open, "invoicing", "delivery", Code.CREDIT_NOTE_UNFINISHED),
        (leave_sealed, "invoicing", "counters", Code.CREDIT_NOTE_UNFINISHED),
        (leave_unsent, "delivery", "invoicing", Code.CREDIT_NOTE_UNSENT),
    ],
)
def test_an_unfinished_credit_note_is_known_to_the_failure_ledger_or_not_an_hour_old(
    world: World, store: Store, *, leave: Callable[[World], None], queue: str, other: str, code: Code
) -> None:
    leave(world)
    count(world)

    assert codes(world, now=EARLY) == []
    assert codes(world) == [code]
    fail(store, other, note_of(world))
    assert codes(world) == [code]
    fail(store, queue, note_of(world))
    assert codes(world) == []


@pytest.mark.parametrize("progress", [DeliveryProgress.SENDING, DeliveryProgress.UNKNOWN])
def test_a_credit_note_that_may_have_been_mailed_is_settled_by_a_person(
    world: World, store: Store, progress: DeliveryProgress
) -> None:
    leave_unsent(world)
    count(world)

    def begin(delivery: Delivery) -> Delivery:
        return replace(delivery, progress=progress, started_at=EARLY)

    world.deliveries.update(account_id=ADA, invoice_id=NOTE, change=begin)

    assert codes(world) == [Code.CREDIT_NOTE_UNSENT]
    fail(store, "delivery", note_of(world), FailureState.DISCARDED)
    assert codes(world) == []


def test_a_discarded_failure_settles_no_credit_note_that_was_never_tried(world: World, store: Store) -> None:
    leave_unsent(world)
    count(world)
    fail(store, "delivery", note_of(world), FailureState.DISCARDED)

    assert codes(world) == [Code.CREDIT_NOTE_UNSENT]


def say_less(world: World, store: Store) -> None:
    put(store, note_of(world), net=note_of(world).net - 1)


def say_fewer(world: World, store: Store) -> None:
    put(store, note_of(world), entries=1)


def forget_a_credit(world: World, store: Store) -> None:
    put(store, invoice_of(world), credited=invoice_of(world).credited - 1)


def forget_a_released_line(world: World, store: Store) -> None:
    put(store, invoice_of(world), released=1)


@pytest.mark.parametrize("falsify", [say_less, say_fewer, forget_a_credit, forget_a_released_line])
def test_credit_notes_that_do_not_come_to_what_the_invoice_says_are_found(
    world: World, store: Store, falsify: Callable[[World, Store], None]
) -> None:
    credited(world)
    falsify(world, store)

    assert Code.CREDIT_NOTES_DIFFER in codes(world)


def test_a_whole_credit_of_another_amount_than_the_invoice_is_found(world: World, store: Store) -> None:
    """Also where the invoice says the same."""
    credited(world, lines=4)
    note = note_of(world)
    assert note.totals
    put(store, note, totals=replace(note.totals, lines=note.totals.lines - 1))
    put(store, invoice_of(world), credited=note.credited - 1)

    assert Code.CREDIT_NOTES_DIFFER in codes(world)


def test_a_void_invoice_with_a_credit_note_is_found(world: World, store: Store) -> None:
    credited(world)
    put(store, invoice_of(world), state=State.VOID, released=4, credited=0)

    assert Code.CREDIT_NOTES_DIFFER in codes(world)


def test_lines_that_nothing_took_back_are_found(world: World, store: Store) -> None:
    credited(world)
    del store._entities[CreditNote][CreditNote, ADA, NOTE]

    assert Code.CREDIT_NOTES_DIFFER in codes(world)


def test_a_credit_note_of_no_invoice_is_found(world: World, store: Store) -> None:
    credited(world)
    del store._entities[Invoice][Invoice, ADA, INVOICE]

    assert Code.CREDIT_NOTES_DIFFER in codes(world)


def test_a_line_that_was_lost_is_found(world: World, store: Store) -> None:
    credited(world)
    store.left.popitem()

    assert {Code.LINES_DIFFER, Code.CREDIT_NOTES_DIFFER} <= set(codes(world))


def test_lines_that_move_now_are_not_wrong_for_an_hour(world: World, store: Store) -> None:
    note = world.credit(invoice_of(world))
    put(store, note, entries=1, net=100_00)
    put(store, invoice_of(world), net=invoice_of(world).net - 1)

    assert codes(world, now=EARLY) == []
    assert {Code.LINES_DIFFER, Code.CREDIT_NOTES_DIFFER} <= set(codes(world))


def test_a_credit_note_whose_number_was_lost_is_found(world: World, store: Store) -> None:
    credited(world)
    del store.given[ADA, "CN-2026-{seq}", 1]

    assert set(codes(world)) == {Code.NUMBER_MISSING, Code.INVOICE_WITHOUT_NUMBER}


def test_a_void_invoice_whose_number_was_lost_is_found(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT, *WORK)
    (opened,) = world.tick(OCTOBER_31).invoices
    make_void(world, world.issue(opened, client=CLIENT, day=OCTOBER_31))
    count(world)
    store.given.clear()

    assert set(codes(world)) == {Code.NUMBER_MISSING, Code.INVOICE_WITHOUT_NUMBER}


def test_a_credit_note_that_says_something_else_than_when_it_was_issued_is_found(
    world: World, store: Store
) -> None:
    credited(world)
    key = (ADA, INVOICE, WORK[0].id)
    line, at = store.left[key]
    store.left[key] = replace(line, entry=replace(line.entry, description="Else")), at

    assert codes(world) == [Code.CONTENT_DIFFERS, Code.CONTENT_DIFFERS]


def test_a_credit_note_that_is_not_counted_is_found(world: World) -> None:
    leave_unsent(world)
    mail(world, note_of(world))

    assert {Code.CONTRIBUTION_MISSING, Code.CONTRIBUTION_BEHIND} == set(codes(world))


def test_a_void_invoice_that_is_still_counted_is_found(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT, *WORK)
    (opened,) = world.tick(OCTOBER_31).invoices
    issued = world.issue(opened, client=CLIENT, day=OCTOBER_31)
    count(world)
    world.void(issued)
    world.release(issued)

    found = [(finding.code, finding.subject) for finding in proof_of(world).findings]
    assert (Code.CONTRIBUTION_BEHIND, issued.id) in found
    assert all(entry.is_unbilled for entry in store.all(WorkEntry))
    assert note_states(store) == []


def note_states(store: Store) -> list[Progress]:
    return [note.state for note in store.all(CreditNote)]


def test_an_hour_is_from_the_last_step(world: World) -> None:
    leave_open(world)

    assert proof_of(world, now=LATE - dt.timedelta(minutes=2)).pending >= 1
