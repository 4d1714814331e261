"""What is shown of failures and replays to whoever runs Invoicely."""

from typing import Any

from domain.failures import Cause, Failure
from domain.replays import Pin, Replayed
from domain.triage import Group, Histogram
from infrastructure import codec
from infrastructure.views.instants import instant

View = dict[str, Any]

_AT_LENGTH = {"body", "original", "history", "message_ids"}
_HOW_IT_IS_KEPT = {"parts", "version"}


def of_failure(failure: Failure) -> View:
    """All that is known of a failure; its body stands there as it came."""
    told: dict[str, Any] = codec.encode(failure) | {"cause": of_cause(failure.cause)}
    return {"id": failure.id} | {name: value for name, value in told.items() if name != "version"}


def of_listed_failure(failure: Failure) -> View:
    """A failure without what it is about."""
    return {name: value for name, value in of_failure(failure).items() if name not in _AT_LENGTH}


def of_cause(cause: Cause) -> View:
    return {"id": cause.id} | codec.encode(cause)


def of_group(group: Group) -> View:
    """The failures of one cause, counted."""
    counted = Histogram.of(group.failures)
    return {
        "cause": of_cause(group.cause),
        "count": len(group.failures),
        "queues": dict(counted.queues),
        "states": _by_state(counted),
        "first_at": instant(group.first_at),
        "last_at": instant(group.last_at),
    }


def of_histogram(counted: Histogram) -> View:
    return {
        "causes": [of_group(group) for group in counted.causes],
        "queues": dict(counted.queues),
        "states": _by_state(counted),
    }


def of_replay(replayed: Replayed) -> View:
    """A replay job, what it did with each of its failures, and the queues that took nothing."""
    job = {name: value for name, value in codec.encode(replayed.job).items() if name not in _HOW_IT_IS_KEPT}
    return job | {
        "counts": {fate.value: count for fate, count in replayed.counts.items()},
        "waiting": replayed.waiting,
        "unreachable": list(replayed.unreachable),
        "failures": [_of_pin(pin) for pin in replayed.pins],
    }


def _of_pin(pin: Pin) -> View:
    fate = {"fate": pin.fate.value} if pin.fate else {}
    return {"id": pin.failure_id} | fate | ({"note": pin.note} if pin.note else {})


def _by_state(counted: Histogram) -> View:
    return {state.value: count for state, count in counted.states.items()}
