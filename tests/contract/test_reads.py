"""What the adapters read: as of now where something is decided by it, and nothing that is not meant."""

import datetime as dt
from collections.abc import Callable

import pytest

from domain.clients import Client
from domain.counters import Contribution, keep_counters
from domain.identifiers import import_id
from domain.invoices import Invoice
from tests.builders import ADA, BOB, a_client, a_credit_note, a_work_entry, an_account
from tests.contract.watched import Watched
from tests.world import World

CLIENT = a_client()
INVOICE = Invoice.opened(CLIENT)
NOTE = a_credit_note()
NOVEMBER_30 = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
ONE, TWO = (a_work_entry(f"{number:016}") for number in (1, 2))


@pytest.mark.parametrize(
    "read",
    [
        lambda world: world.clients.list(account_id=ADA),
        lambda world: world.invoices.lines(invoice=INVOICE),
        lambda world: world.invoices.some_lines(invoice=INVOICE),
        lambda world: world.payments.list(invoice=INVOICE),
        lambda world: world.reminders.of(invoice=INVOICE),
        lambda world: world.prepayments.list(client=CLIENT),
        lambda world: world.collecting.unbilled(invoice=INVOICE, limit=100),
        lambda world: list(world.records.of_client(account_id=ADA, client_id=CLIENT.id)),
        lambda world: world.register.given(account_id=ADA, series="2026-{seq}"),
        lambda world: list(world.current.of_one_client(account_id=ADA, client_id=CLIENT.id)),
        lambda world: world.crediting.lines(invoice=INVOICE),
        lambda world: world.credit_notes.of_invoice(account_id=ADA, invoice_id=INVOICE.id),
        lambda world: world.credit_notes.some_taken_back(note=NOTE),
        lambda world: world.numbering.held(account_id=ADA),
        lambda world: world.imports.list(account_id=ADA),
        lambda world: list(world.import_results.parts(account_id=ADA, import_id=import_id("1" * 16))),
    ],
    ids=[
        *(
            "clients",
            "lines",
            "some lines",
            "payments",
            "reminders",
            "prepayments",
            "unbilled work",
            "all of a client",
            "numbers",
            "what is published again",
        ),
        *(
            "lines that may be taken back",
            "credit notes",
            "lines taken back",
            "held invoices",
            "imports",
            "rows",
        ),
    ],
)
def test_what_was_just_written_is_among_what_is_read(
    dynamodb: World, watched: Watched, read: Callable[[World], object]
) -> None:
    dynamodb.having(CLIENT, ONE)
    watched.asked.clear()

    read(dynamodb)

    assert {asked["ConsistentRead"] for asked in watched.asked} == {True}


def test_clients_and_counters_are_told_from_all_else_of_the_account(world: World) -> None:
    world.having(an_account(), CLIENT, ONE)
    keep_counters([Contribution.of_work(ONE)], counters=world.counters)

    assert world.clients.list(account_id=ADA).items == (CLIENT,)
    assert [counter.client_id for counter in world.counters.list(account_id=ADA)] == [CLIENT.id]
    assert [counter.client_id for counter in world.counters.page(account_id=ADA).items] == [CLIENT.id]


def test_work_that_no_invoice_has_claimed_is_no_line_of_one(world: World) -> None:
    world.having(CLIENT, ONE, TWO).tick(INVOICE.due_on)

    world.collecting.claim(invoice=INVOICE, entries=[ONE])

    assert [line.id for line in world.invoices.lines(invoice=INVOICE)] == [ONE.id]
    assert [line.id for line in world.invoices.some_lines(invoice=INVOICE).items] == [ONE.id]


def test_a_client_that_is_moved_on_while_the_due_are_read_is_not_due_twice(
    dynamodb: World, watched: Watched
) -> None:
    """It is moved on within the very index that is read, and pages are read one after the other."""
    dynamodb.having(CLIENT, a_client(account_id=BOB))
    watched.most_in_a_page = 1
    found = []

    for due in dynamodb.due_clients.due(until=NOVEMBER_30):
        found.append((due.account_id, due.client_id))
        dynamodb.clients.update(
            account_id=due.account_id, client_id=due.client_id, change=Client.after_invoice_day
        )

    assert found == [(ADA, CLIENT.id), (BOB, CLIENT.id)]
