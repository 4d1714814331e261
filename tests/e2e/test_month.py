"""A month over HTTP, as it is deployed: requests in, an invoice in the client's mailbox out."""

import base64
import json
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from pypdf import PdfReader

from infrastructure.local_cloud import functions, logs
from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import Response, Visitor, eventually, fetched, signed_up

ACCOUNT = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_id": "DE136695976",
    "bank": {"holder": "Ada Lovelace", "account_number": "DE02120300000000202051"},
}
CLIENT = {
    "name": "Süßmilch & Söhne",
    "email": "billing@suessmilch.example",
    "address": {"street": "Unter den Linden 2", "city": "Berlin", "country": "DE"},
    "hourly_rate": "95.50",
    "billing_starts_on": "2026-10-01",
    "invoice_day": 31,
}
TICK = "2026-10-31T08:00:00Z"


class Month(NamedTuple):
    """What was said over HTTP, and what came of it."""

    ada: Visitor
    client: Any
    work: list[Any]
    counters: Any
    invoice: Any


@pytest.fixture(scope="module")
def month(deployed: LocalCloud) -> Month:
    ada = signed_up(deployed, "ada@example.com")
    assert ada.put("/account", ACCOUNT).status == 200
    client = ada.post("/clients", CLIENT).body
    work = [
        ada.post("/work-entries", said | {"client_id": client["id"]}).body
        for said in (
            {"date": "2026-10-05", "description": "Notes on Bernoulli numbers", "minutes": 90},
            {"date": "2026-10-06", "description": "Analytical engine", "minutes": 30},
            {
                "date": "2026-10-07",
                "description": "Engraving",
                "quantity": "2",
                "unit": "plate",
                "rate": "19.99",
            },
        )
    ]
    counters = eventually(lambda: counted(ada, entries=3, invoices=0))
    functions.invoke(deployed, "open-invoices", {"time": TICK})
    invoice = eventually(lambda: delivered(ada))
    return Month(ada, client, work, counters, invoice)


def test_the_counters_arrive(month: Month) -> None:
    october = month.counters["months"]["2026-10"]

    assert month.counters["client_id"] == month.client["id"]
    assert (october["entries"], october["minutes"]) == (3, 120)
    assert october["billable"] == october["unbilled"] == 230_98


def test_the_counters_follow_the_invoice(month: Month) -> None:
    counters = eventually(lambda: counted(month.ada, entries=3, invoices=1))

    assert counters["months"]["2026-10"]["unbilled"] == 0
    assert counters["total"]["issued"] == 230_98


def test_the_invoice_is_issued_with_all_its_work(month: Month) -> None:
    assert month.invoice["state"] == "issued"
    assert month.invoice["number"].endswith("-0001")
    assert month.invoice["total"] == 230_98
    assert [line["id"] for line in month.invoice["lines"]] == [entry["id"] for entry in month.work]


def test_the_document_says_so(month: Month) -> None:
    answer = month.ada.get(f"/invoices/{month.invoice['id']}/pdf")

    document = fetched(answer.body["url"])
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(document.body)).pages)
    assert document.headers["Content-Type"] == "application/pdf"
    assert month.invoice["number"] in document.headers["Content-Disposition"]
    for said in (month.invoice["number"], "Süßmilch & Söhne", "Bernoulli", "plate", "230.98"):
        assert said in text


def test_the_mail_has_the_document_attached_byte_for_byte(month: Month, deployed: LocalCloud) -> None:
    url = month.ada.get(f"/invoices/{month.invoice['id']}/pdf").body["url"]

    [mail] = mails_to("billing@suessmilch.example", deployed)
    [attachment] = mail.iter_attachments()
    assert attachment.get_payload(decode=True) == fetched(url).body
    assert mail["Reply-To"] == "Ada Lovelace <ada@example.com>"
    assert month.invoice["number"] in mail["Subject"]


def test_the_same_tick_again_changes_nothing(month: Month, deployed: LocalCloud) -> None:
    functions.invoke(deployed, "open-invoices", {"time": TICK})

    invoices = month.ada.get("/invoices").body["data"]
    assert [invoice["id"] for invoice in invoices] == [month.invoice["id"]]


def test_work_on_an_invoice_can_neither_be_edited_nor_removed(month: Month) -> None:
    path = f"/work-entries/{month.work[0]['id']}"

    edited, removed = month.ada.patch(path, {"minutes": 1}), month.ada.delete(path)

    assert (edited.status, removed.status) == (409, 409)
    assert edited.body["type"].endswith("work-already-invoiced")
    assert month.invoice["id"] in edited.body["detail"]


def test_what_belongs_to_somebody_else_looks_like_what_is_not_there(
    month: Month, deployed: LocalCloud
) -> None:
    bob = signed_up(deployed, "bob@example.com")
    bob.put("/account", ACCOUNT)
    client, entry, invoice = month.client["id"], month.work[0]["id"], month.invoice["id"]

    for method, path, body in (
        ("GET", "/clients/{}", None),
        ("PATCH", "/clients/{}", {"name": "Bob's"}),
        ("PATCH", "/work-entries/{}", {"minutes": 1}),
        ("DELETE", "/work-entries/{}", None),
        ("GET", "/invoices/{}", None),
        ("GET", "/invoices/{}/pdf", None),
    ):
        theirs = {"clients": client, "work-entries": entry, "invoices": invoice}[path.split("/")[1]]
        nobodys = f"{theirs[:4]}zzzzzzzzzzzzzzzz{theirs[20:]}"
        found = bob.ask(method, path.format(theirs), body)
        missing = bob.ask(method, path.format(nobodys), body)
        assert found.status == missing.status == 404
        assert told(found, theirs) == told(missing, nobodys)
    assert bob.post("/work-entries", {"client_id": client, "date": "2026-10-05", "minutes": 1}).status in {
        404,
        422,
    }
    for listed in ("/clients", "/invoices", "/counters", "/work-entries?since=2026-10-01&until=2026-10-31"):
        assert bob.get(listed).body["data"] == []


def test_nobody_gets_in_without_a_token_that_the_user_pool_has_signed(
    month: Month, deployed: LocalCloud
) -> None:
    nobody = Visitor(deployed.api_url)
    assert nobody.get("/account").status == 401
    assert nobody.put("/account", ACCOUNT).status == 401
    for token in forged(month.ada.token or ""):  # 403 is what the gateway makes of a refusal
        assert Visitor(deployed.api_url, token).get("/account").status == 403
    assert month.ada.get("/account").body["name"] == "Ada Lovelace"


def test_the_log_has_a_line_for_each_batch_with_the_tick_and_no_names(
    month: Month, deployed: LocalCloud
) -> None:
    lines = [line.message for line in logs.read(deployed)]

    batches = [json.loads(line) for line in lines if "batch done" in line]
    of_the_tick = [line for line in batches if "tick-20261031T080000Z" in line.get("correlation_ids", ())]
    assert [line["service"] for line in of_the_tick].count("deliver_invoices") == 1
    assert all(line["failed"] == [] for line in of_the_tick)
    for said in ("Lovelace", "milch", "Bernoulli", "example.com"):
        assert not [line for line in lines if said in line]


def test_nothing_is_left_in_any_queue(month: Month, deployed: LocalCloud) -> None:
    eventually(lambda: not any(depths(deployed).values()))


def counted(visitor: Visitor, *, entries: int, invoices: int) -> Any:
    """The one client's counters, once they have come this far."""
    for counter in visitor.get("/counters").body["data"]:
        if (counter["total"]["entries"], counter["total"]["invoices"]) == (entries, invoices):
            return counter
    return None


def delivered(visitor: Visitor) -> Any:
    """The one invoice, once it is mailed."""
    for invoice in visitor.get("/invoices").body["data"]:
        shown = visitor.get(f"/invoices/{invoice['id']}").body
        if shown["delivery"]["progress"] == "sent":
            return shown
    return None


def mails_to(recipient: str, cloud: LocalCloud) -> Iterator[EmailMessage]:
    for path in cloud.mailbox.glob(f"*-{recipient}.eml"):
        yield message_from_bytes(path.read_bytes(), policy=default)


def told(response: Response, thing: str) -> dict[str, Any]:
    """What an answer says, but for what names the request."""
    body = json.loads(json.dumps(response.body).replace(thing, "…"))
    return {name: value for name, value in body.items() if name != "request_id"}


def forged(token: str) -> Iterator[str]:
    """Tokens that look right."""
    header, claims, signature = token.split(".")
    somebody = json.loads(decoded(claims)) | {"sub": "00000000-0000-4000-8000-000000000000"}
    yield f"{header}.{encoded(somebody)}.{signature}"
    yield f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    yield f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{claims}.{signature}"
    yield f"{header}.{claims}.{signature[::-1]}"
    yield "Ada"


def encoded(plain: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def depths(cloud: LocalCloud) -> dict[str, int]:
    """How many messages each queue holds, on their way or not."""
    sqs = cloud.access.session().client("sqs", **cloud.access.here())
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return {
        name: sum(
            map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())
        )
        for name, url in cloud.queues.items()
    }
