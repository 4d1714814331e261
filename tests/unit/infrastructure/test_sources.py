"""What goes back to a queue, a function or the topic, and what is told of it."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
)

from domain.failures import Cause, Failure, Kind, State
from domain.identifiers import AccountId
from domain.retries import Outcome, SourceGoneError
from infrastructure.sources import LambdaSource, NamedSources, SqsSource, StreamSource
from tests.aws_events import stream_record
from tests.builders import a_work_entry
from tests.fakes.publishing import InMemoryAside, InMemoryTopic
from tests.logs import Log, caught_log

NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
URL = "https://sqs/counters"


def a_failure(event_id: str = "e1", *, queue: str = "counters", body: str = "{}", **fields: Any) -> Failure:
    return Failure(
        queue=queue,
        event_id=event_id,
        state=State.RETRYING,
        kind=Kind.TRANSIENT,
        cause=Cause(error="ReadTimeoutError", at="domain.counters:1"),
        body=body,
        attempts=8,
        replays=2,
        first_at=NOON,
        last_at=NOON,
        **fields,
    )


def refusal(code: str = "AccessDenied", *, status: int = 400) -> ClientError:
    told: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "Call")


TIMEOUT = ReadTimeoutError(endpoint_url=URL)


class Sqs:
    """Speaks as SQS's client does; `failing` are the bodies that it does not take, and by whose fault."""

    def __init__(self, *, failing: dict[str, bool] | None = None, raising: Exception | None = None) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self._failing, self._raising = failing or {}, raising

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> None:  # noqa: N803 - boto3's names
        if self._raising:
            raise self._raising

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert QueueUrl == URL
        self.calls.append(Entries)
        if self._raising:
            raise self._raising
        failed = [entry for entry in Entries if entry["MessageBody"] in self._failing]
        told = [{"Id": each["Id"], "SenderFault": self._failing[each["MessageBody"]]} for each in failed]
        return {"Failed": told} if told else {}


class Lambda:
    """Speaks as Lambda's client does."""

    def __init__(self, raising: Exception | None = None) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._raising = raising

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes = b"null") -> None:  # noqa: N803 - boto3's names
        assert FunctionName == "open-invoices"
        if self._raising:
            raise self._raising
        self.calls.append((InvocationType, json.loads(Payload)))


class S3:
    """Speaks as S3's client does."""

    def __init__(self, **objects: str) -> None:
        self._objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        if Bucket == "":
            raise ParamValidationError(report="Invalid bucket name")
        if Bucket != "failures":
            raise refusal("NoSuchBucket", status=404)
        if Key not in self._objects:
            raise refusal("NoSuchKey", status=404)
        return {"Body": BytesIO(self._objects[Key].encode())}


@pytest.fixture
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


def test_a_message_goes_back_with_its_attributes_marked_as_a_replay() -> None:
    sqs = Sqs()
    failure = a_failure(
        body="the body", account_id=AccountId("acc_ada"), event_type="invoicely.work.logged.v1"
    )

    outcomes = SqsSource(sqs, URL).send(failures=[failure])

    [[entry]] = sqs.calls
    assert outcomes == {failure.id: Outcome.SENT}
    assert entry["MessageBody"] == "the body"
    assert {name: told["StringValue"] for name, told in entry["MessageAttributes"].items()} == {
        "type": "invoicely.work.logged.v1",
        "account": "acc_ada",
        "replay": "2",
        "failure": "counters:e1",
    }


def test_attributes_that_a_queue_would_refuse_stay_behind() -> None:
    sqs = Sqs()

    SqsSource(sqs, URL).send(failures=[a_failure(event_type="invoicely\x00", account_id=None)])

    [[entry]] = sqs.calls
    assert entry["MessageAttributes"].keys() == {"replay", "failure"}


def test_a_call_takes_ten_messages() -> None:
    sqs = Sqs()

    SqsSource(sqs, URL).send(failures=[a_failure(str(number)) for number in range(23)])

    assert [len(call) for call in sqs.calls] == [10, 10, 3]


def test_a_call_holds_256_kilobytes_and_what_is_longer_goes_by_itself() -> None:
    sqs = Sqs()
    lengths = [100, 100, 300, 100]

    SqsSource(sqs, URL).send(
        failures=[a_failure(str(place), body="€" * (each * 342)) for place, each in enumerate(lengths)]
    )

    assert [len(call) for call in sqs.calls] == [2, 1, 1]


def test_of_a_batch_that_is_taken_in_part_each_is_told_apart() -> None:
    sqs = Sqs(failing={"later": False, "never": True})
    bodies = {"a": "fine", "b": "later", "c": "never", "d": "fine"}

    outcomes = SqsSource(sqs, URL).send(failures=[a_failure(key, body=body) for key, body in bodies.items()])

    assert outcomes == {
        "counters:a": Outcome.SENT,
        "counters:b": Outcome.REFUSED,
        "counters:c": Outcome.IMPOSSIBLE,
        "counters:d": Outcome.SENT,
    }


class Strict(Sqs):
    """Refuses a whole call because of one message, as SQS does with some."""

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        if any(not entry["MessageBody"] for entry in Entries):
            raise refusal("MissingParameter")
        return super().send_message_batch(QueueUrl=QueueUrl, Entries=Entries)


def test_a_message_because_of_which_a_whole_call_is_refused_takes_no_other_along() -> None:
    failures = [a_failure("a"), a_failure("b", body=""), a_failure("c")]

    outcomes = SqsSource(Strict(), URL).send(failures=failures)

    assert outcomes == {
        "counters:a": Outcome.SENT,
        "counters:b": Outcome.IMPOSSIBLE,
        "counters:c": Outcome.SENT,
    }


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (refusal("RequestThrottled"), Outcome.REFUSED),
        (refusal("InvalidParameterValue"), Outcome.IMPOSSIBLE),
        (refusal("InternalError", status=500), Outcome.SENT),
        (TIMEOUT, Outcome.SENT),
        (ConnectTimeoutError(endpoint_url=URL), Outcome.REFUSED),
        (CredentialRetrievalError(provider="process", error_msg="…"), Outcome.REFUSED),
        (EndpointConnectionError(endpoint_url=URL), Outcome.REFUSED),
        (NoCredentialsError(), Outcome.REFUSED),
        (NoRegionError(), Outcome.REFUSED),
        (PartialCredentialsError(provider="env", cred_var="…"), Outcome.REFUSED),
        (SSOTokenLoadError(error_msg="…"), Outcome.REFUSED),
        (TokenRetrievalError(provider="sso", error_msg="…"), Outcome.REFUSED),
        (ParamValidationError(report="…"), Outcome.IMPOSSIBLE),
    ],
)
def test_a_call_that_failed_was_refused_unless_nobody_knows(error: Exception, outcome: Outcome) -> None:
    failure, tick = a_failure(), a_failure(queue="tick")

    assert SqsSource(Sqs(raising=error), URL).send(failures=[failure]) == {failure.id: outcome}
    assert LambdaSource(Lambda(error), "open-invoices", resolves=True).send(failures=[tick]) == {
        tick.id: outcome
    }


def test_a_queue_or_function_that_is_gone_is_told_by_name() -> None:
    queue = SqsSource(Sqs(raising=refusal("AWS.SimpleQueueService.NonExistentQueue")), URL)
    function = LambdaSource(
        Lambda(refusal("ResourceNotFoundException", status=404)), "open-invoices", resolves=True
    )

    with pytest.raises(SourceGoneError, match=r"^counters is not there"):
        queue.check()
    with pytest.raises(SourceGoneError, match=r"^open-invoices is not there"):
        function.check()


def test_what_cannot_be_asked_is_not_gone() -> None:
    with pytest.raises(ClientError):
        SqsSource(Sqs(raising=refusal()), URL).check()
    with pytest.raises(ClientError):
        LambdaSource(Lambda(refusal()), "open-invoices", resolves=True).check()


def test_a_source_that_is_there_is_asked_without_effect() -> None:
    sqs, function = Sqs(), Lambda()

    SqsSource(sqs, URL).check()
    LambdaSource(function, "open-invoices", resolves=True).check()

    assert (sqs.calls, function.calls) == ([], [("DryRun", None)])


def test_a_tick_is_repeated_with_its_own_time_marked_as_a_replay() -> None:
    function = Lambda()
    tick = a_failure(queue="tick", body='{"time": "2026-10-31T08:00:00Z"}')

    outcomes = LambdaSource(function, "open-invoices", resolves=True).send(failures=[tick])

    marked = {"time": "2026-10-31T08:00:00Z", "replay": 2, "failure": "tick:e1"}
    assert outcomes == {tick.id: Outcome.SENT}
    assert function.calls == [("Event", marked)]


def test_of_a_function_that_does_not_say_when_it_is_done_nothing_more_is_heard() -> None:
    function, audit = Lambda(), a_failure(queue="audit", body="{}")

    outcomes = LambdaSource(function, "open-invoices", resolves=False).send(failures=[audit])

    assert outcomes == {audit.id: Outcome.SETTLED}
    assert [kind for kind, _ in function.calls] == ["Event"]


@pytest.mark.parametrize("body", ["no JSON", "[]", "null"])
def test_a_function_is_invoked_with_an_object_or_not_at_all(body: str) -> None:
    function = Lambda()
    tick = a_failure(queue="tick", body=body)

    assert LambdaSource(function, "open-invoices", resolves=True).send(failures=[tick]) == {
        tick.id: Outcome.IMPOSSIBLE
    }
    assert function.calls == []


def a_stream(topic: InMemoryTopic, aside: InMemoryAside, **objects: str) -> StreamSource:
    return StreamSource(S3(**objects), changes=lambda: topic, aside=lambda: aside)


def outcome_of(stream: StreamSource, body: object) -> Outcome:
    [outcome] = stream.send(failures=[a_failure(queue="stream", body=json.dumps(body))]).values()
    return outcome


def test_a_record_that_was_set_aside_is_published_and_settled() -> None:
    topic = InMemoryTopic()

    outcome = outcome_of(
        a_stream(topic, InMemoryAside()), {"reason": "…", "record": stream_record(a_work_entry())}
    )

    assert outcome is Outcome.SETTLED
    assert [event.type for event in topic.events] == ["invoicely.work.logged.v1"]


def test_a_record_that_still_cannot_be_read_stays_where_it_is(log: Log) -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()

    outcome = outcome_of(a_stream(topic, aside), {"reason": "…", "record": stream_record({"PK": 1, "SK": 2})})

    assert outcome is Outcome.IMPOSSIBLE
    assert (len(topic), len(aside), log.lines) == (0, 0, [])


def test_a_record_that_nobody_foresaw_can_never_be_published_and_holds_up_no_other() -> None:
    topic = InMemoryTopic()
    odd = a_failure("odd", queue="stream", body='{"record": {"dynamodb": {"NewImage": []}}}')
    good = json.dumps({"record": stream_record(a_work_entry())})

    outcomes = a_stream(topic, InMemoryAside()).send(
        failures=[odd, a_failure("good", queue="stream", body=good)]
    )

    assert outcomes == {"stream:odd": Outcome.IMPOSSIBLE, "stream:good": Outcome.SETTLED}


def test_a_topic_that_does_not_answer_refuses() -> None:
    topic = InMemoryTopic(takes=0)

    assert (
        outcome_of(a_stream(topic, InMemoryAside()), {"record": stream_record(a_work_entry())})
        is Outcome.REFUSED
    )


@pytest.mark.parametrize("as_text", [True, False])
def test_a_batch_in_the_failures_bucket_is_published_whole_and_what_cannot_be_is_set_aside(
    *, as_text: bool
) -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()
    good, bad = stream_record(a_work_entry()), stream_record({"PK": {"S": "a"}, "SK": {"S": "b"}})
    stored = invocation([good, bad, good], as_text=as_text)

    outcome = outcome_of(a_stream(topic, aside, given_up=stored), {"bucket": "failures", "key": "given_up"})

    assert outcome is Outcome.SETTLED
    assert (len(topic), aside.records) == (2, [bad])


@pytest.mark.parametrize(
    "body",
    [
        "no object",
        {"reason": "…"},
        {"bucket": "failures", "key": "expired"},
        {"bucket": "gone", "key": "expired"},
        {"bucket": "", "key": "expired"},
        {"bucket": "failures", "key": "no_json"},
        {"bucket": "failures", "key": "no_batch"},
    ],
)
def test_what_names_no_record_can_never_be_published(body: object) -> None:
    stream = a_stream(InMemoryTopic(), InMemoryAside(), no_json="<xml>", no_batch="{}")

    assert outcome_of(stream, body) is Outcome.IMPOSSIBLE


def test_a_bucket_that_does_not_answer_refuses() -> None:
    class Shut(S3):
        def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
            raise refusal("SlowDown", status=503)

    stream = StreamSource(Shut(), changes=InMemoryTopic, aside=InMemoryAside)

    assert outcome_of(stream, {"bucket": "failures", "key": "given_up"}) is Outcome.REFUSED


def test_each_failure_goes_to_its_own_source_and_to_one_that_is_not_there_none() -> None:
    function, sqs = Lambda(), Sqs()
    sources = NamedSources(
        {"tick": LambdaSource(function, "open-invoices", resolves=True), "counters": SqsSource(sqs, URL)}
    )

    outcomes = sources.send(
        failures=[a_failure(), a_failure(queue="tick"), a_failure("e2"), a_failure(queue="other")]
    )

    assert outcomes == {
        "counters:e1": Outcome.SENT,
        "tick:e1": Outcome.SENT,
        "counters:e2": Outcome.SENT,
        "other:e1": Outcome.REFUSED,
    }
    assert [len(call) for call in sqs.calls] == [2]
    with pytest.raises(SourceGoneError):
        sources.check(queue="other")


def test_a_source_that_is_there_is_no_source_that_is_gone() -> None:
    sources = NamedSources({"stream": a_stream(InMemoryTopic(), InMemoryAside())})

    sources.check(queue="stream")


def invocation(records: Sequence[Any], *, as_text: bool) -> str:
    """What Lambda stores of a batch of a stream that it gave up."""
    payload = {"Records": records}
    told = {"requestContext": {"approximateInvokeCount": 1}, "version": "1.0"}
    return json.dumps(told | {"payload": json.dumps(payload) if as_text else payload})
