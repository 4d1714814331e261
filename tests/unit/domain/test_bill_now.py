import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from domain.audit import audit_client
from domain.billing import (
    MOST_ROUNDS,
    ClientIsHeldError,
    InvoicedTodayError,
    NothingToBillError,
    RegularInvoiceFirstError,
    bill_now,
)
from domain.calendar import BillingPeriod
from domain.clients import Client, ClientIsArchivedError, ClientStatus
from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.identifiers import invoice_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.opening import Opened
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.turns import once, take_turns
from tests.world import World, in_memory

OCTOBER_1, OCTOBER_20, OCTOBER_31 = dt.date(2026, 10, 1), dt.date(2026, 10, 20), dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
ONE_DAY = dt.timedelta(days=1)
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
    """Let the client be another, as a person or a tick would have made it."""
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: replace(client, **changes))


def test_billing_now_opens_an_invoice_of_all_days_up_to_today_and_moves_the_client_on(world: World) -> None:
    invoice = world.bill(CLIENT, day=OCTOBER_20, body="asked00000000000")

    assert invoice == Invoice(
        requested_as="asked00000000000",
        id=TODAYS,
        account_id=ADA,
        client_id=ACME,
        due_on=OCTOBER_20,
        period_start=OCTOBER_1,
        period_end=OCTOBER_20 + ONE_DAY,
        work_since=OCTOBER_1,
        currency="EUR",
    )
    assert world.invoices.get(account_id=ADA, invoice_id=TODAYS) == invoice
    assert stored(world) == replace(
        CLIENT,
        billed_until=OCTOBER_20 + ONE_DAY,
        previous_due_on=OCTOBER_20,
        next_due_on=OCTOBER_31,
        version=2,
    )


def test_the_regular_invoice_still_comes_and_begins_where_that_one_ended(world: World) -> None:
    world.bill(CLIENT, day=OCTOBER_20)

    opened = world.tick(OCTOBER_31)

    assert opened == Opened(invoices=(an_invoice_id(),))
    regular = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())
    assert (regular.period_start, regular.period_end) == (OCTOBER_20 + ONE_DAY, OCTOBER_31)
    assert regular.previous_due_on == OCTOBER_20


def test_work_after_the_last_day_is_left_to_the_regular_invoice(world: World) -> None:
    later = a_work_entry("later00000000000", date=dt.date(2026, 10, 12))
    last = a_work_entry("last000000000000", date=dt.date(2026, 10, 11))
    world.having(later, last)

    billed = world.issue(
        world.bill(CLIENT, day=OCTOBER_20, until=last.date).id, client=CLIENT, day=OCTOBER_20
    )
    world.tick(OCTOBER_31)
    regular = world.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)

    assert [line.date for line in world.invoices.lines(invoice=billed)] == [dt.date(2026, 10, 5), last.date]
    assert [line.id for line in world.invoices.lines(invoice=regular)] == [later.id]
    assert (billed.number, regular.number) == ("2026-0001", "2026-0002")


def test_work_of_today_that_is_logged_later_comes_on_the_next_invoice(world: World) -> None:
    billed = world.bill(CLIENT, day=OCTOBER_20)
    world.issue(billed.id, client=CLIENT, day=OCTOBER_20)
    late = a_work_entry("late000000000000", date=OCTOBER_20)
    world.having(late)

    world.tick(OCTOBER_31)
    regular = world.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)

    assert [line.id for line in world.invoices.lines(invoice=regular)] == [late.id]


def test_a_client_is_billed_once_a_day(world: World, store: Store) -> None:
    world.bill(CLIENT, day=OCTOBER_20, until=dt.date(2026, 10, 10))
    world.having(a_work_entry("more000000000000", date=OCTOBER_20))
    before = stored(world)

    with pytest.raises(InvoicedTodayError, match=TODAYS):
        world.bill(CLIENT, day=OCTOBER_20)

    assert (stored(world), len(store.all(Invoice))) == (before, 1)
    assert world.bill(CLIENT, day=OCTOBER_20 + ONE_DAY).period_start == dt.date(2026, 10, 11)


def test_a_client_is_not_billed_on_a_day_that_has_its_regular_invoice(world: World) -> None:
    world.tick(OCTOBER_31)
    world.having(a_work_entry("more000000000000", date=OCTOBER_31))

    with pytest.raises(InvoicedTodayError, match=an_invoice_id()):
        world.bill(CLIENT, day=OCTOBER_31)

    assert world.bill(CLIENT, day=OCTOBER_31 + ONE_DAY).period_start == OCTOBER_31


def test_days_that_a_later_invoice_has_closed_already_are_not_billed_again(world: World) -> None:
    """Somebody opened the invoice of the 31st ahead of its day."""
    world.tick(OCTOBER_31)

    with pytest.raises(InvoicedTodayError, match=an_invoice_id()):
        world.bill(CLIENT, day=OCTOBER_20)


@pytest.mark.parametrize("days_late", [0, 1, 400])
def test_the_regular_invoice_comes_first_where_its_day_has_come(world: World, days_late: int) -> None:
    with pytest.raises(RegularInvoiceFirstError, match="2026-10-31"):
        world.bill(CLIENT, day=OCTOBER_31 + days_late * ONE_DAY)

    assert stored(world) == CLIENT


def test_today_is_that_of_the_client(world: World) -> None:
    change(world, time_zone="Pacific/Auckland")
    evening = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)

    def billed(until: dt.date | None) -> Invoice:
        return bill_now(
            ACME,
            account_id=ADA,
            until=until,
            now=evening,
            clients=world.clients,
            invoices=world.invoices,
            opening=world.opening,
            collecting=world.collecting,
            new_id=lambda: "0" * 16,
        )

    with pytest.raises(InvalidError, match="2026-10-21"):
        billed(OCTOBER_20 + 2 * ONE_DAY)
    assert billed(OCTOBER_20 + ONE_DAY).due_on == OCTOBER_20 + ONE_DAY


def test_a_day_that_is_still_to_come_is_refused(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        world.bill(CLIENT, day=OCTOBER_20, until=OCTOBER_20 + ONE_DAY)

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/until", "in-the-future")
    assert stored(world) == CLIENT


@pytest.mark.parametrize("until", [dt.date(2026, 10, 4), dt.date(2026, 9, 30), dt.date(2020, 1, 1)])
def test_without_work_up_to_that_day_there_is_nothing_to_bill(world: World, until: dt.date) -> None:
    with pytest.raises(NothingToBillError):
        world.bill(CLIENT, day=OCTOBER_20, until=until)

    assert (stored(world), len(world.invoices.list(account_id=ADA).items)) == (CLIENT, 0)


def test_the_day_before_billing_starts_is_no_period(world: World) -> None:
    change(world, billing_starts_on=OCTOBER_20 + ONE_DAY)

    with pytest.raises(NothingToBillError, match="begins on 2026-10-21"):
        world.bill(CLIENT, day=OCTOBER_20)


def test_days_that_are_billed_are_not_billed_again_although_work_was_added(world: World) -> None:
    world.bill(CLIENT, day=OCTOBER_20)
    world.having(a_work_entry("late000000000000", date=dt.date(2026, 10, 6)))

    with pytest.raises(NothingToBillError, match="begins on 2026-10-21"):
        world.bill(CLIENT, day=OCTOBER_20 + 2 * ONE_DAY, until=OCTOBER_20 - ONE_DAY)
    late = world.bill(CLIENT, day=OCTOBER_20 + 2 * ONE_DAY, until=OCTOBER_20 + ONE_DAY)

    assert len(world.collecting.unbilled(invoice=late, limit=None)) == 2


@pytest.mark.parametrize(
    ("status", "refused"),
    [(ClientStatus.HELD, ClientIsHeldError), (ClientStatus.ARCHIVED, ClientIsArchivedError)],
)
def test_neither_a_held_nor_an_archived_client_is_billed(
    world: World, status: ClientStatus, refused: type[ConflictError]
) -> None:
    change(world, status=status)

    with pytest.raises(refused):
        world.bill(CLIENT, day=OCTOBER_20)


def test_a_paused_client_is_billed_also_after_its_invoice_day_and_stays_paused(world: World) -> None:
    change(world, status=ClientStatus.PAUSED)

    invoice = world.bill(CLIENT, day=OCTOBER_31 + ONE_DAY)

    paused = stored(world)
    assert (invoice.period_start, invoice.period_end) == (OCTOBER_1, OCTOBER_31 + 2 * ONE_DAY)
    assert (paused.status, paused.next_due_on) == (ClientStatus.PAUSED, NOVEMBER_30)
    resumed = paused.resumed(NOVEMBER_30 - ONE_DAY)
    assert (resumed.next_due_on, resumed.next_period().start) == (NOVEMBER_30, OCTOBER_31 + 2 * ONE_DAY)


def test_a_client_billed_by_the_month_goes_on_in_the_middle_of_one(world: World) -> None:
    change(
        world, billing_period=BillingPeriod.PREVIOUS_MONTH, invoice_day=5, next_due_on=dt.date(2026, 11, 5)
    )

    world.bill(CLIENT, day=OCTOBER_20)

    client = stored(world)
    assert client.next_due_on == dt.date(2026, 11, 5)
    assert (client.next_period().start, client.next_period().end) == (
        OCTOBER_20 + ONE_DAY,
        dt.date(2026, 11, 1),
    )


def test_an_invoice_day_for_which_no_day_is_left_is_passed_over(world: World) -> None:
    world.bill(CLIENT, day=OCTOBER_31 - ONE_DAY)

    client = stored(world)
    assert (client.next_due_on, client.next_period().start) == (NOVEMBER_30, OCTOBER_31)


def test_nobody_bills_the_client_of_another_account(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.bill(replace(CLIENT, account_id=BOB), day=OCTOBER_20)


def test_the_audit_finds_nothing_wrong_with_it(world: World) -> None:
    world.issue(world.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    world.tick(OCTOBER_31)
    world.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)

    proof = audit_client(
        ACME, account_id=ADA, now=dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC), books=world.books()
    )

    wrong = {each.code.value for each in proof.findings} - {"contribution-missing", "invoice-unsent"}
    assert (proof.periods, wrong) == (2, set())


def test_a_client_that_changes_in_the_middle_of_it_is_read_again(world: World, store: Store) -> None:
    once(
        store,
        Step("opening.open", Moment.BEFORE, commits=True),
        lambda: change(world, billing_starts_on=dt.date(2026, 10, 3)),
    )

    assert world.bill(CLIENT, day=OCTOBER_20).period_start == dt.date(2026, 10, 3)


def test_a_client_that_changes_all_the_time_is_given_up(world: World, store: Store) -> None:
    names = iter(range(100))

    def rename(step: Step) -> None:
        if step == Step("opening.open", Moment.BEFORE, commits=True):
            change(world, name=f"Acme {next(names)}")

    store.hook = rename
    with pytest.raises(InvoiceMovedError):
        world.bill(CLIENT, day=OCTOBER_20)

    assert next(names) == MOST_ROUNDS


@pytest.mark.parametrize("schedule", [[0, 1] * 20, [0, 0, 1, 1, 1] * 20, [1, 1, 1, 0] * 20], ids=str)
def test_of_two_people_at_once_one_bills(world: World, store: Store, schedule: list[int]) -> None:
    errors = take_turns(
        store,
        schedule,
        lambda: world.bill(CLIENT, day=OCTOBER_20),
        lambda: world.bill(CLIENT, day=OCTOBER_20, until=dt.date(2026, 10, 10)),
    )

    (loser,) = [error for error in errors if error]
    assert isinstance(loser, InvoicedTodayError)
    assert [invoice.id for invoice in store.all(Invoice)] == [invoice_id(ACME, OCTOBER_20)]
    assert store.all(Invoice)[0].state is State.OPEN


@pytest.mark.parametrize("schedule", [[0, 1] * 20, [0, 0, 1, 1, 1] * 20, [1, 1, 1, 0] * 20], ids=str)
def test_a_person_and_a_tick_whose_clocks_differ_make_one_period_of_each_day(
    world: World, store: Store, schedule: list[int]
) -> None:
    """The person's clock says that the invoice day is still to come."""
    errors = take_turns(
        store,
        schedule,
        lambda: world.bill(CLIENT, day=OCTOBER_31 - ONE_DAY, until=OCTOBER_20),
        lambda: world.tick(OCTOBER_31),
    )

    invoices = sorted(store.all(Invoice), key=lambda invoice: invoice.due_on)
    assert all(error is None or isinstance(error, InvoicedTodayError) for error in errors)
    assert [invoice.period_start for invoice in invoices] == [
        OCTOBER_1,
        *(invoice.period_end for invoice in invoices[:-1]),
    ]
    assert invoices[-1].period_end == OCTOBER_31
