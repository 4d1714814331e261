"""An invoice that lacks what the law wants: held, shown, mended, and mailed by itself."""

import datetime as dt

import pytest

from infrastructure import wiring
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ACCOUNT, ADA, a_client_of, add_client, log_work, open_account
from tests.pipeline.stored import mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

VAT = {"name": "VAT", "rate": "19"}


def test_a_held_invoice_goes_out_once_the_account_is_mended(clock: Clock) -> None:
    cloud = Cloud()
    open_account(ADA, tax_id=None)
    log_work(ADA, add_client(ADA, tax=VAT))
    cloud.run()
    clock.now = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()
    [held] = ADA.get("/v1/invoices").body["data"]
    [missing] = ADA.get(f"/v1/invoices/{held['id']}").body["missing"]
    assert (held["state"], missing["request"], mails()) == ("held", "PUT /v1/account", [])

    assert ADA.put("/v1/account", ACCOUNT, match="*").status == 200
    cloud.run()

    [issued] = ADA.get("/v1/invoices").body["data"]
    assert (issued["state"], issued["number"], len(mails())) == ("issued", "2026-0001", 1)


def test_a_held_invoice_goes_out_once_its_client_is_mended(clock: Clock) -> None:
    cloud = Cloud()
    reverse_charge = {"category": "AE", "name": "VAT", "rate": "0"}
    client = a_client_of(ADA, tax=reverse_charge)
    log_work(ADA, client)
    clock.now = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()
    assert [each["state"] for each in ADA.get("/v1/invoices").body["data"]] == ["held"]

    ADA.patch(f"/v1/clients/{client}", {"tax_id": "DE129273398"})
    cloud.run()

    assert [each["state"] for each in ADA.get("/v1/invoices").body["data"]] == ["issued"]


def test_a_client_that_was_only_invoiced_is_not_looked_at(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    cloud.run()
    looked_at: list[str] = []

    def held(_: object, *, account_id: str, **__: object) -> list[str]:
        looked_at.append(account_id)
        return []

    monkeypatch.setattr(type(wiring.numbering()), "held", held)

    cloud.tick(clock.now)
    cloud.run()

    assert looked_at == []


def test_a_held_invoice_goes_out_by_a_tick_once_a_deployment_has_mended_the_rule(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    open_account(ADA, tax_id=None)
    log_work(ADA, add_client(ADA, tax=VAT))
    cloud.run()
    clock.now = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()
    monkeypatch.setattr("domain.invoicing.required", lambda *_, **__: ())

    cloud.tick(clock.now)
    cloud.run()

    assert [each["state"] for each in ADA.get("/v1/invoices").body["data"]] == ["issued"]


def test_a_held_invoice_is_skipped_its_work_corrected_and_then_it_is_reopened(clock: Clock) -> None:
    cloud = Cloud()
    client = a_client_of(ADA, tax=VAT)
    log_work(ADA, client, tax={"category": "AE", "name": "VAT", "rate": "0"})
    clock.now = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()
    [held] = ADA.get("/v1/invoices").body["data"]
    [missing] = ADA.get(f"/v1/invoices/{held['id']}").body["missing"]
    review, [work] = missing["lines_request"].removeprefix("POST "), missing["lines"]

    ADA.post(review, {"decision": "skip"})
    cloud.run()
    assert ADA.patch(f"/v1/work-entries/{work}", {"tax": None}).status == 200
    assert ADA.post(review, {"decision": "reopen"}).status == 202
    cloud.run()

    [issued] = ADA.get("/v1/invoices").body["data"]
    assert (issued["id"], issued["state"], len(mails())) == (held["id"], "issued", 1)
