"""What is known of a message that nobody could process, by the queue that it ended in.

counters-dlq …           received too often by its consumer, which may have noted why
counters-undelivered …   the topic could not put it into the consumer's queue, and says why
tick-dlq, audit-dlq      the schedule's own input, or what Lambda tells of an invocation that failed
unpublished              a record of the table's stream that is no event of ours
unpublished-batches      S3 tells of an object: records of the stream that Lambda gave up

A body that nobody can parse is kept as it is.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from domain.errors import WillNeverWorkError
from domain.failures import CUT_OFF, Cause, Kind, Report
from domain.identifiers import AccountId, digest
from events.envelope import event_id
from events.identity import identity_of
from infrastructure.causes import redacted
from infrastructure.context import tick_id
from infrastructure.queue import FAILURE, REPLAY, Message

_OURS = re.compile(r'"/var/task/((?:domain|events|handlers|infrastructure)/[a-z_/0-9]+)\.py", line ([0-9]+)')
_VERSION = re.compile("[0-9]{1,18}")

Json = dict[str, Any]


class UnknownDeadLettersError(WillNeverWorkError):
    """Messages came from a queue that this code does not know."""

    code = "unknown-dead-letters"


def reports_of(record: Json) -> Iterator[Report]:
    """What there is to record of a message of a dead-letter queue, as Lambda hands it over.

    Raises:
        UnknownDeadLettersError: it came from a queue that is no dead-letter queue of ours.
    """
    queue = record["eventSourceARN"].rpartition(":")[2].split("-", 2)[-1]
    if queue not in _READERS:
        raise UnknownDeadLettersError(f"nobody knows what the messages of {queue} are")
    return _READERS[queue](record)


def _received(record: Json, *, queue: str) -> Iterator[Report]:
    """The count of receives went on here: this one is ours."""
    yield _report(record, queue, attempts=max(1, Message.of(record).receives - 1))


def _undelivered(record: Json, *, queue: str) -> Iterator[Report]:
    """No consumer ever received it."""
    at = "the topic's subscription"
    cause = _cause_told(record, "ErrorCode", "ErrorMessage", at=at)
    yield _report(record, queue, attempts=0, cause=cause or _untold(at))


def _invoked(record: Json, *, queue: str) -> Iterator[Report]:
    """An invocation that was not made, or that failed; what is kept is what the function is invoked with."""
    match _read(record["body"]):
        case {"requestPayload": dict(payload), **told}:
            cause = _cause_of_invocation(told, json.dumps(payload))
            yield _report_of_payload(record, queue, payload, attempts=_attempts(told), cause=cause)
        case dict(payload):
            cause_told = _cause_told(record, "ERROR_CODE", "ERROR_MESSAGE", at="the schedule")
            cause = cause_told or _untold("the schedule")
            yield _report_of_payload(record, queue, payload, attempts=0, cause=cause)
        case _:
            yield _report(record, queue, attempts=0, cause=_untold("the schedule"))


def _report_of_payload(
    record: Json, queue: str, payload: Json, *, attempts: int, cause: Cause | None
) -> Report:
    """The same payload is the same event, whoever tells of it; a replay belongs to what was replayed."""
    body = json.dumps({name: payload[name] for name in sorted(payload.keys() - {REPLAY, FAILURE})})
    report = _report(record | {"body": body}, queue, attempts=attempts, cause=cause)
    report = replace(report, correlation_id=_correlation_of_tick(payload.get("time")))
    of = payload.get(FAILURE)
    return replace(report, event_id=_replayed_in(queue, str(of)) or report.event_id)


def _set_aside(record: Json) -> Iterator[Report]:
    """A record of the stream: it goes by the id that its event would have."""
    match _read(record["body"]):
        case {"reason": str(reason), "record": {"dynamodb": dict(change)} as changed}:
            error, colon, message = reason.partition(": ")
            named, said = (error, message) if colon else ("Unpublished", reason)
            cause = Cause(error=named, at="publish_changes", message=redacted(said, json.dumps(changed)))
            report = _report(record, "stream", attempts=1, kind=Kind.PERMANENT, cause=cause)
            yield _about_change(report, change)
        case _:
            cause = _untold("publish_changes")
            yield _report(record, "stream", attempts=1, kind=Kind.PERMANENT, cause=cause)


def _given_up(record: Json) -> Iterator[Report]:
    """An object for each batch; S3 also tells, once, that it is going to tell."""
    match _read(record["body"]):
        case {"Event": "s3:TestEvent"}:
            return
        case {"Records": [*objects]}:
            yield from (_report_of_object(record, each) for each in objects)
        case _:
            yield _report(record, "stream", attempts=0, kind=Kind.PERMANENT, cause=_untold("the bucket"))


def _report_of_object(record: Json, told: Any) -> Report:  # noqa: ANN401 - any JSON
    match told:
        case {"s3": {"bucket": {"name": str(bucket)}, "object": {"key": str(quoted)}}}:
            key = unquote_plus(quoted)
            body = json.dumps({"bucket": bucket, "key": key})
            cause = Cause(error="GivenUp", at="publish_changes", message="not published in time")
            report = _report(record | {"body": body}, "stream", attempts=0, cause=cause)
            return replace(report, event_id=digest(key))
        case _:
            strange, cause = record | {"body": json.dumps(told)}, _untold("the bucket")
            return _report(strange, "stream", attempts=0, kind=Kind.PERMANENT, cause=cause)


def _report(
    record: Json,
    queue: str,
    *,
    attempts: int,
    kind: Kind = Kind.TRANSIENT,
    cause: Cause | None = None,
) -> Report:
    message = Message.of(record)
    about = identity_of(message.body)
    return Report(
        queue=queue,
        event_id=_replayed_in(queue, message.replay_of) or about.event_id,
        body=message.body,
        message_id=message.id,
        attempts=attempts,
        first_at=message.sent_at,
        kind=kind,
        cause=cause,
        account_id=about.account_id,
        event_type=about.event_type,
        correlation_id=about.correlation_id,
    )


def _replayed_in(queue: str, failure: str | None) -> str | None:
    """The event of the failure that was replayed, where it is one of this queue."""
    of_queue, _, event = (failure or "").partition(":")
    return event if event and of_queue == queue else None


def _untold(at: str) -> Cause:
    """Whoever put the message there says nothing of the reason, as it would."""
    return Cause(error="Untold", at=at, message="nothing was said of the reason")


def _cause_told(record: Json, error: str, message: str, *, at: str) -> Cause | None:
    """The cause as whoever put the message there tells it in its attributes."""
    told = record.get("messageAttributes", {})
    if not (found := told.get(error, {}).get("stringValue")):
        return None
    said = told.get(message, {}).get("stringValue", "")
    return Cause(error=redacted(found, ""), at=at, message=redacted(said, record["body"]))


def _cause_of_invocation(told: object, body: str) -> Cause:
    match told:
        case {"responsePayload": {"errorType": str(error), **answer}}:
            message = redacted(str(answer.get("errorMessage", "")), body)
            return Cause(error=error, at=_place(answer.get("stackTrace")), message=message)
        case {"requestContext": {"condition": str(condition)}}:
            return Cause(error=condition, at="unknown")
        case _:
            return CUT_OFF


def _attempts(told: object) -> int:
    match told:
        case {"requestContext": {"approximateInvokeCount": int(attempts)}}:
            return attempts
        case _:
            return 1


def _place(trace: object) -> str:
    """The last line of ours in a stack trace."""
    found = _OURS.findall("".join(map(str, trace))) if isinstance(trace, list) else []
    return ":".join((found[-1][0].replace("/", "."), found[-1][1])) if found else "unknown"


def _correlation_of_tick(time: object) -> str | None:
    try:
        return tick_id(dt.datetime.fromisoformat(str(time)))
    except ValueError:
        return None


def _about_change(report: Report, change: Json) -> Report:
    """The report of a change of an item; one without a version goes by its place in the stream."""
    keys, image = change.get("Keys"), change.get("NewImage")
    partition, sort = _value(keys, "PK"), _value(keys, "SK")
    version, key = _value(image, "version", "N") or "", f"{partition}|{sort}"
    kind, *owner = str(partition).split("#")
    return replace(
        report,
        event_id=event_id(key, int(version))
        if _VERSION.fullmatch(version)
        else digest(key, str(change.get("SequenceNumber"))),
        account_id=AccountId(owner[0]) if kind == "ACCOUNT" and owner and owner[0] else None,
        correlation_id=_value(image, "correlation_id"),
    )


def _value(item: object, name: str, kind: str = "S") -> str | None:
    """An attribute's value in DynamoDB's own JSON, where it has one of that kind."""
    match item:
        case dict() if isinstance(attribute := item.get(name), dict):
            value = attribute.get(kind)
            return value if isinstance(value, str) else None
        case _:
            return None


def _read(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


_READERS: Mapping[str, Callable[[Json], Iterator[Report]]] = {
    "counters-dlq": partial(_received, queue="counters"),
    "invoicing-dlq": partial(_received, queue="invoicing"),
    "delivery-dlq": partial(_received, queue="delivery"),
    "imports-dlq": partial(_received, queue="imports"),
    "mail-events-dlq": partial(_received, queue="mail-events"),
    "counters-undelivered": partial(_undelivered, queue="counters"),
    "invoicing-undelivered": partial(_undelivered, queue="invoicing"),
    "delivery-undelivered": partial(_undelivered, queue="delivery"),
    "imports-undelivered": partial(_undelivered, queue="imports"),
    "mail-events-undelivered": partial(_undelivered, queue="mail-events"),
    "tick-dlq": partial(_invoked, queue="tick"),
    "audit-dlq": partial(_invoked, queue="audit"),
    "unpublished": _set_aside,
    "unpublished-batches": _given_up,
}
KNOWN = frozenset(_READERS)
