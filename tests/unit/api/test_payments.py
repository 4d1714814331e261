import datetime as dt

import pytest

from domain.invoices import Invoice
from tests.builders import a_client, a_work_entry, an_account, an_invoice_id
from tests.gateway import User
from tests.world import World

DUE = dt.date(2026, 10, 31)
INVOICE = an_invoice_id()
AT = f"/v1/invoices/{INVOICE}/payments"


@pytest.fixture
def issued(world: World, ada: User) -> Invoice:
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client))
    world.tick(DUE)
    return world.issue(INVOICE, client=client, day=DUE)


def test_a_payment_is_recorded_and_the_invoice_says_how_it_stands(ada: User, issued: Invoice) -> None:
    response = ada.post(AT, {"amount": 2_500, "paid_on": "2026-10-27", "reference": "Transfer 4711"})

    assert response.status == 201
    payment = response.body["id"]
    assert response.headers["location"] == f"/v1/payments/{payment}"
    assert (
        response.body.items()
        >= {
            "amount": 2_500,
            "currency": "EUR",
            "paid_on": "2026-10-27",
            "reference": "Transfer 4711",
            "invoice_id": INVOICE,
        }.items()
    )
    stands = {name: response.body["invoice"][name] for name in ("payment", "paid", "outstanding")}
    assert stands == {"payment": "partly_paid", "paid": 2_500, "outstanding": 7_500}
    listed = {name: value for name, value in response.body.items() if name != "invoice"}
    assert ada.get(AT).body["data"] == [listed] == [ada.get(f"/v1/payments/{payment}").body]


def test_too_much_is_told(ada: User, issued: Invoice) -> None:
    invoice = ada.post(AT, {"amount": 12_000}).body["invoice"]

    assert (invoice["payment"], invoice["outstanding"]) == ("overpaid", -2_000)


def test_a_request_that_comes_twice_with_its_key_pays_once(ada: User, issued: Invoice) -> None:
    for _ in range(2):
        assert ada.ask("POST", AT, '{"amount": 10}', headers={"idempotency-key": "once"}).status == 201

    assert ada.get(f"/v1/invoices/{INVOICE}").body["paid"] == 10


def test_a_payment_is_taken_back(ada: User, issued: Invoice) -> None:
    payment = ada.post(AT, {}).body["id"]

    back = ada.post(f"/v1/payments/{payment}/take-back", {})
    again = ada.post(f"/v1/payments/{payment}/take-back", {})

    assert (back.status, back.body["amount"], back.body["takes_back"]) == (200, -10_000, payment)
    assert back.body["invoice"]["payment"] == "unpaid"
    assert again.body == back.body
    assert ada.post(f"/v1/payments/{back.body['id']}/take-back", {}).status == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": 1.5}, "/amount"),
        ({"amount": "10"}, "/amount"),
        ({"paid_on": "2030-01-01"}, "/paid_on"),
        ({"reference": "\u0007"}, "/reference"),
    ],
)
def test_what_is_no_payment_is_refused(
    ada: User, issued: Invoice, body: dict[str, object], pointer: str
) -> None:
    response = ada.post(AT, body)

    assert (response.status, [error["pointer"] for error in response.body["errors"]]) == (422, [pointer])
    assert ada.get(AT).body["data"] == []


def test_an_invoice_that_is_paid_asks_how_much_more_came(ada: User, issued: Invoice) -> None:
    ada.post(AT, {})

    assert (ada.post(AT, {}).status, ada.post(AT, {"amount": 1}).status) == (409, 201)


def test_what_is_not_there_is_not_found(ada: User, issued: Invoice) -> None:
    nowhere = f"/v1/payments/pay_{INVOICE.removeprefix('inv_')}{'0' * 16}"

    for path in (nowhere, "/v1/payments/pay_1"):
        assert ada.get(path).status == 404
        assert ada.post(f"{path}/take-back", {}).status == 404
    assert ada.post("/v1/invoices/inv_1/payments", {}).status == 404


def test_invoices_are_listed_by_client_state_and_payment(ada: User, issued: Invoice) -> None:
    def found(**query: str) -> list[str]:
        return [each["id"] for each in ada.get("/v1/invoices", **query).body["data"]]

    assert found(client_id=issued.client_id, state="issued", payment="unpaid") == [INVOICE]
    assert found(payment="paid") == found(state="open") == found(client_id=f"cli_{'0' * 16}") == []
    refused = ada.get("/v1/invoices", payment="late")
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (400, "/payment")


def test_what_is_too_much_is_refunded_and_the_refund_taken_back(ada: User, issued: Invoice) -> None:
    ada.post(AT, {"amount": 12_000})
    refunds = AT.replace("payments", "refunds")

    refused = ada.post(refunds, {"amount": 2_001})
    refund = ada.ask("POST", refunds, "{}", headers={"idempotency-key": "once"})
    again = ada.ask("POST", refunds, "{}", headers={"idempotency-key": "once"})

    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (409, "not-overpaid")
    assert (refund.status, refund.body["kind"], refund.body["amount"]) == (201, "refund", -2_000)
    assert refund.headers["location"] == f"/v1/payments/{refund.body['id']}"
    assert (again.body["id"], refund.body["invoice"]["payment"]) == (refund.body["id"], "paid")
    back = ada.post(f"/v1/payments/{refund.body['id']}/take-back", {})
    assert (back.body["amount"], back.body["invoice"]["outstanding"]) == (2_000, -2_000)
    assert {each["kind"] for each in ada.get(AT).body["data"]} == {"payment", "refund"}
