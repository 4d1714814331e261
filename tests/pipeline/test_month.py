"""A month as people and the schedule make it: requests and ticks in, invoices in mailboxes out."""

import datetime as dt
from io import BytesIO

import pytest
from pypdf import PdfReader

from domain.audit import audit_account
from domain.delivery import Delivery, Progress
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from infrastructure import wiring
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, BOB, a_client_of, add_client, log_work, open_account
from tests.pipeline.stored import all_of, mails
from tests.recount import recount, shown

pytestmark = pytest.mark.usefixtures("_topic_and_mail")


def test_a_month_is_played_whole(clock: Clock) -> None:
    cloud = Cloud()
    open_account(ADA)
    acme = add_client(ADA, name="Acme GmbH", email="acme@example.com", invoice_day=31)
    midori = add_client(
        ADA,
        name="株式会社みどり",
        email="midori@example.com",
        invoice_day=20,
        currency="JPY",
        hourly_rate="8000",
        time_zone="Asia/Tokyo",
    )
    hudson = add_client(
        ADA,
        name="Hudson Inc.",
        email="hudson@example.com",
        invoice_day="last",
        currency="USD",
        hourly_rate="120.50",
        time_zone="America/New_York",
        tax={"name": "Sales tax", "rate": "8.875"},
    )
    for day in range(1, 31):
        log_work(ADA, (acme, midori, hudson)[day % 3], date=f"2026-10-{day:02}", minutes=10 * day)
    mistyped, mistaken = log_work(ADA, acme, minutes=600), log_work(ADA, hudson)
    log_work(ADA, acme, billable=False, description="A favour")
    ADA.patch(f"/v1/work-entries/{mistyped}", {"minutes": 60})
    ADA.delete(f"/v1/work-entries/{mistaken}")

    cloud.run()
    for instant in ("2026-10-19T23:15Z", "2026-10-31T07:15Z", "2026-10-31T12:15Z"):
        clock.now = dt.datetime.fromisoformat(instant)
        cloud.tick(clock.now)
        cloud.run()

    invoices, delivered = all_of(Invoice), mails()
    assert [(mail["To"], mail["Subject"].split()[1]) for mail in delivered] == [
        ("midori@example.com", "2026-0001"),
        ("acme@example.com", "2026-0002"),
        ("hudson@example.com", "2026-0003"),
    ]
    assert {(each.client_id, each.state, each.due_on.day) for each in invoices} == {
        (acme, State.ISSUED, 31),
        (midori, State.ISSUED, 20),
        (hudson, State.ISSUED, 31),
    }
    assert {each.progress for each in all_of(Delivery)} == {Progress.SENT}
    assert shown(wiring.counters().list(account_id=ADA.account_id)) == recount(all_of(WorkEntry), invoices)
    assert [(queue.waiting, queue.dead) for queue in cloud.queues.values()] == [([], [])] * 5


def test_the_mailed_document_says_what_the_invoice_says(clock: Clock) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA), description="Notes on Bernoulli numbers", minutes=90)

    cloud.tick(clock.now)
    cloud.run()

    [mail], [delivery] = mails(), all_of(Delivery)
    [attachment] = mail.iter_attachments()
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert delivery.document is not None
    assert content == wiring.archive().get(key=delivery.document.key)
    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    for said in ("2026-0001", "Acme GmbH", "Notes on Bernoulli numbers", "150.00", "DE02 1203"):
        assert said in text


def test_ticks_that_come_again_or_late_change_nothing_more(clock: Clock) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    cloud.tick(clock.now)
    cloud.run()
    published = len(cloud.published)

    cloud.tick(clock.now)
    cloud.tick(clock.now - dt.timedelta(days=3))
    cloud.run()

    assert len(cloud.published) == published
    assert len(mails()) == 1


def test_work_that_comes_late_is_on_the_next_invoice(clock: Clock) -> None:
    cloud = Cloud()
    acme = a_client_of(ADA)
    log_work(ADA, acme, date="2026-10-05")
    cloud.tick(clock.now)
    cloud.run()
    late = log_work(ADA, acme, date="2026-10-06")

    clock.now = dt.datetime(2026, 11, 30, 7, 15, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()

    [entry] = [entry for entry in all_of(WorkEntry) if entry.id == late]
    assert entry.invoiced_on == dt.date(2026, 11, 30)
    assert [mail["Subject"].split()[1] for mail in mails()] == ["2026-0001", "2026-0002"]


def test_what_a_person_bills_now_is_mailed_and_the_regular_invoice_goes_on_from_there(clock: Clock) -> None:
    cloud = Cloud()
    acme = a_client_of(ADA)
    early, later = log_work(ADA, acme, date="2026-10-05"), log_work(ADA, acme, date="2026-10-25")
    clock.now = dt.datetime(2026, 10, 28, 9, tzinfo=dt.UTC)

    preview = ADA.get(f"/v1/clients/{acme}/invoice-preview", until="2026-10-20").body
    billed = ADA.post(f"/v1/clients/{acme}/invoices", {"until": "2026-10-20"})
    again = ADA.post(f"/v1/clients/{acme}/invoices", {"until": "2026-10-20"})
    cloud.run()
    clock.now = dt.datetime(2026, 10, 31, 12, 15, tzinfo=dt.UTC)
    cloud.tick(clock.now)
    cloud.run()

    assert (billed.status, again.status, preview["entries"]) == (202, 409, 1)
    assert [mail["Subject"].split()[1] for mail in mails()] == ["2026-0001", "2026-0002"]
    assert {entry.id: entry.invoiced_on for entry in all_of(WorkEntry)} == {
        early: dt.date(2026, 10, 28),
        later: dt.date(2026, 10, 31),
    }
    lines = ADA.get(f"{billed.headers['location']}/lines").body["data"]
    assert [line["id"] for line in lines] == [early]
    numbering = ADA.get("/v1/audit/numbering").body
    assert (numbering["clean"], numbering["series"][0]["numbers"]) == (True, 2)
    proof = audit_account(ADA.account_id, now=clock.now + dt.timedelta(hours=2), books=wiring.books())
    assert (proof.findings, proof.failed, proof.periods) == ((), (), 2)


def test_a_period_without_work_has_no_number_and_no_mail(clock: Clock) -> None:
    cloud = Cloud()
    a_client_of(ADA)

    cloud.tick(clock.now)
    cloud.run()

    assert [(invoice.state, invoice.number) for invoice in all_of(Invoice)] == [(State.EMPTY, None)]
    assert mails() == []


def test_two_accounts_have_counters_invoices_and_numbers_of_their_own(clock: Clock) -> None:
    cloud = Cloud()
    for user in (ADA, BOB):
        log_work(user, a_client_of(user))

    cloud.tick(clock.now)
    cloud.run()

    for user in (ADA, BOB):
        [invoice] = user.get("/v1/invoices").body["data"]
        assert invoice["number"] == "2026-0001"
        assert len(user.get("/v1/counters").body["data"]) == 1
