"""The table's stream → the topic of all changes."""

from typing import Any

from events.publishing import publish_changes
from infrastructure import wiring
from infrastructure.dynamodb.stream import event_of
from infrastructure.observability import logger
from infrastructure.queue import Batch


def handler(event: dict[str, Any], _context: object) -> Batch:
    records = event["Records"]
    first_left = publish_changes(records, read=event_of, changes=wiring.changes(), aside=wiring.aside())
    logger().info("stream published", extra={"records": len(records), "complete": first_left is None})
    if first_left is None:
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": first_left["dynamodb"]["SequenceNumber"]}]}
