"""From the table's stream to the topic: in order, nothing lost, little repeated.

records ──read──▶ events ──publish, in order──▶ topic
            └── unreadable ──▶ set aside, and the stream goes on
the first record that is not out ends the batch: it is the one from which the stream comes again
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import WillNeverWorkError
from events.envelope import Event

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """How many events, counted from the first, are dealt with; `refused` are those the topic never takes."""

    done: int
    refused: tuple[Event, ...] = ()


class Changes(Protocol):
    """Where every change is announced."""

    def publish(self, *, events: Sequence[Event]) -> Sent:
        """Announce *events* in order, as far as it goes."""
        ...


class Aside(Protocol):
    """Where lies what cannot be published, until somebody mends the code."""

    def put(self, *, record: Record, reason: str) -> None:
        """Keep *record*; raise where it could not be kept."""
        ...


def publish_changes(
    records: Sequence[Record],
    *,
    read: Callable[[Record], Event],
    changes: Changes,
    aside: Aside,
) -> Record | None:
    """Publish the change that each record tells of; answers with the first that is not out, if any.

    What lies behind that one is left alone, also where it cannot be read: it all comes again.
    """
    readable: list[tuple[int, Event]] = []
    unfit: list[tuple[int, str]] = []
    for place, record in enumerate(records):
        try:
            readable.append((place, read(record)))
        except WillNeverWorkError as error:
            unfit.append((place, f"{type(error).__name__}: {error}"))
    sent = changes.publish(events=[event for _, event in readable])
    end = readable[sent.done][0] if sent.done < len(readable) else len(records)
    refused = {event.id for event in sent.refused}
    unfit += [(place, "the topic never takes this event") for place, event in readable if event.id in refused]
    for place, reason in sorted(unfit):
        if place < end:
            aside.put(record=records[place], reason=reason)
    return records[end] if end < len(records) else None
