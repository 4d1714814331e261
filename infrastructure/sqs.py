"""The queue for stream records that cannot be read as an event."""

import json
from typing import Any

from events.publishing import Aside, Record


class SqsAside:
    """Implements `events.publishing.Aside`."""

    def __init__(self, client: Any, queue_url: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._queue_url = queue_url

    def put(self, *, record: Record, reason: str) -> None:
        body = json.dumps({"reason": reason, "record": record}, default=str)
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


_: type[Aside] = SqsAside  # the promise, checked by mypy
