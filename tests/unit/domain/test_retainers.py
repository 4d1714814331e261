import datetime as dt
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import NothingToBillError
from domain.calendar import BillingPeriod, Period
from domain.clients import Client
from domain.errors import InvalidError
from domain.invoices import Invoice, State
from domain.retainers import MOST_RETAINERS, Retainer
from domain.tax import Tax
from domain.timekeeping import remove_work
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, some_client_details
from tests.fakes import Moment, Step, Store
from tests.invariants import check_invoices
from tests.turns import Crash, take_turns
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
SUPPORT = Retainer(key="support", description="Support", amount=Decimal(500), first_month="2026-10")


def retaining(*retainers: Retainer, **changes: Any) -> Client:
    return a_client(retainers=retainers or (SUPPORT,), **changes)


def having(store: Store, client: Client | None = None) -> World:
    return in_memory(store).having(an_account(), client or retaining())


def run(world: World, day: dt.date) -> list[Invoice]:
    """What a tick opens, and all that follows from it."""
    return world.issue_all(world.tick(day).invoices, client=retaining(), day=day)


def months(store: Store) -> dict[str, str]:
    """The months that were put, and the invoice day that has each."""
    work = sorted(store.all(WorkEntry), key=lambda entry: entry.date)
    claimed = {f"{entry.date:%Y-%m}": str(entry.invoiced_on) for entry in work if entry.unit == "month"}
    assert len(claimed) == sum(entry.unit == "month" for entry in work), "a month is charged twice"
    return claimed


def test_each_month_stands_on_the_first_invoice_that_reaches_beyond_its_first_day() -> None:
    store = Store()
    invoices = run(having(store), DECEMBER_31)

    assert months(store) == {"2026-10": "2026-10-31", "2026-11": "2026-11-30", "2026-12": "2026-12-31"}
    assert [(each.state, each.entries, each.net) for each in invoices] == [(State.ISSUED, 1, 500_00)] * 3


def test_a_month_is_work_like_any_other() -> None:
    store = Store()
    retainer = replace(SUPPORT, project="Care", tax=Tax(name="VAT", rate=Decimal(7)))
    run(having(store, retaining(retainer)), OCTOBER_31)

    (entry,) = store.all(WorkEntry)
    assert (entry.date, entry.description, entry.project) == (dt.date(2026, 10, 1), "Support", "Care")
    assert (entry.billed_quantity, entry.billed_unit, entry.unit_price) == (Decimal(1), "month", Decimal(500))
    assert entry.tax == retainer.tax


def test_a_calendar_month_is_charged_on_its_own_invoice_where_invoices_are_about_months() -> None:
    store = Store()
    client = retaining(invoice_day=5, billing_period=BillingPeriod.PREVIOUS_MONTH)

    run(having(store, client), dt.date(2026, 12, 5))

    assert months(store) == {"2026-10": "2026-11-05", "2026-11": "2026-12-05"}


def test_a_retainer_begins_and_ends_with_its_months() -> None:
    store = Store()
    client = retaining(replace(SUPPORT, first_month="2026-11", last_month="2026-12"))

    run(having(store, client), dt.date(2027, 2, 28))

    assert list(months(store)) == ["2026-11", "2026-12"]


def test_no_part_of_a_month_is_charged() -> None:
    """Whoever agrees on one logs it as work."""
    store = Store()

    run(having(store, retaining(billing_starts_on=dt.date(2026, 10, 2))), NOVEMBER_30)

    assert list(months(store)) == ["2026-11"]


def test_a_month_that_begins_before_billing_ends_is_charged_and_none_after() -> None:
    store = Store()

    run(having(store, retaining(billing_ends_on=dt.date(2026, 11, 1))), DECEMBER_31)

    assert list(months(store)) == ["2026-10", "2026-11"]


def changed(world: World, **details: Any) -> None:
    def change(client: Client) -> Client:
        return client.changed(replace(client.details(), **details))

    world.clients.update(account_id=ADA, client_id=ACME, change=change)


def test_months_of_a_retainer_that_was_added_late_come_with_the_next_invoice() -> None:
    store = Store()
    world = having(store, a_client())
    run(world, NOVEMBER_30)

    changed(world, retainers=(SUPPORT,))
    run(world, DECEMBER_31)

    assert months(store) == dict.fromkeys(["2026-10", "2026-11", "2026-12"], "2026-12-31")


def test_months_are_made_up_for_up_to_a_year_before_the_period() -> None:
    store = Store()
    since = dt.date(2024, 1, 1)
    closed = a_client(billing_starts_on=since).after_period(Period(since, OCTOBER_31), closed_on=OCTOBER_31)
    world = having(store, replace(closed, retainers=(replace(SUPPORT, first_month="2024-01"),)))

    run(world, NOVEMBER_30)

    assert list(months(store)) == [
        *(f"2025-{month}" for month in (11, 12)),
        *(f"2026-{month:02}" for month in range(1, 12)),
    ]


def test_another_price_or_name_charges_no_month_again() -> None:
    store = Store()
    world = having(store)
    run(world, OCTOBER_31)

    changed(world, retainers=(replace(SUPPORT, amount=Decimal(900), description="Care"),))
    run(world, NOVEMBER_30)

    amounts = sorted((entry.date, entry.amount) for entry in store.all(WorkEntry))
    assert amounts == [(dt.date(2026, 10, 1), 500_00), (dt.date(2026, 11, 1), 900_00)]


def test_a_month_that_a_person_removed_is_not_charged_again() -> None:
    store = Store()
    world = having(store)
    opened = world.tick(OCTOBER_31).invoices
    (entry,) = store.all(WorkEntry)
    remove_work(entry.id, account_id=ADA, work=world.work)

    world.issue_all(opened, client=retaining(), day=OCTOBER_31)
    run(world, NOVEMBER_30)

    billed = [entry.date.month for entry in store.all(WorkEntry) if entry.invoiced_on]
    assert (billed, store.all(Invoice)[0].state) == ([11], State.EMPTY)


def test_a_skipped_month_and_a_pause_come_along() -> None:
    store = Store()
    world = having(store, retaining().skipping(OCTOBER_31))
    run(world, NOVEMBER_30)

    def paused(client: Client) -> Client:
        return client.paused().resumed(dt.date(2027, 2, 10))

    world.clients.update(account_id=ADA, client_id=ACME, change=paused)
    run(world, dt.date(2027, 2, 28))

    assert months(store) == dict.fromkeys(["2026-10", "2026-11"], "2026-11-30") | dict.fromkeys(
        ["2026-12", "2027-01", "2027-02"], "2027-02-28"
    )


def test_an_invoice_that_is_asked_for_charges_the_months_that_have_begun() -> None:
    store = Store()
    world = having(store)

    bill = world.bill(retaining(), day=dt.date(2026, 10, 20))
    world.issue(bill.id, client=retaining(), day=dt.date(2026, 10, 20))
    run(world, NOVEMBER_30)

    assert months(store) == {"2026-10": "2026-10-20", "2026-11": "2026-11-30"}


def test_without_work_and_without_a_month_there_is_nothing_to_bill() -> None:
    store = Store()
    world = having(store, retaining(billing_starts_on=dt.date(2026, 10, 2)))

    with pytest.raises(NothingToBillError):
        world.bill(retaining(), day=dt.date(2026, 10, 20))


def test_a_preview_shows_the_months_and_puts_none() -> None:
    store = Store()
    world = having(store).having(a_work_entry())

    invoice = world.preview(retaining(), day=dt.date(2026, 10, 20)).invoice

    assert (invoice.entries, invoice.net, months(store)) == (2, 600_00, {})


def test_more_months_than_one_transaction_takes_are_all_put() -> None:
    """A pause of two years, and ten retainers."""
    store = Store()
    retainers = [replace(SUPPORT, key=f"key-{number}") for number in range(MOST_RETAINERS)]
    client = retaining(*retainers).paused().resumed(dt.date(2028, 9, 10))

    world = having(store, client)
    (first,), (second,) = run(world, dt.date(2028, 9, 30)), run(world, dt.date(2028, 10, 31))

    assert (first.entries, first.state) == (24 * MOST_RETAINERS, State.ISSUED)
    assert (second.entries, second.state) == (MOST_RETAINERS, State.ISSUED)


def test_a_client_without_retainers_costs_no_look_up() -> None:
    store = Store()

    run(having(store, a_client()), OCTOBER_31)

    assert (store.calls["known_work.among"], store.calls["opening.open"]) == (0, 1)


@pytest.mark.parametrize("moment", list(Moment))
def test_a_tick_that_dies_charges_each_month_once(moment: Moment) -> None:
    store = Store()
    world = having(store)

    def die(step: Step) -> None:
        if step == Step("opening.open", moment, commits=True):
            store.hook = lambda _: None
            raise Crash

    store.hook = die
    with suppress(Crash):
        world.tick(NOVEMBER_30)
    world.tick(NOVEMBER_30)
    for invoice in store.all(Invoice):
        world.issue(invoice.id, client=retaining(), day=NOVEMBER_30)

    assert months(store) == {"2026-10": "2026-10-31", "2026-11": "2026-11-30"}
    check_invoices(store)


schedules = st.lists(st.integers(0, 3), max_size=80)
crashes = st.frozensets(st.integers(0, 60), max_size=4)
invoice_days = st.sampled_from([1, 2, 15, 28, 31, "last"])


@given(schedule=schedules, deaths=crashes, day=invoice_days, kind=st.sampled_from(list(BillingPeriod)))
def test_whoever_opens_and_changes_at_once_each_month_is_charged_once(
    schedule: list[int], deaths: frozenset[int], day: int, kind: BillingPeriod
) -> None:
    store = Store()
    world = having(store)

    def another_schedule() -> None:
        changed(world, invoice_day=day, billing_period=kind)
        with suppress(Exception):
            world.bill(retaining(), day=dt.date(2026, 11, 12))

    take_turns(
        store,
        schedule,
        lambda: world.tick(NOVEMBER_30),
        another_schedule,
        lambda: world.tick(DECEMBER_31),
        lambda: changed(world, invoice_day=31, retainers=(replace(SUPPORT, amount=Decimal(1)),)),
        crashes=deaths,
    )
    store.hook = lambda _: None
    world.tick(dt.date(2027, 2, 5))
    for invoice in sorted(store.all(Invoice), key=lambda invoice: invoice.due_on):
        world.issue(invoice.id, client=retaining(), day=dt.date(2027, 2, 5))

    claimed = months(store)
    assert (
        {"2026-10", "2026-11", "2026-12"}
        <= claimed.keys()
        <= {"2026-10", "2026-11", "2026-12", "2027-01", "2027-02"}
    )
    assert "None" not in claimed.values()
    check_invoices(store)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"key": "Support!"}, "/key"),
        ({"key": ""}, "/key"),
        ({"key": "s" * 41}, "/key"),
        ({"description": " "}, "/description"),
        ({"amount": Decimal(-1)}, "/amount"),
        ({"amount": Decimal("1.00001")}, "/amount"),
        ({"amount": Decimal(10) ** 9 + 1}, "/amount"),
        ({"first_month": "2026-13"}, "/first_month"),
        ({"first_month": "2026-1"}, "/first_month"),
        ({"last_month": "October"}, "/last_month"),
        ({"last_month": "2026-09"}, "/last_month"),
    ],
)
def test_a_retainer_checks_itself(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidError) as raised:
        replace(SUPPORT, **changes)

    assert {problem.pointer for problem in raised.value.problems} == {pointer}


def test_a_client_has_no_two_retainers_of_one_key_and_not_too_many() -> None:
    with pytest.raises(InvalidError) as twice:
        some_client_details(retainers=(SUPPORT, SUPPORT))
    with pytest.raises(InvalidError) as many:
        some_client_details(
            retainers=tuple(replace(SUPPORT, key=f"key-{number}") for number in range(MOST_RETAINERS + 1))
        )

    assert [problem.pointer for problem in twice.value.problems] == ["/retainers/1/key"]
    assert [problem.pointer for problem in many.value.problems] == ["/retainers"]
