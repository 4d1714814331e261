from collections.abc import Iterator

import pytest

from domain.delivery import DeliveryUnknownError
from events import catalog
from events.envelope import Event
from infrastructure.context import correlation, correlation_id
from infrastructure.dynamodb.stream import event_of
from infrastructure.queue import each_event
from tests.aws_events import batch, item_of, payload, stream_record
from tests.builders import a_work_entry
from tests.logs import Log, caught_log


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


def test_each_message_of_a_batch_is_handled_in_turn() -> None:
    handled: list[Event] = []

    answer = each_event(batch([a_message("one"), a_message("two")]), handled.append)

    assert answer == {"batchItemFailures": []}
    assert [event.data["description"] for event in handled] == ["one", "two"]


def test_only_the_messages_that_fail_come_back() -> None:
    def handle(event: Event) -> None:
        if event.data["description"] == "bad":
            raise DeliveryUnknownError("somewhere")

    answer = each_event(batch([a_message("good"), a_message("bad"), a_message("good")]), handle)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}


def test_a_message_that_is_no_event_comes_back_alone() -> None:
    handled: list[Event] = []

    answer = each_event(batch(["?", a_message("one"), "{}"]), handled.append)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "3"}]}
    assert len(handled) == 1


def test_a_batch_as_aws_sends_it_is_read() -> None:
    aws = payload("sqs")

    answer = each_event(aws, lambda _: None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]}


def test_each_event_is_handled_in_the_course_of_what_it_goes_back_to() -> None:
    seen: list[str | None] = []
    bodies = [a_message("one", because="request-1"), a_message("two", because=None)]

    with correlation("another batch"):
        each_event(batch(bodies), lambda _: seen.append(correlation_id()))

    assert seen == ["request-1", None]


def test_a_batch_is_one_line_in_the_log_with_what_it_was_for_and_what_failed(log: Log) -> None:
    def handle(event: Event) -> None:
        if event.data["description"] == "bad":
            raise DeliveryUnknownError("ada@example.com owes 100 EUR")

    each_event(batch([a_message("good", because="b"), a_message("bad", because="a"), "?"]), handle)

    [line] = log.lines
    assert (line["level"], line["message"], line["messages"]) == ("INFO", "batch done", 3)
    assert line["correlation_ids"] == ["a", "b"]
    assert [(told["message_id"], told["error"], told["code"]) for told in line["failed"]] == [
        ("2", "DeliveryUnknownError", "delivery-unknown"),
        ("3", "UnreadableEventError", "unreadable-event"),
    ]
    assert "ada@example.com" not in log.text


def a_message(description: str, *, because: str | None = "request-1") -> str:
    item = item_of(a_work_entry(description=description), because=because)
    return catalog.write(event_of(stream_record(item)))
