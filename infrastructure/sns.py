"""The topic of all changes: packed into as few calls as order and size allow.

at most 10 events and 256 KB a call · only entries that failed are sent again · the first call that is not
clean in the end is the last one
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
Batch = list[tuple[Event, str]]


class SnsChanges:
    """Implements `events.publishing.Changes`."""

    def __init__(self, client: Any, topic_arn: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, *, events: Sequence[Event]) -> Sent:
        done = 0
        refused: list[Event] = []
        for batch in _packed(events):
            taken = self._publish(batch)
            refused += [batch[place][0] for place in taken.refused if place < taken.done]
            done += taken.done
            if taken.done < len(batch):
                break
        return Sent(done, tuple(refused))

    def _publish(self, batch: Batch) -> "_Taken":
        """Publish a whole batch, as far as it goes."""
        refused = [place for place, (_, body) in enumerate(batch) if _weight(body) > _MOST_BYTES]
        waiting = [_entry(place, *told) for place, told in enumerate(batch) if place not in refused]

        @retrying(_NotAllError)
        def attempt() -> None:
            answer = self._client.publish_batch(TopicArn=self._topic_arn, PublishBatchRequestEntries=waiting)
            failed = {failure["Id"]: failure["SenderFault"] for failure in answer.get("Failed", [])}
            refused.extend(int(entry_id) for entry_id, is_ours in failed.items() if is_ours)
            waiting[:] = [entry for entry in waiting if failed.get(entry["Id"]) is False]
            if waiting:
                raise _NotAllError

        with suppress(_NotAllError, ClientError, BotoCoreError):
            if waiting:
                attempt()
            return _Taken(len(batch), refused)
        return _Taken(int(waiting[0]["Id"]), refused)


@dataclass(frozen=True, slots=True)
class _Taken:
    """How many events of a batch, counted from its first, are dealt with, and the places of the refused."""

    done: int
    refused: Sequence[int]


class _NotAllError(Exception):
    """SNS took some entries and not others."""


def _packed(events: Sequence[Event]) -> Iterator[Batch]:
    batch: Batch = []
    size = 0
    for event in events:
        body = catalog.write(event)
        if batch and (len(batch) == _MOST_ENTRIES or size + _weight(body) > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((event, body))
        size += _weight(body)
    if batch:
        yield batch


def _weight(body: str) -> int:
    return len(body) + _ATTRIBUTES_BYTES


def _entry(place: int, event: Event, body: str) -> Entry:
    attributes = {"type": event.type, "account": event.account}
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return {"Id": str(place), "Message": body, "MessageAttributes": told}


_: type[Changes] = SnsChanges  # the promise, checked by mypy
