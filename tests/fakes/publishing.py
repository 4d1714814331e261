"""The topic and the place for what cannot be published, in memory."""

from collections.abc import Sequence

from events.envelope import Event
from events.publishing import Aside, Changes, Record, Sent


class InMemoryTopic:
    """Implements `events.publishing.Changes`; takes the first *takes*, and never those in `refuses`."""

    def __init__(self, *, takes: int | None = None) -> None:
        self.events: list[Event] = []
        self.refuses: set[str] = set()
        self._takes = takes

    def __len__(self) -> int:
        return len(self.events)

    def __contains__(self, event_id: object) -> bool:
        return any(event.id == event_id for event in self.events)

    def publish(self, *, events: Sequence[Event]) -> Sent:
        dealt_with = events[: self._takes]
        self.events += [event for event in dealt_with if event.id not in self.refuses]
        return Sent(len(dealt_with), tuple(event for event in dealt_with if event.id in self.refuses))


class InMemoryAside:
    """Implements `events.publishing.Aside`."""

    def __init__(self) -> None:
        self.kept: list[tuple[Record, str]] = []

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def records(self) -> list[Record]:
        return [record for record, _ in self.kept]

    def put(self, *, record: Record, reason: str) -> None:
        self.kept.append((record, reason))


_topic: type[Changes] = InMemoryTopic
_aside: type[Aside] = InMemoryAside
