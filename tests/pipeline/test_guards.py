"""What must not go round, and what must not hold up others."""

import datetime as dt
import json
from typing import Any

import boto3
import pytest

from domain.clients import Client
from domain.delivery import Progress
from domain.failures import Kind, State
from events import catalog
from handlers import open_invoices
from handlers.open_invoices import TickIncompleteError
from infrastructure import aws, wiring
from infrastructure.dynamodb.errors import StoreUnavailableError
from infrastructure.sns import SnsChanges
from tests.aws_events import PAYLOADS, Json
from tests.data_stack import REGION, TABLE
from tests.logs import Log
from tests.pipeline import cloud as pipeline
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, BOB, a_client_of, log_work
from tests.pipeline.stored import failures, items, mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

DERIVED = ("COUNTER", "CONTRIBUTION", "SEQUENCE", "NUMBER", "FAILURE")
ELSEWHERE = ("HELD", "LINE", "PACE", "REPLAY", "REPLAY_PART", "TOKEN", "REQUEST", "RATE", "IMPORT_ROWS")
NEVER_PUBLISHED = DERIVED + ELSEWHERE
GOLDEN = {path.stem: path.read_text() for path in (PAYLOADS / "events").glob("*.json")}
CONSUMERS = {
    "invoicely.work.logged.v1": {"counters"},
    "invoicely.work.edited.v1": {"counters"},
    "invoicely.work.removed.v1": {"counters"},
    "invoicely.work.claimed.v1": {"counters"},
    "invoicely.work.released.v1": {"counters"},
    "invoicely.invoice.opened.v1": {"invoicing"},
    "invoicely.invoice.changed.v1": {"counters"},
    "invoicely.invoice.credited.v1": {"counters"},
    "invoicely.invoice.voided.v1": {"counters", "invoicing"},
    "invoicely.invoice.released.v1": {"counters"},
    "invoicely.creditnote.opened.v1": {"invoicing"},
    "invoicely.creditnote.issued.v1": {"counters", "delivery"},
    "invoicely.account.changed.v1": {"invoicing"},
    "invoicely.client.changed.v1": {"invoicing"},
    "invoicely.invoice.approved.v1": {"invoicing"},
    "invoicely.invoice.skipped.v1": {"invoicing"},
    "invoicely.invoice.reopened.v1": {"invoicing"},
    "invoicely.invoice.issued.v1": {"counters", "delivery"},
    "invoicely.invoice.paid.v1": {"counters"},
    "invoicely.reminder.recorded.v1": {"delivery"},
    "invoicely.delivery.requested.v1": {"delivery"},
    "invoicely.import.started.v1": {"imports"},
    "invoicely.import.withdrawn.v1": {"imports"},
}
ANYTHING = {"Filters": [{"Pattern": '{"eventSource": ["aws:dynamodb"]}'}]}


def test_what_is_derived_from_events_makes_no_event(clock: Clock) -> None:
    cloud = Cloud()
    for derived in NEVER_PUBLISHED:
        write({"SK": {"S": derived}, "type": {"S": derived}, "version": {"N": "1"}})

    cloud.run()

    assert cloud.calls["PublishBatch"] == 0


def test_it_makes_none_also_where_the_filter_lets_it_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pipeline.PUBLISHER, "FilterCriteria", ANYTHING)
    cloud = Cloud()
    for derived in NEVER_PUBLISHED:
        write({"SK": {"S": derived}, "type": {"S": derived}, "version": {"N": "1"}})

    cloud.run()

    assert cloud.calls["PublishBatch"] == 0
    assert [reason(kept) for kept in unpublished()] == [
        f"UnpublishableError: a INSERT of {derived} is not published" for derived in NEVER_PUBLISHED
    ]


def test_a_whole_month_leaves_all_that_is_derived_and_publishes_none_of_it(clock: Clock) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    cloud.queues["counters"].put("this is no event")

    cloud.tick(clock.now)
    cloud.run()

    assert all(items(derived) for derived in DERIVED)
    assert {event_type.split(".")[1] for event_type in cloud.published} == {
        "account",
        "client",
        "work",
        "invoice",
        "delivery",
    }


def test_a_deletion_does_not_pass_the_filter_and_is_set_aside_where_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    key = {"PK": {"S": "ACCOUNT#a"}, "SK": {"S": "PROFILE"}}
    write({"SK": key["SK"], "type": {"S": "COUNTER"}})
    boto3.client("dynamodb", REGION).delete_item(TableName=TABLE, Key=key)
    cloud.run()
    assert unpublished() == []

    monkeypatch.setitem(pipeline.PUBLISHER, "FilterCriteria", ANYTHING)
    again = Cloud()
    again.run()

    assert [kept["record"]["eventName"] for kept in unpublished()] == ["INSERT", "REMOVE"]


def test_an_item_that_somebody_broke_by_hand_is_set_aside_and_its_neighbours_are_published() -> None:
    cloud = Cloud()
    acme = a_client_of(ADA)
    log_work(ADA, acme)
    write({"SK": {"S": "WORK#w"}, "type": {"S": "WORK"}, "version": {"N": "1"}, "tags": {"NULL": True}})
    log_work(ADA, acme)

    cloud.run()

    assert cloud.published[-2:] == ["invoicely.work.logged.v1"] * 2
    assert [kept["record"]["dynamodb"]["Keys"]["SK"] for kept in unpublished()] == [{"S": "WORK#w"}]


@pytest.mark.parametrize("event_type", GOLDEN)
def test_every_event_reaches_exactly_the_queues_whose_filter_names_it(event_type: str) -> None:
    cloud = Cloud()

    publish(GOLDEN[event_type])

    reached = {name for name, queue in cloud.queues.items() if queue.waiting}
    assert reached == CONSUMERS.get(event_type, set())


def test_a_newer_version_of_an_event_reaches_those_who_wait_for_any_version_of_it() -> None:
    cloud = Cloud()

    publish(GOLDEN["invoicely.work.logged.v1"].replace(".v1", ".v2"))
    cloud.run()

    [failure] = failures("counters")
    assert (failure.state, failure.kind) == (State.RETRYING, Kind.FUTURE)


@pytest.mark.parametrize("name", ["counters", "invoicing", "delivery", "imports", "mail-events"])
def test_a_message_that_cannot_be_read_is_parked_at_once_and_holds_up_nobody(
    clock: Clock, name: str, log: Log
) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    cloud.queues[name].put("this is no event")

    cloud.tick(clock.now)
    cloud.run()

    [failure] = failures()
    assert (failure.queue, failure.state, failure.attempts) == (name, State.PARKED, 1)
    assert (failure.body, cloud.queues[name].dead) == ("this is no event", [])
    assert len(mails()) == 1
    assert ADA.get("/v1/counters").body["data"][0]["total"]["invoices"] == 1
    told = [failed for line in log.lines for failed in line.get("failed", []) if failed]
    unreadable = "unreadable-mail-event" if name == "mail-events" else "unreadable-event"
    assert [each["code"] for each in told] == [unreadable]


def test_an_entity_that_can_never_be_counted_stops_no_other() -> None:
    cloud = Cloud()
    acme = a_client_of(ADA)
    for _ in range(20):
        log_work(ADA, acme)
    told = json.loads(GOLDEN["invoicely.work.logged.v1"])
    told["data"] |= {"id": "", "account_id": ADA.account_id}  # DynamoDB takes no empty key
    cloud.queues["counters"].put(json.dumps(told))

    cloud.run()

    [counter] = wiring.counters().list(account_id=ADA.account_id)
    assert counter.total.entries == 20
    assert [(failure.state, failure.body) for failure in failures()] == [(State.PARKED, json.dumps(told))]
    assert cloud.queues["counters"].waiting == []


def test_an_entity_whose_contribution_was_broken_by_hand_stops_no_other() -> None:
    cloud = Cloud()
    acme = a_client_of(ADA)
    broken = log_work(ADA, acme)
    for _ in range(20):
        log_work(ADA, acme)
    write({"PK": {"S": f"ACCOUNT#{ADA.account_id}#COUNTED#{broken[-2:]}"}, "SK": {"S": broken}})

    cloud.run()

    [counter] = wiring.counters().list(account_id=ADA.account_id)
    assert counter.total.entries == 20
    assert [json.loads(failure.body)["data"]["id"] for failure in failures()] == [broken]


def test_an_account_whose_invoice_cannot_be_issued_stops_no_other(clock: Clock) -> None:
    cloud = Cloud()
    for user in (ADA, BOB):
        log_work(user, a_client_of(user))
    boto3.client("dynamodb", REGION).delete_item(
        TableName=TABLE, Key={"PK": {"S": f"ACCOUNT#{ADA.account_id}"}, "SK": {"S": "PROFILE"}}
    )

    cloud.tick(clock.now)
    cloud.run()

    assert [invoice["number"] for invoice in BOB.get("/v1/invoices").body["data"]] == ["2026-0001"]
    assert [(failure.queue, failure.account_id) for failure in failures()] == [("invoicing", ADA.account_id)]
    assert len(mails()) == 1


def test_a_client_that_was_broken_by_hand_stops_no_other_and_the_tick_says_so(clock: Clock, log: Log) -> None:
    cloud = Cloud()
    broken = a_client_of(BOB)
    log_work(ADA, a_client_of(ADA))
    key = {"PK": {"S": f"ACCOUNT#{BOB.account_id}"}, "SK": {"S": f"CLIENT#{broken}"}}
    boto3.client("dynamodb", REGION).update_item(
        TableName=TABLE, Key=key, UpdateExpression="REMOVE hourly_rate"
    )

    cloud.tick(clock.now)
    cloud.run()

    assert len(mails()) == 1
    [tick] = [line for line in log.lines if line["message"] == "tick done"]
    assert len(tick["opened"]) == 1
    assert [(failed["client"], failed["error"]) for failed in tick["failed"]] == [(broken, "UnreadableError")]
    [failure] = failures("tick")
    assert (failure.state, failure.account_id, failure.attempts) == (State.PARKED, BOB.account_id, 1)
    assert (failure.cause.error, json.loads(failure.body)["client"]) == ("UnreadableError", broken)


def test_a_tick_that_cannot_serve_a_client_for_now_fails_and_leaves_nothing_in_the_ledger(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_client_of(ADA)

    def unavailable(**_: object) -> Client:
        raise StoreUnavailableError("throttled")

    monkeypatch.setattr(wiring.clients(), "get", unavailable)

    with pytest.raises(TickIncompleteError, match="1 clients failed"):
        open_invoices.handler({"time": clock.now.isoformat()}, None)

    assert failures() == []


def test_a_tick_that_comes_late_does_what_it_would_have_done_in_time(clock: Clock) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    a_day_before = clock.now - dt.timedelta(days=1)

    cloud.tick(a_day_before)
    cloud.run()

    assert items("INVOICE") == []


def test_a_client_too_far_behind_is_held_for_a_person(clock: Clock, log: Log) -> None:
    cloud = Cloud()
    behind = a_client_of(ADA, billing_starts_on="2024-10-01")

    cloud.tick(clock.now)
    cloud.run()

    [told] = [line for line in log.lines if line["message"] == "clients held"]
    assert (told["level"], told["clients"]) == ("ERROR", [behind])
    assert ADA.get(f"/v1/clients/{behind}").body["status"] == "held"


def test_an_invoice_that_cannot_be_mailed_stops_no_other(clock: Clock) -> None:
    cloud = Cloud()
    for user in (ADA, BOB):
        log_work(user, a_client_of(user))
    boto3.client("ses", REGION).delete_identity(Identity="invoices@invoicely.example")

    cloud.tick(clock.now)
    cloud.run()

    assert mails() == []
    assert {item["progress"] for item in items("DELIVERY")} == {Progress.PENDING}
    assert len(cloud.queues["delivery"].dead) == 2

    boto3.client("ses", REGION).verify_email_identity(EmailAddress="invoices@invoicely.example")
    cloud.queues["delivery"].waiting, cloud.queues["delivery"].dead = cloud.queues["delivery"].dead, []
    cloud.run()

    assert len(mails()) == 2


def write(item: Json) -> None:
    boto3.client("dynamodb", REGION).put_item(TableName=TABLE, Item={"PK": {"S": "ACCOUNT#a"}} | item)


def publish(body: str) -> None:
    topic = wiring.changes()
    assert isinstance(topic, SnsChanges)
    told = json.loads(body)
    attributes = {name: {"DataType": "String", "StringValue": told[name]} for name in ("type", "account")}
    entry = {"Id": "0", "Message": body, "MessageAttributes": attributes}
    aws.client("sns").publish_batch(TopicArn=topic._topic_arn, PublishBatchRequestEntries=[entry])


def unpublished() -> list[Any]:
    """What was set aside, and takes it away."""
    sqs = boto3.client("sqs", REGION)
    url = sqs.get_queue_url(QueueName="invoicely-dev-unpublished")["QueueUrl"]
    found: list[Any] = []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in received]
    return found


def reason(kept: Json) -> str:
    return str(kept["reason"])


def test_the_golden_events_are_those_of_the_catalogue() -> None:
    assert all(catalog.read(body).type == event_type for event_type, body in GOLDEN.items())
