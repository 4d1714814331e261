"""The HTTP API over the real adapters: payloads of API Gateway in, items of the table out."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.archiving import Documents
from domain.identifiers import InvoiceId
from domain.invoicing import issue_invoice
from domain.opening import open_invoices
from handlers.api.app import handler
from infrastructure import aws, wiring
from tests.belongings import stored
from tests.data_stack import TABLE
from tests.gateway import REQUEST_ID, Response, User
from tests.problems import bad_query

ADA = User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")
BOB = User("0b0b0b0b-1111-4222-8333-444444444444")
ACCOUNT = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_id": "DE136695976",
}
CLIENT = ACCOUNT | {
    "name": "Acme",
    "hourly_rate": "100",
    "billing_starts_on": "2026-10-01",
    "invoice_day": 31,
}
WORK = {"date": "2026-10-05", "description": "Analytical engine", "minutes": 60}
DUE = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)


@pytest.fixture
def acme() -> str:
    """Ada's client, by id."""
    ADA.put("/v1/account", ACCOUNT)
    client_id: str = ADA.post("/v1/clients", CLIENT).body["id"]
    return client_id


@pytest.fixture
def work(acme: str) -> str:
    """A piece of work for the client, by id."""
    work_id: str = ADA.post("/v1/work-entries", WORK | {"client_id": acme}).body["id"]
    return work_id


@pytest.fixture
def invoice(work: str) -> InvoiceId:
    """The invoice that charges it, by id."""
    [invoice_id] = open_invoices(
        DUE, due_clients=wiring.due_clients(), clients=wiring.clients(), opening=wiring.opening()
    ).invoices
    issue_invoice(
        invoice_id,
        account_id=ADA.account_id,
        now=DUE,
        invoices=wiring.invoices(),
        parties=wiring.parties(),
        collecting=wiring.collecting(),
        numbering=wiring.numbering(),
    )
    return invoice_id


@pytest.fixture
def calls() -> Iterator[Counter[str]]:
    """How often each operation of DynamoDB is called."""
    made: Counter[str] = Counter()
    events = aws.client("dynamodb").meta.events

    def count(model: object, **_: object) -> None:
        made[model.name] += 1  # type: ignore[attr-defined] # an OperationModel

    events.register("before-call.dynamodb", count)
    yield made
    events.unregister("before-call.dynamodb", count)


def test_what_is_written_is_read_again(work: str, acme: str) -> None:
    client = ADA.get(f"/v1/clients/{acme}").body
    [entry] = ADA.get("/v1/work-entries", since="2026-10-05", until="2026-10-05").body["data"]

    assert ADA.get("/v1/account").body == ACCOUNT | {
        "complete": True,
        "reminder_days": [],
        "small_business": False,
        "id": ADA.account_id,
        "language": "en",
        "payment_terms_days": 14,
        "number_pattern": "{year}-{seq:04}",
    }
    assert client.items() >= CLIENT.items()
    assert entry.items() >= (WORK | {"id": work, "client_id": acme, "amount": 10000}).items()


def test_what_is_written_knows_the_request_that_wrote_it(acme: str) -> None:
    items = aws.client("dynamodb").scan(TableName=TABLE)["Items"]

    entities = [item for item in items if item["type"]["S"] != "RATE"]
    assert {item["type"]["S"]: item["correlation_id"]["S"] for item in entities} == {
        "ACCOUNT": REQUEST_ID,
        "CLIENT": REQUEST_ID,
    }


def test_a_request_that_is_sent_again_is_done_once_and_costs_one_look(acme: str, calls: Counter[str]) -> None:
    def send() -> Response:
        return ADA.post("/v1/work-entries", WORK | {"client_id": acme}, key="k1")

    first = send()
    assert calls == {"GetItem": 1, "TransactWriteItems": 3}
    calls.clear()
    second = send()

    assert calls == {"GetItem": 1, "TransactWriteItems": 1}
    assert second == first._replace(headers=first.headers | {"idempotency-replayed": "true"})
    assert len(ADA.get("/v1/work-entries").body["data"]) == 1


def test_ten_requests_are_counted_by_one_call(acme: str, calls: Counter[str]) -> None:
    for _ in range(20):
        ADA.get(f"/v1/clients/{acme}")

    assert calls == {"GetItem": 20, "UpdateItem": 2}


def test_who_asks_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_PER_MINUTE", "12")
    instant = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
    monkeypatch.setattr(wiring, "now", lambda: instant)

    answered = [ADA.get("/v1/clients").status for _ in range(15)]

    assert answered == [200] * 12 + [429] * 3
    assert BOB.get("/v1/clients").status == 200


def test_lists_are_read_part_by_part(acme: str) -> None:
    for day in (1, 2, 3):
        ADA.post("/v1/work-entries", WORK | {"client_id": acme, "date": f"2026-10-0{day}"})

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        part = ADA.get("/v1/work-entries", limit=1, client_id=acme, **cursor).body
        seen += [entry["date"] for entry in part["data"]]
        if not part["has_more"]:
            break
        cursor = {"cursor": part["next_cursor"]}

    assert seen == ["2026-10-01", "2026-10-02", "2026-10-03"]
    assert BOB.get("/v1/work-entries", client_id=acme, **cursor).body == bad_query(
        ("/cursor", "not-a-cursor", "must be the next_cursor of an answer with the same filters"),
        at="/v1/work-entries",
    )


def test_an_issued_invoice_has_its_lines_and_its_pdf(invoice: InvoiceId, work: str) -> None:
    pdf = f"/v1/invoices/{invoice}/pdf"
    before = ADA.get(pdf)
    document = stored("invoices/1.pdf")
    wiring.deliveries().update(
        account_id=ADA.account_id,
        invoice_id=invoice,
        change=lambda delivery: delivery.documented(Documents(pdf=document)),
    )

    shown, signed = ADA.get(f"/v1/invoices/{invoice}").body, ADA.get(pdf).body

    url = urlsplit(signed["url"])
    assert before.status == 409
    assert (shown["state"], shown["total"], [line["id"] for line in shown["lines"]]) == (
        "issued",
        10000,
        [work],
    )
    assert [each["id"] for each in ADA.get("/v1/invoices").body["data"]] == [invoice]
    assert (url.scheme, url.path) == ("https", "/invoices/1.pdf")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["300"]


@pytest.mark.parametrize(
    "path",
    [
        "clients/cli_",
        "clients/cli_acme000000000000#COUNTER",
        "invoices/inv_",
        "invoices/inv_acme00000000000020261131",
        "invoices/inv_acme00000000000020261031#DELIVERY/pdf",
    ],
)
def test_no_id_is_a_way_into_the_keys_of_the_table(acme: str, path: str) -> None:
    assert ADA.get(f"/v1/{path}").status == 404


def test_claimed_work_is_fixed(invoice: InvoiceId, work: str) -> None:
    at = f"/v1/work-entries/{work}"

    assert [ADA.patch(at, {"minutes": 1}).status, ADA.delete(at).status] == [409, 409]


def test_another_account_sees_nothing_of_it(invoice: InvoiceId, work: str, acme: str) -> None:
    """What is answered for Ada's things is, byte for byte, what is answered where there is no such thing."""
    asked = [
        BOB.event("GET", f"/v1/clients/{acme}"),
        BOB.event("PATCH", f"/v1/clients/{acme}", "{}"),
        BOB.event("PATCH", f"/v1/work-entries/{work}", "{}"),
        BOB.event("DELETE", f"/v1/work-entries/{work}"),
        BOB.event("GET", f"/v1/invoices/{invoice}"),
        BOB.event("GET", f"/v1/invoices/{invoice}/pdf"),
        BOB.event("GET", "/v1/account"),
        BOB.event("GET", "/v1/clients"),
        BOB.event("GET", "/v1/work-entries"),
        BOB.event("GET", "/v1/invoices"),
        BOB.event("GET", "/v1/counters"),
    ]
    foreign = [handler(event, None) for event in asked]

    _empty_table()

    assert [handler(event, None) for event in asked] == foreign
    assert Counter(answer["statusCode"] for answer in foreign) == {404: 7, 200: 4}


Ask = Callable[[str, str], Response]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(
            lambda acme, work: ADA.put("/v1/account", ACCOUNT | {"language": "de"}, match="*"), id="account"
        ),
        pytest.param(lambda acme, work: ADA.post("/v1/clients", CLIENT), id="new client"),
        pytest.param(lambda acme, work: ADA.patch(f"/v1/clients/{acme}", {"name": "Acme SE"}), id="client"),
        pytest.param(
            lambda acme, work: ADA.post("/v1/work-entries", WORK | {"client_id": acme}), id="new work"
        ),
        pytest.param(lambda acme, work: ADA.patch(f"/v1/work-entries/{work}", {"minutes": 5}), id="work"),
        pytest.param(lambda acme, work: ADA.delete(f"/v1/work-entries/{work}"), id="removal"),
    ],
)
def test_a_write_is_one_read_and_one_transaction(calls: Counter[str], acme: str, work: str, ask: Ask) -> None:
    calls.clear()

    response = ask(acme, work)

    assert response.status < 300
    assert calls == {"GetItem": 1, "TransactWriteItems": 1}


def _empty_table() -> None:
    client = aws.client("dynamodb")
    for item in client.scan(TableName=TABLE)["Items"]:
        client.delete_item(TableName=TABLE, Key={name: item[name] for name in ("PK", "SK")})
