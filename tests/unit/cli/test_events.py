import pytest

from infrastructure import wiring
from tests.aws_events import stream_record
from tests.builders import ACME, BOB, UMBRELLA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.fakes.publishing import InMemoryAside, InMemoryTopic
from tests.fakes.republishing import InMemoryFailureRecords
from tests.terminal import ME, Terminal
from tests.world import World

CLIENT = a_client(account_id=ME)
OTHER = a_client(account_id=ME, id=UMBRELLA, name="Umbrella")
KEY = "aws/lambda/mapping/shard/1"


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> InMemoryTopic:
    topic, aside = InMemoryTopic(), InMemoryAside()
    monkeypatch.setenv("TOPIC_ARN", "topic")
    monkeypatch.setattr(wiring, "changes", lambda: topic)
    monkeypatch.setattr(wiring, "aside", lambda: aside)
    return topic


@pytest.fixture
def acme(world: World) -> World:
    entry = a_work_entry(client=CLIENT)
    return world.having(an_account(id=ME), CLIENT, entry, OTHER, an_account(id=BOB), a_client(account_id=BOB))


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stream gave up: two records, and an object of somebody else."""
    broken = stream_record(CLIENT)
    del broken["dynamodb"]["NewImage"]["version"]
    objects = {KEY: [stream_record(CLIENT), broken], "aws/lambda/strange": None, "elsewhere": None}
    monkeypatch.setattr(wiring, "failure_records", lambda: InMemoryFailureRecords(objects))


def test_publishes_the_account_again(invoicely: Terminal, acme: World, topic: InMemoryTopic) -> None:
    ended = invoicely("events", "republish")

    assert (ended.code, ended.lines) == (0, ["Published 4 changes."])
    assert {event.account for event in topic.events} == {ME}


def test_publishes_one_client_again(invoicely: Terminal, acme: World, topic: InMemoryTopic) -> None:
    ended = invoicely("events", "republish", "--client", "acme gmbh", "--json")

    assert (ended.code, ended.json) == (0, {"records": 2, "aside": 0, "unreadable": []})
    assert topic.events[0].subject == f"CLIENT#{ACME}"


def test_publishes_everything_again_whoever_asks(
    invoicely: Terminal, acme: World, topic: InMemoryTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICELY_ACCOUNT")

    ended = invoicely("events", "republish", "--everything")

    assert (ended.code, ended.lines) == (0, ["Published 6 changes."])
    assert {event.account for event in topic.events} == {ME, BOB}


def test_publishes_what_the_stream_gave_up_and_tells_what_it_could_not(
    invoicely: Terminal, topic: InMemoryTopic, lost: None
) -> None:
    ended = invoicely("events", "republish", "--from-failures")

    assert (ended.code, ended.lines) == (
        6,
        [
            "Published 1 changes.",
            "1 cannot be read as events; they lie in the queue unpublished.",
            "aws/lambda/strange holds no batch of the stream that Lambda gave up.",
        ],
    )
    assert len(topic) == 1


def test_publishes_one_object(invoicely: Terminal, topic: InMemoryTopic, lost: None) -> None:
    ended = invoicely("events", "republish", "--from-failures", KEY, "--json")

    assert ended.json == {"records": 2, "aside": 1, "unreadable": []}


def test_says_so_where_the_stream_gave_up_nothing(
    invoicely: Terminal, topic: InMemoryTopic, lost: None
) -> None:
    ended = invoicely("events", "republish", "--from-failures", "aws/lambda/other")

    assert (ended.code, ended.errors) == (
        3,
        ["error: nothing in the bucket of failures begins with aws/lambda/other"],
    )


def test_stops_where_the_topic_takes_nothing(
    invoicely: Terminal, acme: World, topic: InMemoryTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "changes", lambda: InMemoryTopic(takes=0))

    ended = invoicely("events", "republish")

    assert (ended.code, len(ended.errors)) == (1, 1)
    assert "start again" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--client", "nobody"], 3),
        (["--client", "acme gmbh", "--everything"], 2),
        (["--everything", "--from-failures"], 2),
        (["--client", "acme gmbh", "--from-failures", KEY], 2),
    ],
)
def test_refuses_what_it_cannot_mean(
    invoicely: Terminal, acme: World, topic: InMemoryTopic, arguments: list[str], code: int
) -> None:
    ended = invoicely("events", "republish", *arguments)

    assert (ended.code, len(ended.errors), len(topic)) == (code, 1, 0)


def test_an_account_that_was_never_opened_is_not_found(
    invoicely: Terminal, store: Store, topic: InMemoryTopic
) -> None:
    assert invoicely("events", "republish").code == 3
