"""What the adapters cost, in calls and in items read: an invoice pays for its entries, not for history."""

import datetime as dt

import pytest

from domain import invoicing
from domain.counters import Contribution, keep_counters
from domain.identifiers import client_id
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, ids, some_work
from tests.contract.watched import Watched
from tests.world import World

CLIENT = a_client()
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)


def entries(number: int, *, month: int = 10) -> list[WorkEntry]:
    return [
        a_work_entry(f"{month:08}{index:08}", date=dt.date(2026, month, 1 + index % 28))
        for index in range(number)
    ]


@pytest.mark.parametrize("number", [0, 99, 100, 199])
def test_an_invoice_of_n_entries_costs_two_calls_for_each_99_and_six_more(
    dynamodb: World, watched: Watched, number: int
) -> None:
    dynamodb.having(an_account(), CLIENT, *entries(number))
    (invoice_id,) = dynamodb.tick(OCTOBER_31).invoices
    watched.calls.clear()

    invoice = dynamodb.issue(invoice_id, client=CLIENT, day=OCTOBER_31)

    assert invoice.entries == number
    assert watched.calls.total() <= 2 * -(-number // 99) + 6


def test_an_invoice_reads_the_entries_of_ten_steps_and_one_at_once(
    dynamodb: World, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoicing, "MOST_CLAIMED", 9)
    monkeypatch.setattr(invoicing, "MOST_READ", 90)
    dynamodb.having(an_account(), CLIENT, *entries(181))
    (invoice_id,) = dynamodb.tick(OCTOBER_31).invoices
    watched.items_read = 0
    watched.calls.clear()

    dynamodb.issue(invoice_id, client=CLIENT, day=OCTOBER_31)

    assert watched.items_read == 91 + 91 + 1 + 181  # to claim them, and to add them up
    assert watched.calls.total() == 1 + 3 + 21 + 1 + 4  # the invoice, reading, claims, the seal, and issuing


def test_hundreds_of_entries_are_read_by_one_query_and_added_up_after_another(
    dynamodb: World, watched: Watched
) -> None:
    dynamodb.having(an_account(), CLIENT, *entries(300))
    (invoice_id,) = dynamodb.tick(OCTOBER_31).invoices
    watched.calls.clear()

    dynamodb.issue(invoice_id, client=CLIENT, day=OCTOBER_31)

    assert watched.calls["query"] == 2


def test_an_invoice_reads_its_own_entries_and_no_others(dynamodb: World, watched: Watched) -> None:
    removed = [a_work_entry(f"removed{index:09}", removed=True) for index in range(20)]
    free = [a_work_entry(f"free{index:012}", billable=False) for index in range(20)]
    others = [a_work_entry(f"o{index:015}", client=a_client(id=client_id("o" * 16))) for index in range(20)]
    later = entries(30, month=12)
    dynamodb.having(an_account(), CLIENT, *entries(50), *removed, *free, *others, *later)
    dynamodb.tick(OCTOBER_31)
    october = dynamodb.invoices.list(account_id=ADA).items[0]
    dynamodb.issue(october.id, client=CLIENT, day=OCTOBER_31)
    dynamodb.having(*entries(3, month=11))
    (november,) = dynamodb.tick(NOVEMBER_30).invoices
    watched.items_read = 0

    invoice = dynamodb.issue(november, client=CLIENT, day=NOVEMBER_30)
    lines = dynamodb.invoices.lines(invoice=invoice)

    assert (invoice.entries, len(lines)) == (3, 3)
    assert watched.items_read == 9  # to claim them, to add them up, and to print them


def test_billing_now_costs_three_calls_and_reads_one_entry(dynamodb: World, watched: Watched) -> None:
    dynamodb.having(CLIENT, *entries(150))
    watched.calls.clear()
    watched.items_read = 0

    dynamodb.bill(CLIENT, day=OCTOBER_31 - dt.timedelta(days=1))

    assert (watched.calls.total(), watched.items_read) == (3, 1)


def test_a_preview_reads_what_the_invoice_would_and_a_page_of_lines_no_more_than_itself(
    dynamodb: World, watched: Watched
) -> None:
    dynamodb.having(an_account(), CLIENT, *entries(150), *entries(20, month=12))
    watched.calls.clear()
    watched.items_read = 0

    dynamodb.preview(CLIENT, day=dt.date(2026, 10, 20))

    assert (watched.calls.total(), watched.items_read) == (2, 150)
    (invoice_id,) = dynamodb.tick(OCTOBER_31).invoices
    invoice = dynamodb.issue(invoice_id, client=CLIENT, day=OCTOBER_31)
    watched.items_read = 0
    dynamodb.invoices.some_lines(invoice=invoice, limit=20)
    assert watched.items_read == 20


def test_a_write_costs_two_calls(dynamodb: World, watched: Watched) -> None:
    dynamodb.having(CLIENT)

    def calls() -> int:
        total = watched.calls.total()
        watched.calls.clear()
        return total

    calls()
    entry = log_work(
        some_work(),
        account_id=ADA,
        client_id=ACME,
        clients=dynamodb.clients,
        work=dynamodb.work,
        new_id=ids(),
    )
    logging = calls()
    edit_work(entry.id, lambda _: some_work(minutes=30), account_id=ADA, work=dynamodb.work)
    editing = calls()
    remove_work(entry.id, account_id=ADA, work=dynamodb.work)

    assert (logging, editing, calls()) == (2, 2, 2)


@pytest.mark.parametrize("clients", [1, 7, 50])
def test_counting_fifty_events_costs_three_calls(dynamodb: World, watched: Watched, clients: int) -> None:
    who = [a_client(id=client_id(f"{index:016}")) for index in range(clients)]
    batch = [
        Contribution.of_work(a_work_entry(f"{index:016}", client=who[index % clients])) for index in range(50)
    ]

    failed = keep_counters(batch, counters=dynamodb.counters)

    assert failed == {}
    assert watched.calls.total() <= 3


def test_a_tick_without_anything_due_reads_nothing(dynamodb: World, watched: Watched) -> None:
    clients = [a_client(id=client_id(f"{index:016}")) for index in range(40)]
    dynamodb.having(*clients)
    watched.items_read = 0

    opened = dynamodb.tick(dt.date(2026, 10, 30))

    assert opened.invoices == ()
    assert watched.items_read == 0
