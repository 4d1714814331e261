from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from domain.identifiers import AccountId
from events import catalog
from events.envelope import Event
from events.publishing import Sent
from infrastructure.retrying import without_waiting
from infrastructure.sns import SnsChanges

TOPIC = "arn:aws:sns:eu-west-1:123456789012:invoicely-dev-changes"
MOST_BYTES = 256 * 1024

Entries = list[dict[str, Any]]
Fate = Callable[[Entries], list[tuple[str, bool]]]


class Topic:
    """Speaks as SNS's client does; *fates* say of each call which entries fail, and by whose fault."""

    def __init__(self, *fates: Fate) -> None:
        self.calls: list[Entries] = []
        self.taken: list[str] = []
        self._fates = list(fates)

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: Entries) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert TopicArn == TOPIC
        entries = list(PublishBatchRequestEntries)
        self.calls.append(entries)
        failed = dict((self._fates.pop(0) if self._fates else taken)(entries))
        self.taken += [entry["Message"] for entry in entries if entry["Id"] not in failed]
        return {
            "Successful": [{"Id": entry["Id"]} for entry in entries if entry["Id"] not in failed],
            "Failed": [{"Id": each, "Code": "x", "SenderFault": fault} for each, fault in failed.items()],
        }


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    with without_waiting():
        yield


def test_a_thousand_events_go_out_in_order_in_a_hundred_calls() -> None:
    topic, events = Topic(), some_events(1_000)
    portions = [events[first : first + 100] for first in range(0, 1_000, 100)]

    answers = [publish(portion, topic) for portion in portions]

    assert answers == [Sent(100)] * 10
    assert topic.taken == [catalog.write(event) for event in events]
    assert len(topic.calls) <= 105


def test_a_call_takes_ten_events() -> None:
    topic = Topic()

    publish(some_events(23), topic)

    assert [len(call) for call in topic.calls] == [10, 10, 3]


def test_nothing_to_publish_costs_no_call() -> None:
    topic = Topic()

    assert publish([], topic) == Sent(0)
    assert topic.calls == []


def test_a_call_holds_256_kilobytes_with_the_attributes() -> None:
    topic = Topic()

    publish(some_events(12, kilobytes=60), topic)

    assert max(size_of(call) for call in topic.calls) <= MOST_BYTES
    assert len(topic.calls) == ceil(12 / 4)


def test_text_of_many_bytes_counts_as_what_it_becomes() -> None:
    topic = Topic()

    publish([an_event(place, text="💶" * 6_000) for place in range(10)], topic)

    assert max(size_of(call) for call in topic.calls) <= MOST_BYTES


def test_an_event_goes_along_with_what_filters_need() -> None:
    topic = Topic()

    publish([an_event(1, type="invoicely.invoice.issued.v1", account=AccountId("acc_ada"))], topic)

    [[entry]] = topic.calls
    assert entry["MessageAttributes"] == {
        "type": {"DataType": "String", "StringValue": "invoicely.invoice.issued.v1"},
        "account": {"DataType": "String", "StringValue": "acc_ada"},
    }


def test_only_the_entries_that_failed_are_sent_again() -> None:
    topic = Topic(failing(2, 5), failing(5))

    sent = publish(some_events(10), topic)

    assert sent == Sent(10)
    assert [[entry["Id"] for entry in call] for call in topic.calls] == [
        [str(place) for place in range(10)],
        ["2", "5"],
        ["5"],
    ]
    assert len(topic.taken) == 10


def test_the_first_entry_that_fails_for_good_ends_the_batch() -> None:
    topic = Topic(taken, *[failing(4, 7)] * 6)

    sent = publish(some_events(40), topic)

    assert sent == Sent(10 + 4)
    assert len(topic.calls) == 1 + 6


def test_an_entry_by_our_own_fault_is_refused_and_the_others_go_on() -> None:
    topic, events = Topic(refusing(3)), some_events(20)

    sent = publish(events, topic)

    assert sent == Sent(20, (events[3],))
    assert len(topic.calls) == 2
    assert len(topic.taken) == 19


def test_what_is_refused_behind_the_first_failure_comes_again_and_is_not_told_yet() -> None:
    def both(entries: Entries) -> list[tuple[str, bool]]:
        return [*failing(1)(entries), *refusing(0, 6)(entries)]

    events = some_events(10)

    assert publish(events, Topic(*[both] * 6)) == Sent(1, (events[0],))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AuthorizationError"}}, "PublishBatch"),
        ClientError({"Error": {"Code": "Throttled"}}, "PublishBatch"),
        EndpointConnectionError(endpoint_url="https://sns.eu-west-1.amazonaws.com"),
    ],
)
def test_a_call_that_fails_as_a_whole_ends_the_batch(error: Exception) -> None:
    def fails(_: Entries) -> list[tuple[str, bool]]:
        raise error

    assert publish(some_events(40), Topic(taken, fails)) == Sent(10)
    assert publish(some_events(40), Topic(taken, failing(2, 3), fails)) == Sent(12)


def test_an_event_that_fits_into_no_call_is_refused_without_one() -> None:
    topic = Topic()
    events = [an_event(1), an_event(2, text="x" * MOST_BYTES), an_event(3)]

    assert publish(events, topic) == Sent(3, (events[1],))
    assert topic.taken == [catalog.write(events[0]), catalog.write(events[2])]
    assert [len(call) for call in topic.calls] == [1, 1]


def publish(events: Sequence[Event], topic: Topic) -> Sent:
    return SnsChanges(topic, TOPIC).publish(events=events)


def taken(_: Entries) -> list[tuple[str, bool]]:
    return []


def failing(*places: int) -> Fate:
    """These entries fail for now."""
    return lambda entries: [(entry["Id"], False) for entry in entries if int(entry["Id"]) in places]


def refusing(*places: int) -> Fate:
    """These entries are wrong themselves."""
    return lambda entries: [(entry["Id"], True) for entry in entries if int(entry["Id"]) in places]


def some_events(number: int, *, kilobytes: int = 0) -> list[Event]:
    return [an_event(place, text="x" * 1024 * kilobytes) for place in range(number)]


def an_event(place: int, *, text: str = "", **changes: Any) -> Event:
    event = Event(
        id=f"{place:032x}",
        type="invoicely.work.logged.v1",
        subject=f"WORK#{place}",
        time="2026-10-31T08:00:00.000Z",
        account="acc_0123456789abcdef0123456789abcdef",
        entityversion=1,
        data={"description": text},
    )
    return replace(event, **changes)


def size_of(call: Entries) -> int:
    """As SNS counts: bodies, and names, types and values of attributes, all in bytes."""
    return sum(
        len(entry["Message"].encode())
        + sum(
            len(f"{name}{attribute['DataType']}{attribute['StringValue']}".encode())
            for name, attribute in entry["MessageAttributes"].items()
        )
        for entry in call
    )
