import datetime as dt

import pytest

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
