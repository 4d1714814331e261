"""What nobody could process is in the ledger, comes back in its time, is resolved or waits for a person."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from domain.failures import LADDER, Failure, FailureId, Kind, Ledger, State
from domain.invoices import Invoice
from domain.retries import ACTOR
from infrastructure import wiring
from infrastructure.dead_letters import KNOWN
from infrastructure.dynamodb.errors import StoreUnavailableError
from tests.aws_events import PAYLOADS, Json, stream_record
from tests.builders import a_work_entry
from tests.data_stack import REGION, TABLE
from tests.logs import Log
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import SENDER, Clock
from tests.pipeline.people import ADA, BOB, a_client_of, log_work
from tests.pipeline.sdk_faults import CrashError
from tests.pipeline.stored import all_of, failures, mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

MINUTE, QUARTER = dt.timedelta(minutes=1), dt.timedelta(hours=6)
LOGGED = (PAYLOADS / "events" / "invoicely.work.logged.v1.json").read_text()
SOURCES = {name: name.rpartition("-")[0] for name in KNOWN if not name.startswith("unpublished")}
SOURCES |= {"unpublished": "stream", "unpublished-batches": "stream"}


class Mailer:
    """SES, which takes mails from its sender, or not."""

    def __init__(self) -> None:
        self._ses = boto3.client("ses", REGION)

    def stop(self) -> None:
        self._ses.delete_identity(Identity=SENDER)

    def go_on(self) -> None:
        self._ses.verify_email_identity(EmailAddress=SENDER)


@pytest.fixture
def mailer() -> Mailer:
    return Mailer()


def an_invoice_that_cannot_be_mailed(cloud: Cloud, clock: Clock, mailer: Mailer) -> Failure:
    """The entry of the ledger that comes of it."""
    mailer.stop()
    log_work(ADA, a_client_of(ADA))
    cloud.tick(clock.now)
    cloud.run()
    [failure] = failures()
    return failure


def wait(cloud: Cloud, clock: Clock, time: dt.timedelta, *, step: dt.timedelta = 15 * MINUTE) -> None:
    """Let *time* go by, with a look at the failures at each step."""
    until = clock.now + time
    while clock.now < until:
        clock.now += step
        cloud.retry(clock.now)
        cloud.run()


@pytest.mark.parametrize("queue", sorted(KNOWN))
def test_every_dead_letter_is_taken_into_the_ledger_once_however_often_it_comes(
    clock: Clock, queue: str
) -> None:
    cloud = Cloud()
    dead = cloud.dead_letters[queue].put("nobody can read this")
    cloud.run()
    [before] = failures()

    cloud.dead_letters[queue].waiting.append(dead)
    cloud.run()

    assert cloud.dead_letters[queue].waiting == []
    assert (before.queue, before.body) == (SOURCES[queue], "nobody can read this")
    assert failures() == [before]


def test_a_message_that_died_keeps_the_cause_that_its_consumer_noted(clock: Clock, mailer: Mailer) -> None:
    cloud = Cloud()

    failure = an_invoice_that_cannot_be_mailed(cloud, clock, mailer)

    [dead] = cloud.queues["delivery"].dead
    assert (failure.queue, failure.state, failure.kind) == ("delivery", State.RETRYING, Kind.TRANSIENT)
    assert (failure.attempts, failure.message_ids) == (8, (dead.id,))
    assert failure.cause.error == "MailRefusedError"
    assert (failure.account_id, failure.event_type) == (ADA.account_id, "invoicely.invoice.issued.v1")
    assert failure.next_at == clock.now + LADDER[0]


def test_what_failed_for_two_days_is_done_once_and_its_entry_resolved(clock: Clock, mailer: Mailer) -> None:
    cloud = Cloud()
    an_invoice_that_cannot_be_mailed(cloud, clock, mailer)
    wait(cloud, clock, dt.timedelta(days=2), step=QUARTER)
    assert mails() == []

    mailer.go_on()
    wait(cloud, clock, dt.timedelta(days=2), step=QUARTER)

    [failure] = failures()
    assert failure.state is State.RESOLVED
    assert failure.history[-1].actor == "delivery"
    assert len(mails()) == 1


def test_what_an_owner_replays_over_http_is_sent_by_the_timer_and_resolved(
    clock: Clock, mailer: Mailer
) -> None:
    cloud = Cloud()
    an_invoice_that_cannot_be_mailed(cloud, clock, mailer)
    mailer.go_on()

    [shown] = ADA.get("/v1/failures").body["data"]
    asked = ADA.post(f"/v1/failures/{shown['id']}/replay", {})
    cloud.run()
    before = len(mails())
    wait(cloud, clock, MINUTE, step=MINUTE)

    [failure] = failures()
    assert (shown["state"], asked.status, before, len(mails())) == ("retrying", 202, 0, 1)
    assert failure.state is State.RESOLVED
    assert [action.actor for action in failure.history] == ["account, signed in", "delivery"]
    assert ADA.get(asked.headers["location"]).body["counts"] == {"sent": 1}
    assert ADA.get("/v1/failures").body["data"] == []
    assert [each["id"] for each in ADA.get("/v1/failures", state="resolved").body["data"]] == [failure.id]


def test_what_never_works_goes_up_the_ladder_and_then_waits_for_a_person_who_is_told(
    clock: Clock, mailer: Mailer, log: Log
) -> None:
    cloud = Cloud()
    an_invoice_that_cannot_be_mailed(cloud, clock, mailer)

    wait(cloud, clock, dt.timedelta(weeks=1), step=QUARTER)

    [failure] = failures()
    assert (failure.state, failure.replays) == (State.PARKED, len(LADDER))
    assert failure.attempts == 8 * (1 + len(LADDER))
    told = [line for line in log.lines if line["message"] == "failures retried"]
    assert sum(line["sent"] for line in told) == len(LADDER)
    assert [line["all_parked"] for line in told][-2:] == [1, 1]
    assert max(line["oldest_retrying_seconds"] for line in told) > 48 * 3600


def test_an_event_that_waits_for_a_deployment_is_sent_once_the_code_can_read_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    cloud.queues["counters"].put(LOGGED.replace(".v1", ".v2"))
    cloud.run()
    wait(cloud, clock, dt.timedelta(hours=3))
    [failure] = failures()
    assert (failure.state, failure.kind, failure.replays) == (State.RETRYING, Kind.FUTURE, 0)

    monkeypatch.setattr("events.catalog.VERSION", 2)
    wait(cloud, clock, 30 * MINUTE)

    [failure] = failures()
    assert (failure.state, failure.replays) == (State.RESOLVED, 1)


def test_a_source_queue_that_is_gone_leaves_the_entry_as_it_was(
    clock: Clock, mailer: Mailer, log: Log
) -> None:
    cloud = Cloud()
    before = an_invoice_that_cannot_be_mailed(cloud, clock, mailer)
    url = cloud.queues["delivery"].environment["QUEUE_URL"]
    boto3.client("sqs", REGION).delete_queue(QueueUrl=url)

    wait(cloud, clock, dt.timedelta(hours=1))

    assert failures() == [before]
    assert [line["gone"] for line in log.lines if line["message"] == "failures retried"][-1] == ["delivery"]


def test_a_timer_that_dies_between_lease_and_sending_has_moved_the_entry_to_its_next_try(
    clock: Clock, mailer: Mailer
) -> None:
    crashing: list[str] = []

    def crash_at_the_lease(called: str) -> None:
        if called == "TransactWriteItems" and crashing:
            crashing.pop()
            raise CrashError

    cloud = Cloud(after=crash_at_the_lease)
    an_invoice_that_cannot_be_mailed(cloud, clock, mailer)
    mailer.go_on()
    crashing.append("once")

    wait(cloud, clock, 30 * MINUTE)
    assert mails() == []
    assert crashing == []

    wait(cloud, clock, dt.timedelta(hours=1))
    assert [failure.state for failure in failures()] == [State.RESOLVED]
    assert len(mails()) == 1


def test_of_two_timers_at_once_one_sends(clock: Clock, mailer: Mailer) -> None:
    second: list[str] = []

    def at_the_same_time(called: str) -> None:
        if called == "Query" and second:
            second.pop()
            cloud.retry(clock.now)

    cloud = Cloud(after=at_the_same_time)
    an_invoice_that_cannot_be_mailed(cloud, clock, mailer)
    second.append("timer")
    clock.now += LADDER[0]

    cloud.retry(clock.now)

    [failure] = failures()
    assert second == []
    assert [message.marks for message in cloud.queues["delivery"].waiting] == [
        {"replay": "1", "failure": failure.id}
    ]
    assert [action.actor for action in failure.history] == [ACTOR]


def test_a_crash_after_any_write_of_intake_timer_or_consumer_is_made_good(clock: Clock) -> None:
    """Each event crashes one write later than the one before, from its death on."""
    left = [0]

    def crash(called: str) -> None:
        if called in {"TransactWriteItems", "SendMessageBatch"} and left[0]:
            left[0] -= 1
            if not left[0]:
                raise CrashError

    cloud, told = Cloud(after=crash), json.loads(LOGGED)
    for number in range(1, 8):
        entry = told["data"] | {"id": f"wrk_{number:032x}"}
        event = told | {"id": f"{number:032x}", "data": entry}
        cloud.dead_letters["counters-dlq"].put(json.dumps(event))
        left[0] = number
        cloud.run()
        cloud.run()
        wait(cloud, clock, 3 * QUARTER, step=QUARTER)
        assert left[0] == max(0, number - 6)  # recorded, leased, sent, paced, counted, resolved

    assert [failure.state for failure in failures()] == [State.RESOLVED] * 7
    [counter] = wiring.counters().list(account_id=told["account"])
    assert counter.total.entries == 7


class Throttled:
    """A ledger that cannot be written to for one event."""

    def __init__(self, ledger: Ledger, event_id: str) -> None:
        self._ledger, self._event_id = ledger, event_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def update(self, *, failure_id: FailureId, change: Any) -> Failure:
        if failure_id.endswith(self._event_id):
            raise StoreUnavailableError("throttled")
        return self._ledger.update(failure_id=failure_id, change=change)


def test_nothing_is_acknowledged_before_it_is_written_and_one_that_fails_comes_back_alone(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    dead = cloud.dead_letters["counters-dlq"]
    told = json.loads(LOGGED)
    stays, goes = dead.put(LOGGED), dead.put(LOGGED.replace(told["id"], "f" * 32))

    with monkeypatch.context() as patched:
        throttled = Throttled(wiring.ledger(), told["id"])
        patched.setattr(wiring, "ledger", lambda: throttled)
        cloud.run()

    assert dead.waiting == [stays]
    assert [failure.message_ids for failure in failures()] == [(goes.id,)]
    cloud.run()
    assert dead.waiting == []
    assert len(failures()) == 2


def test_a_tick_that_failed_for_good_is_repeated_with_its_own_time_and_resolved(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    tick = clock.now

    def unavailable() -> Any:
        raise StoreUnavailableError("throttled")

    with monkeypatch.context() as patched:
        patched.setattr(wiring, "opening", unavailable)
        cloud.tick(tick)
        cloud.run()

    [failure] = failures("tick")
    assert (failure.state, failure.attempts) == (State.RETRYING, 3)
    assert failure.cause.error == "StoreUnavailableError"
    assert failure.correlation_id == f"tick-{tick:%Y%m%dT%H%M%SZ}"

    wait(cloud, clock, 30 * MINUTE)

    [failure] = failures("tick")
    assert (failure.state, failure.history[-1].actor) == (State.RESOLVED, "tick")
    assert len(mails()) == 1


def test_a_client_that_can_never_be_served_stops_no_tick_and_is_resolved_by_a_replay(clock: Clock) -> None:
    cloud = Cloud()
    broken = a_client_of(BOB)
    key = {"PK": {"S": f"ACCOUNT#{BOB.account_id}"}, "SK": {"S": f"CLIENT#{broken}"}}
    table = boto3.client("dynamodb", REGION)
    item = table.get_item(TableName=TABLE, Key=key)["Item"]
    table.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE hourly_rate")
    for _ in range(3):
        cloud.tick(clock.now)
        cloud.run()
        clock.now += 15 * MINUTE
    [failure] = failures("tick")
    assert (failure.state, failure.attempts) == (State.PARKED, 1)

    table.put_item(TableName=TABLE, Item=item)
    replay(failure, clock)
    wait(cloud, clock, 15 * MINUTE)

    assert [failure.state for failure in failures("tick")] == [State.RESOLVED]
    assert [invoice.client_id for invoice in all_of(Invoice)] == [broken]


def test_a_batch_that_lambda_gave_up_is_published_from_the_bucket_and_resolved(clock: Clock) -> None:
    cloud = Cloud()
    stored(cloud, [stream_record(a_work_entry())])
    cloud.run()
    [failure] = failures("stream")
    assert (failure.state, failure.kind) == (State.RETRYING, Kind.TRANSIENT)

    wait(cloud, clock, 30 * MINUTE)

    assert cloud.published == ["invoicely.work.logged.v1"]
    [failure] = failures("stream")
    assert (failure.state, failure.history[-1].actor) == (State.RESOLVED, ACTOR)


def test_a_record_that_cannot_be_read_is_parked_under_its_event_s_id_and_published_when_replayed(
    clock: Clock,
) -> None:
    cloud = Cloud()
    record = stream_record(a_work_entry())
    body = {"reason": "UnpublishableError: the item lacks 'version'", "record": record}
    cloud.dead_letters["unpublished"].put(json.dumps(body))
    cloud.run()
    [failure] = failures("stream")
    assert (failure.state, failure.kind) == (State.PARKED, Kind.PERMANENT)

    replay(failure, clock)
    wait(cloud, clock, 15 * MINUTE)

    assert cloud.published == ["invoicely.work.logged.v1"]
    assert [failure.state for failure in failures("stream")] == [State.RESOLVED]


def replay(failure: Failure, clock: Clock) -> None:
    """What a person does who wants it to be tried again at the next minute."""
    wiring.ledger().update(
        failure_id=failure.id,
        change=lambda known: waiting_again(known, clock.now),
    )


def waiting_again(known: Failure | None, now: dt.datetime) -> Failure:
    assert known is not None
    return replace(known, state=State.RETRYING, next_at=now)


def stored(cloud: Cloud, records: list[Json]) -> None:
    """What Lambda puts into the bucket, and what S3 then tells the queue."""
    s3, key = boto3.client("s3", REGION), "aws/lambda/mapping/shard/2026/10/31/object"
    s3.create_bucket(Bucket="failures", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="failures", Key=key, Body=json.dumps({"payload": {"Records": records}}).encode())
    told = {"s3": {"bucket": {"name": "failures"}, "object": {"key": key}}}
    cloud.dead_letters["unpublished-batches"].put(json.dumps({"Records": [told]}))
