"""From a wrong invoice to a right one: taken back, edited and billed again; or made void before it is out."""

import datetime as dt

import pytest

from domain.audit import audit_account
from domain.identifiers import AccountId
from infrastructure import wiring
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, add_client, log_work, open_account
from tests.pipeline.stored import mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

VAT = {"name": "VAT", "rate": "19"}
A_DAY = dt.timedelta(days=1)


class Throttled(Cloud):
    """Nothing is delivered as long as that function is throttled."""

    throttled = True

    def _consume_any(self) -> bool:
        held = {"delivery"} if self.throttled else set()
        return any(self._consume(queue) for name, queue in self.queues.items() if name not in held)


def invoices() -> list[tuple[str, str, int, int]]:
    """Of each invoice, the oldest first, its number, its state, its total and what is still to be paid."""
    told = ("number", "state", "total", "outstanding")
    [*newest_first] = ADA.get("/v1/invoices").body["data"]
    return [tuple(each[name] for name in told) for each in reversed(newest_first)]


def attached() -> list[str | None]:
    return [part.get_filename() for mail in mails() for part in mail.iter_attachments()]


def assert_in_order(clock: Clock) -> None:
    """The counters, the lines, the credit notes and the numbers are right, and nothing is left undone."""
    later = clock.now + dt.timedelta(hours=2)
    proof = audit_account(AccountId(ADA.account_id), now=later, books=wiring.books())
    assert (proof.findings, proof.failed, proof.pending) == ((), (), 0)


def test_a_wrong_invoice_is_taken_back_mended_and_billed_again(clock: Clock) -> None:
    cloud = Cloud(duplicates=0.3, shuffled=True)
    open_account(ADA)
    client = add_client(ADA, tax=VAT)
    right, wrong = log_work(ADA, client), log_work(ADA, client, minutes=90)
    cloud.tick(clock.now)
    cloud.run()
    [invoice] = [each["id"] for each in ADA.get("/v1/invoices").body["data"]]
    assert ADA.patch(f"/v1/work-entries/{wrong}", {"minutes": 30}).status == 409

    asked = ADA.post(f"/v1/invoices/{invoice}/credit-notes", {"lines": [wrong], "reason": "Wrong hours"})
    cloud.run()
    clock.now += A_DAY
    edited = ADA.patch(f"/v1/work-entries/{wrong}", {"minutes": 30})
    billed = ADA.post(f"/v1/clients/{client}/invoices", {})
    cloud.run()

    note = ADA.get(asked.headers["location"]).body
    assert (asked.status, edited.status, billed.status) == (202, 200, 202)
    assert (note["state"], note["number"], note["credited"]) == ("issued", "CN-2026-0001", 178_50)
    assert note["delivery"]["progress"] == "sent"
    assert set(note["delivery"]["sha256"]) == {"pdf", "cii", "ubl"}
    assert invoices() == [
        ("2026-0001", "issued", 297_50, 119_00),
        ("2026-0002", "issued", 59_50, 59_50),
    ]
    assert sorted(attached(), key=str) == [
        *("credit-note-CN-2026-0001.pdf", "invoice-2026-0001.pdf", "invoice-2026-0002.pdf")
    ]
    [counted] = ADA.get("/v1/totals").body["totals"]
    assert (counted["issued"], counted["credited"], counted["outstanding"]) == (357_00, 178_50, 178_50)
    assert [ADA.get(f"/v1/work-entries/{work}").body["invoice_id"] for work in (right, wrong)] == [
        invoice,
        billed.body["id"],
    ]
    assert_in_order(clock)


def test_an_invoice_that_is_not_out_yet_is_made_void_and_billed_again(clock: Clock) -> None:
    cloud = Throttled()
    open_account(ADA)
    client = add_client(ADA, tax=VAT)
    work = log_work(ADA, client)
    cloud.tick(clock.now)
    cloud.run()
    [invoice] = [each["id"] for each in ADA.get("/v1/invoices").body["data"]]

    asked = ADA.post(f"/v1/invoices/{invoice}/void", {})
    cloud.throttled = False
    cloud.run()
    clock.now += A_DAY
    edited = ADA.patch(f"/v1/work-entries/{work}", {"minutes": 30})
    ADA.post(f"/v1/clients/{client}/invoices", {})
    cloud.run()

    assert (asked.status, edited.status) == (202, 200)
    assert invoices() == [("2026-0001", "void", 119_00, 0), ("2026-0002", "issued", 59_50, 59_50)]
    assert attached() == ["invoice-2026-0002.pdf"]
    assert_in_order(clock)
