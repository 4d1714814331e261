import datetime as dt

import pytest

from domain.errors import WillNeverWorkError
from tests.builders import UMBRELLA, a_client, a_work_entry, an_invoice
from tests.fakes import Store
from tests.fakes.store import Step
from tests.gateway import User
from tests.problems import bad_query
from tests.world import World

WORK = "/v1/work-entries"
FOREIGN = ("/cursor", "not-a-cursor", "must be the next_cursor of an answer with the same filters")
LISTS = ["/v1/clients", WORK, "/v1/invoices"]


def fill(world: World, user: User, *, count: int = 5) -> None:
    """As many clients, work entries and invoices."""
    for number in range(count):
        client = a_client(id=f"cli_{number:016}", account_id=user.account_id)
        world.having(client, a_work_entry(client=client))
        world.opening.open(invoice=an_invoice(client), client=client, moved=client.after_invoice_day())


def pages(user: User, path: str, **query: str | int) -> list[list[str]]:
    """The ids of each page, following the cursors."""
    found, response = [], user.get(path, **query)
    while response.body["has_more"]:
        found.append([item["id"] for item in response.body["data"]])
        response = user.get(path, **query, cursor=response.body["next_cursor"])
    assert "next_cursor" not in response.body
    return [*found, [item["id"] for item in response.body["data"]]]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_part_by_part(world: World, ada: User, path: str) -> None:
    fill(world, ada)

    [whole] = pages(ada, path)
    assert len(whole) == 5
    assert pages(ada, path, limit=2) == [whole[:2], whole[2:4], whole[4:]]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_twenty_unless_it_is_asked_for_more(world: World, ada: User, path: str) -> None:
    fill(world, ada, count=21)

    assert [len(page) for page in pages(ada, path)] == [20, 1]
    assert [len(page) for page in pages(ada, path, limit=100)] == [21]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "1,2", "٣"])
def test_a_limit_is_a_number_from_1_to_100(ada: User, path: str, limit: str) -> None:
    response = ada.get(path, limit=limit)

    wrong = ("/limit", "bad-value", "must be a number from 1 to 100")
    assert (response.status, response.body) == (400, bad_query(wrong, at=path))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["", "x", "é", "bm90IGEgY3Vyc29y", "gICA", "%00"])
def test_a_cursor_is_none_of_our_own_making(ada: User, path: str, cursor: str) -> None:
    response = ada.get(path, cursor=cursor)

    assert (response.status, response.body) == (400, bad_query(FOREIGN, at=path))


def test_a_cursor_belongs_to_one_list(world: World, ada: User) -> None:
    fill(world, ada)
    cursor = ada.get("/v1/clients", limit=2).body["next_cursor"]

    assert ada.get(WORK, cursor=cursor).body == bad_query(FOREIGN, at=WORK)


def test_a_cursor_belongs_to_its_filters(world: World, ada: User) -> None:
    fill(world, ada)
    cursor = ada.get(WORK, limit=2, since="2026-10-01").body["next_cursor"]

    assert ada.get(WORK, cursor=cursor, since="2026-10-02").body == bad_query(FOREIGN, at=WORK)
    assert ada.get(WORK, cursor=cursor, since="2026-10-01").status == 200


def test_a_cursor_belongs_to_one_account(world: World, ada: User, bob: User) -> None:
    fill(world, ada)
    cursor = ada.get(WORK, limit=2).body["next_cursor"]

    assert bob.get(WORK, cursor=cursor).body == bad_query(FOREIGN, at=WORK)


def test_a_cursor_that_the_store_refuses_is_told_as_one(store: Store, world: World, ada: User) -> None:
    fill(world, ada)
    cursor = ada.get(WORK, limit=2).body["next_cursor"]
    store.hook = refusing_places

    assert ada.get(WORK, cursor=cursor).body == bad_query(FOREIGN, at=WORK)


def refusing_places(step: Step) -> None:
    raise WillNeverWorkError(f"{step.call}: the provided starting key is invalid")


def test_every_wrong_parameter_is_told_at_once(ada: User) -> None:
    response = ada.get(WORK, since="yesterday", until="2026-02-30", client_id="acme", billed="1", page=2)

    known = "is not a parameter here; known are limit, cursor, since, until, client_id, project, billed"
    date = "must be a date such as 2026-10-31"
    wrong = (
        ("/since", "bad-value", date),
        ("/until", "bad-value", date),
        ("/client_id", "bad-value", "must be the id of a client such as cli_06f3k9q2m4x7v1ta"),
        ("/billed", "bad-value", "must be true or false"),
        ("/page", "unknown-parameter", known),
    )
    assert (response.status, response.body) == (400, bad_query(*wrong, at=WORK))


@pytest.mark.parametrize("day", ["20261001", "2026-W40-4", "2026-10-1", "2026-10-01T00:00:00Z", "٢٠٢٦-١٠-٠١"])
def test_a_day_has_one_way_to_be_written(ada: User, day: str) -> None:
    wrong = ("/since", "bad-value", "must be a date such as 2026-10-31")

    assert ada.get(WORK, since=day).body == bad_query(wrong, at=WORK)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_is_one_of_our_times(ada: User, day: str) -> None:
    assert ada.get(WORK, since=day).status == 400
    assert ada.get(WORK, until=day).status == 400


def test_rare_work_is_gathered_from_many_parts(world: World, ada: User) -> None:
    """A page is filled although the store has to be asked more than once."""
    scattered(world, ada, of_umbrella=(0, 2, 3, 8))

    first, second, *rest = pages(ada, WORK, client_id=UMBRELLA, limit=2)
    assert (first, second) == ([umbrella(0), umbrella(2)], [umbrella(3), umbrella(8)])
    assert not any(rest)


def test_very_rare_work_is_not_looked_for_without_end(store: Store, world: World, ada: User) -> None:
    scattered(world, ada, of_umbrella=(24,))
    store.calls.clear()

    first = ada.get(WORK, client_id=UMBRELLA, limit=1)

    assert (first.body["data"], first.body["has_more"]) == ([], True)
    assert store.calls["work.list"] == 10
    assert pages(ada, WORK, client_id=UMBRELLA, limit=1)[-1] == [umbrella(24)]


def scattered(world: World, user: User, *, of_umbrella: tuple[int, ...]) -> None:
    """An entry a day, most of them for another client."""
    acme = a_client(account_id=user.account_id)
    other = a_client(id=UMBRELLA, account_id=user.account_id)
    for day in range(25):
        client = other if day in of_umbrella else acme
        date = dt.date(2026, 10, 1) + dt.timedelta(days=day)
        world.having(a_work_entry(f"{day:016}", client=client, date=date))


def umbrella(day: int) -> str:
    return f"wrk_umbrella00000000{day:016}"
