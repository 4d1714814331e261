"""A record of the table's stream as an event."""

from collections.abc import Mapping
from typing import Any

from events.catalog import PUBLISHED_TYPES, UnpublishableError, event_type
from events.envelope import Event, State, event_id
from infrastructure.dynamodb.attributes import from_item

_KEPT_BACK = frozenset({"PK", "SK", "GSI1PK", "GSI1SK", "billing", "type", "updated_at", "correlation_id"})


def event_of(record: Mapping[str, Any]) -> Event:
    """The event that a stream record tells of.

    Raises:
        UnpublishableError: it is a deletion, or of a type whose changes are not published (the loop guard).
    """
    change = record["dynamodb"]
    item = from_item(change.get("NewImage") or {})
    if item.get("type") not in PUBLISHED_TYPES:
        raise UnpublishableError(f"a {record.get('eventName')} of {item.get('type')} is not published")
    before = from_item(change["OldImage"]) if "OldImage" in change else None
    data, previous = _state(item), _state(before) if before else None
    try:
        return Event(
            id=event_id(f"{item['PK']}|{item['SK']}", item["version"]),
            type=event_type(item["type"], data, previous),
            subject=item["SK"],
            time=item["updated_at"],
            account=item["PK"].split("#")[1],
            entityversion=item["version"],
            correlationid=item.get("correlation_id"),
            data=data,
            previous=previous,
        )
    except (KeyError, IndexError) as error:
        raise UnpublishableError(f"the item lacks {error}") from error


def _state(item: State) -> State:
    return {name: value for name, value in item.items() if name not in _KEPT_BACK}
