import datetime as dt

import pytest

from tests.builders import ACME, a_client, a_work_entry, an_account
from tests.gateway import User
from tests.world import World

AT = f"/v1/clients/{ACME}/prepayments"


@pytest.fixture(autouse=True)
def _acme(world: World, ada: User) -> None:
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client))


def test_what_came_in_advance_is_recorded_listed_and_shown_with_the_client(ada: User) -> None:
    response = ada.post(AT, {"amount": 4_000, "reference": "Transfer 4710"})

    assert response.status == 201
    assert response.body.items() >= {"amount": 4_000, "currency": "EUR", "left": 4_000}.items()
    assert [each["id"] for each in ada.get(AT).body["data"]] == [response.body["id"]]
    assert ada.get(f"/v1/clients/{ACME}").body["prepaid"] == 4_000


def test_the_preview_of_an_invoice_takes_it_off(ada: User) -> None:
    ada.post(AT, {"amount": 4_000})

    totals = ada.get(f"/v1/clients/{ACME}/invoice-preview").body["totals"]

    assert (totals["prepaid"], totals["payable"]) == (4_000, 6_000)


def test_it_is_taken_back_until_an_invoice_has_it(ada: User, world: World) -> None:
    first, second = (ada.post(AT, {"amount": 4_000}).body["id"] for _ in range(2))

    back = ada.post(f"/v1/prepayments/{first}/take-back", {})
    client = a_client(account_id=ada.account_id)
    day = dt.date(2026, 10, 31)
    world.issue_all(world.tick(day).invoices, client=client, day=day)

    assert (back.status, back.body["amount"], back.body["left"]) == (200, -4_000, 4_000)
    refused = ada.post(f"/v1/prepayments/{second}/take-back", {})
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (409, "prepayment-spent")


@pytest.mark.parametrize("body", [{}, {"amount": 0}, {"amount": "1"}, {"amount": 1, "paid_on": "2030-01-01"}])
def test_what_is_no_prepayment_is_refused(ada: User, body: dict[str, object]) -> None:
    assert (ada.post(AT, body).status, ada.get(AT).body["data"]) == (422, [])


def test_what_is_not_there_is_not_found(ada: User) -> None:
    assert ada.post(f"/v1/clients/cli_{'0' * 16}/prepayments", {"amount": 1}).status == 404
    assert ada.post(f"/v1/prepayments/pre_{'0' * 32}/take-back", {}).status == 404


def test_what_is_left_is_refunded(ada: User) -> None:
    ada.post(AT, {"amount": 4_000})
    refunds = AT.replace("prepayments", "refunds")

    part = ada.post(refunds, {"amount": 1_000, "reference": "Transfer 4712"})
    refused = ada.post(refunds, {"amount": 3_001})
    rest = ada.post(refunds, {})

    assert (part.status, part.body["kind"], part.body["amount"], part.body["left"]) == (
        201,
        "refund",
        -1_000,
        3_000,
    )
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (409, "prepayment-spent")
    assert (rest.body["amount"], rest.body["left"]) == (-3_000, 0)
