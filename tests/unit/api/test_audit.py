import datetime as dt
from dataclasses import replace
from hashlib import sha256

import pytest

from domain.archiving import Document
from tests.builders import a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Store
from tests.gateway import User
from tests.world import World

NUMBERING = "/v1/audit/numbering"
DUE = dt.date(2026, 10, 31)
YEAR = {
    "name": "2026-{seq}",
    "numbers": 1,
    "first": "2026-0001",
    "first_issued_on": "2026-10-31",
    "last": "2026-0001",
    "last_issued_on": "2026-10-31",
    "findings": [],
}


@pytest.fixture
def numbered(world: World, ada: User) -> None:
    """One invoice, the first of its series."""
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client)).tick(DUE)
    world.issue(an_invoice_id(), client=client, day=DUE)


def test_each_series_is_told_with_its_first_and_last_number(ada: User, store: Store, numbered: None) -> None:
    response = ada.get(NUMBERING)

    [given] = store.given.values()
    year = YEAR | {"chain_sha256": given.chain_sha256}
    assert (response.status, response.body) == (200, {"clean": True, "series": [year], "findings": []})


def test_what_is_wrong_stands_with_its_series_and_what_concerns_none_beside_them(
    ada: User, store: Store, numbered: None
) -> None:
    store.given.clear()

    audit = ada.get(NUMBERING).body

    [series], [other] = audit["series"], audit["findings"]
    assert (audit["clean"], series["name"], series["numbers"]) == (False, "2026-{seq}", 0)
    assert [finding["code"] for finding in series["findings"]] == ["number-missing"]
    assert (other["code"], other["subject"]) == ("invoice-without-number", an_invoice_id())


def test_without_an_account_there_are_no_numbers(ada: User) -> None:
    assert ada.get(NUMBERING).status == 404


def test_the_audit_of_numbers_knows_no_parameter(ada: User, numbered: None) -> None:
    assert ada.get(NUMBERING, series="2026").status == 400


def test_what_was_issued_is_listed_with_what_proves_it(ada: User, store: Store, numbered: None) -> None:
    body = ada.get("/v1/audit/export", year="2026").body

    [given], [issued] = store.given.values(), body["data"]
    content = sha256(issued["content"].encode()).hexdigest()
    assert issued["content_sha256"] == content == given.content_sha256
    assert issued["before_sha256"] == "0" * 64
    assert issued["chain_sha256"] == sha256(("0" * 64 + content).encode()).hexdigest()
    assert (issued["number"], issued["issued_on"], issued["files"]) == ("2026-0001", "2026-10-31", [])


def test_the_files_of_what_was_issued_can_be_fetched(ada: User, world: World, numbered: None) -> None:
    document = Document(key="somewhere.pdf", sha256="sum")
    world.deliveries.update(
        account_id=ada.account_id,
        invoice_id=an_invoice_id(),
        change=lambda delivery: replace(delivery, document=document),
    )

    [issued] = ada.get("/v1/audit/export").body["data"]

    [file] = issued["files"]
    assert (file["name"], file["sha256"]) == ("2026-0001.pdf", "sum")
    assert file["url"].startswith("memory://documents/somewhere.pdf")


@pytest.mark.parametrize("year", ["26", "soon", "0000", "٢٠٢٦"])
def test_a_year_has_four_digits(ada: User, year: str) -> None:
    response = ada.get("/v1/audit/export", year=year)

    assert (response.status, response.body["errors"][0]["message"]) == (400, "must be a year such as 2026")


def test_in_another_year_nothing_was_issued(ada: User, numbered: None) -> None:
    assert ada.get("/v1/audit/export", year="2025").body == {"data": [], "has_more": False}
