"""A message that nobody can read ends among the dead letters, and holds up nobody."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from infrastructure.local_cloud import functions, logs
from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import Visitor, eventually, signed_up

CONSUMERS = {
    "counters": "keep-counters",
    "invoicing": "issue-invoices",
    "delivery": "deliver-invoices",
}
ACCOUNT = {
    "name": "Eve",
    "email": "eve@example.com",
    "address": {"street": "1 Main Street", "city": "Springfield", "country": "US"},
    "currency": "USD",
    "time_zone": "America/New_York",
}
CLIENT = ACCOUNT | {"hourly_rate": "10", "billing_starts_on": "2026-10-01", "invoice_day": 31}


@pytest.fixture
def sqs(deployed: LocalCloud) -> Any:
    return deployed.access.session().client("sqs", **deployed.access.here())


@pytest.fixture
def _impatient(deployed: LocalCloud, sqs: Any) -> Iterator[None]:
    """Queues that give a message again at once; their templates wait for minutes."""
    before = {name: attributes(sqs, deployed.queues[name]) for name in CONSUMERS}
    for name in CONSUMERS:
        sqs.set_queue_attributes(QueueUrl=deployed.queues[name], Attributes={"VisibilityTimeout": "1"})
    yield
    for name in CONSUMERS:
        kept = {"VisibilityTimeout": before[name]["VisibilityTimeout"]}
        sqs.set_queue_attributes(QueueUrl=deployed.queues[name], Attributes=kept)


@pytest.mark.usefixtures("_impatient")
def test_poison_in_every_queue_ends_in_its_dead_letter_queue_while_others_are_processed(
    deployed: LocalCloud,
    sqs: Any,
) -> None:
    eve = signed_up(deployed, "eve@example.com")
    eve.put("/account", ACCOUNT)
    client = eve.post("/clients", CLIENT).body["id"]
    for name in CONSUMERS:
        sqs.send_message(QueueUrl=deployed.queues[name], MessageBody=f"poison for {name}")

    work = {"client_id": client, "date": "2026-10-05", "description": "Eavesdropping", "minutes": 60}
    eve.post("/work-entries", work)
    functions.invoke(deployed, "open-invoices", {"time": "2026-10-31T12:00:00Z"})

    eventually(lambda: is_mailed_and_counted(eve))
    for name, function in CONSUMERS.items():
        dead = eventually(partial(received, sqs, deployed.queues[f"{name}-dlq"]))
        assert [message["Body"] for message in dead] == [f"poison for {name}"]
        assert int(attributes(sqs, deployed.queues[name])["ApproximateNumberOfMessages"]) == 0
        assert set(failures(deployed, function)) == {"unreadable-event"}


def is_mailed_and_counted(visitor: Visitor) -> bool:
    counters = visitor.get("/counters").body["data"]
    invoices = visitor.get("/invoices").body["data"]
    if not counters or not invoices or not counters[0]["total"]["invoices"]:
        return False
    progress: str = visitor.get(f"/invoices/{invoices[0]['id']}").body["delivery"]["progress"]
    return progress == "sent"


def received(sqs: Any, url: str) -> list[Any]:
    """What lies in a queue; it is taken away."""
    messages: list[Any] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


def failures(cloud: LocalCloud, function: str) -> list[str]:
    """The codes of all failures that a function has logged."""
    lines = [line.message for line in logs.read(cloud, function)]
    batches = [json.loads(line) for line in lines if "batch done" in line]
    return [failed["code"] for batch in batches for failed in batch["failed"]]


def attributes(sqs: Any, url: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found
