"""A batch of a queue, a message at a time: what fails comes back, and only that."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from events import catalog
from events.envelope import Event
from infrastructure.context import correlation
from infrastructure.observability import cause, logger

Message = dict[str, Any]
Batch = dict[str, list[dict[str, str]]]


def each_event(batch: Mapping[str, Any], handle: Callable[[Event], None]) -> Batch:
    """Let *handle* deal with the event of each message of the batch; answer with the messages that failed."""
    failed: dict[str, Exception] = {}
    because: set[str | None] = set()
    for message in batch["Records"]:
        try:
            event = catalog.read(message["body"])
            because.add(event.correlationid)
            with correlation(event.correlationid):
                handle(event)
        except Exception as error:  # noqa: BLE001 - one message must not hold up the others
            failed[message["messageId"]] = error
    return answer(batch, failed, because=because)


def answer(
    batch: Mapping[str, Any], failed: Mapping[str, Exception], *, because: Iterable[str | None]
) -> Batch:
    """The partial batch response, and one line in the log: what it was all for, and what went wrong.

    An identifier that Lambda does not know would make it repeat the whole batch, so none is made up here.
    """
    told = [{"message_id": message_id, **cause(error)} for message_id, error in failed.items()]
    reasons = sorted(each for each in because if each)
    done = {"messages": len(batch["Records"]), "correlation_ids": reasons, "failed": told}
    logger().info("batch done", extra=done)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
