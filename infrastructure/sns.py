"""The topic of all changes: packed into as few calls as order and size allow.

at most 10 events and 256 KB a call · only refused entries are sent again · the first call that is not
clean in the end is the last one
"""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from events import catalog
from events.envelope import Event
from events.publishing import Changes, Sent
from infrastructure.retrying import retrying

_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024 - 4096  # a margin for what SNS itself adds
_ATTRIBUTES_BYTES = 200

Entry = dict[str, Any]


class SnsChanges:
    """Implements `events.publishing.Changes`."""

    def __init__(self, client: Any, topic_arn: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, *, events: Sequence[Event]) -> Sent:
        done = 0
        refused: list[Event] = []
        for batch in _packed(events):
            entries = [_entry(str(place), event, body) for place, (event, body) in enumerate(batch)]
            try:
                never = self._publish(entries)
            except (_NotAllError, ClientError, BotoCoreError):
                break
            refused += [batch[int(place)][0] for place in never]
            done += len(batch)
        return Sent(done, tuple(refused))

    def _publish(self, entries: Sequence[Entry]) -> list[str]:
        """Publish all entries; answer with the ids of those that SNS will never take."""
        waiting = list(entries)
        never: list[str] = []

        @retrying(_NotAllError)
        def attempt() -> None:
            answer = self._client.publish_batch(TopicArn=self._topic_arn, PublishBatchRequestEntries=waiting)
            failed = {failure["Id"]: failure["SenderFault"] for failure in answer.get("Failed", [])}
            never.extend(entry_id for entry_id, is_ours in failed.items() if is_ours)
            waiting[:] = [entry for entry in waiting if failed.get(entry["Id"]) is False]
            if waiting:
                raise _NotAllError

        attempt()
        return never


class _NotAllError(Exception):
    """SNS took some entries and not others."""


def _packed(events: Sequence[Event]) -> Iterator[list[tuple[Event, str]]]:
    batch: list[tuple[Event, str]] = []
    size = 0
    for event in events:
        body = catalog.write(event)
        weight = len(body) + _ATTRIBUTES_BYTES
        if batch and (len(batch) == _MOST_ENTRIES or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((event, body))
        size += weight
    if batch:
        yield batch


def _entry(place: str, event: Event, body: str) -> Entry:
    attributes = {"type": event.type, "account": event.account}
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return {"Id": place, "Message": body, "MessageAttributes": told}


_: type[Changes] = SnsChanges  # the promise, checked by mypy
