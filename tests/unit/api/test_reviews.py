import datetime as dt

import pytest

from domain.clients import Client
from tests.builders import ACME, a_client, a_work_entry, an_account, an_invoice_id
from tests.gateway import User
from tests.world import World

INVOICE = "/v1/invoices/inv_acme00000000000020261028"
REVIEW = f"{INVOICE}/review"
TODAY = dt.date(2026, 10, 28)


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    """A client whose invoice of today waits for a person, for three days from noon on."""
    client = a_client(account_id=ada.account_id, review_days=3)
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client))
    world.issue(world.bill(client, day=TODAY).id, client=client, day=TODAY)
    return client


def test_an_invoice_in_review_says_when_it_goes_out(ada: User, acme: Client) -> None:
    shown = ada.get(INVOICE).body

    assert (shown["state"], shown["review_ends_at"]) == ("in_review", "2026-10-31T12:00:00Z")


@pytest.mark.parametrize(
    ("decision", "state"), [("send", "sealed"), ("hold", "in_review"), ("skip", "skipped")]
)
def test_a_person_decides_about_it(ada: User, acme: Client, decision: str, state: str) -> None:
    response = ada.post(REVIEW, {"decision": decision})

    assert (response.status, response.headers["location"]) == (202, INVOICE)
    assert (response.body["state"], "review_ends_at" in response.body) == (state, False)
    assert ada.get(INVOICE).body["state"] == state


def test_what_is_decided_is_not_decided_again(ada: User, acme: Client) -> None:
    ada.post(REVIEW, {"decision": "send"})

    response = ada.post(REVIEW, {"decision": "skip"})

    assert (response.status, response.body["title"]) == (409, "Not in review")


def test_what_is_skipped_is_reopened_once_its_work_is_put_back(ada: User, acme: Client, world: World) -> None:
    ada.post(REVIEW, {"decision": "skip"})
    early = ada.post(REVIEW, {"decision": "reopen"})
    world.issue(an_invoice_id(ACME, TODAY), client=acme, day=TODAY)

    late = ada.post(REVIEW, {"decision": "reopen"})

    assert (early.status, early.body["title"]) == (409, "Not skipped")
    assert (late.status, late.body["state"]) == (202, "open")


def test_any_other_decision_is_refused(ada: User, acme: Client) -> None:
    response = ada.post(REVIEW, {"decision": "burn"})

    assert (response.status, [each["pointer"] for each in response.body["errors"]]) == (422, ["/decision"])


def test_nobody_decides_about_anothers_invoice(bob: User, acme: Client) -> None:
    assert bob.post(REVIEW, {"decision": "send"}).status == 404
