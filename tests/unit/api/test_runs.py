import datetime as dt
from typing import Any

import pytest

from domain.clients import Client
from domain.identifiers import client_id
from tests.builders import UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.gateway import User
from tests.world import World

PREVIEWS = "/v1/invoice-previews"
COMPARISON = f"{PREVIEWS}/comparison"
OCTOBER_31 = dt.date(2026, 10, 31)
DAY = {"as_of": "2026-10-31"}


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    """A client with work in October, and another one without."""
    client = a_client(account_id=ada.account_id)
    idle = a_client(id=UMBRELLA, account_id=ada.account_id, invoice_day=15)
    world.having(an_account(id=ada.account_id), client, idle, a_work_entry(client=client))
    return client


def foreseen(user: User, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.get(PREVIEWS, **(DAY | query)).body["data"]
    return found


def run(world: World, client: Client) -> None:
    world.issue_all(world.tick(OCTOBER_31).invoices, client=client, day=OCTOBER_31)


def compared(user: User, clients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = user.post(COMPARISON, DAY | {"clients": clients})
    assert answer.status == 200
    differences: list[dict[str, Any]] = answer.body["differences"]
    return differences


def test_the_coming_run_is_foreseen_for_all_clients_and_nothing_is_made(
    ada: User, acme: Client, world: World
) -> None:
    first, second = foreseen(ada)

    assert (first["client_id"], first["is_held"], second["client_id"]) == (acme.id, False, UMBRELLA)
    [invoice] = first["invoices"]
    assert (invoice["invoice_id"], invoice["due_on"]) == (an_invoice_id(), "2026-10-31")
    assert (invoice["entries"], invoice["net"], invoice["total"]) == (1, 100_00, 100_00)
    assert [each["entries"] for each in second["invoices"]] == [0]
    assert world.invoices.list(account_id=ada.account_id).items == ()


def test_it_comes_a_page_of_clients_at_a_time(ada: User, acme: Client) -> None:
    first = ada.get(PREVIEWS, **DAY, limit="1").body
    second = ada.get(PREVIEWS, **DAY, limit="1", cursor=first["next_cursor"]).body
    foreign = ada.get(PREVIEWS, as_of="2026-11-30", limit="1", cursor=first["next_cursor"])

    assert [each["client_id"] for each in (*first["data"], *second["data"])] == [acme.id, UMBRELLA]
    assert foreign.status == 400


def test_where_no_day_is_said_it_is_today(ada: User, acme: Client) -> None:
    """It is 28 October."""
    first, second = ada.get(PREVIEWS).body["data"]

    assert (first["invoices"], len(second["invoices"])) == ([], 1)


def test_what_came_as_it_was_foreseen_is_the_same(ada: User, acme: Client, world: World) -> None:
    before = foreseen(ada)
    run(world, acme)

    assert {each["outcome"] for each in compared(ada, before)} == {"same"}


def test_what_became_otherwise_is_told_with_the_numbers(ada: User, acme: Client, world: World) -> None:
    before = foreseen(ada)
    world.having(a_work_entry("later00000000000", client=acme))
    run(world, acme)

    differs, same = compared(ada, before)

    assert (differs["outcome"], same["outcome"]) == ("differs", "same")
    assert {"what": "entries", "foreseen": "1", "actual": "2"} in differs["changed"]


def test_what_did_not_come_is_missing_and_what_nobody_foresaw_is_told(
    ada: User, acme: Client, world: World
) -> None:
    before = foreseen(ada)
    assert {each["outcome"] for each in compared(ada, before)} == {"missing"}
    run(world, acme)

    unforeseen = compared(ada, [{"client_id": acme.id, "is_held": False, "invoices": []}])

    assert unforeseen == [
        {
            "invoice_id": an_invoice_id(),
            "client_id": acme.id,
            "outcome": "unforeseen",
            "state": "issued",
            "changed": [],
        }
    ]


def test_what_came_before_or_after_what_was_foreseen_is_not_told(
    ada: User, acme: Client, world: World
) -> None:
    run(world, acme)
    world.tick(dt.date(2026, 11, 30))
    since = {"client_id": acme.id, "previous_due_on": "2026-10-31", "is_held": False, "invoices": []}

    assert compared(ada, [since]) == []


def test_only_so_many_are_looked_at(
    ada: User, acme: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(world, acme)
    world.tick(dt.date(2026, 11, 30))
    monkeypatch.setattr("domain.outcomes.MOST_BACK", 1)

    assert compared(ada, [{"client_id": acme.id, "is_held": False, "invoices": []}]) == []


def test_nothing_is_told_of_anothers_invoices(bob: User, ada: User, acme: Client, world: World) -> None:
    before = foreseen(ada)
    run(world, acme)

    assert bob.post(COMPARISON, DAY | {"clients": before}).status == 404


def test_a_client_that_there_is_not_is_not_found(ada: User, acme: Client) -> None:
    unknown = {"client_id": client_id("0" * 16), "is_held": False, "invoices": []}

    answer = ada.post(COMPARISON, DAY | {"clients": [unknown]})

    assert answer.status == 404
    [problem] = answer.body["errors"]
    assert (problem["pointer"], unknown["client_id"] in problem["message"]) == ("/clients", True)


def test_what_is_no_preview_is_refused(ada: User, acme: Client) -> None:
    answer = ada.post(COMPARISON, {"as_of": "2026-10-31", "clients": [{"client_id": 1}]})

    assert answer.status == 422
