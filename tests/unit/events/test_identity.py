import json
from pathlib import Path

import pytest

from events import catalog
from events.identity import Identity, identity_of
from tests.aws_events import PAYLOADS

GOLDEN = sorted((PAYLOADS / "events").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_event_of_ours_goes_by_its_own_id(path: Path) -> None:
    event = catalog.read(path.read_text(encoding="utf-8"))

    assert identity_of(path.read_text(encoding="utf-8")) == Identity(
        event_id=event.id,
        account_id=event.account,  # type: ignore[arg-type] # an event holds plain text
        event_type=event.type,
        correlation_id=event.correlationid,
    )


def test_an_event_that_is_newer_than_the_code_has_an_identity_too() -> None:
    newer = json.loads(GOLDEN[0].read_text(encoding="utf-8")) | {"type": "invoicely.client.merged.v2"}

    assert identity_of(json.dumps(newer)).event_id == newer["id"]


@pytest.mark.parametrize(
    "body", ["", "?", "[]", "{}", '{"id": 7}', '{"id": "../secret"}', "[" * 100_000, "\ud800"]
)
def test_what_is_no_event_goes_by_its_bytes(body: str) -> None:
    told = identity_of(body)

    assert told == identity_of(body)
    assert told.event_id != identity_of(f"{body}.").event_id
    assert told.event_id.isalnum()


@pytest.mark.parametrize("wrong", [7, "", "x" * 101, "\ud800", "Zoë"])
def test_what_cannot_be_one_of_our_words_is_left_out(wrong: object) -> None:
    told = identity_of(json.dumps({"account": wrong, "type": wrong, "correlationid": wrong}))

    assert (told.account_id, told.event_type, told.correlation_id) == (None, None, None)
