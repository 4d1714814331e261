"""What is said before is what comes: the schedule against the ticks, a preview against the invoice."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import BillingPeriod, InvoiceDay, local_date
from domain.clients import Client
from domain.opening import open_invoices
from domain.retainers import Retainer
from domain.schedule import explain_schedule
from domain.tax import Tax
from domain.totals import Adjustment
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.world import World, in_memory

ZONES = ["America/Havana", "Asia/Beirut", "Africa/Cairo", "America/Asuncion", "Australia/Lord_Howe"]
ZONES += ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
ONE_SECOND = dt.timedelta(seconds=1)

zones = st.sampled_from(ZONES)
anchors: st.SearchStrategy[InvoiceDay] = st.sampled_from([1, 15, 28, 29, 30, 31, "last"])
kinds = st.sampled_from(BillingPeriod)
starts = st.dates(dt.date(2026, 1, 1), dt.date(2028, 3, 31))
days_later = st.integers(0, 60)


def tick(world: World, until: dt.datetime) -> list[tuple[dt.date, dt.date, dt.date]]:
    opened = open_invoices(
        until, due_clients=world.due_clients, clients=world.clients, opening=world.opening
    ).invoices
    invoices = (world.invoices.get(account_id=ADA, invoice_id=each) for each in opened)
    return [(each.due_on, each.period_start, each.period_end) for each in invoices]


@settings(max_examples=50, deadline=None)
@given(
    start=starts,
    zone=zones,
    anchor=anchors,
    kind=kinds,
    moved=st.tuples(zones, anchors, kinds),
    paused=days_later,
    resumed=days_later,
)
def test_after_a_move_and_a_pause_each_explained_day_comes_at_its_second_and_no_other(
    *,
    start: dt.date,
    zone: str,
    anchor: InvoiceDay,
    kind: BillingPeriod,
    moved: tuple[str, InvoiceDay, BillingPeriod],
    paused: int,
    resumed: int,
) -> None:
    client = a_client(billing_starts_on=start, time_zone=zone, invoice_day=anchor, billing_period=kind)
    world = in_memory(Store()).having(an_account(), client)
    now = dt.datetime.combine(start, dt.time(3), dt.UTC) + dt.timedelta(days=paused)
    tick(world, now)
    zone, anchor, kind = moved

    def change(stored: Client) -> Client:
        details = replace(stored.details(), time_zone=zone, invoice_day=anchor, billing_period=kind)
        back_at = now + dt.timedelta(days=resumed)
        return stored.paused(now).changed(details).resumed(local_date(back_at, zone))

    client = world.clients.update(account_id=ADA, client_id=ACME, change=change)
    now += dt.timedelta(days=resumed)

    for planned in explain_schedule(client, months=14, now=now).days:
        if planned.due_at > now:
            assert tick(world, planned.due_at - ONE_SECOND) == []
        assert tick(world, planned.due_at) == [(planned.due_on, planned.period_start, planned.period_end)]


@st.composite
def adjustments(draw: st.DrawFn) -> tuple[Adjustment, ...]:
    percents = st.decimals(0, 40, places=1).map(lambda percent: Adjustment(reason="x", percent=percent))
    amounts = st.decimals(0, 50, places=2).map(lambda amount: Adjustment(reason="x", amount=amount))
    found = draw(st.lists(percents | amounts, max_size=2))
    return tuple(replace(each, is_charge=draw(st.booleans())) for each in found)


@settings(max_examples=50, deadline=None)
@given(
    currency=st.sampled_from(["EUR", "JPY", "BHD", "CHF", "CLF"]),
    inclusive=st.booleans(),
    coin=st.booleans(),
    applied=adjustments(),
    quantities=st.lists(st.decimals("0.001", 999, places=3), min_size=1, max_size=5),
    retained=st.booleans(),
    prepaid=st.integers(0, 100_000),
)
def test_an_invoice_comes_to_what_its_preview_said_to_the_minor_unit(
    *,
    currency: str,
    inclusive: bool,
    coin: bool,
    applied: tuple[Adjustment, ...],
    quantities: list[Decimal],
    retained: bool,
    prepaid: int,
) -> None:
    retainer = Retainer(key="care", description="Care", amount=Decimal(99), first_month="2026-10")
    client = a_client(
        currency=currency,
        adjustments=applied,
        prices_include_tax=inclusive,
        round_to=Decimal(5) if coin else None,
        retainers=(retainer,) if retained else (),
        tax=Tax(rate=Decimal(19)),
    )
    world = in_memory(Store()).having(an_account(), client)
    for number, quantity in enumerate(quantities):
        tax = Tax(rate=Decimal(7)) if number % 2 else None
        world.having(a_work_entry(f"{number:016}", client=client, quantity=quantity, tax=tax))
    if prepaid:
        world.prepay(client, prepaid, day=dt.date(2026, 10, 2))

    told = world.preview(client, day=dt.date(2026, 10, 20)).invoice
    [opened] = world.tick(dt.date(2026, 10, 31)).invoices
    issued = world.issue(opened, client=client, day=dt.date(2026, 10, 31))

    assert (told.entries, told.net, told.total, told.totals) == (
        issued.entries,
        issued.net,
        issued.total,
        issued.totals,
    )
    assert (told.payable, told.period_start, told.period_end) == (
        issued.payable,
        issued.period_start,
        issued.period_end,
    )
