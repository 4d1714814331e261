"""What SES tells of mails, and what a person does about it: through real handlers, in AWS's own words."""

import json
from email.message import EmailMessage

import pytest

from domain.delivery import Delivery, Progress
from infrastructure import wiring
from tests.aws_events import Json, payload
from tests.logs import Log
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, a_client_of, log_work
from tests.pipeline.stored import all_of, failures, mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")


def told_of(mail: EmailMessage, name: str, **changes: object) -> str:
    """The event as SES publishes it, with the tags that the mail was handed over with."""
    event: Json = payload(f"ses/{name}")
    tags = dict(part.split("=") for part in str(mail["X-SES-MESSAGE-TAGS"]).split(", "))
    event["mail"]["tags"] |= {tag: [value] for tag, value in tags.items()}
    event["mail"]["destination"] = [str(mail["To"])]
    return json.dumps(event | changes)


def a_mailed_invoice(cloud: Cloud, clock: Clock) -> EmailMessage:
    log_work(ADA, a_client_of(ADA))
    cloud.tick(clock.now)
    cloud.run()
    [mail] = mails()
    return mail


def test_a_mail_that_bounces_shows_on_its_invoice_and_on_the_client(clock: Clock) -> None:
    cloud = Cloud()
    mail = a_mailed_invoice(cloud, clock)

    for name in ("delivery", "bounce", "send", "bounce"):
        cloud.queues["mail-events"].put(told_of(mail, name))
    cloud.run()

    [delivery] = all_of(Delivery)
    assert (delivery.progress, delivery.version) == (Progress.BOUNCED, 5)
    [client] = wiring.clients().list(account_id=ADA.account_id).items
    assert client.undeliverable == delivery.returned
    assert failures() == []


def test_a_mail_that_nobody_knows_is_told_in_the_log_and_nothing_else(clock: Clock, log: Log) -> None:
    cloud = Cloud()

    cloud.queues["mail-events"].put(json.dumps(payload("ses/bounce")))
    cloud.run()

    assert [line["fate"] for line in log.lines if line["message"] == "mail of nobody known"] == ["bounced"]
    assert (all_of(Delivery), failures()) == ([], [])
    assert "acme.example" not in json.dumps(log.lines)


def test_the_api_tells_what_came_back_and_why(clock: Clock) -> None:
    cloud = Cloud()
    mail = a_mailed_invoice(cloud, clock)
    cloud.queues["mail-events"].put(told_of(mail, "bounce"))
    cloud.run()

    [invoice] = ADA.get("/v1/invoices").body["data"]
    delivery = ADA.get(f"/v1/invoices/{invoice['id']}").body["delivery"]
    [client] = ADA.get("/v1/clients").body["data"]

    returned = {
        "outcome": "bounced",
        "recipient": "billing@acme.example",
        "reason": "Permanent, General: smtp; 550 5.1.1 user unknown",
        "at": "2026-10-31T08:00:05Z",
        "for_good": True,
    }
    assert (delivery["progress"], delivery["returned"]) == ("bounced", returned)
    assert client["undeliverable"] == returned


def test_what_bounced_is_mailed_once_more_to_the_corrected_address(clock: Clock) -> None:
    cloud = Cloud()
    first = a_mailed_invoice(cloud, clock)
    cloud.queues["mail-events"].put(told_of(first, "bounce"))
    cloud.run()
    [invoice] = ADA.get("/v1/invoices").body["data"]

    accepted = ADA.post(f"/v1/invoices/{invoice['id']}/resend", {"recipient": "accounts@acme.example"})
    cloud.run()
    _, second = mails()
    cloud.queues["mail-events"].put(told_of(second, "delivery"))
    cloud.run()

    delivery = ADA.get(f"/v1/invoices/{invoice['id']}").body["delivery"]
    assert accepted.status == 202
    assert second["To"] == "accounts@acme.example"
    assert (delivery["progress"], [mail["progress"] for mail in delivery["earlier"]]) == ("sent", ["bounced"])
    assert failures() == []


def test_what_bounced_of_a_credit_note_shows_there_and_is_mailed_once_more(clock: Clock) -> None:
    cloud = Cloud()
    a_mailed_invoice(cloud, clock)
    [invoice] = ADA.get("/v1/invoices").body["data"]
    at = ADA.post(f"/v1/invoices/{invoice['id']}/credit-notes", {}).headers["location"]
    cloud.run()
    _, first = mails()
    cloud.queues["mail-events"].put(told_of(first, "bounce"))
    cloud.run()
    bounced = ADA.get(at).body["delivery"]["progress"]

    accepted = ADA.post(f"{at}/resend", {"recipient": "accounts@acme.example"})
    cloud.run()

    *_, second = mails()
    delivery = ADA.get(at).body["delivery"]
    assert (bounced, accepted.status, second["To"]) == ("bounced", 202, "accounts@acme.example")
    assert "CN-2026-0001" in str(second["Subject"])
    assert (delivery["progress"], [mail["progress"] for mail in delivery["earlier"]]) == ("sent", ["bounced"])
    assert ADA.get(f"/v1/invoices/{invoice['id']}").body["delivery"]["progress"] == "sent"
    assert failures() == []
