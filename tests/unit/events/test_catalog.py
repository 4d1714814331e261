import json
from dataclasses import replace

import pytest

from domain.errors import TryAgainLaterError, WillNeverWorkError
from domain.work import WorkEntry
from events import catalog
from events.catalog import FutureEventError, UnpublishableError, UnreadableEventError, event_type
from events.envelope import Event, State, event_id
from infrastructure import codec
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import stream_record
from tests.builders import a_work_entry

NOT_EVENTS = {
    "nothing": "",
    "half of an event": '{"type": "invoicely.work.logged.v1", "data": {',
    "text": "hello",
    "XML": "<event/>",
    "a list": "[]",
    "a number": "17",
    "null": "null",
    "a text in JSON": '"invoicely.work.logged.v1"',
    "far too deep": "[" * 200_000,
    "no type": "{}",
    "a type that is no text": '{"type": 1}',
    "somebody else's event": '{"type": "shop.order.placed.v1"}',
    "a type without a version": '{"type": "invoicely.work.logged"}',
    "version 0": '{"type": "invoicely.work.logged.v0"}',
    "a version that is no number": '{"type": "invoicely.work.logged.vx"}',
    "a version of a thousand digits": f'{{"type": "invoicely.work.logged.v{"9" * 5000}"}}',
    "a type alone": '{"type": "invoicely.work.logged.v1"}',
    "a notification of S3": '{"Service": "Amazon S3", "Event": "s3:TestEvent"}',
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS.keys())
def test_what_is_no_event_of_ours_will_never_work(body: str) -> None:
    with pytest.raises(UnreadableEventError) as caught:
        catalog.read(body)

    assert isinstance(caught.value, WillNeverWorkError)


@pytest.mark.parametrize("missing", ["id", "subject", "time", "account", "entityversion", "data"])
def test_an_event_that_lacks_an_attribute_will_never_work(missing: str) -> None:
    told = json.loads(catalog.write(an_event()))
    del told[missing]

    with pytest.raises(UnreadableEventError, match=missing):
        catalog.read(json.dumps(told))


def test_an_event_whose_data_are_no_object_will_never_work() -> None:
    told = json.loads(catalog.write(an_event())) | {"data": ["work"]}

    with pytest.raises(UnreadableEventError, match="data"):
        catalog.read(json.dumps(told))


def test_an_event_of_a_newer_version_waits_for_the_code_that_knows_it() -> None:
    newer = catalog.write(an_event(type="invoicely.work.logged.v2"))

    with pytest.raises(FutureEventError) as caught:
        catalog.read(newer)

    assert isinstance(caught.value, TryAgainLaterError)


def test_a_newer_version_is_known_as_such_whatever_else_has_changed() -> None:
    with pytest.raises(FutureEventError):
        catalog.read('{"type": "invoicely.meeting.held.v7", "attendees": []}')


@pytest.mark.parametrize(("version", "is_newer"), [(1, False), (2, True)])
def test_only_an_event_of_a_newer_version_is_newer_than_the_code(version: int, is_newer: bool) -> None:
    event = catalog.write(an_event(type=f"invoicely.work.logged.v{version}"))

    assert catalog.is_newer_than_code(event) is is_newer


def test_what_is_no_event_is_no_newer_one() -> None:
    assert not catalog.is_newer_than_code("no JSON")


def test_what_is_written_is_read_again() -> None:
    event = an_event()

    assert catalog.read(catalog.write(event)) == event


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("日本語 العربية Ελληνικά 🧾👩‍💻", id="any script and emoji"),
        pytest.param('tab\t newline\n return\r quote" backslash\\', id="escapes"),
        pytest.param("".join(map(chr, range(32))) + "\x7f\x85", id="control characters"),
        pytest.param("\u2028\u2029\ufeff\ufffe\uffff\U0010ffff", id="what a queue refuses"),
        pytest.param("\ud800 and \udfff", id="halves of surrogate pairs"),
    ],
)
def test_any_text_survives_as_ascii(text: str) -> None:
    event = an_event(data={"description": text})

    body = catalog.write(event)

    assert body.isascii()
    assert body.isprintable()
    assert catalog.read(body) == event


@pytest.mark.parametrize("text", ["\x00", "\x1b[2J", "\ud800"])
def test_what_cannot_be_printed_is_refused_by_whoever_reads_the_entity(text: str) -> None:
    event = an_event()
    body = catalog.write(replace(event, data=event.data | {"description": text}))

    with pytest.raises(codec.UnreadableError, match="/description"):
        codec.decode(WorkEntry, catalog.read(body).data)


@pytest.mark.parametrize("derived", ["COUNTER", "CONTRIBUTION", "SEQUENCE", "NUMBER"])
def test_what_is_derived_from_events_is_no_event(derived: str) -> None:
    with pytest.raises(UnpublishableError, match=derived):
        event_type(derived, {"version": 1}, None)


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_an_unfinished_invoice_without_a_state_before_is_opened_so_that_it_is_finished(state: str) -> None:
    assert event_type("INVOICE", {"state": state}, None) == "invoicely.invoice.opened.v1"


@pytest.mark.parametrize(
    ("state", "happened"),
    [("open", "collected"), ("sealed", "sealed"), ("empty", "emptied"), ("issued", "issued")],
)
def test_an_invoice_with_a_state_before_has_gone_on(state: str, happened: str) -> None:
    assert event_type("INVOICE", {"state": state}, {"state": "open"}) == f"invoicely.invoice.{happened}.v1"


@pytest.mark.parametrize(("state", "happened"), [("empty", "emptied"), ("issued", "issued")])
def test_a_finished_invoice_is_what_it_is_also_without_a_state_before(state: str, happened: str) -> None:
    assert event_type("INVOICE", {"state": state}, None) == f"invoicely.invoice.{happened}.v1"


@pytest.mark.parametrize(
    ("data", "previous", "happened"),
    [
        ({"progress": "pending", "attempt": 2}, {"progress": "sent", "attempt": 1}, "requested"),
        ({"progress": "pending", "attempt": 2}, {"progress": "unknown"}, "requested"),
        ({"progress": "pending", "attempt": 2}, None, "requested"),
        ({"progress": "pending", "attempt": 2}, {"progress": "sending", "attempt": 2}, "changed"),
        ({"progress": "sent", "attempt": 2}, None, "changed"),
        ({"progress": "pending"}, {"progress": "sending"}, "changed"),
        ({"progress": "pending", "attempt": 1}, None, "changed"),
    ],
)
def test_a_mail_is_requested_by_whoever_wants_another_attempt(
    data: State, previous: State | None, happened: str
) -> None:
    """Also where that is published again; what was refused and waits is tried by the queue alone."""
    assert event_type("DELIVERY", data, previous) == f"invoicely.delivery.{happened}.v1"


def test_a_removed_entry_stays_removed_whatever_is_changed_in_it() -> None:
    assert event_type("WORK", {"removed": True}, {"removed": True}) == "invoicely.work.removed.v1"


def test_a_claimed_entry_that_changes_again_is_edited() -> None:
    claimed = {"invoiced_on": "2026-10-31"}

    assert event_type("WORK", claimed, claimed) == "invoicely.work.edited.v1"


def test_each_change_has_an_id_of_its_own_that_never_changes() -> None:
    assert event_id("ACCOUNT#acc_ada|PROFILE", 1) == event_id("ACCOUNT#acc_ada|PROFILE", 1)
    assert len({event_id(key, version) for key in ("a", "b") for version in (1, 2)}) == 4


def test_an_event_says_in_cloudevents_words_what_it_is() -> None:
    told = json.loads(catalog.write(an_event()))

    assert told["specversion"] == "1.0"
    assert told["source"] == "invoicely"
    assert told["datacontenttype"] == "application/json"
    assert all(name.isalnum() and name.islower() for name in told)


def test_a_state_before_is_left_out_where_there_was_none() -> None:
    assert "previous" not in json.loads(catalog.write(an_event()))


def an_event(**changes: object) -> Event:
    return replace(event_of(stream_record(a_work_entry())), **changes)  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize(
    ("before", "after", "happened"),
    [
        ("open", {"state": "in_review", "review_ends_at": "2026-11-03T12:00:00Z"}, "submitted"),
        ("in_review", {"state": "in_review"}, "deferred"),
        ("in_review", {"state": "sealed"}, "approved"),
        ("held", {"state": "sealed"}, "approved"),
        ("held", {"state": "skipped"}, "skipped"),
        ("skipped", {"state": "open"}, "reopened"),
        ("in_review", {"state": "skipped"}, "skipped"),
        ("skipped", {"state": "skipped"}, "collected"),
    ],
)
def test_a_review_is_told_by_what_was_decided(before: str, after: dict[str, str], happened: str) -> None:
    assert event_type("INVOICE", after, {"state": before}) == f"invoicely.invoice.{happened}.v1"


@pytest.mark.parametrize(
    ("stored", "happened"),
    [
        ({"state": "in_review", "review_ends_at": "2026-11-03T12:00:00Z"}, "submitted"),
        ({"state": "in_review"}, "deferred"),
    ],
)
def test_an_invoice_in_review_is_told_alike_also_without_a_state_before(
    stored: dict[str, str], happened: str
) -> None:
    assert event_type("INVOICE", stored, None) == f"invoicely.invoice.{happened}.v1"


def test_a_skipped_invoice_without_a_state_before_is_skipped_so_that_its_work_is_put_back() -> None:
    assert event_type("INVOICE", {"state": "skipped"}, None) == "invoicely.invoice.skipped.v1"
