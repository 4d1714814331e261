"""The ways back for what failed: a queue, a function that is invoked, the topic of all changes.

counters, invoicing, delivery,
imports, mail-events            to the queue, with the attributes that its filter saw
tick, audit                     its function is invoked, as the schedule does it
stream                          the record, or all those in an object of the failures bucket, is published

What is sent carries how often it was, and the failure's id, by which its consumer resolves it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from domain.errors import WillNeverWorkError
from domain.failures import Failure, FailureId
from domain.retries import Outcome, SourceGoneError, Sources
from events.publishing import Aside, Changes, Record, publish_changes
from infrastructure.dynamodb.stream import event_of
from infrastructure.observability import cause, logger
from infrastructure.queue import FAILURE, REPLAY

_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024 - 4096  # a margin for what SQS itself adds
_ATTRIBUTES_BYTES = 400
_SERVER_ERROR = 500
_GONE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}

_NEVER = {
    "BatchRequestTooLong",
    "EmptyValue",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "InvalidRequestContentException",
    "MissingParameter",
    "RequestTooLargeException",
}

_NOT_SENT = (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
"""What the SDK raises before a byte is on its way."""

_EXPIRED = {"NoSuchBucket", "NoSuchKey"}

Outcomes = Mapping[FailureId, Outcome]


class NoRecordError(WillNeverWorkError):
    """The body of the failure holds nothing that could be published."""

    code = "no-record"


class Source(Protocol):
    """One way back."""

    def check(self) -> None:
        """As of `Sources`."""
        ...

    def send(self, *, failures: Sequence[Failure]) -> Outcomes:
        """As of `Sources`, for failures of this source."""
        ...


class NamedSources:
    """Implements `domain.retries.Sources`, over one source for each name."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def check(self, *, queue: str) -> None:
        if queue not in self._sources:
            raise SourceGoneError(f"there is no queue {queue} here")
        self._sources[queue].check()

    def send(self, *, failures: Sequence[Failure]) -> Outcomes:
        outcomes = {failure.id: Outcome.REFUSED for failure in failures}
        for queue in dict.fromkeys(failure.queue for failure in failures):
            if source := self._sources.get(queue):
                outcomes |= source.send(failures=[each for each in failures if each.queue == queue])
        return outcomes


class SqsSource:
    """A queue, which gets the messages back."""

    def __init__(self, client: Any, queue_url: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._queue_url = queue_url

    def check(self) -> None:
        try:
            self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        except ClientError as error:
            raise _translated(error, self._queue_url.rpartition("/")[2]) from error

    def send(self, *, failures: Sequence[Failure]) -> Outcomes:
        outcomes: dict[FailureId, Outcome] = {}
        for batch in _packed(failures):
            outcomes |= self._send(batch)
        return outcomes

    def _send(self, batch: Sequence[Failure]) -> Outcomes:
        entries = [_entry(place, failure) for place, failure in enumerate(batch)]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            return self._refused(batch, _outcome_of(error))
        failed = {batch[int(each["Id"])].id: each["SenderFault"] for each in answer.get("Failed", [])}
        fates = {True: Outcome.IMPOSSIBLE, False: Outcome.REFUSED, None: Outcome.SENT}
        return {failure.id: fates[failed.get(failure.id)] for failure in batch}

    def _refused(self, batch: Sequence[Failure], outcome: Outcome) -> Outcomes:
        """What becomes of a call that failed as a whole; a message that is at fault takes no other along."""
        if outcome is Outcome.IMPOSSIBLE and len(batch) > 1:
            return {name: told for failure in batch for name, told in self._send([failure]).items()}
        return {failure.id: outcome for failure in batch}


class LambdaSource:
    """A function, which is invoked again with what it failed on.

    One that *resolves* says itself when it is done. Of another nothing is heard unless it fails again: its
    dead letter, sent after the failure was closed, opens that once more.
    """

    def __init__(self, client: Any, function: str, *, resolves: bool) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._function = function
        self._accepted = Outcome.SENT if resolves else Outcome.SETTLED

    def check(self) -> None:
        try:
            self._client.invoke(FunctionName=self._function, InvocationType="DryRun")
        except ClientError as error:
            raise _translated(error, self._function) from error

    def send(self, *, failures: Sequence[Failure]) -> Outcomes:
        return {failure.id: self._invoke(failure) for failure in failures}

    def _invoke(self, failure: Failure) -> Outcome:
        payload = _read(failure.body)
        if not isinstance(payload, dict):
            return Outcome.IMPOSSIBLE
        marked = json.dumps(payload | {REPLAY: failure.replays, FAILURE: failure.id})
        try:
            self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=marked.encode())
        except (ClientError, BotoCoreError) as error:
            return _outcome_of(error)
        return self._accepted


class StreamSource:
    """The table's stream: its records are published now, and done with.

    A body is `{"reason", "record"}` as `publish_changes` set it aside, or `{"bucket", "key"}`: what Lambda
    stored of a batch that it gave up. Of such a batch, what cannot be published is set aside by itself.
    """

    def __init__(
        self,
        s3: Any,  # noqa: ANN401 - boto3 makes its classes at run time
        *,
        changes: Callable[[], Changes],
        aside: Callable[[], Aside],
    ) -> None:
        self._s3 = s3
        self._changes = changes
        self._aside = aside

    def check(self) -> None:
        """There is always a stream; a topic that is gone refuses what is published."""

    def send(self, *, failures: Sequence[Failure]) -> Outcomes:
        return {failure.id: self._publish(failure) for failure in failures}

    def _publish(self, failure: Failure) -> Outcome:
        try:
            records, aside = self._records(failure.body)
            left = publish_changes(records, read=event_of, changes=self._changes(), aside=aside)
        except WillNeverWorkError:
            return Outcome.IMPOSSIBLE
        except (ClientError, BotoCoreError):
            return Outcome.REFUSED
        except Exception as error:  # noqa: BLE001 - a record that nobody foresaw must not hold up the others
            logger().warning("record not published", extra={"failure": failure.id, **cause(error)})
            return Outcome.IMPOSSIBLE
        return Outcome.SETTLED if left is None else Outcome.REFUSED

    def _records(self, body: str) -> tuple[Sequence[Record], Aside]:
        match _read(body):
            case {"record": dict(record)}:
                return [record], _Refusing()
            case {"bucket": str(bucket), "key": str(key)}:
                return _batch(self._fetched(bucket, key)), self._aside()
            case _:
                raise NoRecordError("the body names no record of the stream")

    def _fetched(self, bucket: str, key: str) -> str:
        try:
            content: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ParamValidationError as error:
            raise NoRecordError("the object's name is none that S3 knows") from error
        except ClientError as error:
            if error.response["Error"]["Code"] not in _EXPIRED:
                raise
            raise NoRecordError("the object has expired, or its bucket is gone") from error
        return content.decode(errors="replace")


class _Refusing:
    """Implements `events.publishing.Aside` for a record that was set aside already: it stays where it is."""

    def put(self, *, record: Record, reason: str) -> None:
        raise NoRecordError(f"the record {record.get('eventID')} cannot be published: {reason}")


def _batch(stored: str) -> Sequence[Record]:
    """The records in what Lambda stores of a batch of a stream, whose `payload` is the event, or its text."""
    told = _read(stored)
    payload = told.get("payload") if isinstance(told, dict) else None
    match _read(payload) if isinstance(payload, str) else payload:
        case {"Records": list(records)}:
            return records
        case _:
            raise NoRecordError("the object holds no batch of a stream")


def _read(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _packed(failures: Sequence[Failure]) -> Iterator[Sequence[Failure]]:
    """As few calls as SQS allows; a body that is too long for any goes by itself, to be refused by itself."""
    batch: list[Failure] = []
    size = 0
    for failure in failures:
        weight = len(failure.body.encode(errors="replace")) + _ATTRIBUTES_BYTES
        if batch and (len(batch) == _MOST_ENTRIES or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(failure)
        size += weight
    if batch:
        yield batch


def _entry(place: int, failure: Failure) -> dict[str, Any]:
    told = {
        "type": failure.event_type,
        "account": failure.account_id,
        REPLAY: str(failure.replays),
        FAILURE: failure.id,
    }
    attributes = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in told.items()
        if value and value.isprintable()
    }
    return {"Id": str(place), "MessageBody": failure.body, "MessageAttributes": attributes}


def _outcome_of(error: ClientError | BotoCoreError) -> Outcome:
    """A refusal did nothing; what became of a call without an answer, nobody knows."""
    if isinstance(error, ParamValidationError):
        return Outcome.IMPOSSIBLE
    if not isinstance(error, ClientError):
        return Outcome.REFUSED if isinstance(error, _NOT_SENT) else Outcome.SENT
    if error.response["Error"]["Code"].rpartition(".")[2] in _NEVER:
        return Outcome.IMPOSSIBLE
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return Outcome.SENT if status >= _SERVER_ERROR else Outcome.REFUSED


def _translated(error: ClientError, name: str) -> Exception:
    if error.response["Error"]["Code"] in _GONE:
        return SourceGoneError(f"{name} is not there any more")
    return error


_: type[Sources] = NamedSources  # the promises, checked by mypy
_queue: type[Source] = SqsSource
_function: type[Source] = LambdaSource
_stream: type[Source] = StreamSource
_refusing: type[Aside] = _Refusing
