"""A message that nobody can read is parked in the failure ledger at once, and holds up nobody."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from domain.failures import Failure, State
from infrastructure.local_cloud import functions, logs
from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import Visitor, eventually, ledger, signed_up

CONSUMERS = {
    "counters": "keep-counters",
    "invoicing": "issue-invoices",
    "delivery": "deliver-invoices",
    "imports": "import-work",
    "mail-events": "record-mail-events",
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


def test_poison_in_every_queue_is_parked_at_once_while_others_are_processed(
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
        [failure] = eventually(partial(parked, deployed, name, f"poison for {name}"))
        assert failure.attempts == 1
        unreadable = "unreadable-mail-event" if name == "mail-events" else "unreadable-event"
        assert failure.cause.code == unreadable
        assert int(attributes(sqs, deployed.queues[name])["ApproximateNumberOfMessages"]) == 0
        assert set(failures(deployed, function)) == {unreadable}


def is_mailed_and_counted(visitor: Visitor) -> bool:
    counters = visitor.get("/counters").body["data"]
    invoices = visitor.get("/invoices").body["data"]
    if not counters or not invoices or not counters[0]["total"]["invoices"]:
        return False
    progress: str = visitor.get(f"/invoices/{invoices[0]['id']}").body["delivery"]["progress"]
    return progress == "sent"


def parked(cloud: LocalCloud, queue: str, body: str) -> Sequence[Failure]:
    """The failures of a queue that wait for a person, with that body."""
    found = ledger(cloud).list(queue=queue, state=State.PARKED).items
    return [failure for failure in found if failure.body == body]


def failures(cloud: LocalCloud, function: str) -> list[str]:
    """The codes of all failures that a function has logged."""
    lines = [line.message for line in logs.read(cloud, function)]
    batches = [json.loads(line) for line in lines if "batch done" in line]
    return [failed["code"] for batch in batches for failed in batch["failed"]]


def attributes(sqs: Any, url: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found
