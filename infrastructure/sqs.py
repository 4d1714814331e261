"""SQS: the queue for stream records that cannot be read as an event, and when a message comes back."""

import json
from collections.abc import Sequence
from typing import Any

from events.publishing import Aside, Record
from infrastructure.queue import Hidden, Visibility

_MOST_ENTRIES = 10


class SqsAside:
    """Implements `events.publishing.Aside`."""

    def __init__(self, client: Any, queue_url: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._queue_url = queue_url

    def put(self, *, record: Record, reason: str) -> None:
        body = json.dumps({"reason": reason, "record": record}, default=str)
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


class SqsVisibility:
    """Implements `infrastructure.queue.Visibility`."""

    def __init__(self, client: Any, queue_url: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._queue_url = queue_url

    def hide(self, *, messages: Sequence[Hidden]) -> None:
        entries = [
            {"Id": str(place), "ReceiptHandle": hidden.receipt_handle, "VisibilityTimeout": hidden.seconds}
            for place, hidden in enumerate(messages)
        ]
        for first in range(0, len(entries), _MOST_ENTRIES):
            self._client.change_message_visibility_batch(
                QueueUrl=self._queue_url, Entries=entries[first : first + _MOST_ENTRIES]
            )


_: type[Aside] = SqsAside  # the promises, checked by mypy
__: type[Visibility] = SqsVisibility
