import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.clients import Client, Clients, ClientStatus, DueClient, DueClients
from domain.errors import ConflictError, NotFoundError
from domain.identifiers import client_id
from domain.paging import every
from domain.tax import Tax
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client
from tests.world import World

NOVEMBER = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def clients(world: World) -> Clients:
    return world.clients


@pytest.fixture
def due_clients(world: World) -> DueClients:
    return world.due_clients


def many(number: int, **changes: object) -> list[Client]:
    return [a_client(id=client_id(f"{index:016}"), **changes) for index in range(number)]


def as_due(client: Client) -> DueClient:
    assert client.due_at
    return DueClient(account_id=client.account_id, client_id=client.id, due_at=client.due_at)


def test_a_client_comes_back_as_it_was_stored(clients: Clients) -> None:
    client = a_client(
        tax=Tax(name="VAT", rate=Decimal("19.5")), hourly_rate=Decimal("85.50"), invoice_day="last"
    )

    clients.add(client=client)

    assert clients.get(account_id=ADA, client_id=ACME) == client


def test_a_client_of_another_account_is_not_there(clients: Clients) -> None:
    clients.add(client=a_client())

    with pytest.raises(NotFoundError):
        clients.get(account_id=BOB, client_id=ACME)
    with pytest.raises(NotFoundError):
        clients.update(account_id=BOB, client_id=ACME, change=Client.paused)


def test_an_id_is_taken_once_in_each_account(clients: Clients) -> None:
    clients.add(client=a_client())

    with pytest.raises(ConflictError):
        clients.add(client=a_client(name="Another"))
    clients.add(client=a_client(account_id=BOB))

    assert clients.get(account_id=ADA, client_id=ACME) == a_client()


def test_each_update_is_the_next_version(clients: Clients) -> None:
    clients.add(client=a_client())

    updated = clients.update(account_id=ADA, client_id=ACME, change=Client.paused)

    assert updated == a_client(status=ClientStatus.PAUSED, version=2)
    assert clients.get(account_id=ADA, client_id=ACME) == updated


def test_a_change_runs_again_when_somebody_else_wrote_in_between(clients: Clients) -> None:
    clients.add(client=a_client())
    runs = iter(range(9))

    def rename(client: Client) -> Client:
        if next(runs) == 0:
            clients.update(account_id=ADA, client_id=ACME, change=Client.paused)
        return replace(client, name="Acme Ltd")

    updated = clients.update(account_id=ADA, client_id=ACME, change=rename)

    assert updated == a_client(status=ClientStatus.PAUSED, name="Acme Ltd", version=3)


def test_clients_are_listed_by_id_the_archived_ones_included(clients: Clients) -> None:
    one, two = a_client(), a_client(id=UMBRELLA, status=ClientStatus.ARCHIVED)
    for client in (two, one, a_client(account_id=BOB)):
        clients.add(client=client)

    page = clients.list(account_id=ADA)

    assert (page.items, page.next_cursor) == ((one, two), None)


def test_an_account_without_clients_has_an_empty_list(clients: Clients) -> None:
    assert clients.list(account_id=ADA).items == ()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_a_long_list_comes_a_page_at_a_time(clients: Clients, limit: int) -> None:
    stored = many(7)
    for client in stored:
        clients.add(client=client)

    pages = clients.list(account_id=ADA, limit=limit)
    listed = list(every(lambda cursor: clients.list(account_id=ADA, limit=limit, cursor=cursor)))

    assert len(pages.items) == min(limit, 7)
    assert listed == stored


def test_clients_are_due_from_the_very_instant_on(clients: Clients, due_clients: DueClients) -> None:
    client = a_client()
    clients.add(client=client)
    assert client.due_at

    a_second_before = client.due_at - dt.timedelta(seconds=1)

    assert list(due_clients.due(until=a_second_before)) == []
    assert list(due_clients.due(until=client.due_at)) == [as_due(client)]


def test_due_clients_of_all_accounts_are_found(clients: Clients, due_clients: DueClients) -> None:
    stored = [*many(40), *many(40, account_id=BOB)]
    for client in stored:
        clients.add(client=client)

    found = list(due_clients.due(until=NOVEMBER))

    assert sorted(found, key=repr) == sorted(map(as_due, stored), key=repr)


@pytest.mark.parametrize("status", [ClientStatus.PAUSED, ClientStatus.HELD, ClientStatus.ARCHIVED])
def test_a_client_that_is_not_active_is_not_due(
    clients: Clients, due_clients: DueClients, status: ClientStatus
) -> None:
    clients.add(client=a_client())

    clients.update(account_id=ADA, client_id=ACME, change=lambda client: replace(client, status=status))

    assert list(due_clients.due(until=NOVEMBER)) == []


def test_a_client_that_is_active_again_is_due_again(clients: Clients, due_clients: DueClients) -> None:
    clients.add(client=a_client(status=ClientStatus.HELD))

    active = clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: client.resumed(dt.date(2026, 10, 31))
    )

    assert list(due_clients.due(until=NOVEMBER)) == [as_due(active)]


def test_a_client_that_was_moved_on_is_due_at_its_new_instant_only(
    clients: Clients, due_clients: DueClients
) -> None:
    clients.add(client=a_client())

    moved = clients.update(account_id=ADA, client_id=ACME, change=Client.after_invoice_day)

    assert list(due_clients.due(until=NOVEMBER)) == []
    assert list(due_clients.due(until=NOVEMBER + dt.timedelta(days=31))) == [as_due(moved)]
