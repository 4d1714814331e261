import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.accounts import Account
from domain.clients import Client
from domain.identifiers import ClientId
from domain.invoices import Invoice
from domain.opening import MOST_PERIODS
from domain.previewing import Changed, Difference, Foreseeing, Outcome, RunPreview, compare_run, preview_run
from domain.retainers import Retainer
from domain.tax import Tax
from domain.work import WorkEntry
from infrastructure import codec
from tests.builders import ACME, ADA, UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Step, Store
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
NOW = dt.datetime(2026, 10, 28, 12, tzinfo=dt.UTC)
SUPPORT = Retainer(key="support", description="Support", amount=Decimal(500), first_month="2026-10")
CLIENT = a_client(retainers=(SUPPORT,), tax=Tax(name="VAT", rate=Decimal(19)))
OTHER = a_client(id=UMBRELLA, name="Umbrella", invoice_day=15)


def having(store: Store, seller: Account | None = None) -> World:
    """Two clients with work in October and November, one of them with a retainer and a tax."""
    work = [
        a_work_entry(f"{month:08}{number:08}", client=client, date=dt.date(2026, month, 5))
        for client in (CLIENT, OTHER)
        for month in (10, 11)
        for number in range(2)
    ]
    return in_memory(store).having(seller or an_account(), CLIENT, OTHER, *work)


def foreseen(world: World, as_of: dt.date = NOVEMBER_30) -> RunPreview:
    reading = Foreseeing(
        seller=world.accounts.get(account_id=ADA),
        clients=world.clients,
        invoices=world.invoices,
        collecting=world.collecting,
        known=world.known_work,
    )
    return preview_run(as_of, now=NOW, reading=reading)


def test_it_says_what_an_invoice_would_be_held_for_but_of_one_over_nothing() -> None:
    world = having(Store(), an_account(tax_id=None))

    preview = foreseen(world, DECEMBER_31)

    assert {(each.entries > 0, each.missing) for each in preview.invoices if each.client_id == UMBRELLA} == {
        (True, ("the seller's VAT id or tax number",)),
        (False, ()),
    }


def run(world: World, day: dt.date = NOVEMBER_30) -> list[Invoice]:
    """The ticks up to that day, and all that follows from them."""
    return world.issue_all(world.tick(day).invoices, client=CLIENT, day=day)


def compared(world: World, preview: RunPreview) -> dict[str, Difference]:
    differences = compare_run(preview, invoices=world.invoices)
    return {each.invoice_id: each for each in differences if each.outcome is not Outcome.SAME}


def test_all_invoices_of_all_clients_are_foreseen() -> None:
    preview = foreseen(having(Store()))

    assert [
        (each.client_id, str(each.due_on), each.entries, each.net, each.total) for each in preview.invoices
    ] == [
        (ACME, "2026-10-31", 3, 700_00, 833_00),
        (ACME, "2026-11-30", 3, 700_00, 833_00),
        (UMBRELLA, "2026-10-15", 2, 200_00, 200_00),
        (UMBRELLA, "2026-11-15", 2, 200_00, 200_00),
    ]


def test_foreseeing_writes_nothing() -> None:
    store = Store()
    world = having(store)
    before, writes = len(store.stream), list[Step]()
    store.hook = lambda step: writes.append(step) if step.commits else None

    assert foreseen(world).invoices

    assert (writes, len(store.stream)) == ([], before)


def test_the_run_makes_what_was_foreseen_to_the_minor_unit() -> None:
    world = having(Store())
    preview = foreseen(world)

    run(world)

    outcomes = {each.outcome for each in compare_run(preview, invoices=world.invoices)}
    assert (outcomes, len(preview.invoices)) == ({Outcome.SAME}, 4)


def test_a_preview_that_was_kept_as_json_is_the_same() -> None:
    preview = foreseen(having(Store()))

    assert codec.decode(RunPreview, codec.encode(preview)) == preview


def test_what_changed_between_the_preview_and_the_run_is_told_piece_by_piece() -> None:
    store = Store()
    world = having(store)
    preview = foreseen(world)
    late = a_work_entry("late000000000000", client=CLIENT, date=dt.date(2026, 10, 7))
    world.having(late)
    edited, removed = [entry for entry in store.all(WorkEntry) if entry.client_id == UMBRELLA][:2]
    for entry, change in (
        (edited, lambda known: known.edited(replace(known.editable(), minutes=30))),
        (removed, WorkEntry.taken_back),
    ):
        world.work.update(account_id=ADA, work_id=entry.id, change=change)

    run(world)

    found = compared(world, preview)
    assert found[an_invoice_id(ACME, OCTOBER_31)].changed == (
        Changed(what="entries", foreseen="3", actual="4"),
        Changed(what="net", foreseen="70000", actual="80000"),
        Changed(what="tax_amount", foreseen="13300", actual="15200"),
        Changed(what="total", foreseen="83300", actual="95200"),
        Changed(what="payable", foreseen="83300", actual="95200"),
        Changed(what=late.id, actual="10000"),
    )
    assert found[an_invoice_id(UMBRELLA, dt.date(2026, 10, 15))].changed[-2:] == (
        Changed(what=edited.id, foreseen="10000", actual="5000"),
        Changed(what=removed.id, foreseen="10000"),
    )
    assert set(found) == {an_invoice_id(ACME, OCTOBER_31), an_invoice_id(UMBRELLA, dt.date(2026, 10, 15))}


def test_what_was_not_made_and_what_was_not_foreseen_is_told() -> None:
    world = having(Store())
    preview = foreseen(world, as_of=OCTOBER_31)
    world.bill(OTHER, day=dt.date(2026, 10, 12))
    world.clients.update(account_id=ADA, client_id=ACME, change=Client.paused)
    world.having(a_client(id=ClientId("cli_new0000000000000"), invoice_day=20))

    run(world, OCTOBER_31)

    outcomes = {invoice_id: each.outcome for invoice_id, each in compared(world, preview).items()}
    assert outcomes == {
        an_invoice_id(ACME, OCTOBER_31): Outcome.MISSING,
        an_invoice_id(UMBRELLA, dt.date(2026, 10, 15)): Outcome.DIFFERS,
        an_invoice_id(UMBRELLA, dt.date(2026, 10, 12)): Outcome.UNFORESEEN,
        an_invoice_id(ClientId("cli_new0000000000000"), dt.date(2026, 10, 20)): Outcome.UNFORESEEN,
    }


def test_an_invoice_from_before_is_not_told_as_unforeseen() -> None:
    world = having(Store())
    run(world, OCTOBER_31)

    preview = foreseen(world)
    run(world, DECEMBER_31)

    assert compared(world, preview) == {}


def test_work_that_an_open_invoice_is_about_to_take_is_on_no_other() -> None:
    world = having(Store())
    world.tick(OCTOBER_31)

    preview = foreseen(world, as_of=DECEMBER_31)

    acme = [(str(each.due_on), each.entries) for each in preview.invoices if each.client_id == ACME]
    assert acme == [("2026-11-30", 3), ("2026-12-31", 1)]


@pytest.mark.parametrize(
    "client",
    [
        CLIENT.paused(),
        CLIENT.archived(),
        CLIENT.held(),
        replace(
            CLIENT,
            billing_ends_on=dt.date(2026, 9, 30),
            billing_starts_on=dt.date(2026, 9, 1),
            billed_until=dt.date(2026, 10, 1),
        ),
    ],
)
def test_who_gets_no_invoice_has_none_foreseen(client: Client) -> None:
    world = in_memory(Store()).having(an_account(), client)

    assert foreseen(world, as_of=DECEMBER_31).invoices == ()


@pytest.mark.parametrize(("months", "held"), [(MOST_PERIODS, False), (MOST_PERIODS + 1, True)])
def test_a_client_that_would_be_held_is_told(months: int, held: bool) -> None:
    world = in_memory(Store()).having(an_account(), a_client(invoice_day=1))
    as_of = dt.date(2027, 10, 1) if months == MOST_PERIODS else dt.date(2027, 11, 1)

    preview = foreseen(world, as_of=as_of)

    assert (len(preview.invoices), preview.clients[0].is_held) == (MOST_PERIODS, held)


def test_what_is_paid_in_advance_after_the_preview_is_told() -> None:
    world = having(Store())
    preview = foreseen(world, as_of=OCTOBER_31)

    world.prepay(CLIENT, 1_000, day=OCTOBER_31)
    run(world, OCTOBER_31)

    (told,) = compared(world, preview)[an_invoice_id(ACME, OCTOBER_31)].changed
    assert (told.what, int(told.foreseen or 0) - int(told.actual or 0)) == ("payable", 1_000)
