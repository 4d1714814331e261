from domain.counters import Contribution, LostRaceError
from events import catalog
from events.catalog import FutureEventError, UnreadableEventError
from infrastructure.codec import UnreadableError
from infrastructure.counting import read_contributions
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import Entity, batch, stream_record
from tests.builders import a_client, a_work_entry, an_issued_invoice


def test_work_and_invoices_are_read_as_what_they_add() -> None:
    entry, invoice = a_work_entry(), an_issued_invoice()

    read = read_contributions(batch([a_message(entry), a_message(invoice)])["Records"])

    assert read.contributions == {"1": Contribution.of_work(entry), "2": Contribution.of_invoice(invoice)}
    assert read.unreadable == {}
    assert read.because == {"request-1"}


def test_a_message_that_cannot_be_read_fails_alone() -> None:
    newer = a_message(a_work_entry()).replace(".v1", ".v2")
    broken = a_message(a_work_entry()).replace('"minutes":60', '"minutes":-1')
    uncounted = a_message(a_client())

    read = read_contributions(batch(["?", newer, broken, uncounted, a_message(a_work_entry())])["Records"])

    assert {message: type(error) for message, error in read.unreadable.items()} == {
        "1": UnreadableEventError,
        "2": FutureEventError,
        "3": UnreadableError,
        "4": UnreadableEventError,
    }
    assert list(read.contributions) == ["5"]


def test_what_fails_for_an_entity_brings_back_all_messages_about_it() -> None:
    versions = [a_work_entry(version=version) for version in (1, 3, 2)]
    other = a_work_entry("other00000000000")
    read = read_contributions(batch([*map(a_message, versions), a_message(other)])["Records"])
    lost = LostRaceError("lost")

    assert read.messages_of({versions[0].id: lost}) == {"1": lost, "2": lost, "3": lost}
    assert read.messages_of({}) == {}


def a_message(entity: Entity) -> str:
    return catalog.write(event_of(stream_record(entity)))
