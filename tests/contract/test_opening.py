import datetime as dt
from dataclasses import replace

import pytest

from domain.clients import Client
from domain.errors import NotFoundError
from domain.identifiers import InvoiceId
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.opening import MOST_PUT
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_invoice_id
from tests.world import World

CLIENT = a_client()
INVOICE = Invoice.opened(CLIENT)
MOVED = CLIENT.after_invoice_day()


def stored_client(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def stored_invoice(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE.id)


def test_opening_puts_the_invoice_and_moves_the_client_on(world: World) -> None:
    world.having(CLIENT)

    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    assert stored_invoice(world) == INVOICE
    assert stored_client(world) == replace(MOVED, version=2)


def test_opening_puts_the_work_of_retainers_too(world: World) -> None:
    entry = a_work_entry()
    world.having(CLIENT)

    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED, work=[entry])

    assert world.opening.among(account_id=ADA, work_ids=[entry.id]) == {entry.id: entry}
    assert world.collecting.unbilled(invoice=INVOICE, limit=None) == [entry]


def test_where_some_of_the_work_is_there_already_nothing_is_opened(world: World) -> None:
    entry, later = a_work_entry(), a_work_entry("later00000000000")
    world.having(CLIENT, entry)

    with pytest.raises(InvoiceMovedError):
        world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED, work=[later, entry])

    assert stored_client(world) == CLIENT
    assert world.opening.among(account_id=ADA, work_ids=[later.id]) == {}
    with pytest.raises(NotFoundError):
        stored_invoice(world)


def test_more_work_than_one_transaction_takes_is_put_as_well(world: World) -> None:
    work = [a_work_entry(f"{number:016}") for number in range(2 * MOST_PUT + 1)]
    world.having(CLIENT)

    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED, work=work)

    assert world.collecting.unbilled(invoice=INVOICE, limit=None) == work


def test_work_is_put_also_where_the_invoice_is_there_already(world: World) -> None:
    world.having(CLIENT)
    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)
    behind = world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(CLIENT, version=client.version)
    )

    world.opening.open(invoice=INVOICE, client=behind, moved=MOVED, work=[a_work_entry()])

    assert world.collecting.unbilled(invoice=INVOICE, limit=None) == [a_work_entry()]


def test_a_client_that_has_changed_is_not_moved_on_and_gets_no_invoice(world: World) -> None:
    world.having(CLIENT)
    world.clients.update(account_id=ADA, client_id=ACME, change=Client.paused)

    with pytest.raises(InvoiceMovedError):
        world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    assert stored_client(world) == replace(CLIENT.paused(), version=2)
    with pytest.raises(NotFoundError):
        stored_invoice(world)


def test_of_two_ticks_one_opens_the_invoice(world: World) -> None:
    world.having(CLIENT)
    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    with pytest.raises(InvoiceMovedError):
        world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    assert stored_client(world).version == 2


def test_an_invoice_that_is_there_already_stays_as_it_is(world: World) -> None:
    """Then only the client is moved on."""
    entry = a_work_entry()
    world.having(CLIENT, entry)
    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)
    world.collecting.claim(invoice=INVOICE, entries=[entry])
    behind = world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(CLIENT, version=client.version)
    )

    world.opening.open(invoice=INVOICE, client=behind, moved=behind.after_invoice_day())

    assert (stored_invoice(world).entries, stored_invoice(world).version) == (1, 2)
    assert stored_client(world) == replace(MOVED, version=4)


def test_a_client_that_has_changed_is_not_moved_on_either_where_the_invoice_is_there(world: World) -> None:
    world.having(CLIENT)
    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)
    before = stored_client(world)

    with pytest.raises(InvoiceMovedError):
        world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    assert stored_client(world) == before


def test_a_client_is_held_as_it_was_read(world: World) -> None:
    world.having(CLIENT)

    world.opening.hold(client=CLIENT, held=CLIENT.held())

    assert stored_client(world) == replace(CLIENT.held(), version=2)


def test_a_client_that_has_changed_is_not_held(world: World) -> None:
    world.having(CLIENT)
    renamed = world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, name="Acme Ltd")
    )

    with pytest.raises(InvoiceMovedError):
        world.opening.hold(client=CLIENT, held=CLIENT.held())

    assert stored_client(world) == renamed


def test_an_invoice_of_another_account_is_not_there(world: World) -> None:
    world.having(CLIENT)
    world.opening.open(invoice=INVOICE, client=CLIENT, moved=MOVED)

    with pytest.raises(NotFoundError):
        world.invoices.get(account_id=BOB, invoice_id=INVOICE.id)
    assert world.invoices.list(account_id=BOB).items == ()


def test_invoices_are_listed_the_newest_first_by_the_day_they_were_issued_or_are_due(world: World) -> None:
    january = dt.date(2027, 1, 31)
    world.having(CLIENT)
    opened = list(world.tick(january).invoices)

    listed = world.invoices.list(account_id=ADA)

    assert [invoice.id for invoice in listed.items] == opened[::-1]
    assert {invoice.state for invoice in listed.items} == {State.OPEN}


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_a_long_list_comes_a_page_at_a_time(world: World, limit: int) -> None:
    world.having(CLIENT)
    world.tick(dt.date(2027, 1, 31))

    due_dates, cursor = list[dt.date](), None
    for _ in range(4):
        page = world.invoices.list(account_id=ADA, limit=limit, cursor=cursor)
        due_dates += [invoice.due_on for invoice in page.items]
        if (cursor := page.next_cursor) is None:
            break

    assert cursor is None
    assert [each.month for each in due_dates] == [1, 12, 11, 10]


@pytest.mark.parametrize("unknown", [an_invoice_id(due_on=dt.date(2026, 10, 30)), "inv_", "", "cli_acme"])
def test_an_invoice_that_is_not_there_is_not_found(world: World, unknown: InvoiceId) -> None:
    with pytest.raises(NotFoundError):
        world.invoices.get(account_id=ADA, invoice_id=unknown)
