import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from domain.clients import Client, ClientStatus
from domain.tax import Tax
from tests.builders import a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.gateway import User
from tests.problems import bad_query, problem
from tests.world import World

CLIENT = "cli_acme000000000000"
INVOICES = f"/v1/clients/{CLIENT}/invoices"
PREVIEW = f"/v1/clients/{CLIENT}/invoice-preview"
TODAY = dt.date(2026, 10, 28)
TODAYS = "inv_acme00000000000020261028"


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    """A client with an hour of work on 5 October and one on the 20th; today is the 28th, due is the 31st."""
    client = a_client(account_id=ada.account_id, tax=Tax(name="VAT", rate=Decimal(19)))
    later = a_work_entry("later00000000000", client=client, date=dt.date(2026, 10, 20))
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client), later)
    return client


def test_billing_is_accepted_and_says_where_the_invoice_will_be(ada: User, acme: Client) -> None:
    response = ada.post(INVOICES, {})

    assert (response.status, response.headers["location"]) == (202, f"/v1/invoices/{TODAYS}")
    assert response.body == {
        "id": TODAYS,
        "client_id": CLIENT,
        "state": "open",
        "due_on": "2026-10-28",
        "period_start": "2026-10-01",
        "period_end": "2026-10-29",
        "currency": "EUR",
        "entries": 0,
        "net": 0,
    }
    assert ada.get(response.headers["location"]).status == 200


def test_what_is_billed_is_issued_and_the_client_goes_on_from_there(
    world: World, ada: User, acme: Client
) -> None:
    bill = ada.post(INVOICES, {"until": "2026-10-19"}).body
    world.issue(bill["id"], client=acme, day=TODAY)

    shown, client = ada.get(f"/v1/invoices/{bill['id']}").body, ada.get(f"/v1/clients/{CLIENT}").body
    assert (shown["state"], shown["number"], shown["entries"], shown["total"]) == (
        "issued",
        "2026-0001",
        1,
        119_00,
    )
    assert (client["billed_until"], client["next_due_on"]) == ("2026-10-20", "2026-10-31")


@pytest.mark.parametrize(
    ("changes", "body", "refused"),
    [
        ({"status": ClientStatus.ARCHIVED}, {}, ("client-is-archived", "make it active again to bill it")),
        ({"status": ClientStatus.HELD}, {}, ("client-is-held", "make it active again")),
        (
            {"next_due_on": TODAY},
            {},
            (
                "regular-invoice-first",
                "the regular invoice of cli_acme000000000000 for 2026-10-28 comes first, and by itself",
            ),
        ),
        ({}, {"until": "2026-10-04"}, ("nothing-to-bill", "no unbilled work up to 2026-10-04")),
        ({}, {"until": "2026-09-30"}, ("nothing-to-bill", "begins on 2026-10-01")),
    ],
)
def test_what_cannot_be_billed_is_refused_with_the_reason(
    world: World, ada: User, changes: Any, body: Any, refused: tuple[str, str]
) -> None:
    code, told = refused
    acme = a_client(account_id=ada.account_id, **changes)
    world.having(acme, a_work_entry(client=acme))

    response = ada.post(INVOICES, body)

    assert response.status == 409
    assert told in response.body["detail"]
    title = code.replace("-", " ").capitalize()
    assert response.body == problem(409, code, title, response.body["detail"], at=INVOICES)
    assert ada.get("/v1/invoices").body["data"] == []


def test_while_today_s_invoice_is_being_made_no_other_is_begun(world: World, ada: User) -> None:
    acme = a_client(account_id=ada.account_id)
    world.having(acme, a_work_entry(client=acme))

    first = ada.ask("POST", INVOICES, "{}", headers={"idempotency-key": "once"})
    again = ada.ask("POST", INVOICES, "{}", headers={"idempotency-key": "once"})
    refused = ada.post(INVOICES, {})

    assert (first.status, again.body) == (202, first.body)
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (409, "invoiced-today")
    assert f"{TODAYS} is still being made" in refused.body["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"until": "2026-10-29"}, "in-the-future"),
        ({"until": "9999-12-31"}, "out-of-range"),
        ({"until": "soon"}, "not-a-date"),
        ({"until": 20261020}, "date-type"),
        ({"day": "2026-10-20"}, "unknown-field"),
    ],
)
def test_a_day_that_cannot_be_is_refused(ada: User, acme: Client, body: Any, code: str) -> None:
    response = ada.post(INVOICES, body)

    assert response.status == 422
    [wrong] = response.body["errors"]
    assert (wrong["pointer"], wrong["code"]) == (f"/{next(iter(body))}", code)


VAT = {"name": "VAT", "rate": "19", "category": "S"}


def test_a_preview_shows_what_the_next_invoice_would_be(store: Store, ada: User, acme: Client) -> None:
    written = len(store.stream)

    response = ada.get(PREVIEW)

    lines, totals = response.body.pop("lines"), response.body.pop("totals")
    assert (totals["subtotals"], totals["payable"]) == (
        [{"tax": VAT, "net": 200_00, "tax_amount": 38_00}],
        238_00,
    )
    assert (response.status, response.body) == (
        200,
        {
            "client_id": CLIENT,
            "due_on": "2026-10-31",
            "period_start": "2026-10-01",
            "period_end": "2026-10-31",
            "currency": "EUR",
            "entries": 2,
            "net": 200_00,
            "tax_amount": 38_00,
            "total": 238_00,
            "tax": VAT,
            "prices_include_tax": False,
            "missing": [],
            "has_more_lines": False,
        },
    )
    assert [(line["date"], line["amount"]) for line in lines] == [
        ("2026-10-05", 100_00),
        ("2026-10-20", 100_00),
    ]
    assert len(store.stream) == written


def test_a_preview_up_to_a_day_shows_what_billing_would_make(ada: User, acme: Client) -> None:
    preview = ada.get(PREVIEW, until="2026-10-19").body

    billed = ada.post(INVOICES, {"until": "2026-10-19"}).body

    same = ("client_id", "due_on", "period_start", "period_end", "currency")
    assert {name: preview[name] for name in same} == {name: billed[name] for name in same}
    assert (preview["entries"], preview["net"]) == (1, 100_00)


def test_a_preview_of_much_work_shows_a_hundred_lines_and_adds_up_all(
    world: World, ada: User, acme: Client
) -> None:
    world.having(*(a_work_entry(f"{number:016}", client=acme) for number in range(101)))

    preview = ada.get(PREVIEW).body

    assert (len(preview["lines"]), preview["has_more_lines"]) == (100, True)
    assert (preview["entries"], preview["net"]) == (103, 103 * 100_00)


def test_a_preview_is_refused_where_billing_is(ada: User, acme: Client) -> None:
    ada.post(INVOICES, {})

    assert ada.get(PREVIEW, until="2026-10-28").body["type"].endswith("invoiced-today")
    assert ada.get(PREVIEW).status == 200


@pytest.mark.parametrize("until", ["2026-10-29", "soon", "2026-10-32"])
def test_a_preview_knows_no_day_that_cannot_be(ada: User, acme: Client, until: str) -> None:
    response = ada.get(PREVIEW, until=until)

    [wrong] = response.body["errors"]
    entry = ("/until", wrong["code"], wrong["message"])
    assert (response.status, response.body) == (400, bad_query(entry, at=PREVIEW))
