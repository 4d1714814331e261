from tests.builders import an_account
from tests.gateway import User
from tests.world import World

AT = "/v1/account"
SAID = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}
SHOWN = SAID | {
    "id": "acc_7f9c2b1e4d3a4c5b8e6f0a1b2c3d4e5f",
    "language": "en",
    "payment_terms_days": 14,
    "number_pattern": "{year}-{seq:04}",
    "small_business": False,
    "reminder_days": [],
    "complete": True,
}


def test_an_account_is_opened_by_saying_who_one_is(ada: User) -> None:
    response = ada.put(AT, SAID)

    assert (response.status, response.body) == (200, SHOWN)
    assert ada.get(AT).body == SHOWN


def test_an_account_is_replaced_as_a_whole(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id))

    response = ada.put(AT, SAID | {"language": "pl"}, match='"1"')

    assert response.body == SHOWN | {"language": "pl"}
    assert "bank" not in response.body


def test_whom_clients_ask_is_checked_and_shown(ada: User) -> None:
    contact = {"name": "Nele Brandt", "telephone": "+49 30 1234567"}

    wrong = ada.put(AT, SAID | {"contact": {"telephone": "none"}})

    assert [(each["pointer"], each["code"]) for each in wrong.body["errors"]] == [
        ("/contact/telephone", "not-a-telephone-number")
    ]
    assert ada.put(AT, SAID | {"contact": contact}).body == SHOWN | {"contact": contact}


def test_there_is_no_account_before_it_is_opened(ada: User) -> None:
    response = ada.get(AT)

    assert (response.status, response.body["title"]) == (404, "Not found")


def test_every_wrong_value_of_an_account_is_told_at_once(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id))
    before = ada.get(AT)

    response = ada.put(
        AT, SAID | {"currency": "EURO", "time_zone": "Berlin", "address": {"country": "Germany"}}
    )

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [
        ("/address/street", "missing"),
        ("/address/city", "missing"),
    ]
    assert ada.get(AT) == before


def test_an_account_cannot_be_chosen(ada: User) -> None:
    response = ada.put(AT, SAID | {"id": "acc_other"})

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [("/id", "unknown-field")]
