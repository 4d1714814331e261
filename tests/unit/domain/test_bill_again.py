"""Billing a client once more on a day: what was taken back, corrected, or logged since."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from domain.audit import audit_client
from domain.billing import MOST_A_DAY, InvoicedTodayError, NothingToBillError
from domain.clients import Client
from domain.errors import NotFoundError
from domain.identifiers import (
    InvoiceId,
    credit_note_id,
    credit_note_parts,
    invoice_id,
    invoice_parts,
    payment_id,
    payment_parts,
    reminder_id,
    reminder_parts,
)
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import Store
from tests.invariants import check_invoices
from tests.world import World, in_memory

OCTOBER_1, OCTOBER_20, OCTOBER_31 = dt.date(2026, 10, 1), dt.date(2026, 10, 20), dt.date(2026, 10, 31)
ONE_DAY = dt.timedelta(days=1)
FAR = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
CLIENT = a_client()
TODAYS = an_invoice_id(due_on=OCTOBER_20)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    """A client with an hour of work on 5 October, which is next invoiced on the 31st."""
    return in_memory(store).having(an_account(), CLIENT, a_work_entry())


def stored(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def change(world: World, **changes: Any) -> None:
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: replace(client, **changes))


def corrected(world: World, line: str = "corrected") -> WorkEntry:
    """The work of today's invoice, which was credited as a whole, edited."""
    first = world.bill(CLIENT, day=OCTOBER_20)
    note = world.credit(world.issue(first.id, client=CLIENT, day=OCTOBER_20))
    world.finish(note.id, account_id=ADA, day=OCTOBER_20)
    entry = a_work_entry()
    details = replace(world.work.get(account_id=ADA, work_id=entry.id).details(), description=line)
    return world.work.update(account_id=ADA, work_id=entry.id, change=lambda each: each.edited(details))


def test_an_invoice_that_was_taken_back_is_billed_again_on_the_same_day_for_the_same_days(
    world: World, store: Store
) -> None:
    entry = corrected(world)

    again = world.bill(CLIENT, day=OCTOBER_20)
    issued = world.issue(again.id, client=CLIENT, day=OCTOBER_20)

    assert (again.id, again.nth, again.previous) == (f"{TODAYS}02", 2, TODAYS)
    assert (again.period_start, again.period_end) == (OCTOBER_1, OCTOBER_20 + ONE_DAY)
    assert (issued.number, issued.entries, issued.issued_on) == ("2026-0002", 1, OCTOBER_20)
    lines = world.invoices.lines(invoice=issued)
    assert [(line.id, line.description, line.invoice_id) for line in lines] == [
        (entry.id, "corrected", again.id)
    ]
    before = world.invoices.get(account_id=ADA, invoice_id=TODAYS)
    assert [line.description == "corrected" for line in world.invoices.lines(invoice=before)] == [False]
    assert stored(world).last_invoice == again.id
    check_invoices(store)


def test_a_third_one_of_a_day_follows_the_second(world: World, store: Store) -> None:
    corrected(world)
    world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("more000000000000", date=OCTOBER_20))

    third = world.bill(CLIENT, day=OCTOBER_20)

    assert (third.id, third.previous) == (f"{TODAYS}03", f"{TODAYS}02")


def test_the_regular_invoice_follows_what_was_billed_again(world: World, store: Store) -> None:
    corrected(world)
    world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    late = a_work_entry("late000000000000", date=OCTOBER_20 + ONE_DAY)
    world.having(late)

    world.tick(OCTOBER_31)
    regular = world.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)

    assert (regular.period_start, regular.previous) == (OCTOBER_20 + ONE_DAY, f"{TODAYS}02")
    assert [line.id for line in world.invoices.lines(invoice=regular)] == [late.id]
    found = audit_client(ACME, account_id=ADA, now=FAR, books=world.books()).findings
    assert [each for each in found if each.code.startswith("period") or "outside" in each.code] == []


def test_a_request_that_comes_again_makes_no_other_invoice(world: World, store: Store) -> None:
    first = world.bill(CLIENT, day=OCTOBER_20, body="asked00000000000")
    world.issue(first.id, client=CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("more000000000000", date=OCTOBER_20))
    world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("other00000000000", date=OCTOBER_20))

    for day in (OCTOBER_20, OCTOBER_20 + 2 * ONE_DAY):
        assert world.bill(CLIENT, day=day, body="asked00000000000").id == first.id
    assert len(store.all(Invoice)) == 2


def test_while_the_last_invoice_of_today_is_made_or_taken_back_no_other_is_begun(world: World) -> None:
    first = world.bill(CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("more000000000000", date=OCTOBER_20))

    with pytest.raises(InvoicedTodayError, match="in a moment"):
        world.bill(CLIENT, day=OCTOBER_20)

    issued = world.issue(first.id, client=CLIENT, day=OCTOBER_20)
    note = world.credit(issued)
    with pytest.raises(InvoicedTodayError, match="in a moment"):
        world.bill(CLIENT, day=OCTOBER_20)

    world.finish(note.id, account_id=ADA, day=OCTOBER_20)
    assert world.bill(CLIENT, day=OCTOBER_20).nth == 2


def test_while_a_void_invoice_releases_its_work_no_other_is_begun(world: World) -> None:
    first = world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    void = world.void(first)

    with pytest.raises(InvoicedTodayError, match="in a moment"):
        world.bill(CLIENT, day=OCTOBER_20)
    world.release(void)

    assert world.bill(CLIENT, day=OCTOBER_20).nth == 2


def test_a_day_has_no_more_than_ninety_nine_invoices(world: World, store: Store) -> None:
    first = world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("more000000000000", date=OCTOBER_20))
    last = invoice_id(ACME, OCTOBER_20, MOST_A_DAY)
    store.add(replace(first, id=last, nth=MOST_A_DAY, version=1))
    change(world, previous_nth=MOST_A_DAY)

    with pytest.raises(InvoicedTodayError, match="no more"):
        world.bill(CLIENT, day=OCTOBER_20)


def test_a_day_after_the_last_period_is_billed_again_up_to_its_end_alone(world: World) -> None:
    corrected(world)
    world.having(a_work_entry("later00000000000", date=OCTOBER_20 + ONE_DAY))

    again = world.bill(CLIENT, day=OCTOBER_20 + ONE_DAY, until=OCTOBER_20)

    assert (again.nth, again.period_end, again.due_on) == (None, OCTOBER_20 + ONE_DAY, OCTOBER_20 + ONE_DAY)
    with pytest.raises(NothingToBillError):
        world.bill(CLIENT, day=OCTOBER_20 + 2 * ONE_DAY, until=OCTOBER_20 - ONE_DAY)


def test_the_preview_of_today_shows_what_would_be_billed_again(world: World) -> None:
    entry = corrected(world)

    preview = world.preview(CLIENT, day=OCTOBER_20, until=OCTOBER_20)

    assert (preview.invoice.id, [line.id for line in preview.lines]) == (f"{TODAYS}02", [entry.id])


def test_a_skipped_invoice_goes_on_until_its_work_is_put_back() -> None:
    skipped = an_invoice(state=State.SKIPPED, entries=1)

    assert (skipped.is_going_on, replace(skipped, entries=0).is_going_on) == (True, False)


@pytest.mark.parametrize("tail", ["00", "01", "1", "003"])
def test_the_first_invoice_of_a_day_has_one_id_only(tail: str) -> None:
    with pytest.raises(NotFoundError):
        invoice_parts(InvoiceId(f"{TODAYS}{tail}"))


def test_ids_that_are_made_of_an_invoice_lead_back_to_it() -> None:
    """Also where what is added begins like the number of an invoice of its day."""
    for invoice in (TODAYS, InvoiceId(f"{TODAYS}02"), InvoiceId(f"{TODAYS}99")):
        body = "02" + "a" * 14
        assert payment_parts(payment_id(invoice, body)) == (invoice, body)
        assert credit_note_parts(credit_note_id(invoice, body)) == (invoice, body)
        assert reminder_parts(reminder_id(invoice, 2)) == (invoice, 2)
