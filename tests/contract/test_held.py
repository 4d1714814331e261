import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.held import Waiting
from domain.identifiers import client_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.tax import Tax
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account
from tests.world import World

OCTOBER_31 = dt.date(2026, 10, 31)
SINCE = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
LATER = SINCE + dt.timedelta(days=1)
ONE_SECOND = dt.timedelta(seconds=1)


def held(world: World, *clients: str) -> list[Invoice]:
    """October's invoices, held since the account has no tax id."""
    world.having(an_account(tax_id=None))
    for each in clients or (ACME,):
        client = a_client(id=each, tax=Tax(rate=Decimal(19)))
        world.having(client, a_work_entry(client=client))
    opened = world.tick(OCTOBER_31).invoices
    return world.issue_all(opened, client=a_client(), day=OCTOBER_31)


def waiting(world: World, until: dt.datetime, limit: int = 10) -> list[Waiting]:
    return list(world.held_invoices.waiting(until=until, limit=limit))


def test_what_is_held_waits_from_its_day_on_until_a_look_puts_it_off(world: World) -> None:
    [invoice] = held(world)
    found = Waiting(account_id=ADA, invoice_id=invoice.id, look_at=SINCE)

    assert (waiting(world, SINCE - ONE_SECOND), waiting(world, SINCE)) == ([], [found])
    world.held_invoices.look_later(waiting=found, at=LATER)

    assert waiting(world, LATER - ONE_SECOND) == []
    assert waiting(world, LATER) == [replace(found, look_at=LATER)]
    assert found.client_id == ACME
    assert world.numbering.held(account_id=ADA) == [invoice.id]


def test_those_come_first_that_have_waited_longest_and_no_more_than_are_asked_for(world: World) -> None:
    first, second, third = held(world, *(client_id(f"{number:016}") for number in range(3)))
    looked_at = waiting(world, SINCE, limit=1)

    world.held_invoices.look_later(waiting=looked_at[0], at=LATER)

    assert [each.invoice_id for each in looked_at] == [first.id]
    assert [each.invoice_id for each in waiting(world, LATER)] == [second.id, third.id, first.id]


def test_an_account_s_own_are_all_found_behind_however_many_of_others(world: World) -> None:
    held(world, *(client_id(f"{number:016}") for number in range(3)))
    world.having(an_account(id=BOB, tax_id=None))
    other = a_client(id=client_id("bobs000000000000"), account_id=BOB, tax=Tax(rate=Decimal(19)))
    world.having(other, a_work_entry(client=other))
    [bobs] = world.tick(OCTOBER_31).invoices
    world.issue(bobs, client=other, day=OCTOBER_31)

    found = world.held_invoices.waiting(until=SINCE, limit=1, account_id=BOB)
    others = world.held_invoices.waiting(until=SINCE, limit=1, account_id=ADA)

    assert [each.invoice_id for each in found] == [bobs]
    assert [each.account_id for each in others] == [ADA] * 3


def test_what_is_let_go_is_sealed_and_waits_no_more(world: World) -> None:
    [invoice] = held(world)

    world.held_invoices.let_go(invoice=invoice, sealed=invoice.approved())

    stored = world.invoices.get(account_id=ADA, invoice_id=invoice.id)
    assert stored == replace(invoice, state=State.SEALED, missing=(), version=invoice.version + 1)
    assert (waiting(world, LATER), world.numbering.held(account_id=ADA)) == ([], [])


def test_what_is_held_no_longer_is_neither_let_go_nor_put_off(world: World) -> None:
    [invoice] = held(world)
    [found] = waiting(world, SINCE)
    world.held_invoices.let_go(invoice=invoice, sealed=invoice.approved())

    with pytest.raises(InvoiceMovedError):
        world.held_invoices.let_go(invoice=invoice, sealed=invoice.approved())
    with pytest.raises(InvoiceMovedError):
        world.held_invoices.look_later(waiting=found, at=LATER)

    assert waiting(world, LATER) == []


def test_what_is_not_held_is_not_let_go(world: World) -> None:
    [invoice] = held(world)
    world.reviews.decide(invoice=invoice, decided=invoice.skipped())
    skipped = world.invoices.get(account_id=ADA, invoice_id=invoice.id)

    with pytest.raises(InvoiceMovedError):
        world.held_invoices.let_go(invoice=skipped, sealed=skipped.approved())


def test_one_that_was_held_anew_meanwhile_is_not_let_go_as_it_was(world: World) -> None:
    [invoice] = held(world)
    seller, buyer = world.parties.of(account_id=ADA, client_id=ACME)
    world.numbering.hold_back(invoice=invoice, held=invoice.held(()), seller=seller, buyer=buyer)

    with pytest.raises(InvoiceMovedError):
        world.held_invoices.let_go(invoice=invoice, sealed=invoice.approved())


def test_it_is_known_when_a_held_invoice_is_looked_at_and_when_nothing_does(world: World) -> None:
    [invoice] = held(world)
    before = world.held_invoices.look_at(invoice=invoice)

    world.held_invoices.let_go(invoice=invoice, sealed=invoice.approved())

    assert (before, world.held_invoices.look_at(invoice=invoice)) == (SINCE, None)
