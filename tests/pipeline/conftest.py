"""The real handlers in this process, over a table and a bucket that are in this process too."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import boto3
import botocore.endpoint
import pytest

from infrastructure import aws, wiring
from infrastructure.queue import Hidden
from infrastructure.retrying import without_waiting
from tests import data_stack
from tests.belongings import SHEET, upload
from tests.contract.tables import over
from tests.data_stack import REGION
from tests.logs import Log, caught_log
from tests.pipeline.people import ADA, ADAS, BOB, BOBS

SENDER = "invoices@invoicely.example"


@dataclass
class Clock:
    """What the functions take for now."""

    now: dt.datetime = dt.datetime(2026, 10, 31, 8, 5, tzinfo=dt.UTC)


class AtOnce:
    """Implements `infrastructure.queue.Visibility`: here nobody waits for a message that comes back."""

    def hide(self, *, messages: Sequence[Hidden]) -> None:
        assert all(0 <= hidden.seconds <= 900 for hidden in messages)


@pytest.fixture(autouse=True)
def _data_stack(monkeypatch: pytest.MonkeyPatch, socket_disabled: None) -> Iterator[None]:
    for name, value in data_stack.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with data_stack.standing(), without_waiting():
        yield


@pytest.fixture
def _topic_and_mail(_data_stack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the functions reach besides the table and the bucket."""
    boto3.client("ses", REGION).verify_email_identity(EmailAddress=SENDER)
    topic = boto3.client("sns", REGION).create_topic(Name="invoicely-dev-changes")
    names = ("unpublished", "counters", "invoicing", "delivery", "imports", "mail-events")
    sqs = boto3.client("sqs", REGION)
    urls = {name: sqs.create_queue(QueueName=f"invoicely-dev-{name}")["QueueUrl"] for name in names}
    monkeypatch.setenv("TOPIC_ARN", topic["TopicArn"])
    monkeypatch.setenv("UNPUBLISHED_QUEUE_URL", urls.pop("unpublished"))
    monkeypatch.setenv("SOURCE_QUEUE_URLS", json.dumps(urls))
    monkeypatch.setenv("SOURCE_FUNCTIONS", json.dumps({"tick": "invoicely-dev-open-invoices"}))
    monkeypatch.setenv("SENDER_ADDRESS", SENDER)
    monkeypatch.setenv("CONFIGURATION_SET", "invoicely-dev")
    monkeypatch.setattr(wiring, "visibility", AtOnce)
    for name in ("QUEUE_NAME", "QUEUE_URL", "MOST_RECEIVES"):
        monkeypatch.setenv(name, "")  # so that what the queues tell their functions ends with the test


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wiring, "now", lambda: clock.now)
    return clock


@pytest.fixture
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


OWNED = ((ADA, ADAS), (BOB, BOBS))


@pytest.fixture
def belongings(_data_stack: None) -> Callable[[], None]:
    """Ada and Bob have one of everything; what makes it again as it was."""
    give, world = _belongings(), over(aws.client("dynamodb"))
    give()
    for user, theirs in OWNED:
        upload(world, user.account_id, theirs.upload, SHEET)
    return give


@cache
def _belongings() -> Callable[[], None]:
    """Made once, which takes longer than most tests."""
    world = over(aws.client("dynamodb"))
    for user, theirs in OWNED:
        theirs.put(world, user.account_id)
    return data_stack.remembered()


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK tries again at once."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
