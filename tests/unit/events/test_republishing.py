"""Changes are published once more: each as the change it was, in bounded batches, told as it goes."""

from collections.abc import Iterator, Sequence

import pytest

from domain.errors import NotFoundError
from domain.identifiers import AccountId, ClientId
from events.envelope import Event
from events.publishing import Record, Sent
from events.republishing import (
    BATCH,
    MOST_ATTEMPTS,
    PublishingStoppedError,
    Republished,
    republish_account,
    republish_client,
    republish_everything,
    republish_failures,
)
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import stream_record
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.fakes.publishing import InMemoryAside, InMemoryTopic
from tests.fakes.republishing import InMemoryCurrent, InMemoryFailureRecords
from tests.lived import CLIENT, IDLE, a_month
from tests.world import in_memory

TYPES_OF_ACME = [
    "invoicely.client.added.v1",
    *["invoicely.work.logged.v1"] * 4,
    "invoicely.invoice.issued.v1",
    "invoicely.delivery.changed.v1",
]
IDLE_TYPES = ["invoicely.client.added.v1", "invoicely.invoice.emptied.v1"]


class Told:
    """Hears how far it has come."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def __call__(self, done: int) -> None:
        self.numbers.append(done)


@pytest.fixture
def store() -> Store:
    store = Store()
    a_month(in_memory(store))
    return store


def client(store: Store, topic: InMemoryTopic, client_id: ClientId = ACME) -> Republished:
    return republish_client(
        client_id,
        account_id=ADA,
        current=InMemoryCurrent(store),
        read=event_of,
        changes=topic,
        aside=InMemoryAside(),
        progress=lambda _: None,
    )


def test_a_client_is_published_with_all_that_is_stored_of_it(store: Store) -> None:
    topic = InMemoryTopic()

    done = client(store, topic)

    assert [event.type for event in topic.events] == TYPES_OF_ACME
    assert done == Republished(records=len(TYPES_OF_ACME))


def test_an_event_has_the_id_of_the_change_that_made_the_state(store: Store) -> None:
    topic = InMemoryTopic()
    known = {event_of(stream_record(entity)).id for entity in store.stream}

    client(store, topic)

    assert {event.id for event in topic.events} <= known
    assert all(event.previous is None for event in topic.events)


def test_an_account_is_published_with_all_its_clients(store: Store) -> None:
    topic = InMemoryTopic()

    republish_account(
        ADA,
        current=InMemoryCurrent(store),
        read=event_of,
        changes=topic,
        aside=InMemoryAside(),
        progress=lambda _: None,
    )

    types = [event.type for event in topic.events]
    assert types == ["invoicely.account.opened.v1", *TYPES_OF_ACME, *IDLE_TYPES]


def test_everything_is_every_account(store: Store) -> None:
    world, topic = in_memory(store), InMemoryTopic()
    world.having(an_account(id=BOB), a_client(account_id=BOB))

    republish_everything(
        directory=world.directory,
        current=InMemoryCurrent(store),
        read=event_of,
        changes=topic,
        aside=InMemoryAside(),
        progress=lambda _: None,
    )

    assert {event.account for event in topic.events} == {ADA, BOB}
    assert len(topic) == 1 + len(TYPES_OF_ACME) + len(IDLE_TYPES) + 2


@pytest.mark.parametrize("unknown", [ClientId("cli_nobody0000000000")])
def test_a_client_that_does_not_exist_is_not_found(store: Store, unknown: ClientId) -> None:
    with pytest.raises(NotFoundError):
        client(store, InMemoryTopic(), unknown)


def test_batches_are_bounded_and_told_of() -> None:
    topic, told, sizes = InMemoryTopic(), Told(), list[int]()

    class Watching(InMemoryCurrent):
        def of_account(self, *, account_id: AccountId) -> Iterator[Record]:
            for place in range(2 * BATCH + 30):
                sizes.append(len(topic))
                yield stream_record(a_work_entry(f"{place:016}"))

    republish_account(
        ADA, current=Watching(), read=event_of, changes=topic, aside=InMemoryAside(), progress=told
    )

    assert told.numbers == [BATCH, 2 * BATCH, 2 * BATCH + 30]
    assert sizes[BATCH - 1 : BATCH + 1] == [0, BATCH]  # nothing is read ahead of what is published


def test_what_cannot_be_read_is_set_aside_and_counted() -> None:
    topic, aside = InMemoryTopic(), InMemoryAside()
    broken = stream_record(a_work_entry())
    del broken["dynamodb"]["NewImage"]["version"]

    done = republish_failures(
        ["key"],
        failures=InMemoryFailureRecords({"key": [broken, stream_record(a_work_entry())]}),
        read=event_of,
        changes=topic,
        aside=aside,
        progress=lambda _: None,
    )

    assert done == Republished(records=2, aside=1)
    assert (len(topic), aside.records) == (1, [broken])


def test_a_topic_that_takes_a_part_gets_the_rest(store: Store) -> None:
    topic = InMemoryTopic(takes=3)

    client(store, topic)

    assert [event.type for event in topic.events] == TYPES_OF_ACME


def test_a_topic_that_takes_nothing_stops_it(store: Store) -> None:
    asked: list[int] = []

    class Shut(InMemoryTopic):
        def publish(self, *, events: Sequence[Event]) -> Sent:
            asked.append(len(events))
            return super().publish(events=events)

    with pytest.raises(PublishingStoppedError):
        client(store, Shut(takes=0))

    assert asked == [len(TYPES_OF_ACME)] * MOST_ATTEMPTS


def test_objects_that_hold_no_records_hold_up_no_others() -> None:
    topic, told = InMemoryTopic(), Told()
    objects = {
        "aws/lambda/a": [stream_record(CLIENT)],
        "aws/lambda/b": None,
        "aws/lambda/c": [stream_record(IDLE), stream_record(a_work_entry())],
    }

    done = republish_failures(
        sorted(objects),
        failures=InMemoryFailureRecords(objects),
        read=event_of,
        changes=topic,
        aside=InMemoryAside(),
        progress=told,
    )

    assert done == Republished(records=3, unreadable=("aws/lambda/b",))
    assert told.numbers == [1, 2, 3]
    assert [event.type.split(".")[1] for event in topic.events] == ["client", "client", "work"]
