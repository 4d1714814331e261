"""Which invoice days a client has: some are skipped, some lie in a pause, and none comes after the end."""

import datetime as dt
from dataclasses import replace

import pytest

from domain.billing import NothingToBillError
from domain.calendar import BillingPeriod, Period
from domain.clients import Client, ClientStatus, NotTheNextInvoiceDayError
from domain.errors import InvalidError
from domain.rescheduling import UnbilledWorkBeforeError, change_client
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, some_client_details
from tests.fakes import Store
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
ONE_DAY = dt.timedelta(days=1)
BEFORE_EIGHT = dt.datetime(2026, 10, 31, 6, 59, tzinfo=dt.UTC)
EIGHT = dt.datetime(2026, 10, 31, 7, tzinfo=dt.UTC)


def days(client: Client, number: int) -> list[dt.date]:
    """Its next invoice days, as if each of them had come."""
    found = []
    for _ in range(number):
        found.append(client.next_due_on)
        client = client.after_invoice_day()
    return found


def ending(day: dt.date, **changes: object) -> Client:
    return a_client(billing_ends_on=day, **changes)


def test_on_a_skipped_day_no_invoice_is_made_and_the_next_takes_its_work() -> None:
    client = a_client().skipping(OCTOBER_31)

    assert client.next_period() == Period(dt.date(2026, 10, 1), NOVEMBER_30)
    assert days(client, 2) == [NOVEMBER_30, DECEMBER_31]


def test_a_skipped_month_comes_with_the_one_after_where_invoices_are_about_months() -> None:
    client = a_client(invoice_day=5, billing_period=BillingPeriod.PREVIOUS_MONTH)

    skipping = client.skipping(dt.date(2026, 11, 5))

    assert skipping.next_period() == Period(dt.date(2026, 10, 1), dt.date(2026, 12, 1))


def test_skipping_the_same_day_again_skips_no_other() -> None:
    client = a_client().skipping(OCTOBER_31)

    assert client.skipping(OCTOBER_31) == client


def test_a_day_that_is_not_skipped_after_all_is_an_invoice_day_again() -> None:
    assert a_client().skipping(OCTOBER_31).skipping_none() == a_client()


@pytest.mark.parametrize("day", [OCTOBER_31 - ONE_DAY, NOVEMBER_30])
def test_only_the_next_invoice_day_can_be_skipped(day: dt.date) -> None:
    with pytest.raises(NotTheNextInvoiceDayError, match="the next one is that of 2026-10-31"):
        a_client().skipping(day)


@pytest.mark.parametrize(
    "client",
    [a_client().archived(), ending(OCTOBER_31, billed_until=OCTOBER_31 + ONE_DAY)],
    ids=["archived", "ended"],
)
def test_where_no_invoice_is_to_come_none_can_be_skipped(client: Client) -> None:
    with pytest.raises(NotTheNextInvoiceDayError, match="none is to come"):
        client.skipping(client.next_due_on)


def test_what_was_skipped_is_forgotten_once_a_later_day_has_come() -> None:
    skipping = a_client().skipping(OCTOBER_31)

    billed_before = skipping.after_period(
        skipping.period_until(dt.date(2026, 10, 9)), closed_on=OCTOBER_31 - ONE_DAY
    )

    assert (billed_before.skipped_on, billed_before.next_due_on) == (OCTOBER_31, NOVEMBER_30)
    assert skipping.after_invoice_day().skipped_on is None


def test_another_invoice_day_brings_the_skipped_one_not_back() -> None:
    skipping = a_client().skipping(OCTOBER_31)

    assert skipping.changed(replace(skipping.details(), invoice_day=15)).next_due_on == dt.date(2026, 11, 15)


def test_what_was_due_when_a_pause_began_is_made_after_it_and_the_days_of_the_pause_are_not() -> None:
    client = a_client().paused(EIGHT).resumed(dt.date(2027, 1, 10))

    assert days(client, 3) == [OCTOBER_31, dt.date(2027, 1, 31), dt.date(2027, 2, 28)]


def test_what_was_not_due_yet_when_a_pause_began_is_passed_over() -> None:
    client = a_client().paused(BEFORE_EIGHT).resumed(dt.date(2027, 1, 10))

    assert days(client, 2) == [dt.date(2027, 1, 31), dt.date(2027, 2, 28)]


def test_all_days_that_were_due_when_a_pause_began_are_made_one_by_one() -> None:
    december = dt.datetime(2026, 12, 10, tzinfo=dt.UTC)

    client = a_client().paused(december).resumed(dt.date(2027, 3, 1))

    assert days(client, 3) == [OCTOBER_31, NOVEMBER_30, dt.date(2027, 3, 31)]


def test_archiving_and_making_active_again_loses_no_day_that_was_due() -> None:
    client = a_client().archived(EIGHT)

    assert client.resumed(dt.date(2026, 11, 2)).next_due_on == OCTOBER_31


def test_a_held_client_that_is_paused_goes_on_where_it_stopped() -> None:
    far_behind = dt.datetime(2027, 12, 10, tzinfo=dt.UTC)

    client = a_client().held().paused(far_behind).resumed(dt.date(2028, 3, 1))

    assert days(client, 3) == [OCTOBER_31, NOVEMBER_30, DECEMBER_31]


def test_archiving_a_paused_client_leaves_what_it_owes() -> None:
    client = a_client().paused(EIGHT).archived(EIGHT + 60 * ONE_DAY)

    assert days(client.resumed(dt.date(2027, 1, 10)), 2) == [OCTOBER_31, dt.date(2027, 1, 31)]


def test_a_second_pause_does_not_bring_the_days_of_the_first_one_back() -> None:
    once = a_client().paused(BEFORE_EIGHT).resumed(dt.date(2026, 12, 10))

    twice = once.paused(dt.datetime(2026, 12, 20, tzinfo=dt.UTC)).resumed(dt.date(2027, 1, 20))

    assert days(twice, 2) == [dt.date(2027, 1, 31), dt.date(2027, 2, 28)]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Berlin", "Pacific/Niue"])
def test_what_is_due_when_a_pause_begins_is_due_where_the_client_is(zone: str) -> None:
    client = a_client(time_zone=zone)
    assert client.due_at

    def resumed(at: dt.datetime) -> Client:
        return client.paused(at).resumed(dt.date(2026, 11, 3))

    assert resumed(client.due_at).next_due_on == OCTOBER_31
    assert resumed(client.due_at - dt.timedelta(seconds=1)).next_due_on == NOVEMBER_30


def test_the_last_invoice_is_that_of_the_day_after_the_end_and_about_the_days_up_to_it() -> None:
    client = ending(dt.date(2026, 11, 10)).after_invoice_day()

    last, ended = client.next_period(), client.after_invoice_day()

    assert (client.next_due_on, last) == (NOVEMBER_30, Period(OCTOBER_31, dt.date(2026, 11, 11)))
    assert (ended.due_at, ended.has_ended, ended.status) == (None, True, ClientStatus.ACTIVE)


def test_billing_that_ends_on_an_invoice_day_has_one_more_for_that_day() -> None:
    client = ending(OCTOBER_31).after_invoice_day()

    assert client.next_period() == Period(OCTOBER_31, OCTOBER_31 + ONE_DAY)
    assert client.after_invoice_day().due_at is None


def test_the_last_month_ends_with_the_billing_where_invoices_are_about_months() -> None:
    client = ending(dt.date(2026, 10, 20), invoice_day=5, billing_period=BillingPeriod.PREVIOUS_MONTH)

    assert client.next_period() == Period(dt.date(2026, 10, 1), dt.date(2026, 10, 21))
    assert client.after_invoice_day().due_at is None


def test_an_end_that_is_put_off_lets_the_invoices_go_on() -> None:
    ended = ending(dt.date(2026, 10, 20)).after_invoice_day()

    going_on = ended.changed(replace(ended.details(), billing_ends_on=None))

    assert (going_on.next_due_on, going_on.next_period().start) == (NOVEMBER_30, dt.date(2026, 10, 21))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidError) as raised:
        some_client_details(billing_starts_on=OCTOBER_31, billing_ends_on=OCTOBER_31 - ONE_DAY)

    assert [(each.pointer, each.code) for each in raised.value.problems] == [
        ("/billing_ends_on", "before-the-start")
    ]


def having(client: Client) -> World:
    return in_memory(Store()).having(an_account(), client, a_work_entry(date=dt.date(2026, 10, 5)))


def test_no_tick_opens_an_invoice_after_the_end() -> None:
    world = having(ending(dt.date(2026, 11, 10)))

    opened = world.tick(dt.date(2027, 6, 30))

    ends = [world.invoices.get(account_id=ADA, invoice_id=each).period_end for each in opened.invoices]
    assert ends == [OCTOBER_31, dt.date(2026, 11, 11)]


def test_what_is_typed_in_after_the_last_invoice_is_billed_when_a_person_asks() -> None:
    client = ending(dt.date(2026, 10, 20))
    world = having(client)
    world.issue_all(world.tick(OCTOBER_31).invoices, client=client, day=OCTOBER_31)
    world.having(a_work_entry("late000000000000", date=dt.date(2026, 10, 7)))

    with pytest.raises(NothingToBillError, match="ended on 2026-10-20"):
        world.preview(client, day=NOVEMBER_30)
    invoice = world.bill(client, day=NOVEMBER_30)

    assert world.issue(invoice.id, client=client, day=NOVEMBER_30).entries == 1


def starting(world: World, day: dt.date) -> Client:
    return change_client(
        ACME,
        lambda client: client.changed(replace(client.details(), billing_starts_on=day)),
        account_id=ADA,
        clients=world.clients,
        collecting=world.collecting,
    )


def test_billing_does_not_start_behind_work_that_waits_for_an_invoice() -> None:
    world = having(a_client())

    with pytest.raises(UnbilledWorkBeforeError, match="unbilled work of 2026-10-05"):
        starting(world, dt.date(2026, 10, 6))

    assert world.clients.get(account_id=ADA, client_id=ACME) == a_client()


def test_billing_may_start_with_the_first_work_that_waits_and_behind_what_is_billed() -> None:
    world = having(a_client())

    assert starting(world, dt.date(2026, 10, 5)).billing_starts_on == dt.date(2026, 10, 5)
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    world.issue(invoice_id, client=a_client(), day=OCTOBER_31)
    assert starting(world, NOVEMBER_30).billing_starts_on == NOVEMBER_30


def test_only_a_later_start_of_billing_looks_for_work() -> None:
    store = Store()
    world = in_memory(store).having(a_client())

    starting(world, dt.date(2026, 9, 1))

    assert store.calls["collecting.unbilled"] == 0


def test_an_invoice_that_was_opened_keeps_its_period_when_its_day_is_skipped_too_late() -> None:
    world = having(a_client())
    world.tick(OCTOBER_31)

    with pytest.raises(NotTheNextInvoiceDayError):
        world.clients.update(
            account_id=ADA, client_id=ACME, change=lambda client: client.skipping(OCTOBER_31)
        )

    assert [invoice.due_on for invoice in world.invoices.list(account_id=ADA).items] == [OCTOBER_31]
