"""What is known of a message, by the queue that it ended in."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from domain.failures import CUT_OFF, Cause, Kind, Report
from domain.identifiers import AccountId, digest
from events.identity import identity_of
from infrastructure.dead_letters import KNOWN, UnknownDeadLettersError, reports_of
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import PAYLOADS, Json, message, stream_record
from tests.builders import a_work_entry

LOGGED = (PAYLOADS / "events" / "invoicely.work.logged.v1.json").read_text()
SENT_AT = dt.datetime(2026, 10, 31, 8, 0, 0, 123_000, tzinfo=dt.UTC)
TICK = '{"time": "2026-10-31T08:00:00Z"}'
INVOKED = {
    "version": "1.0",
    "timestamp": "2026-10-31T08:03:00.000Z",
    "requestContext": {
        "requestId": "c9b8a7",
        "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:invoicely-dev-open-invoices:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": {"time": "2026-10-31T08:00:00Z"},
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {
        "errorMessage": "2 clients failed; they stay due and the tick is repeated",
        "errorType": "TickIncompleteError",
        "stackTrace": [
            '  File "/var/task/handlers/open_invoices.py", line 32, in handler\n    raise …\n',
            '  File "/var/lang/lib/python3.13/json/__init__.py", line 7, in loads\n    …\n',
        ],
    },
}


def dead(queue: str, body: str, *, receives: int = 9, **attributes: str) -> Json:
    """A message of a dead-letter queue, as Lambda hands it over."""
    record = message(body, message_id="m1", receives=receives)
    record["messageAttributes"] |= {
        name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()
    }
    return record | {"eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:invoicely-dev-{queue}"}


def report_of(queue: str, body: str, **more: Any) -> Report:
    [report] = reports_of(dead(queue, body, **more))
    return report


@pytest.mark.parametrize("queue", ["counters", "invoicing", "delivery", "imports", "mail-events"])
def test_a_message_that_was_received_too_often_belongs_to_its_source(queue: str) -> None:
    about = identity_of(LOGGED)

    report = report_of(f"{queue}-dlq", LOGGED)

    assert report == Report(
        queue=queue,
        event_id=about.event_id,
        body=LOGGED,
        message_id="m1",
        attempts=8,
        first_at=SENT_AT,
        kind=Kind.TRANSIENT,
        cause=None,
        account_id=about.account_id,
        event_type="invoicely.work.logged.v1",
        correlation_id=about.correlation_id,
    )


def test_a_message_that_was_put_there_by_hand_was_received_once() -> None:
    assert report_of("counters-dlq", LOGGED, receives=1).attempts == 1


def test_a_replay_belongs_to_the_failure_that_was_replayed() -> None:
    assert report_of("counters-dlq", "edited", failure="counters:e1", replay="2").event_id == "e1"


@pytest.mark.parametrize("failure", ["delivery:e1", "counters:", "counters", ":e1", ""])
def test_what_is_no_failure_of_its_queue_is_none_that_was_replayed(failure: str) -> None:
    assert report_of("counters-dlq", "edited", failure=failure).event_id == digest("edited")


@pytest.mark.parametrize("queue", ["counters", "invoicing", "delivery", "imports", "mail-events"])
def test_what_the_topic_could_not_deliver_carries_the_topic_s_reason(queue: str) -> None:
    told = {"RequestID": "r1", "ErrorCode": "AccessDenied", "ErrorMessage": "Access to 'counters' is denied"}

    report = report_of(f"{queue}-undelivered", LOGGED, receives=1, **told)

    message = "Access to … is denied"
    assert report.cause == Cause(error="AccessDenied", at="the topic's subscription", message=message)
    assert (report.queue, report.kind, report.attempts) == (queue, Kind.TRANSIENT, 0)


@pytest.mark.parametrize(
    ("queue", "body", "at"),
    [
        ("counters-undelivered", LOGGED, "the topic's subscription"),
        ("tick-dlq", TICK, "the schedule"),
        ("tick-dlq", "no JSON", "the schedule"),
        ("unpublished", "no JSON", "publish_changes"),
        ("unpublished-batches", "no JSON", "the bucket"),
        ("unpublished-batches", '{"Records": [7]}', "the bucket"),
    ],
)
def test_where_nobody_says_why_it_is_not_told_that_a_function_was_cut_off(
    queue: str, body: str, at: str
) -> None:
    cause = report_of(queue, body).cause

    assert cause == Cause(error="Untold", at=at, message="nothing was said of the reason")


def test_a_tick_that_could_not_be_handed_over_is_kept_as_the_function_would_have_got_it() -> None:
    told = {"ERROR_CODE": "AWS.Scheduler.InternalServerError", "ERROR_MESSAGE": "try again"}

    report = report_of("tick-dlq", TICK, receives=1, **told)

    cause = Cause(error="AWS.Scheduler.InternalServerError", at="the schedule", message="try again")
    assert (report.queue, report.kind, report.attempts, report.cause) == ("tick", Kind.TRANSIENT, 0, cause)
    assert json.loads(report.body) == json.loads(TICK)
    assert report.correlation_id == "tick-20261031T080000Z"


def test_a_tick_that_the_function_failed_on_is_kept_as_the_function_got_it() -> None:
    report = report_of("tick-dlq", json.dumps(INVOKED))

    assert report.cause == Cause(
        error="TickIncompleteError",
        at="handlers.open_invoices:32",
        message="… clients failed; they stay due and the tick is repeated",
    )
    assert (report.queue, report.kind, report.attempts) == ("tick", Kind.TRANSIENT, 3)
    assert json.loads(report.body) == json.loads(TICK)


def test_the_same_tick_is_the_same_event_whoever_tells_of_it_and_however_often_it_was_sent() -> None:
    again = INVOKED | {"requestPayload": {"failure": "tick:other", "replay": 3} | json.loads(TICK)}

    by_the_schedule = report_of("tick-dlq", TICK)
    by_lambda = report_of("tick-dlq", json.dumps(INVOKED))
    as_a_replay = report_of("tick-dlq", json.dumps(again))

    assert by_the_schedule.event_id == by_lambda.event_id
    assert as_a_replay == replace(by_lambda, event_id="other")


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        (
            {"requestContext": {"condition": "EventAgeExceeded"}},
            Cause(error="EventAgeExceeded", at="unknown"),
        ),
        ({"requestContext": None}, CUT_OFF),
        (
            {"responsePayload": {"errorType": "Sandbox.Timedout", "stackTrace": "none"}},
            Cause(error="Sandbox.Timedout", at="unknown"),
        ),
    ],
)
def test_an_invocation_without_an_answer_says_what_lambda_says(told: Json, cause: Cause) -> None:
    report = report_of("tick-dlq", json.dumps({"requestPayload": {"time": "soon"}} | told))

    assert (report.cause, report.attempts) == (cause, 1)
    assert report.correlation_id is None


def test_a_record_that_was_set_aside_waits_under_the_id_that_its_event_would_have() -> None:
    record = stream_record(a_work_entry())
    body = json.dumps({"reason": "UnpublishableError: the item is none of ours: no 'date'", "record": record})

    report = report_of("unpublished", body, receives=1)

    event = event_of(record)
    assert (report.queue, report.event_id, report.kind) == ("stream", event.id, Kind.PERMANENT)
    assert (report.account_id, report.correlation_id) == (event.account, event.correlationid)
    assert report.cause == Cause(
        error="UnpublishableError", at="publish_changes", message="the item is none of ours: no …"
    )
    assert report.body == body


def test_a_record_without_a_version_goes_by_its_place_in_the_stream() -> None:
    keys = {"PK": {"S": "SOMETHING"}, "SK": {"S": "b"}}

    ids = {
        report_of("unpublished", json.dumps({"reason": "x", "record": {"dynamodb": change}})).event_id
        for change in (
            {"Keys": keys, "SequenceNumber": "1"},
            {"Keys": keys, "SequenceNumber": "2"},
            {"Keys": keys, "SequenceNumber": "2"},
        )
    }

    assert len(ids) == 2


def test_a_reason_without_an_error_is_told_whole() -> None:
    body = json.dumps({"reason": "the topic never takes this event", "record": {"dynamodb": {}}})

    cause = report_of("unpublished", body).cause

    assert cause == Cause(
        error="Unpublished", at="publish_changes", message="the topic never takes this event"
    )


def s3_event(*keys: str) -> str:
    objects = [{"s3": {"bucket": {"name": "failures"}, "object": {"key": key}}} for key in keys]
    return json.dumps({"Records": objects})


def test_every_object_that_lambda_stored_is_a_failure_of_the_stream() -> None:
    first, second = reports_of(dead("unpublished-batches", s3_event("aws/lambda/a%3Db+c", "aws/lambda/d")))

    assert json.loads(first.body) == {"bucket": "failures", "key": "aws/lambda/a=b c"}
    assert (first.queue, first.kind, first.event_id) == ("stream", Kind.TRANSIENT, digest("aws/lambda/a=b c"))
    assert first.cause == Cause(error="GivenUp", at="publish_changes", message="not published in time")
    assert second.event_id == digest("aws/lambda/d")


def test_what_s3_says_to_try_the_queue_is_no_failure() -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "failures"})

    assert list(reports_of(dead("unpublished-batches", body))) == []


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "",
        "[" * 100_000,
        "null",
        "[1]",
        '{"Records": [null]}',
        '{"Records": {}}',
        '{"reason": 1, "record": {}}',
        '{"reason": "x", "record": {"dynamodb": {"Keys": [], "NewImage": {"version": {"N": 1}}}}}',
        '{"reason": "x", "record": {"dynamodb": {"Keys": {"PK": "PK", "SK": 1}, "NewImage": {}}}}',
        '{"requestPayload": null}',
        '{"requestPayload": {"failure": {}}, "requestContext": 1, "responsePayload": []}',
        '{"requestPayload": {}, "responsePayload": {"errorType": 1}}',
    ],
)
@pytest.mark.parametrize("queue", sorted(KNOWN))
def test_whatever_a_body_holds_it_is_kept(queue: str, body: str) -> None:
    reports = list(reports_of(dead(queue, body)))

    assert [bool(report.event_id) for report in reports] == [True]
    assert all(report.account_id is None or report.account_id == AccountId("") for report in reports)


@pytest.mark.parametrize("queue", sorted(KNOWN))
def test_a_body_that_cannot_be_parsed_is_kept_as_it_is(queue: str) -> None:
    report = report_of(queue, "\x00 no JSON \ud800")

    assert (report.body, report.event_id) == ("\x00 no JSON \ud800", digest("\x00 no JSON \ud800"))


def test_a_queue_that_is_none_of_ours_is_refused() -> None:
    with pytest.raises(UnknownDeadLettersError, match="other-dlq"):
        list(reports_of(dead("other-dlq", LOGGED)))
