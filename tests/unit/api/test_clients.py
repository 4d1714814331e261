import datetime as dt
from dataclasses import replace

import pytest

from domain.clients import Client
from tests.builders import a_client, a_work_entry, an_account
from tests.gateway import User
from tests.problems import invalid, not_found, problem
from tests.world import World

SAID = {
    "name": "Acme GmbH",
    "email": "billing@acme.example",
    "address": {"street": "Invalidenstrasse 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
    "hourly_rate": "100",
    "billing_starts_on": "2026-10-01",
    "invoice_day": 31,
}
SHOWN = {
    "id": "cli_acme000000000000",
    "status": "active",
    **SAID,
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "payment_terms_days": 14,
    "language": "en",
    "billing_period": "since_last_invoice_day",
    "grouping": "entry",
    "timesheet": False,
    "adjustments": [],
    "retainers": [],
    "review_days": 0,
    "prices_include_tax": False,
    "prepaid": 0,
    "next_due_on": "2026-10-31",
    "due_at": "2026-10-31T07:00:00Z",
}
AT = "/v1/clients/cli_acme000000000000"


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client)
    return client


def test_a_new_client_takes_over_from_the_account_what_is_not_said(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id, currency="PLN", payment_terms_days=30))

    response = ada.post("/v1/clients", SAID)

    new = {"id": "cli_0000000000000001", "currency": "PLN", "payment_terms_days": 30}
    assert (response.status, response.body) == (201, SHOWN | new)
    assert ada.get(response.headers["location"]).body == SHOWN | new


def test_what_is_said_of_a_new_client_goes_before_the_account(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id))

    response = ada.post("/v1/clients", SAID | {"currency": "JPY", "time_zone": "Asia/Tokyo", "tax": None})

    assert (response.body["currency"], response.body["due_at"]) == ("JPY", "2026-10-30T23:00:00Z")


def test_a_client_needs_an_account_first(ada: User) -> None:
    response = ada.post("/v1/clients", SAID)

    told = "there is no account yet; set it up with PUT /v1/account"
    assert response.status == 409
    assert response.body == problem(409, "no-account-yet", "No account yet", told, at="/v1/clients")


def test_every_wrong_value_of_a_new_client_is_told_at_once(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id))

    body = SAID | {"nick": "A", "hourly_rate": 99.5, "email": "acme", "invoice_day": 32}
    response = ada.post("/v1/clients", body)

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [
        ("/nick", "unknown-field"),
        ("/hourly_rate", "float"),
        ("/email", "not-an-email"),
        ("/invoice_day", "not-an-invoice-day"),
    ]
    assert ada.get("/v1/clients").body == {"data": [], "has_more": False}


def test_a_client_is_shown_with_its_next_invoice(ada: User, acme: Client) -> None:
    response = ada.get(AT)

    assert (response.status, response.body) == (200, SHOWN)
    assert response.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "etag": '"1"',
    }


@pytest.mark.parametrize("client_id", ["cli_nobody0000000000", "cli_", "wrk_acme000000000000", "CLIENT%23x"])
def test_an_unknown_client_is_not_found(ada: User, acme: Client, client_id: str) -> None:
    at = f"/v1/clients/{client_id}"

    assert ada.get(at).status == 404
    assert ada.patch(at, {"name": "Acme"}).status == 404


def test_a_missing_client_is_told_by_its_id(ada: User) -> None:
    at = "/v1/clients/cli_acme"

    assert ada.get(at).body == not_found("there is no client cli_acme", at=at)


def test_clients_are_listed(ada: User, acme: Client) -> None:
    assert ada.get("/v1/clients").body == {"data": [SHOWN], "has_more": False}


def test_a_patch_replaces_what_it_says_and_takes_away_what_is_null(ada: User, acme: Client) -> None:
    patch = {
        "name": "Acme SE",
        "address": {"street": "Torstrasse 2", "postal_code": None},
        "invoice_day": "last",
    }
    response = ada.patch(AT, patch)

    address = {"street": "Torstrasse 2", "city": "Berlin", "country": "DE"}
    assert response.status == 200
    assert response.body == SHOWN | {"name": "Acme SE", "address": address, "invoice_day": "last"}
    assert response.body == ada.get(AT).body


def test_what_a_client_refers_to_stands_on_its_invoices(world: World, ada: User, acme: Client) -> None:
    references = {"buyer_reference": "04011000-06", "order_reference": "4500012345"}
    assert ada.patch(AT, references).body == SHOWN | references
    client = world.clients.get(account_id=ada.account_id, client_id=acme.id)
    world.having(a_work_entry(client=client))
    [invoice] = world.tick(client.next_due_on).invoices

    world.issue(invoice, client=client, day=client.next_due_on)

    assert references.items() <= ada.get(f"/v1/invoices/{invoice}").body.items()


def test_a_patch_that_would_leave_a_gap_changes_nothing(ada: User, acme: Client) -> None:
    response = ada.patch(AT, {"email": None, "name": "Acme SE", "nick": None})

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [
        ("/nick", "unknown-field"),
        ("/email", "missing"),
    ]
    assert ada.get(AT).body == SHOWN


def test_who_names_a_field_that_is_none_is_told_all_that_can_be_changed(ada: User, acme: Client) -> None:
    [error] = ada.patch(AT, {"nick": "A"}).body["errors"]

    assert error["message"].startswith("is not a field here; known are name, email, ")
    assert error["message"].endswith(", order_reference, status, skipped_on")


def test_a_paused_client_has_no_instant_at_which_it_is_due(ada: User, acme: Client) -> None:
    response = ada.patch(AT, {"status": "paused"})

    paused = {name: value for name, value in SHOWN.items() if name != "due_at"} | {"status": "paused"}
    assert (response.status, response.body) == (200, paused)


def test_a_client_is_archived_and_active_again_from_the_next_invoice_day_on(
    world: World, ada: User, acme: Client
) -> None:
    world.clients.update(
        account_id=acme.account_id,
        client_id=acme.id,
        change=lambda client: replace(client, next_due_on=dt.date(2026, 8, 31)),
    )

    assert ada.patch(AT, {"status": "archived"}).body["status"] == "archived"
    assert ada.patch(AT, {"status": "active"}).body == SHOWN


def test_status_and_details_change_together(ada: User, acme: Client) -> None:
    response = ada.patch(AT, {"status": "archived", "name": "Acme (old)"})

    assert (response.body["status"], response.body["name"]) == ("archived", "Acme (old)")


@pytest.mark.parametrize("status", ["held", "Active", "", 1, ["active"]])
def test_a_client_has_no_other_status(ada: User, acme: Client, status: object) -> None:
    response = ada.patch(AT, {"status": status})

    wrong = ("/status", "not-a-status", "must be active, paused or archived")
    assert (response.status, response.body) == (422, invalid(wrong, at=AT))


def test_the_currency_of_a_client_is_fixed(ada: User, acme: Client) -> None:
    response = ada.patch(AT, {"currency": "USD"})

    told = "a client's currency cannot change; add a new client for the other currency"
    assert response.body == problem(409, "currency-is-fixed", "Currency is fixed", told, at=AT)
    assert response.status == 409
