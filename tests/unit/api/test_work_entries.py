import datetime as dt
from dataclasses import replace

import pytest

from domain.clients import Client
from domain.identifiers import WorkId
from domain.work import WorkEntry
from handlers.api.openapi import document
from tests.builders import UMBRELLA, a_client, a_work_entry, an_account
from tests.gateway import Response, User
from tests.problems import bad_query, invalid, not_found, problem
from tests.world import World

ALL = "/v1/work-entries"
ENTRY = WorkId("wrk_acme000000000000work000000000000")
AT = f"{ALL}/{ENTRY}"
SAID = {
    "client_id": "cli_acme000000000000",
    "date": "2026-10-05",
    "description": "Analytical engine",
    "minutes": 100,
}
SHOWN = {
    "id": ENTRY,
    **SAID,
    "tags": [],
    "billable": True,
    "adjustments": [],
    "quantity": "1.6667",
    "unit": "hour",
    "unit_price": "100",
    "amount": 16667,
    "currency": "EUR",
}
DAY = dt.timedelta(days=1)


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    client = a_client(account_id=ada.account_id)
    world.having(client)
    return client


@pytest.fixture
def entry(world: World, acme: Client) -> WorkEntry:
    entry = a_work_entry(client=acme, minutes=100)
    world.having(entry)
    return entry


@pytest.fixture
def claimed(world: World, entry: WorkEntry) -> WorkEntry:
    return world.work.update(
        account_id=entry.account_id,
        work_id=entry.id,
        change=lambda entry: entry.claimed(dt.date(2026, 10, 31)),
    )


def test_time_is_logged_at_the_clients_hourly_rate(ada: User, acme: Client) -> None:
    response = ada.post(ALL, SAID)

    logged = SHOWN | {"id": "wrk_acme0000000000000000000000000001"}
    assert (response.status, response.body) == (201, logged)
    assert ada.get(ALL).body["data"] == [logged]


def test_a_quantity_is_logged_at_its_own_price(ada: User, acme: Client) -> None:
    said = {"quantity": "2.50", "unit": "page", "rate": "12.345", "tags": ["a", "b"], "project": "Notes"}
    body = {name: value for name, value in SAID.items() if name != "minutes"} | said
    response = ada.post(ALL, body)

    priced = {"quantity": "2.5", "unit": "page", "rate": "12.345", "unit_price": "12.345", "amount": 3086}
    kept = {"tags": ["a", "b"], "project": "Notes"}
    shown = {name: value for name, value in SHOWN.items() if name != "minutes"}
    assert response.body == shown | {"id": "wrk_acme0000000000000000000000000001"} | priced | kept


def test_every_wrong_value_of_new_work_is_told_at_once(ada: User, acme: Client) -> None:
    response = ada.post(ALL, {"date": "5 Oct", "description": "", "minutes": 1.5, "hours": 2})

    assert response.status == 422
    assert sorted((each["pointer"], each["code"]) for each in response.body["errors"]) == [
        ("/client_id", "missing"),
        ("/date", "not-a-date"),
        ("/hours", "unknown-field"),
        ("/minutes", "float"),
    ]


@pytest.mark.parametrize("client_id", ["cli_nobody0000000000", "", "acme"])
def test_work_for_nobody_is_not_found_and_says_where(ada: User, acme: Client, client_id: str) -> None:
    response = ada.post(ALL, SAID | {"client_id": client_id})

    detail = response.body["detail"]
    wrong = [{"pointer": "/client_id", "code": "not-found", "message": detail}]
    assert response.status == 404
    assert response.body == not_found(detail, at=ALL) | {"errors": wrong}
    assert client_id in detail


def test_an_archived_client_takes_no_work(ada: User, acme: Client) -> None:
    ada.patch(f"/v1/clients/{acme.id}", {"status": "archived"})

    response = ada.post(ALL, SAID)

    told = f"{acme.id} is archived; make it active again to log work for it"
    assert response.body == problem(409, "client-is-archived", "Client is archived", told, at=ALL)
    assert response.status == 409


def test_a_patch_prices_the_work_anew(ada: User, entry: WorkEntry) -> None:
    response = ada.patch(AT, {"minutes": 60, "rate": "99.5", "project": "Engine"})

    changed = {"minutes": 60, "quantity": "1", "rate": "99.5", "unit_price": "99.5", "amount": 9950}
    assert (response.status, response.body) == (200, SHOWN | changed | {"project": "Engine"})
    assert ada.get(ALL).body["data"] == [response.body]


def test_a_patch_turns_time_into_a_quantity(ada: User, entry: WorkEntry) -> None:
    response = ada.patch(AT, {"minutes": None, "quantity": "3", "unit": "page", "rate": "10"})

    assert "minutes" not in response.body
    assert (response.body["quantity"], response.body["unit"], response.body["amount"]) == ("3", "page", 3000)


def test_a_patch_with_a_wrong_value_changes_nothing(ada: User, entry: WorkEntry) -> None:
    response = ada.patch(AT, {"minutes": 1441, "description": "Notes"})

    wrong = ("/minutes", "out-of-range", "must be between 1 and 1440")
    assert (response.status, response.body) == (422, invalid(wrong, at=AT))
    assert ada.get(ALL).body["data"] == [SHOWN]


def test_work_stays_with_its_client(ada: User, entry: WorkEntry) -> None:
    response = ada.patch(AT, {"client_id": "cli_umbrella00000000", "minutes": 60})

    told = "cannot change; remove the work and log it for the other client"
    assert response.status == 422
    assert response.body == invalid(("/client_id", "work-cannot-move", told), at=AT)


def test_what_an_invoice_has_claimed_says_so(ada: User, claimed: WorkEntry) -> None:
    assert ada.get(ALL).body["data"] == [SHOWN | {"invoice_id": "inv_acme00000000000020261031"}]


def test_claimed_work_can_be_neither_edited_nor_removed(ada: User, claimed: WorkEntry) -> None:
    edited, removed = ada.patch(AT, {"minutes": 60}), ada.delete(AT)

    told = f"{ENTRY} stands on invoice inv_acme00000000000020261031: it can be neither edited nor removed"
    refused = problem(409, "work-already-invoiced", "Work already invoiced", told, at=AT)
    assert (edited.status, edited.body) == (409, refused)
    assert (removed.status, removed.body) == (409, refused)


def test_work_is_removed_once_however_often_it_is_asked_for(ada: User, entry: WorkEntry) -> None:
    first, second = ada.delete(AT), ada.delete(AT)

    assert (first.status, first.body, first.headers) == (204, None, {"cache-control": "no-store"})
    assert second == first
    assert ada.get(ALL).body["data"] == []


def test_removed_work_is_not_found(ada: User, entry: WorkEntry) -> None:
    ada.delete(AT)

    response = ada.patch(AT, {"minutes": 60})

    assert (response.status, response.body) == (404, not_found(f"there is no work entry {ENTRY}", at=AT))


@pytest.mark.parametrize(
    "work_id", ["wrk_acme000000000000nothing000000000", "wrk_acme", "cli_acme000000000000"]
)
def test_unknown_work_is_not_found(ada: User, entry: WorkEntry, work_id: str) -> None:
    at = f"{ALL}/{work_id}"

    assert ada.patch(at, {"minutes": 60}).status == 404
    assert ada.delete(at).status == 404


def logged_on(world: World, client: Client, *days: dt.date) -> None:
    world.having(*(a_work_entry(f"{day:%Y%m%d}00000000", client=client, date=day) for day in days))


def dates(response: Response) -> list[str]:
    return [entry["date"] for entry in response.body["data"]]


def test_work_is_listed_by_date_from_the_start_of_last_month_to_a_year_ahead(
    world: World, ada: User, acme: Client
) -> None:
    first, last = dt.date(2026, 9, 1), dt.date(2027, 10, 29)
    logged_on(world, acme, last + DAY, last, first, first - DAY)

    assert dates(ada.get(ALL)) == ["2026-09-01", "2027-10-29"]


def test_work_is_listed_between_two_days_which_are_included(world: World, ada: User, acme: Client) -> None:
    logged_on(world, acme, *(dt.date(2020, 2, day) for day in (1, 2, 3, 4)))

    assert dates(ada.get(ALL, since="2020-02-02", until="2020-02-03")) == ["2020-02-02", "2020-02-03"]


def test_since_alone_reaches_a_year_ahead_and_until_alone_to_the_month_before(
    world: World, ada: User, acme: Client
) -> None:
    logged_on(
        world, acme, dt.date(2020, 1, 31), dt.date(2020, 2, 1), dt.date(2020, 3, 9), dt.date(2028, 5, 5)
    )

    assert dates(ada.get(ALL, until="2020-03-31")) == ["2020-02-01", "2020-03-09"]
    assert dates(ada.get(ALL, since="2028-05-05")) == ["2028-05-05"]


def test_a_range_that_ends_before_it_begins_is_refused(ada: User, acme: Client) -> None:
    response = ada.get(ALL, since="2026-10-02", until="2026-10-01")

    wrong = ("/since", "after-until", "must not be after until, which is 2026-10-01")
    assert (response.status, response.body) == (400, bad_query(wrong, at=ALL))


def test_work_of_one_client_is_listed_alone(world: World, ada: User, entry: WorkEntry, acme: Client) -> None:
    other = replace(acme, id=UMBRELLA)
    world.having(other, a_work_entry(client=other))

    assert len(ada.get(ALL).body["data"]) == 2
    assert ada.get(ALL, client_id=acme.id).body == {"data": [SHOWN], "has_more": False}


@pytest.mark.parametrize(
    ("said", "bodies"),
    [
        ({}, "abcd"),
        ({"project": "Café"}, "ab"),
        ({"project": "Cafe\u0301"}, "ab"),
        ({"project": "cafe"}, ""),
        ({"billed": "true"}, "b"),
        ({"billed": "false"}, "ad"),
        ({"billed": "false", "client_id": UMBRELLA}, "d"),
        ({"billed": "false", "project": "Café", "client_id": "cli_acme000000000000"}, "a"),
    ],
)
def test_work_is_listed_by_all_that_is_said_of_it(
    world: World, ada: User, acme: Client, said: dict[str, str], bodies: str
) -> None:
    theirs = a_client(id=UMBRELLA, account_id=ada.account_id)
    world.having(
        a_work_entry("a" * 16, client=acme, project="Café"),
        a_work_entry("b" * 16, client=acme, project="Café", invoiced_on=dt.date(2026, 10, 31)),
        a_work_entry("c" * 16, client=acme, billable=False),
        a_work_entry("d" * 16, client=theirs),
    )

    found: list[str] = []
    response = ada.get(ALL, limit=1, **said)
    found += [entry["id"][-1] for entry in response.body["data"]]
    while response.body["has_more"]:
        response = ada.get(ALL, limit=1, cursor=response.body["next_cursor"], **said)
        found += [entry["id"][-1] for entry in response.body["data"]]

    assert "".join(found) == bodies


def test_a_cursor_belongs_to_what_was_said_of_the_work(world: World, ada: User, acme: Client) -> None:
    world.having(*(a_work_entry(letter * 16, client=acme, project="A") for letter in "ab"))
    cursor = ada.get(ALL, limit=1, project="A").body["next_cursor"]

    assert ada.get(ALL, cursor=cursor).status == 400
    assert ada.get(ALL, cursor=cursor, project="A", billed="false").status == 400
    assert ada.get(ALL, cursor=cursor, project="A").status == 200


def test_the_name_of_a_project_has_an_end(ada: User) -> None:
    wrong = ("/project", "bad-value", "must have at most 200 characters")

    assert ada.get(ALL, project="x" * 201).body == bad_query(wrong, at=ALL)
    assert ada.get(ALL, project="x" * 200).status == 200


def test_the_document_says_how_long_the_name_of_a_project_may_be() -> None:
    parameters = document()["paths"][ALL]["get"]["parameters"]

    [project] = [each for each in parameters if each["name"] == "project"]
    assert project["schema"] == {"type": "string", "maxLength": 200}


@pytest.mark.parametrize("patch", [{"minutes": 0}, {"description": ""}, {"description": "Notes"}])
def test_what_is_gone_is_gone_whatever_it_is_to_become(
    ada: User, world: World, patch: dict[str, object]
) -> None:
    acme = a_client(account_id=ada.account_id)
    entry = a_work_entry(client=acme)
    world.having(an_account(id=ada.account_id), acme, entry)
    at = f"/v1/work-entries/{entry.id}"
    ada.delete(at)

    assert ada.patch(at, patch).status == 404


def test_work_is_logged_with_a_tax_an_allowance_and_a_charge_of_its_own(ada: User, acme: Client) -> None:
    said = {
        "tax": {"category": "AE", "rate": "0", "name": "VAT"},
        "adjustments": [
            {"reason": "Loyal for years", "percent": "10", "is_charge": False},
            {"reason": "Travel", "amount": "12.50", "is_charge": True},
        ],
    }

    logged = ada.post(ALL, SAID | said).body

    assert {name: logged[name] for name in said} == said
    assert logged["amount"] == 166_67 - 16_67 + 12_50


def test_what_is_wrong_with_an_allowance_is_told_where_it_stands(ada: User, acme: Client) -> None:
    too_much = ada.post(ALL, SAID | {"adjustments": [{"reason": "Free", "amount": "1000"}]})
    float_ = ada.post(ALL, SAID | {"adjustments": [{"reason": "Free", "percent": 12.5}]})
    both = ada.post(ALL, SAID | {"adjustments": [{"reason": "Free", "percent": "1", "amount": "1"}]})

    told = [
        (each["pointer"], each["code"])
        for answer in (too_much, float_, both)
        for each in answer.body["errors"]
    ]
    assert told == [
        ("/adjustments", "below-nothing"),
        ("/adjustments/0/percent", "float"),
        ("/adjustments/0/percent", "either"),
    ]
