"""Every event that is published, and how a change of an item becomes one.

    item       events (invoicely.<entity>.<past tense>.v1)
    ACCOUNT    account.opened  account.changed
    CLIENT     client.added    client.changed
    WORK       work.logged     work.edited       work.removed     work.claimed      work.released
    INVOICE    invoice.opened  invoice.collected invoice.sealed   invoice.emptied   invoice.held
               invoice.issued  invoice.changed   invoice.credited invoice.voided    invoice.released
               invoice.paid
               invoice.submitted                 invoice.deferred invoice.approved invoice.skipped
               invoice.reopened
    CREDITNOTE creditnote.opened                 creditnote.released                creditnote.sealed
               creditnote.issued
    DELIVERY   delivery.requested delivery.changed
    PAYMENT    payment.recorded  payment.refunded  payment.withdrawn
    PREPAYMENT prepayment.recorded                  prepayment.refunded             prepayment.withdrawn
    REMINDER   reminder.recorded reminder.changed
    IMPORT     import.added    import.started    import.finished   import.failed    import.withdrawn
               import.undone

The list of items is the guard against loops: whatever is derived from events is not on it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from domain.errors import NewerThanCodeError, WillNeverWorkError
from events.envelope import Event, State

VERSION = 1
_ATTRIBUTES = tuple(field.name for field in fields(Event))
_TYPE = re.compile(r"invoicely\.([a-z]+\.[a-z]+)\.v([1-9][0-9]{0,5})")


class UnreadableEventError(WillNeverWorkError):
    """The message is not one of our events."""

    code = "unreadable-event"


class FutureEventError(NewerThanCodeError):
    """The event is of a newer version than this code knows; it waits for a deployment."""

    code = "future-event"


class UnpublishableError(WillNeverWorkError):
    """The item is none whose changes are published."""

    code = "unpublishable"


def event_type(item_type: str, data: State, previous: State | None) -> str:
    """What happened to the item.

    Raises:
        UnpublishableError: changes of such items are not published.
    """
    if item_type not in _HAPPENED:
        raise UnpublishableError(f"changes of {item_type} items are not published")
    return f"invoicely.{item_type.lower()}.{_HAPPENED[item_type](data, previous)}.v{VERSION}"


def write(event: Event) -> str:
    """The event as JSON, in ASCII: a queue refuses some characters that a description may hold."""
    told = {name: value for name in _ATTRIBUTES if (value := getattr(event, name)) is not None}
    return json.dumps(told, separators=(",", ":"), sort_keys=True)


def read(body: str) -> Event:
    """The event that *body* holds; fields that this code does not know are ignored.

    Raises:
        UnreadableEventError: it is not an event of ours.
        FutureEventError: its version is newer than this code.
    """
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError("the message is not JSON") from error
    if not isinstance(told, Mapping) or not (found := _TYPE.fullmatch(str(told.get("type")))):
        raise UnreadableEventError("the message is not an event of ours")
    if int(found[2]) > VERSION:
        raise FutureEventError(f"{told['type']} is newer than this code")
    try:
        event = Event(**{name: told[name] for name in _ATTRIBUTES if name in told})
    except TypeError as error:
        raise UnreadableEventError(f"the event lacks an attribute: {error}") from error
    if not isinstance(event.data, dict):
        raise UnreadableEventError("the event's data are not an object")
    return event


def is_newer_than_code(body: str) -> bool:
    """Whether *body* holds an event that a later version of the code can read."""
    try:
        read(body)
    except NewerThanCodeError:
        return True
    except WillNeverWorkError:
        return False
    return False


def _account(_: State, previous: State | None) -> str:
    return "changed" if previous else "opened"


def _client(_: State, previous: State | None) -> str:
    return "changed" if previous else "added"


def _work(data: State, previous: State | None) -> str:
    if data.get("removed"):
        return "removed"
    if previous is None:
        return "logged"
    match bool(previous.get("invoiced_on")), bool(data.get("invoiced_on")):
        case False, True:
            return "claimed"
        case True, False:
            return "released"
    return "edited"


def _invoice(data: State, previous: State | None) -> str:
    """An unfinished invoice without a state before it has been opened, also where it is published again.

    So whoever finishes opened invoices goes on with one that is stuck, whichever of its changes got lost.
    """
    if _is_unfinished(data, previous):
        return "opened"
    before = str(previous["state"]) if previous else None
    match before, data["state"]:
        case _, "open":
            return "reopened" if before == "skipped" else "collected"
        case "issued", "issued":
            return _moved(data, previous or {})
        case "void", "void":
            return "released"
        case _, "in_review" | "sealed" | "skipped":
            return _reviewed(data, before)
    return {"empty": "emptied", "void": "voided"}.get(data["state"], str(data["state"]))


def _reviewed(data: State, before: str | None) -> str:
    """What a person or a tick decided about an invoice; a skipped one then loses its work, step by step."""
    if data["state"] == "in_review":
        return "submitted" if "review_ends_at" in data else "deferred"
    approved = {"sealed": "approved"} if before in {"in_review", "held"} else {}
    return {"skipped": "collected" if before == "skipped" else "skipped", **approved}.get(
        data["state"], str(data["state"])
    )


def _moved(data: State, previous: State) -> str:
    """What became of an invoice that was issued before."""
    if data.get("paid", 0) != previous.get("paid", 0):
        return "paid"
    return "credited" if previous.get("crediting") and not data.get("crediting") else "changed"


def _credit_note(data: State, previous: State | None) -> str:
    """As with invoices: whoever finishes opened ones goes on with one that is published again."""
    if _is_unfinished(data, previous):
        return "opened"
    return "released" if data["state"] == "open" else str(data["state"])


def _is_unfinished(data: State, previous: State | None) -> bool:
    return previous is None and data["state"] in {"open", "sealed", "held"}


def _delivery(data: State, previous: State | None) -> str:
    """What a person wants mailed once more has been requested, also where that is published again."""
    before = (previous or {}).get("attempt", 1)
    is_new = data["progress"] == "pending" and data.get("attempt", 1) > before
    return "requested" if is_new else "changed"


def _payment(data: State, _: State | None) -> str:
    if data.get("takes_back"):
        return "withdrawn"
    return "refunded" if data.get("kind") == "refund" else "recorded"


def _reminder(_: State, previous: State | None) -> str:
    return "changed" if previous else "recorded"


def _import(data: State, _: State | None) -> str:
    """An import goes by its state: whoever takes it, or takes it back, goes on wherever it is."""
    return {"waiting": "added", "undoing": "withdrawn"}.get(data["state"], str(data["state"]))


_HAPPENED: dict[str, Callable[[State, State | None], str]] = {
    "ACCOUNT": _account,
    "CLIENT": _client,
    "WORK": _work,
    "INVOICE": _invoice,
    "CREDITNOTE": _credit_note,
    "DELIVERY": _delivery,
    "PAYMENT": _payment,
    "PREPAYMENT": _payment,
    "REMINDER": _reminder,
    "IMPORT": _import,
}
PUBLISHED_TYPES = frozenset(_HAPPENED)
