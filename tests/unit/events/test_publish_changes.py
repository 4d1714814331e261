import pytest

from domain.errors import TryAgainLaterError, WillNeverWorkError
from events.catalog import UnreadableEventError
from events.envelope import Event
from events.publishing import Record, publish_changes
from tests.fakes.publishing import InMemoryAside, InMemoryTopic


def test_every_change_is_published_in_the_order_of_the_stream() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()

    left = publish_changes(records("c", "a", "b"), read=event_of, changes=topic, aside=aside)

    assert left is None
    assert [event.id for event in topic.events] == ["c", "a", "b"]


def test_an_empty_batch_is_done() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()

    assert publish_changes([], read=event_of, changes=topic, aside=aside) is None


def test_what_cannot_be_read_is_set_aside_and_its_neighbours_are_published() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()

    left = publish_changes(records("a", "?", "b"), read=event_of, changes=topic, aside=aside)

    assert left is None
    assert [event.id for event in topic.events] == ["a", "b"]
    assert aside.kept == [({"id": "?"}, "UnreadableEventError: what is ?")]


def test_what_the_topic_never_takes_is_set_aside_and_the_stream_goes_on() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()
    topic.refuses = {"b"}

    left = publish_changes(records("a", "b", "c"), read=event_of, changes=topic, aside=aside)

    assert left is None
    assert [event.id for event in topic.events] == ["a", "c"]
    assert aside.records == records("b")


def test_what_is_set_aside_lies_there_in_the_order_of_the_stream() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()
    topic.refuses = {"a", "b"}

    publish_changes(records("a", "?", "b", "??"), read=event_of, changes=topic, aside=aside)

    assert aside.records == records("a", "?", "b", "??")


def test_the_first_record_that_is_not_out_is_the_one_to_go_on_from() -> None:
    topic, aside = InMemoryTopic(takes=2), InMemoryAside()

    left = publish_changes(records("a", "b", "c", "d"), read=event_of, changes=topic, aside=aside)

    assert left == {"id": "c"}


def test_records_that_were_set_aside_do_not_shift_where_to_go_on() -> None:
    topic, aside = InMemoryTopic(takes=2), InMemoryAside()

    left = publish_changes(records("a", "?", "b", "??", "c"), read=event_of, changes=topic, aside=aside)

    assert left == {"id": "c"}
    assert aside.records == records("?", "??")


def test_what_comes_again_anyway_is_not_set_aside_each_time() -> None:
    topic, aside = InMemoryTopic(takes=1), InMemoryAside()

    left = publish_changes(records("a", "b", "?"), read=event_of, changes=topic, aside=aside)

    assert left == {"id": "b"}
    assert len(aside) == 0


def test_a_batch_of_which_nothing_can_be_read_is_done() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()

    assert publish_changes(records("?", "??"), read=event_of, changes=topic, aside=aside) is None
    assert len(aside) == 2


def test_what_could_not_be_set_aside_is_not_forgotten() -> None:
    class Full(InMemoryAside):
        def put(self, *, record: Record, reason: str) -> None:
            raise TryAgainLaterError("the queue is down")

    with pytest.raises(TryAgainLaterError):
        publish_changes(records("?"), read=event_of, changes=InMemoryTopic(), aside=Full())


def test_a_bug_in_reading_stops_the_stream_instead_of_losing_the_record() -> None:
    def buggy(record: Record) -> Event:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_changes(records("a"), read=buggy, changes=InMemoryTopic(), aside=InMemoryAside())


def records(*ids: str) -> list[Record]:
    return [{"id": each} for each in ids]


def event_of(record: Record) -> Event:
    if "?" in record["id"]:
        error: WillNeverWorkError = UnreadableEventError(f"what is {record['id']}")
        raise error
    return Event(
        id=record["id"],
        type="invoicely.work.logged.v1",
        subject="WORK#w",
        time="2026-10-31T08:00:00Z",
        account="acc_ada",
        entityversion=1,
        data={},
    )
