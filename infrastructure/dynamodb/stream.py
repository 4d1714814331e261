"""A record of the table's stream as an event."""

from collections.abc import Mapping
from typing import Any

from events.catalog import PUBLISHED_TYPES, UnpublishableError, event_type
from events.envelope import Event, State, event_id
from infrastructure.dynamodb.attributes import from_item

_KEPT_BACK = frozenset(
    {"PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK", "billing", "type", "updated_at", "correlation_id"}
)


def event_of(record: Mapping[str, Any]) -> Event:
    """The event that a stream record tells of.

    Raises:
        UnpublishableError: it is a deletion, of a type whose changes are not published (the loop guard), or
            not as we write items.
    """
    try:
        item, before = _images(record)
        return _event(item, before)
    except KeyError as error:
        raise UnpublishableError(f"the record or its item lacks {error}") from error
    except (IndexError, TypeError, ValueError) as error:
        raise UnpublishableError(f"the item is none of ours: {error}") from error


def _images(record: Mapping[str, Any]) -> tuple[State, State | None]:
    """The item after the change and, where there was one, before."""
    change = record["dynamodb"]
    # The type comes first: what is not published may hold attributes that we do not read.
    if (kind := change.get("NewImage", {}).get("type", {}).get("S")) not in PUBLISHED_TYPES:
        raise UnpublishableError(f"a {record['eventName']} of {kind} is not published")
    return from_item(change["NewImage"]), from_item(change["OldImage"]) if "OldImage" in change else None


def _event(item: State, before: State | None) -> Event:
    data, previous = _state(item), _state(before) if before else None
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


def _state(item: State) -> State:
    return {name: value for name, value in item.items() if name not in _KEPT_BACK}
