"""From a record of the table's stream to an event."""

from dataclasses import replace
from typing import Any

import pytest

from domain.work import WorkEntry
from events.catalog import PUBLISHED_TYPES, UnpublishableError
from infrastructure import codec
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import Entity, Json, item_of, payload, stream_record
from tests.builders import a_client, a_work_entry, an_account, an_invoice, an_issued_invoice

DERIVED: dict[str, Json] = {
    "COUNTER": {"PK": {"S": "ACCOUNT#acc_ada"}, "SK": {"S": "COUNTER#cli_acme000000000000"}},
    "CONTRIBUTION": {"PK": {"S": "ACCOUNT#acc_ada#COUNTED#00"}, "SK": {"S": "wrk_0000"}},
    "LINE": {
        "PK": {"S": "ACCOUNT#acc_ada#CLIENT#cli_acme000000000000"},
        "SK": {"S": "INVOICE#2026-10-31#LINE#wrk_acme0000000000001111111111111111"},
    },
    "SEQUENCE": {"PK": {"S": "ACCOUNT#acc_ada#SERIES#2026-{seq}"}, "SK": {"S": "SEQUENCE"}},
    "NUMBER": {"PK": {"S": "ACCOUNT#acc_ada#SERIES#2026-{seq}"}, "SK": {"S": "NUMBER#0000000001"}},
}


def test_a_record_as_aws_sends_it_becomes_an_event() -> None:
    [record] = payload("dynamodb-stream")["Records"]

    event = event_of(record)

    assert (event.type, event.account, event.subject, event.entityversion) == (
        "invoicely.work.logged.v1",
        "acc_ada",
        "WORK#wrk_acme000000000000work000000000000",
        1,
    )
    assert (event.time, event.correlationid) == ("2026-10-31T08:00:00.000Z", "request-1")
    assert codec.decode(WorkEntry, event.data) == a_work_entry()
    assert event.data.keys() <= codec.encode(a_work_entry()).keys()
    assert event.previous is None


def test_an_event_holds_the_state_before_where_there_was_one() -> None:
    entry = a_work_entry()
    edited = replace(entry, minutes=90, version=2)

    event = event_of(stream_record(edited, entry))

    assert (event.data, event.previous) == (codec.encode(edited), codec.encode(entry))


def test_a_retry_a_backfill_and_a_replay_of_one_change_carry_one_id() -> None:
    entry, edited = a_work_entry(), a_work_entry(minutes=90, version=2)
    as_it_happened = stream_record(edited, entry)
    retried = stream_record(edited, entry)
    backfilled = stream_record(item_of(edited, because="backfill"))

    ids = {event_of(record).id for record in (as_it_happened, retried, backfilled)}

    assert as_it_happened["dynamodb"]["SequenceNumber"] != retried["dynamodb"]["SequenceNumber"]
    assert len(ids) == 1


def test_two_changes_of_one_entity_and_two_entities_of_one_version_have_ids_of_their_own() -> None:
    entry, other = a_work_entry(), a_work_entry("other00000000000")
    changes: list[tuple[Entity, Entity | None]] = [
        (entry, None),
        (replace(entry, version=2), entry),
        (other, None),
        (an_invoice(), None),
        (an_invoice(version=2), an_invoice()),
        (a_client(), None),
        (an_account(), None),
    ]

    assert len({event_of(stream_record(*change)).id for change in changes}) == len(changes)


@pytest.mark.parametrize("derived", DERIVED)
def test_the_loop_guard_publishes_nothing_that_is_derived_from_events(derived: str) -> None:
    item = DERIVED[derived] | {"type": {"S": derived}, "version": {"N": "1"}}

    with pytest.raises(UnpublishableError, match=derived):
        event_of(stream_record(item))


def test_what_is_derived_and_what_is_published_are_all_types_that_there_are() -> None:
    assert PUBLISHED_TYPES.isdisjoint(DERIVED)
    assert len(PUBLISHED_TYPES) == 10


def test_an_item_without_a_type_is_not_published() -> None:
    with pytest.raises(UnpublishableError):
        event_of(stream_record({"PK": {"S": "ACCOUNT#acc_ada"}, "SK": {"S": "STRANGE"}}))


def test_a_deletion_is_nothing_that_we_do_so_it_is_told_to_a_person() -> None:
    [record] = payload("dynamodb-stream-expired")["Records"]

    with pytest.raises(UnpublishableError, match="REMOVE"):
        event_of(record)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("description", {"NULL": True}),
        ("tags", {"SS": ["a", "b"]}),
        ("description", {"B": "c2VjcmV0"}),
        ("minutes", {"N": "7.5"}),
        ("extra", {"M": {"deep": {"NS": ["1"]}}}),
        ("PK", {"S": "nobody's"}),
    ],
)
def test_an_item_that_somebody_edited_by_hand_stops_nothing(name: str, attribute: Any) -> None:
    item = item_of(a_work_entry()) | {name: attribute}

    with pytest.raises(UnpublishableError):
        event_of(stream_record(item))


@pytest.mark.parametrize("missing", ["version", "updated_at"])
def test_an_item_that_lacks_what_an_event_needs_stops_nothing(missing: str) -> None:
    item = item_of(a_work_entry())
    del item[missing]

    with pytest.raises(UnpublishableError, match=missing):
        event_of(stream_record(item))


def test_an_invoice_without_a_state_stops_nothing() -> None:
    item = item_of(an_issued_invoice())
    del item["state"]

    with pytest.raises(UnpublishableError, match="state"):
        event_of(stream_record(item))


def test_what_is_no_record_of_a_table_stops_nothing() -> None:
    with pytest.raises(UnpublishableError, match="dynamodb"):
        event_of({"eventName": "INSERT"})
