"""From a batch of messages to what they add to the counters, and back from what failed to its messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.counters import Contribution
from domain.credit_notes import CreditNote
from domain.invoices import Invoice
from domain.work import WorkEntry
from events import catalog
from events.catalog import UnreadableEventError
from events.envelope import Event
from infrastructure import codec


@dataclass(frozen=True, slots=True)
class Read:
    """The contribution that each message tells of, by message id, and why others tell of none.

    `because` has the correlation ids of all that could be read.
    """

    contributions: dict[str, Contribution] = field(default_factory=dict)
    unreadable: dict[str, Exception] = field(default_factory=dict)
    because: set[str | None] = field(default_factory=set)

    def messages_of(self, failed: Mapping[str, Exception]) -> dict[str, Exception]:
        """The messages about the entities that *failed*: also the older ones that the newest one covers."""
        return {
            message_id: failed[contribution.entity_id]
            for message_id, contribution in self.contributions.items()
            if contribution.entity_id in failed
        }


def read_contributions(messages: Iterable[Mapping[str, Any]]) -> Read:
    """Read each message by itself: one that cannot be read fails alone."""
    read = Read()
    for message in messages:
        try:
            event = catalog.read(message["body"])
            read.because.add(event.correlationid)
            read.contributions[message["messageId"]] = _contribution(event)
        except Exception as error:  # noqa: BLE001 - one message must not hold up the others
            read.unreadable[message["messageId"]] = error
    return read


def _contribution(event: Event) -> Contribution:
    match event.type.split("."):
        case [_, "work", _, _]:
            return Contribution.of_work(codec.decode(WorkEntry, event.data))
        case [_, "invoice", _, _]:
            return Contribution.of_invoice(codec.decode(Invoice, event.data))
        case [_, "creditnote", _, _]:
            return Contribution.of_credit_note(codec.decode(CreditNote, event.data))
        case _:
            raise UnreadableEventError(f"{event.type} says nothing that is counted")
