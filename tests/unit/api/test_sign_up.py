"""Who signs in for the first time has an account as soon as one is needed."""

import pytest

from domain.accounts import Account
from tests.fakes import Step, Store
from tests.gateway import User
from tests.world import World

AT = "/v1/account"
ADDRESS = {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"}
CLIENT = {
    "name": "Acme",
    "email": "billing@acme.example",
    "address": ADDRESS,
    "hourly_rate": "100",
    "billing_starts_on": "2026-10-01",
    "invoice_day": 1,
}


@pytest.fixture
def ada(world: World, ada: User) -> User:
    """Ada, of whom the sign-in knows the address."""
    return User(ada.sub, email="ada@example.com")


def test_the_first_look_at_the_account_opens_it(store: Store, ada: User) -> None:
    first, second = ada.get(AT), ada.get(AT)

    assert (first.status, first.headers["etag"]) == (200, '"1"')
    assert first.body == second.body
    assert first.body == {
        "id": ada.account_id,
        "name": "ada@example.com",
        "email": "ada@example.com",
        "currency": "EUR",
        "time_zone": "UTC",
        "language": "en",
        "payment_terms_days": 14,
        "number_pattern": "{year}-{seq:04}",
        "small_business": False,
        "reminder_days": [],
        "complete": False,
    }
    assert len(store.stream) == 1


def test_an_account_is_complete_once_it_has_an_address(ada: User) -> None:
    said = {name: value for name, value in ada.get(AT).body.items() if name not in {"id", "complete"}}

    response = ada.put(AT, said | {"address": ADDRESS}, match='"1"')

    assert (response.status, response.body["complete"]) == (200, True)


def test_an_address_can_be_changed_but_not_taken_away(ada: User) -> None:
    said = {name: value for name, value in ada.get(AT).body.items() if name not in {"id", "complete"}}
    ada.put(AT, said | {"address": ADDRESS}, match='"1"')

    without = ada.put(AT, said, match='"2"')
    changed = ada.put(AT, said | {"address": ADDRESS | {"city": "Potsdam"}}, match='"2"')

    assert [(each["pointer"], each["code"]) for each in without.body["errors"]] == [("/address", "missing")]
    assert changed.body["address"]["city"] == "Potsdam"


def test_a_client_waits_until_the_account_has_what_an_invoice_shows(store: Store, ada: User) -> None:
    response = ada.post("/v1/clients", CLIENT)

    assert response.status == 409
    assert response.body["type"].endswith("/account-incomplete")
    assert response.body["detail"] == (
        "the account has no address yet, which every invoice has to show; say it with PUT /v1/account"
    )
    assert [account.id for account in store.all(Account)] == [ada.account_id]
    assert ada.get("/v1/clients").body["data"] == []


def test_a_program_opens_no_account(store: Store, ada: User) -> None:
    token = User(ada.sub, token_id="tok_mine000000000000")

    assert (token.get(AT).status, token.post("/v1/clients", CLIENT).status) == (404, 409)
    assert store.all(Account) == []


def test_two_first_requests_at_once_open_one_account(store: Store, ada: User) -> None:
    def another_is_faster(step: Step) -> None:
        if step.call == "accounts.add":
            store.hook = lambda _: None
            ada.get(AT)

    store.hook = another_is_faster
    response = ada.get(AT)

    assert response.status == 200
    assert len(store.stream) == 1


def test_an_address_that_is_longer_than_a_name_opens_an_account(ada: User) -> None:
    long = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example"

    assert User(ada.sub, email=long).get(AT).body["name"] == long[:200]
