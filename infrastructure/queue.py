"""A batch of a queue, a message at a time: what fails is dealt with alone, and nothing of it is lost.

for now         it becomes visible again by itself, after full-jitter backoff; at its last receive the
                ledger is told why, and SQS moves it to the dead letters
for good        it is recorded in the ledger and acknowledged
succeeds late   an entry that the ledger has of it is resolved
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import uniform
from typing import Any, Protocol

from domain.errors import TryAgainLaterError
from domain.failures import FailureId, Ledger, Report, failure_id, failure_parts
from domain.recording import Course, course_of, kind_of
from domain.recording import record as record_failure
from domain.recording import resolve as resolve_failures
from events import catalog
from events.envelope import Event
from events.identity import Identity, identity_of
from infrastructure.causes import cause_of
from infrastructure.context import correlation
from infrastructure.observability import cause, logger

REPLAY, FAILURE = "replay", "failure"
"""The attributes of a message that was sent to its queue again: how often, and for which failure."""

_FIRST_SECONDS, _MOST_SECONDS = 5, 900


class UnresolvedError(TryAgainLaterError):
    """The event has been dealt with, but the ledger could not be told."""

    code = "unresolved"


Batch = dict[str, list[dict[str, str]]]
Errors = Mapping[str, Exception]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A message that nobody receives for so many seconds."""

    receipt_handle: str
    seconds: int


class Visibility(Protocol):
    """When the messages of a queue come back."""

    def hide(self, *, messages: Sequence[Hidden]) -> None:
        """Let each message become visible after its seconds; where that fails, the queue's own time holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What Lambda hands over of a message."""

    id: str
    receipt_handle: str
    body: str
    receives: int
    sent_at: datetime
    replay_of: FailureId | None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Message":
        attributes = record["attributes"]
        replayed = record.get("messageAttributes", {}).get(FAILURE, {}).get("stringValue")
        return cls(
            id=record["messageId"],
            receipt_handle=record["receiptHandle"],
            body=record["body"],
            receives=int(attributes["ApproximateReceiveCount"]),
            sent_at=_instant(attributes.get("SentTimestamp")),
            replay_of=FailureId(replayed) if replayed else None,
        )

    def failure_in(self, queue: str) -> FailureId:
        """The entry of the ledger for its event; an attribute that names none of this queue is no replay."""
        of_queue, _, event_id = (self.replay_of or "").partition(":")
        if of_queue == queue and event_id:
            return failure_id(queue, event_id)
        return failure_id(queue, identity_of(self.body).event_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The consumer of one *queue*, whose messages are dead after *most_receives*."""

    queue: str
    most_receives: int
    ledger: Ledger
    visibility: Callable[[], Visibility]
    now: Callable[[], datetime]
    jitter: Callable[[float, float], float] = uniform

    def each_event(self, batch: Mapping[str, Any], handle: Callable[[Event], None]) -> Batch:
        """Let *handle* deal with the event of each message; answer with the messages that come back."""
        because: set[str | None] = set()

        def deal_with(body: str) -> None:
            event = catalog.read(body)
            because.add(event.correlationid)
            with correlation(event.correlationid):
                handle(event)

        return self.answer(batch, _failed(batch, deal_with), because=because)

    def each_body(self, batch: Mapping[str, Any], handle: Callable[[str], None]) -> Batch:
        """The same for messages that are no events of ours."""
        return self.answer(batch, _failed(batch, handle), because=())

    def answer(self, batch: Mapping[str, Any], failed: Errors, *, because: Iterable[str | None]) -> Batch:
        """The partial batch response, once each message that failed is dealt with.

        An identifier that Lambda does not know would make it repeat the whole batch, so none is made up here.
        """
        messages = {message.id: message for message in map(Message.of, batch["Records"])}
        errors = dict(failed) | self._unresolved(messages.values(), failed)
        courses = self._courses(messages, errors)
        back = [messages[name] for name, course in courses.items() if course is not Course.RECORD]
        self._hide(back, courses, errors)
        _tell(messages, errors, courses, because)
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in back]}

    def _courses(self, messages: Mapping[str, Message], errors: Errors) -> dict[str, Course]:
        """What becomes of each message; only what the ledger has is acknowledged.

        A ledger that cannot be reached is asked once: the messages come back, and in the end the dead letters
        have them.
        """
        courses: dict[str, Course] = {}
        is_reached = True
        for name, error in errors.items():
            message = messages[name]
            course = course_of(kind_of(error), receives=message.receives, most_receives=self.most_receives)
            if course is not Course.COME_BACK:
                is_reached = is_reached and self._record(message, error)
            is_unrecorded = course is Course.RECORD and not is_reached
            courses[name] = self._without_ledger(message) if is_unrecorded else course
        return courses

    def _without_ledger(self, message: Message) -> Course:
        return Course.NOTE if message.receives >= self.most_receives else Course.COME_BACK

    def _record(self, message: Message, error: Exception) -> bool:
        try:
            record_failure(self._report(message, error), ledger=self.ledger, now=self.now())
        except Exception as unrecorded:  # noqa: BLE001 - whatever it is, the message is not acknowledged
            logger().warning("failure not recorded", extra={"message_id": message.id, **cause(unrecorded)})
            return False
        return True

    def _report(self, message: Message, error: Exception) -> Report:
        about: Identity = identity_of(message.body)
        queue, event_id = failure_parts(message.failure_in(self.queue))
        return Report(
            queue=queue,
            event_id=event_id,
            body=message.body,
            message_id=message.id,
            attempts=message.receives,
            first_at=message.sent_at,
            kind=kind_of(error),
            cause=cause_of(error, message.body),
            account_id=about.account_id,
            event_type=about.event_type,
            correlation_id=about.correlation_id,
        )

    def _unresolved(self, messages: Iterable[Message], failed: Errors) -> dict[str, Exception]:
        """Resolve what the ledger has of messages that succeeded; those where that failed come back."""
        late = [each for each in messages if each.id not in failed and (each.receives > 1 or each.replay_of)]
        if not late:
            return {}
        ids = {message.failure_in(self.queue) for message in late}
        try:
            waiting = {failure.id for failure in self.ledger.open_among(failure_ids=ids)}
        except Exception as error:  # noqa: BLE001 - what they do is done; coming back, they are resolved
            return {message.id: _unresolved(error) for message in late}
        untold = {name: told for name in waiting if (told := self._untold(name))}
        names = {message.id: message.failure_in(self.queue) for message in late}
        return {each: untold[name] for each, name in names.items() if name in untold}

    def _untold(self, failure: FailureId) -> Exception | None:
        """Resolve one failure; one that the ledger cannot change holds up no other."""
        try:
            resolve_failures([failure], ledger=self.ledger, now=self.now(), actor=self.queue)
        except Exception as error:  # noqa: BLE001 - its message alone comes back
            return _unresolved(error)
        return None

    def _hide(self, messages: Sequence[Message], courses: Mapping[str, Course], errors: Errors) -> None:
        """A message that is to die is seen again at once, so that SQS moves it to the dead letters."""
        hidden = [
            Hidden(
                each.receipt_handle,
                0 if courses[each.id] is Course.NOTE else self._seconds(each.receives, errors[each.id]),
            )
            for each in messages
        ]
        if not hidden:
            return
        try:
            self.visibility().hide(messages=hidden)
        except Exception as error:  # noqa: BLE001 - they come back after the queue's own timeout
            logger().warning("backoff not set", extra={"messages": len(hidden), **cause(error)})

    def _seconds(self, receives: int, error: Exception) -> int:
        """What the error knows, else full jitter: anything up to a bound that trebles with each receive."""
        if isinstance(error, TryAgainLaterError) and error.seconds is not None:
            return min(_MOST_SECONDS, error.seconds)
        return int(self.jitter(1, min(_MOST_SECONDS, _FIRST_SECONDS * 3 ** (receives - 1))))


def each_record(batch: Mapping[str, Any], handle: Callable[[dict[str, Any]], None]) -> Batch:
    """Let *handle* deal with each message as it came; those that it fails on come back, and only those.

    For queues without dead letters of their own: what fails stays there until it does not.
    """
    failed: dict[str, Exception] = {}
    for record in batch["Records"]:
        try:
            handle(record)
        except Exception as error:  # noqa: BLE001 - one message must not hold up the others
            failed[record["messageId"]] = error
    told = [{"message_id": name, **cause(error)} for name, error in failed.items()]
    # template.yaml makes a metric of `failed_count`: what failed is hidden for a while, so no queue shows it.
    counted = {"messages": len(batch["Records"]), "failed_count": len(failed), "failed": told}
    logger().info("batch done", extra=counted)
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _failed(batch: Mapping[str, Any], handle: Callable[[str], None]) -> Errors:
    """Let *handle* deal with each body; what went wrong, by message."""
    failed: dict[str, Exception] = {}
    for record in batch["Records"]:
        try:
            handle(record["body"])
        except Exception as error:  # noqa: BLE001 - one message must not hold up the others
            failed[record["messageId"]] = error
    return failed


def _instant(milliseconds: str | None) -> datetime:
    """When a message was sent; one that does not say so is taken for one that was sent just now."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else datetime.now(UTC)


def _unresolved(error: Exception) -> UnresolvedError:
    """Whatever the ledger raised: the message was handled, so it is never given up for that."""
    told = UnresolvedError(f"the ledger could not be told of a success: {type(error).__name__}")
    told.__cause__ = error
    return told


def _tell(
    messages: Mapping[str, Message],
    errors: Errors,
    courses: Mapping[str, Course],
    because: Iterable[str | None],
) -> None:
    """One line in the log: what the batch was all for, and what went wrong."""
    told = [
        {
            "message_id": name,
            "receives": messages[name].receives,
            "recorded": courses[name] is not Course.COME_BACK,
            **cause(error),
        }
        for name, error in errors.items()
    ]
    reasons = sorted(each for each in because if each)
    logger().info("batch done", extra={"messages": len(messages), "correlation_ids": reasons, "failed": told})
