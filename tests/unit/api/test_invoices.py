import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.archiving import Document, Documents
from domain.chain import sha256_of
from domain.clients import Client
from domain.delivery import Delivery
from domain.errors import Problem
from domain.identifiers import InvoiceId
from domain.invoices import Invoice
from domain.tax import Tax
from infrastructure import wiring
from tests.builders import MAILED_AT, a_client, a_work_entry, an_account
from tests.gateway import User
from tests.problems import bad_query, not_found, problem
from tests.world import World

ALL = "/v1/invoices"
INVOICE = InvoiceId("inv_acme00000000000020261031")
AT = f"{ALL}/{INVOICE}"
DUE = dt.date(2026, 10, 31)

OPEN = {
    "id": INVOICE,
    "client_id": "cli_acme000000000000",
    "due_on": "2026-10-31",
    "period_start": "2026-10-01",
    "period_end": "2026-10-31",
    "currency": "EUR",
    "state": "open",
    "entries": 0,
    "net": 0,
}
ISSUED = OPEN | {
    "state": "issued",
    "entries": 1,
    "net": 10000,
    "tax_amount": 1900,
    "total": 11900,
    "number": "2026-0001",
    "issued_on": "2026-10-31",
    "payment_due_on": "2026-11-14",
    "payment": "unpaid",
    "paid": 0,
    "outstanding": 11900,
    "credited": 0,
    "released": 0,
}
ADDRESS = {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE", "postal_code": "10115"}
VAT = {"name": "VAT", "rate": "19", "category": "S"}
PRINTED = {
    "payment_terms_days": 14,
    "language": "en",
    "seller": {
        "name": "Ada Lovelace",
        "address": ADDRESS,
        "tax_id": "DE136695976",
        "email": "ada@example.com",
    },
    "buyer": {"name": "Acme GmbH", "address": ADDRESS, "email": "billing@acme.example"},
    "bank": {
        "holder": "Ada Lovelace",
        "account_number": "DE02120300000000202051",
        "bank_code": "BYLADEM1001",
    },
    "tax": VAT,
    "totals": {
        "lines": 10000,
        "allowances": 0,
        "charges": 0,
        "net": 10000,
        "subtotals": [{"tax": VAT, "net": 10000, "tax_amount": 1900}],
        "tax_amount": 1900,
        "gross": 11900,
        "adjustments": [],
        "prepaid": 0,
        "rounding": 0,
        "payable": 11900,
    },
}
LINE = {
    "id": "wrk_acme000000000000work000000000000",
    "client_id": "cli_acme000000000000",
    "date": "2026-10-05",
    "description": "Analytical engine",
    "minutes": 60,
    "tags": [],
    "billable": True,
    "adjustments": [],
    "quantity": "1",
    "unit": "hour",
    "unit_price": "100",
    "amount": 10000,
    "currency": "EUR",
    "invoice_id": INVOICE,
}
NOT_MAILED = {
    "delivery": {"progress": "pending"},
    "missing": [],
    "prices_include_tax": False,
    "has_more_lines": False,
}


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    client = a_client(account_id=ada.account_id, tax=Tax(name="VAT", rate=Decimal(19)))
    world.having(an_account(id=ada.account_id), client)
    return client


@pytest.fixture
def opened(world: World, acme: Client) -> None:
    world.tick(DUE)


@pytest.fixture
def issued(world: World, acme: Client) -> Invoice:
    world.having(a_work_entry(client=acme))
    world.tick(DUE)
    return world.issue(INVOICE, client=acme, day=DUE)


@pytest.fixture
def documented(world: World, issued: Invoice) -> Delivery:
    document = Document(key="documents/1.pdf", sha256=sha256_of(b"%PDF"))
    wiring.archive().put(key=document.key, content=b"%PDF")
    return world.deliveries.update(
        account_id=issued.account_id,
        invoice_id=issued.id,
        change=lambda delivery: delivery.documented(Documents(pdf=document)),
    )


def test_an_open_invoice_has_no_total_yet(ada: User, opened: None) -> None:
    assert ada.get(ALL).body == {"data": [OPEN], "has_more": False}
    assert ada.get(AT).body == OPEN | NOT_MAILED | {"lines": []}


def test_an_issued_invoice_is_shown_with_its_lines_and_all_that_is_printed(
    ada: User, issued: Invoice
) -> None:
    response = ada.get(AT)

    assert response.status == 200
    assert response.body == ISSUED | PRINTED | NOT_MAILED | {"lines": [LINE]}


def test_an_issued_invoice_is_listed_with_its_totals(ada: User, issued: Invoice) -> None:
    assert ada.get(ALL).body == {"data": [ISSUED], "has_more": False}


def test_the_newest_invoice_is_listed_first(world: World, ada: User, issued: Invoice) -> None:
    world.tick(dt.date(2026, 11, 30))

    assert [invoice["due_on"] for invoice in ada.get(ALL).body["data"]] == ["2026-11-30", "2026-10-31"]


def test_an_invoice_tells_how_its_mail_went(world: World, ada: User, documented: Delivery) -> None:
    world.deliveries.update(
        account_id=ada.account_id,
        invoice_id=INVOICE,
        change=lambda delivery: delivery.start("billing@acme.example", MAILED_AT).sent("message-1"),
    )

    sent = {
        "progress": "sent",
        "recipient": "billing@acme.example",
        "message_id": "message-1",
        "started_at": "2026-10-31T12:00:00Z",
    }
    assert ada.get(AT).body["delivery"] == sent | {"sha256": {"pdf": sha256_of(b"%PDF")}}


def test_the_pdf_is_behind_an_address_that_expires_soon(ada: User, documented: Delivery) -> None:
    response = ada.get(f"{AT}/pdf")

    url = "memory://documents/documents/1.pdf?filename=invoice-2026-0001.pdf"
    assert response.status == 200
    assert response.body == {"url": url, "expires_at": "2026-10-28T09:15:00Z"}


@pytest.mark.parametrize("path", ["pdf", "xml"])
def test_other_bytes_than_were_stored_are_not_served(
    world: World, ada: User, issued: Invoice, path: str
) -> None:
    other = replace(stored("pdf"), sha256=sha256_of(b"other"))
    keep(world, ada, pdf=other, cii=other)

    response = ada.get(f"{AT}/{path}")

    assert (response.status, response.body["type"].rpartition("/")[2]) == (500, "internal-error")


def test_a_document_that_is_gone_is_not_found(world: World, ada: User, issued: Invoice) -> None:
    keep(world, ada, pdf=Document(key="2.pdf", sha256=sha256_of(b"pdf")))

    assert ada.get(f"{AT}/pdf").status == 404


@pytest.mark.parametrize(("fixture", "state"), [("opened", "open"), ("issued", "issued")])
def test_there_is_no_pdf_before_it_is_made(
    ada: User, request: pytest.FixtureRequest, fixture: str, state: str
) -> None:
    request.getfixturevalue(fixture)

    response = ada.get(f"{AT}/pdf")

    told = f"{INVOICE} is {state}; its PDF is made once it is issued"
    assert response.status == 409
    assert response.body == problem(409, "no-document-yet", "No document yet", told, at=f"{AT}/pdf")


@pytest.mark.parametrize(
    ("syntax", "said"), [("cii", {}), ("cii", {"syntax": "cii"}), ("ubl", {"syntax": "ubl"})]
)
def test_the_e_invoice_is_behind_such_an_address_too(
    world: World, ada: User, issued: Invoice, syntax: str, said: dict[str, str]
) -> None:
    keep(world, ada, cii=stored("cii.xml"), ubl=stored("ubl.xml"))

    response = ada.get(f"{AT}/xml", **said)

    url = f"memory://documents/1.{syntax}.xml?filename=invoice-2026-0001.{syntax}.xml"
    assert response.status == 200
    assert response.body == {"url": url, "expires_at": "2026-10-28T09:15:00Z"}


def test_it_is_told_what_an_e_invoice_cannot_carry(world: World, ada: User, issued: Invoice) -> None:
    why = Problem("/currency", "too-many-digits", "KWD has 3 decimal places")
    keep(world, ada, not_carried=(why,))

    refused, shown = ada.get(f"{AT}/xml"), ada.get(AT).body["delivery"]

    told = "2026-0001 has its PDF, but no e-invoice: KWD has 3 decimal places"
    errors = [{"pointer": "/currency", "code": "too-many-digits", "message": "KWD has 3 decimal places"}]
    assert refused.status == 409
    assert refused.body == problem(409, "no-e-invoice", "No e invoice", told, at=f"{AT}/xml") | {
        "errors": errors
    }
    assert shown == {"progress": "pending", "sha256": {"pdf": sha256_of(b"pdf")}, "not_carried": errors}


def test_an_invoice_from_before_there_were_e_invoices_has_none(
    world: World, ada: User, issued: Invoice
) -> None:
    keep(world, ada)

    response = ada.get(f"{AT}/xml")

    assert (response.status, response.body["type"].rpartition("/")[2]) == (409, "no-e-invoice")
    assert response.body["detail"].endswith("it is older than e-invoices are here")


def test_there_is_no_e_invoice_before_the_documents_are_made(ada: User, issued: Invoice) -> None:
    response = ada.get(f"{AT}/xml")

    assert (response.status, response.body["type"].rpartition("/")[2]) == (409, "no-document-yet")


def test_another_language_than_those_of_the_norm_is_none(ada: User, issued: Invoice) -> None:
    response = ada.get(f"{AT}/xml", syntax="edifact")

    assert (response.status, response.body["errors"][0]["message"]) == (400, "must be one of cii, ubl")


@pytest.mark.parametrize(
    "invoice_id", ["inv_acme00000000000020261030", "inv_acme00000000000020261131", "inv_"]
)
def test_an_unknown_invoice_is_not_found(ada: User, issued: Invoice, invoice_id: str) -> None:
    for at in (f"{ALL}/{invoice_id}", f"{ALL}/{invoice_id}/pdf", f"{ALL}/{invoice_id}/xml"):
        response = ada.get(at)

        assert (response.status, response.body) == (404, not_found(response.body["detail"], at=at))
        assert invoice_id in response.body["detail"]


@pytest.fixture
def long(world: World, acme: Client) -> list[str]:
    """An invoice with 101 lines; their ids in order."""
    work = [a_work_entry(f"{number:016}", client=acme) for number in range(101)]
    world.having(*work).tick(DUE)
    world.issue(INVOICE, client=acme, day=DUE)
    return [entry.id for entry in work]


def test_an_invoice_shows_a_hundred_lines_and_says_that_there_are_more(ada: User, long: list[str]) -> None:
    shown = ada.get(AT).body

    assert (shown["entries"], shown["has_more_lines"]) == (101, True)
    assert [line["id"] for line in shown["lines"]] == long[:100]


def test_all_lines_are_listed_a_page_at_a_time(ada: User, long: list[str]) -> None:
    first = ada.get(f"{AT}/lines", limit=100)
    rest = ada.get(f"{AT}/lines", limit=100, cursor=first.body["next_cursor"])

    assert [line["id"] for line in first.body["data"] + rest.body["data"]] == long
    assert (first.body["has_more"], rest.body["has_more"]) == (True, False)
    assert len(ada.get(f"{AT}/lines").body["data"]) == 20


def test_a_line_is_the_work_that_is_charged(ada: User, issued: Invoice) -> None:
    assert ada.get(f"{AT}/lines").body == {"data": [LINE], "has_more": False}


def test_a_cursor_belongs_to_the_lines_of_one_invoice(world: World, ada: User, long: list[str]) -> None:
    world.tick(dt.date(2026, 11, 30))
    other = f"{ALL}/inv_acme00000000000020261130/lines"
    cursor = ada.get(f"{AT}/lines").body["next_cursor"]

    foreign = ("/cursor", "not-a-cursor", "must be the next_cursor of an answer with the same filters")
    assert ada.get(other, cursor=cursor).body == bad_query(foreign, at=other)


def test_an_invoice_that_is_not_there_has_no_lines(ada: User, issued: Invoice) -> None:
    assert ada.get(f"{ALL}/inv_acme00000000000020261030/lines").status == 404


def stored(ending: str) -> Document:
    document = Document(key=f"1.{ending}", sha256=sha256_of(ending.encode()))
    wiring.archive().put(key=document.key, content=ending.encode())
    return document


def keep(world: World, who: User, **documents: Any) -> None:
    kept = Documents(**{"pdf": stored("pdf")} | documents)
    world.deliveries.update(
        account_id=who.account_id, invoice_id=INVOICE, change=lambda delivery: delivery.documented(kept)
    )
