import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import MOST_PUT_BACK
from domain.reviews import Ending
from domain.tax import Tax
from domain.work import WorkEntry
from tests.builders import ADA, a_client, a_work_entry, an_account
from tests.world import World

OCTOBER_31 = dt.date(2026, 10, 31)
ENDS_AT = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
ONE_SECOND = dt.timedelta(seconds=1)
CLIENT = a_client(review_days=3)
WORK = [a_work_entry(f"{number:016}") for number in range(3)]


@pytest.fixture
def invoice(world: World) -> Invoice:
    """October's invoice, in review until 3 November, noon."""
    world.having(an_account(), CLIENT, *WORK)
    (opened,) = world.tick(OCTOBER_31).invoices
    return world.issue(opened, client=CLIENT, day=OCTOBER_31)


def stored(world: World, invoice: Invoice) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=invoice.id)


def test_a_review_is_found_once_its_time_is_over(world: World, invoice: Invoice) -> None:
    found = Ending(account_id=ADA, invoice_id=invoice.id, ends_at=ENDS_AT)

    assert list(world.reviews.ending(until=ENDS_AT - ONE_SECOND)) == []
    assert list(world.reviews.ending(until=ENDS_AT)) == [found]
    assert found.client_id == CLIENT.id


@pytest.mark.parametrize("decide", [Invoice.approved, Invoice.deferred, Invoice.skipped])
def test_what_is_decided_is_stored_and_the_review_is_not_found_any_more(
    world: World, invoice: Invoice, decide: object
) -> None:
    assert callable(decide)
    decided = decide(invoice)

    world.reviews.decide(invoice=invoice, decided=decided)

    assert stored(world, invoice) == replace(decided, version=invoice.version + 1)
    assert list(world.reviews.ending(until=ENDS_AT)) == []


def test_of_two_decisions_the_first_one_counts(world: World, invoice: Invoice) -> None:
    world.reviews.decide(invoice=invoice, decided=invoice.deferred())

    with pytest.raises(InvoiceMovedError):
        world.reviews.decide(invoice=invoice, decided=invoice.skipped())

    assert stored(world, invoice).state is State.IN_REVIEW


def test_an_invoice_that_is_not_in_review_is_not_decided_about(world: World, invoice: Invoice) -> None:
    world.reviews.decide(invoice=invoice, decided=invoice.approved())
    approved = stored(world, invoice)

    with pytest.raises(InvoiceMovedError):
        world.reviews.decide(invoice=approved, decided=approved.skipped())

    assert stored(world, invoice) == approved


def skipped(world: World, invoice: Invoice) -> tuple[Invoice, list[WorkEntry]]:
    world.reviews.decide(invoice=invoice, decided=invoice.skipped())
    return stored(world, invoice), list(world.invoices.lines(invoice=invoice))


def test_work_is_put_back_and_taken_out_of_the_totals(world: World, invoice: Invoice) -> None:
    before, lines = skipped(world, invoice)

    world.collecting.put_back(invoice=before, entries=lines[:2])

    assert stored(world, invoice) == before.without(lines[:2])
    assert list(world.invoices.lines(invoice=invoice)) == lines[2:]
    unbilled = world.collecting.unbilled(invoice=invoice, limit=None)
    assert list(unbilled) == [replace(entry, version=3) for entry in WORK[:2]]


def test_work_that_was_put_back_is_not_put_back_again(world: World, invoice: Invoice) -> None:
    before, lines = skipped(world, invoice)
    world.collecting.put_back(invoice=before, entries=lines[:2])

    with pytest.raises(InvoiceMovedError):
        world.collecting.put_back(invoice=before, entries=lines)

    assert stored(world, invoice).entries == 1


def test_work_of_an_invoice_that_is_not_skipped_stays_on_it(world: World, invoice: Invoice) -> None:
    lines = list(world.invoices.lines(invoice=invoice))

    with pytest.raises(InvoiceMovedError):
        world.collecting.put_back(invoice=invoice, entries=lines)

    assert stored(world, invoice) == invoice
    assert list(world.invoices.lines(invoice=invoice)) == lines


def held(world: World, *work: WorkEntry) -> Invoice:
    """October's invoice, which lacks something."""
    world.having(an_account(tax_id=None), a_client(tax=Tax(rate=Decimal(19))), *work)
    (opened,) = world.tick(OCTOBER_31).invoices
    invoice = world.issue(opened, client=CLIENT, day=OCTOBER_31)
    assert (invoice.state, world.numbering.held(account_id=ADA)) == (State.HELD, [invoice.id])
    return invoice


def test_a_held_invoice_is_skipped_and_no_longer_held_once_its_work_is_put_back(world: World) -> None:
    invoice = held(world, *WORK)

    before, lines = skipped(world, invoice)
    world.collecting.put_back(invoice=before, entries=lines)

    assert stored(world, invoice) == replace(before, entries=0, net=0, version=before.version + 1)
    assert world.numbering.held(account_id=ADA) == []


def test_as_much_as_a_step_takes_is_put_back_at_once(world: World) -> None:
    invoice = held(world, *(a_work_entry(f"{number:016}") for number in range(MOST_PUT_BACK)))
    before, lines = skipped(world, invoice)

    world.collecting.put_back(invoice=before, entries=lines)

    assert stored(world, invoice).entries == 0


def test_a_skipped_invoice_is_reopened_once(world: World, invoice: Invoice) -> None:
    before, lines = skipped(world, invoice)
    world.collecting.put_back(invoice=before, entries=lines)
    free = stored(world, invoice)

    world.reviews.decide(invoice=free, decided=free.reopened())

    assert stored(world, invoice) == replace(free, state=State.OPEN, version=free.version + 1)
    with pytest.raises(InvoiceMovedError):
        world.reviews.decide(invoice=free, decided=free.reopened())
