"""What got lost is found by the audit and made good by publishing again; each day audits a part."""

import datetime as dt
import json
from typing import Any
from zlib import crc32

import boto3
import pytest

from domain.audit import audit_account
from domain.identifiers import AccountId
from domain.proof import Code, Finding, Proof
from events.republishing import Republished, republish_account, republish_failures
from handlers import audit
from infrastructure import aws, settings, wiring
from infrastructure.dynamodb.stream import event_of
from infrastructure.s3 import FAILURES
from tests.aws_events import Json
from tests.data_stack import REGION, TABLE
from tests.logs import Log
from tests.pipeline.cloud import PUBLISHER, Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.filters import passes_criteria
from tests.pipeline.people import ADA, a_client_of, log_work
from tests.pipeline.stored import items, mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

ACCOUNT = AccountId(ADA.account_id)
LOST = "invoicely-dev-failures"
MONTH = [dt.datetime(2026, 11, day, 3, tzinfo=dt.UTC) for day in range(1, 31)]


@pytest.fixture
def cloud(clock: Clock) -> Cloud:
    """A cloud in which work was logged for a client that is due."""
    cloud = Cloud()
    client = a_client_of(ADA)
    for day in (1, 2, 3):
        log_work(ADA, client, date=f"2026-10-0{day}")
    return cloud


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bucket of what the stream gave up."""
    s3: Any = boto3.client("s3", REGION)
    s3.create_bucket(Bucket=LOST, CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("FAILURES_BUCKET", LOST)
    settings.failures_bucket.cache_clear()
    return s3


def lose_all_messages(cloud: Cloud) -> None:
    while cloud._publish():
        for queue in cloud.queues.values():
            queue.waiting.clear()


def wrong(now: dt.datetime) -> list[Code]:
    proof = audit_account(ACCOUNT, now=now, books=wiring.books())
    assert proof.failed == ()
    return [finding.code for finding in proof.findings]


def republish() -> Republished:
    return republish_account(
        ACCOUNT,
        current=wiring.current(),
        read=event_of,
        changes=wiring.changes(),
        aside=wiring.aside(),
        progress=lambda _: None,
    )


def test_work_whose_messages_got_lost_is_found_and_counted_by_publishing_again(
    cloud: Cloud, clock: Clock
) -> None:
    lose_all_messages(cloud)
    later = clock.now + dt.timedelta(hours=2)
    assert wrong(clock.now - dt.timedelta(minutes=30)) == []
    assert wrong(later) == [*[Code.CONTRIBUTION_MISSING] * 3, Code.CLIENT_OVERDUE]

    cloud.tick(clock.now)
    republish()
    cloud.run()

    assert wrong(later) == []


def test_an_opened_invoice_whose_message_got_lost_is_found_and_finished_by_publishing_again(
    cloud: Cloud, clock: Clock
) -> None:
    cloud.run()
    cloud.tick(clock.now)
    lose_all_messages(cloud)
    later = clock.now + dt.timedelta(hours=2)
    assert wrong(later) == [Code.INVOICE_UNFINISHED]

    republish()
    cloud.run()

    assert wrong(later) == []
    assert [item["state"] for item in items("INVOICE")] == ["issued"]


def test_an_issued_invoice_whose_message_got_lost_is_found_and_mailed_once(
    cloud: Cloud, clock: Clock
) -> None:
    cloud.run()
    cloud.tick(clock.now)
    cloud._publish()
    while cloud._consume(cloud.queues["invoicing"]):
        pass
    lose_all_messages(cloud)
    later = clock.now + dt.timedelta(hours=2)
    assert Code.INVOICE_UNSENT in wrong(later)

    republish()
    cloud.run()
    republish()
    cloud.run()

    assert wrong(later) == []
    assert len(mails()) == 1


def test_publishing_all_again_twice_changes_nothing(cloud: Cloud, clock: Clock) -> None:
    cloud.run()
    cloud.tick(clock.now)
    cloud.run()
    before = sorted(map(str, everything()))

    republish()
    cloud.run()
    republish()
    cloud.run()

    assert sorted(map(str, everything())) == before
    assert len(mails()) == 1


def test_an_item_that_cannot_be_read_is_set_aside_and_the_others_are_published(cloud: Cloud) -> None:
    cloud.run()
    key = {"PK": {"S": f"ACCOUNT#{ACCOUNT}#CLIENT#{client_of_ada()}"}, "SK": {"S": "WORK#broken"}}
    broken: Any = key | {"type": {"S": "WORK"}, "tags": {"NULL": True}}
    boto3.client("dynamodb", REGION).put_item(TableName=TABLE, Item=broken)

    done = republish()

    assert done == Republished(records=6, aside=1)


def test_what_the_stream_gave_up_is_published_from_the_bucket(cloud: Cloud, clock: Clock, lost: Any) -> None:
    read = cloud._stream.read(100)
    cloud._stream.behind = int(read[-1]["dynamodb"]["SequenceNumber"])
    records = [record for record in read if passes_criteria(record, PUBLISHER["FilterCriteria"])]
    key = f"{FAILURES}mapping/shardId-1/2026/10/31/2026-10-31T08.00.00-1"
    lost.put_object(Bucket=LOST, Key=key, Body=json.dumps(given_up(records)).encode())

    done = republish_failures(
        wiring.failure_records().keys(prefix=FAILURES),
        failures=wiring.failure_records(),
        read=event_of,
        changes=wiring.changes(),
        aside=wiring.aside(),
        progress=lambda _: None,
    )
    cloud.run()

    assert done == Republished(records=len(records))
    [counter] = wiring.counters().list(account_id=ACCOUNT)
    assert counter.total.entries == 3


def test_every_day_has_its_part_and_every_part_its_day(cloud: Cloud, clock: Clock, log: Log) -> None:
    cloud.run()
    cloud.tick(clock.now)
    cloud.run()

    for day in MONTH:
        audit.handler({"time": day.isoformat()}, None)

    lines = [line for line in log.lines if line["message"] == "audit done"]
    assert len(lines) == len(MONTH)
    assert {line["drift"] for line in lines} == {0}
    assert sum(line["proven"]["clients"] for line in lines) == 1
    assert sum(line["proven"]["numbers"] for line in lines) == 1


def test_drift_is_logged_with_ids_and_nothing_else(cloud: Cloud, clock: Clock, log: Log) -> None:
    cloud.run()
    boto3.client("dynamodb", REGION).delete_item(
        TableName=TABLE,
        Key={"PK": {"S": f"ACCOUNT#{ACCOUNT}"}, "SK": {"S": f"COUNTER#{client_of_ada()}"}},
    )
    cloud.tick(clock.now)
    cloud.run()

    for day in MONTH:
        audit.handler({"time": day.isoformat()}, None)

    [told] = [line for line in log.lines if line["message"] == "audit done" and line["drift"]]
    assert told["drift"] == 1
    assert told["findings"] == [
        {
            "code": "counter-differs",
            "account": ACCOUNT,
            "client": client_of_ada(),
            "subject": "2026-10",
        }
    ]


def test_the_day_is_the_event_s_and_not_the_clock_s(cloud: Cloud, clock: Clock, log: Log) -> None:
    cloud.run()
    [turn] = [day for day in MONTH if crc_of(client_of_ada()) == day.timetuple().tm_yday % 30]
    clock.now = turn + dt.timedelta(days=3)

    audit.handler({"time": turn.isoformat()}, None)

    [line] = [line for line in log.lines if line["message"] == "audit done"]
    assert line["proven"]["clients"] == 1


def test_an_audit_that_could_not_read_all_fails_after_it_has_told_the_rest(
    cloud: Cloud, clock: Clock, log: Log
) -> None:
    cloud.run()
    key = {"PK": {"S": f"ACCOUNT#{ACCOUNT}"}, "SK": {"S": f"CLIENT#{client_of_ada()}"}}
    boto3.client("dynamodb", REGION).update_item(
        TableName=TABLE, Key=key, UpdateExpression="REMOVE hourly_rate"
    )

    with pytest.raises(audit.AuditIncompleteError):
        audit.handler({"time": MONTH[0].isoformat()}, None)

    [line] = [line for line in log.lines if line["message"] == "audit done"]
    assert [(failed["id"], failed["error"]) for failed in line["failed"]] == [(ACCOUNT, "UnreadableError")]


def test_a_line_in_the_log_tells_of_a_hundred_findings_and_counts_them_all(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    """CloudWatch cuts a line off at 256 KB, and with it the count that rings."""
    months = [f"{year}-10" for year in range(2000, 2150)]
    findings = tuple(
        Finding(code=Code.COUNTER_DIFFERS, account_id=ACCOUNT, subject=month, told="…") for month in months
    )
    proof = Proof(findings=findings, failed=tuple((month, ValueError()) for month in months))
    monkeypatch.setattr(audit, "audit_part", lambda *_, **__: proof)

    with pytest.raises(audit.AuditIncompleteError, match="150 could not be read"):
        audit.handler({"time": MONTH[0].isoformat()}, None)

    [line] = [line for line in log.lines if line["message"] == "audit done"]
    assert (line["drift"], len(line["findings"]), len(line["failed"])) == (150, 100, 100)


def everything() -> list[Json]:
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return [item for page in pages for item in page["Items"]]


def client_of_ada() -> str:
    [client] = items("CLIENT")
    return str(client["id"])


def crc_of(text: str) -> int:
    return crc32(text.encode()) % 30


def given_up(records: list[Json]) -> Json:
    """What Lambda stores of a batch that it gave up."""
    return {
        "requestContext": {
            "requestId": "316aa6d0-8154-4f1c-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:invoicely-dev-publish-changes",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-10-31T08:00:00.000Z",
        "DDBStreamBatchInfo": {"shardId": "shardId-1", "batchSize": len(records)},
        "payload": json.dumps({"Records": records}),
    }
