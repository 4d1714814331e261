import datetime as dt

import pytest

from domain import previewing
from domain.errors import InvalidError
from domain.identifiers import client_id
from domain.outcomes import MOST_CLIENTS, ForeseenRun, compare_clients
from domain.previewing import Changed, Foreseeing, ForeseenClient, Outcome, preview_clients
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)


def foreseeing(world: World) -> Foreseeing:
    return Foreseeing(
        seller=an_account(),
        clients=world.clients,
        invoices=world.invoices,
        collecting=world.collecting,
        known=world.known_work,
    )


def test_no_more_clients_are_compared_at_once_than_a_page_has() -> None:
    clients = (ForeseenClient(client_id=ACME),) * (MOST_CLIENTS + 1)

    with pytest.raises(InvalidError) as caught:
        ForeseenRun(as_of=OCTOBER_31, clients=clients)

    assert [(each.pointer, each.code) for each in caught.value.problems] == [("/clients", "too-many")]
    assert len(ForeseenRun(as_of=OCTOBER_31, clients=clients[1:]).clients) == MOST_CLIENTS


def test_a_page_of_foreseen_clients_ends_early_once_their_work_is_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previewing, "MOST_ENTRIES", 2)
    clients = [a_client(id=client_id(f"{number:016}")) for number in range(4)]
    work = [a_work_entry(f"{number:016}", client=clients[number // 2]) for number in range(3)]
    world = in_memory(Store()).having(an_account(), *clients, *work)
    reading = foreseeing(world)

    first = preview_clients(OCTOBER_31, reading=reading, limit=3, cursor=None)
    second = preview_clients(OCTOBER_31, reading=reading, limit=3, cursor=first.next_cursor)

    assert [each.client_id for each in first.items] == [clients[0].id]
    assert [each.client_id for each in second.items] == [client.id for client in clients[1:]]
    assert second.next_cursor is None


def test_a_page_that_has_all_of_its_clients_is_read_once_however_much_their_work_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Read once more up to its last client, the table cannot tell that none is left."""
    monkeypatch.setattr(previewing, "MOST_ENTRIES", 1)
    store = Store()
    world = in_memory(store).having(an_account(), a_client(), a_work_entry())
    store.calls.clear()

    page = preview_clients(OCTOBER_31, reading=foreseeing(world), limit=10, cursor=None)

    assert (len(page.items), page.next_cursor, store.calls["clients.list"]) == (1, None, 1)


def test_what_came_on_an_invoice_that_was_to_be_over_nothing_is_told_line_by_line() -> None:
    world = in_memory(Store()).having(an_account(), a_client())
    page = preview_clients(OCTOBER_31, reading=foreseeing(world), limit=10, cursor=None)
    world.having(a_work_entry())
    world.issue_all(world.tick(OCTOBER_31).invoices, client=a_client(), day=OCTOBER_31)

    [difference] = compare_clients(
        ForeseenRun(as_of=OCTOBER_31, clients=page.items),
        account_id=ADA,
        clients=world.clients,
        invoices=world.invoices,
    )

    assert difference.outcome is Outcome.DIFFERS
    assert Changed(what=a_work_entry().id, actual="10000") in difference.changed
