import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.chain import link
from domain.clients import Client
from domain.errors import NotFoundError
from domain.identifiers import InvoiceId, invoice_of
from domain.invoices import Invoice, State
from domain.invoicing import MOST_CLAIMED
from domain.tax import Tax
from domain.totals import Subtotal, Totals
from domain.work import WorkEntry
from tests.builders import ACME, ADA, BANK, BOB, a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import Store
from tests.invariants import check_invoices
from tests.world import World, in_memory

VAT = Tax(rate=Decimal(19))
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
INVOICE = an_invoice_id(ACME, OCTOBER_31)


def opened(store: Store, *work: WorkEntry, client: Client | None = None) -> World:
    """A world in which the client's October has been opened."""
    world = in_memory(store).having(an_account(), client or a_client(), *work)
    world.tick(OCTOBER_31)
    return world


def issue(world: World, invoice_id: InvoiceId = INVOICE, *, day: dt.date = OCTOBER_31) -> Invoice:
    return world.issue(invoice_id, client=a_client(), day=day)


def many(number: int) -> list[WorkEntry]:
    first = dt.date(2026, 10, 1)
    return [
        a_work_entry(f"{index:016}", date=first + dt.timedelta(days=index % 30)) for index in range(number)
    ]


def test_an_invoice_is_issued_with_everything_that_it_says() -> None:
    client = a_client(tax=VAT, payment_terms_days=10, language="de")
    world = opened(Store(), a_work_entry(minutes=90), a_work_entry("b" * 16, minutes=30), client=client)

    invoice = issue(world)

    assert replace(invoice, content_sha256=None, chain_sha256=None) == Invoice(
        id=INVOICE,
        account_id=ADA,
        client_id=ACME,
        due_on=OCTOBER_31,
        period_start=dt.date(2026, 10, 1),
        period_end=OCTOBER_31,
        work_since=dt.date(2026, 10, 1),
        currency="EUR",
        state=State.ISSUED,
        entries=2,
        net=200_00,
        tax_amount=38_00,
        total=238_00,
        totals=Totals(lines=200_00, subtotals=(Subtotal(tax=VAT, net=200_00, tax_amount=38_00),)),
        number="2026-0001",
        issued_on=OCTOBER_31,
        payment_due_on=dt.date(2026, 11, 10),
        payment_terms_days=10,
        language="de",
        seller=an_account().as_seller(),
        buyer=client.as_buyer(),
        bank=BANK,
        tax=client.tax,
        time_zone="Europe/Berlin",
        rounding=1,
        issued_version=4,
        version=4,
    )
    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE) == invoice


def test_calling_it_again_changes_nothing() -> None:
    store = Store()
    world = opened(store, a_work_entry())
    invoice = issue(world)
    history = list(store.stream)

    again = issue(world, day=DECEMBER_31)

    assert (again, store.stream) == (invoice, history)


def test_what_is_issued_already_costs_one_read() -> None:
    store = Store()
    world = opened(store, a_work_entry())
    issue(world)
    store.calls.clear()

    issue(world)

    assert store.calls == {"invoices.get": 1}


def test_an_invoice_that_is_not_there_cannot_be_issued() -> None:
    world = opened(Store())

    for unknown in (an_invoice_id(ACME, NOVEMBER_30), InvoiceId("inv_"), InvoiceId(f"{INVOICE[:-2]}99")):
        with pytest.raises(NotFoundError):
            issue(world, unknown)


def test_an_invoice_of_another_account_looks_as_if_it_were_not_there() -> None:
    world = opened(Store(), a_work_entry())

    with pytest.raises(NotFoundError):
        world.issue(INVOICE, client=a_client(account_id=BOB), day=OCTOBER_31)


def test_a_month_without_work_ends_empty_and_takes_no_number() -> None:
    store = Store()
    not_billable = a_work_entry("n" * 16, billable=False)
    removed = a_work_entry("r" * 16, removed=True)
    world = opened(store, not_billable, removed)

    invoice = issue(world)

    assert (invoice.state, invoice.number, invoice.total, invoice.version) == (State.EMPTY, None, 0, 2)
    assert store.numbers == {}
    assert issue(world) == invoice


def test_work_of_the_due_date_itself_waits_for_the_next_invoice() -> None:
    world = opened(Store(), a_work_entry("a" * 16, date=dt.date(2026, 10, 30)), a_work_entry(date=OCTOBER_31))

    invoice = issue(world)

    assert [line.date for line in world.invoices.lines(invoice=invoice)] == [dt.date(2026, 10, 30)]


def test_work_that_is_typed_in_late_comes_on_the_next_invoice_with_its_own_date() -> None:
    world = opened(Store(), a_work_entry("a" * 16))
    issue(world)
    world.work.add(entry=a_work_entry("b" * 16, date=dt.date(2026, 10, 2)))
    world.tick(NOVEMBER_30)

    invoice = issue(world, an_invoice_id(ACME, NOVEMBER_30), day=NOVEMBER_30)

    assert [line.date for line in world.invoices.lines(invoice=invoice)] == [dt.date(2026, 10, 2)]


@pytest.mark.parametrize("number", [1, MOST_CLAIMED, MOST_CLAIMED + 1, 2 * MOST_CLAIMED, 1_000])
def test_any_number_of_entries_is_claimed_in_as_few_steps_as_fit(number: int) -> None:
    store = Store()
    world = opened(store, *many(number))
    store.calls.clear()

    invoice = issue(world)

    claims = -(-number // MOST_CLAIMED)
    assert (invoice.state, invoice.entries, invoice.net) == (State.ISSUED, number, number * 100_00)
    assert invoice.version == claims + 3
    assert store.calls.total() <= 2 * claims + 6
    check_invoices(store)


def test_numbers_go_on_from_invoice_to_invoice_and_start_anew_with_the_year() -> None:
    store = Store()
    months = [a_work_entry(f"{month:016}", date=dt.date(2026, month, 20)) for month in (10, 11, 12)]
    world = in_memory(store).having(an_account(), a_client(invoice_day=1), *months)

    numbers = []
    for day in (dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 1, 1)):
        world.tick(day)
        numbers.append(issue(world, an_invoice_id(ACME, day), day=day).number)

    assert numbers == ["2026-0001", "2026-0002", "2027-0001"]
    check_invoices(store)


def test_the_date_of_issue_is_that_of_the_sellers_calendar() -> None:
    world = in_memory(Store()).having(an_account(time_zone="Pacific/Kiritimati"), a_client(), a_work_entry())
    world.tick(OCTOBER_31)

    assert issue(world).issued_on == dt.date(2026, 11, 1)  # noon in UTC is past midnight there


def test_what_is_issued_does_not_change_with_the_client() -> None:
    world = opened(Store(), a_work_entry())
    invoice = issue(world)

    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: replace(client, name="Other"))

    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE) == invoice


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)], ids=str)
def test_each_period_of_a_catch_up_keeps_its_work_in_whatever_order_its_events_come(
    order: tuple[int, ...],
) -> None:
    store = Store()
    months = [a_work_entry(f"{month:016}", date=dt.date(2026, month, 20)) for month in (10, 11, 12)]
    world = in_memory(store).having(an_account(), a_client(), *months)
    invoice_ids = world.tick(DECEMBER_31).invoices

    for index in order:
        issue(world, invoice_ids[index], day=DECEMBER_31)

    invoices = [world.invoices.get(account_id=ADA, invoice_id=each) for each in invoice_ids]
    assert [invoice.number for invoice in invoices] == ["2026-0001", "2026-0002", "2026-0003"]
    assert [world.invoices.lines(invoice=invoice)[0].date.month for invoice in invoices] == [10, 11, 12]
    check_invoices(store)


def test_a_month_without_work_does_not_stand_in_the_way_of_the_next() -> None:
    world = opened(Store(), a_work_entry(date=dt.date(2026, 11, 5)))
    world.tick(NOVEMBER_30)

    invoice = issue(world, an_invoice_id(ACME, NOVEMBER_30), day=NOVEMBER_30)

    assert (invoice.state, invoice.entries) == (State.ISSUED, 1)
    assert issue(world).state is State.EMPTY


def test_an_earlier_invoice_that_is_not_there_holds_up_nobody() -> None:
    store = Store()
    world = in_memory(store).having(an_account(), a_client(), a_work_entry(date=dt.date(2026, 10, 2)))
    store.add(an_invoice(period_start=dt.date(2026, 10, 15), previous_due_on=dt.date(2026, 10, 15)))

    assert issue(world).entries == 1


def test_an_issued_invoice_is_linked_to_all_before_it_in_its_series() -> None:
    store = Store()
    world = opened(store, a_work_entry(), a_work_entry("b" * 16, date=dt.date(2026, 11, 2)))
    world.tick(NOVEMBER_30)
    issue(world)
    issue(world, an_invoice_id(ACME, NOVEMBER_30), day=NOVEMBER_30)

    october, november = (store.given[ADA, "2026-{seq}", value] for value in (1, 2))

    assert november.chain_sha256 == link(october.chain_sha256, november.content_sha256 or "")
    assert store.sequences[ADA, "2026-{seq}"].chain_sha256 == november.chain_sha256
    for given in (october, november):
        invoice = world.invoices.get(account_id=ADA, invoice_id=invoice_of(given.invoice_id))
        assert (invoice.content_sha256, invoice.chain_sha256) == (given.content_sha256, given.chain_sha256)
