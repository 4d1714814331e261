"""The table's virtual stream, as Lambda reads it.

Per item the order is kept. A batch of which some record failed comes again from the lowest reported one on, a
batch on which the function failed as a whole comes again whole or halved, and a record that has waited too
long is given up: it lies in the bucket of failures, where an operator finds it.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

from handlers import publish_changes
from tests.fakes.store import Entity, Key, Store, key_of
from tests.pipeline.queues import failures
from tests.simulation.chance import Fault
from tests.simulation.remembering import image_of

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

Record = dict[str, Any]

_SHARDS = 2
_BATCH = 100
_TIMEOUT = 60.0
_OLDEST = 64_800.0
_WINDOW = 1.0
_LONGEST_WAIT = 7_200.0


class Shard:
    """Records in their order, each with the instant after which it is too old, and how far they are read."""

    def __init__(self, cloud: "Cloud") -> None:
        self.records: list[tuple[float, Record]] = []
        self._cloud = cloud
        self._read = 0
        self._is_waiting = False
        self._failures = 0

    def add(self, record: Record) -> None:
        self.records.append((self._cloud.scheduler.now + _OLDEST, record))
        if not self._is_waiting:
            self._wait(_WINDOW * self._cloud.chance.between(0.5, 1))

    def _wait(self, seconds: float) -> None:
        self._is_waiting = True
        self._cloud.scheduler.after(seconds, self._poll)

    def _poll(self) -> None:
        self._give_up()
        size = max(1, _BATCH >> self._failures)
        batch = [record for _, record in self.records[self._read : self._read + size]]
        if not batch:
            self._is_waiting = False
            return
        self._cloud.invoke(
            "publish_changes",
            publish_changes.handler,
            {"Records": batch},
            timeout=_TIMEOUT,
            then=partial(self._answered, batch),
        )

    def _give_up(self) -> None:
        """What is too old goes to the bucket of failures."""
        now, old = self._cloud.scheduler.now, list[Record]()
        while self._read < len(self.records) and self.records[self._read][0] < now:
            old.append(self.records[self._read][1])
            self._read += 1
        if old:
            self._cloud.chance.struck[Fault.GIVEN_UP] += len(old)
            self._cloud.s3.keep(old)

    def _answered(self, batch: Sequence[Record], answer: Any) -> None:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        failed = failures(answer, numbers)
        done = min((numbers.index(number) for number in failed), default=len(batch))
        for record in batch[:done]:
            self._cloud.watch.checkpointed(record)
        self._read += done
        self._failures = self._failures + 1 if failed else 0
        waits = min(2.0**self._failures, _LONGEST_WAIT) if failed else 0
        self._wait(self._cloud.chance.between(0, waits))


class Stream:
    """Every version of every entity, in the order of the commits of each."""

    def __init__(self, store: Store, cloud: "Cloud") -> None:
        self.all: list[Record] = []
        self._store = store
        self._told = 0
        self._newest: dict[Key, Entity] = {}
        self._shards = [Shard(cloud) for _ in range(_SHARDS)]

    def read_on(self) -> None:
        """Take in what was committed."""
        while self._told < len(self._store.stream):
            entity = self._store.stream[self._told]
            self._told += 1
            key = key_of(entity)
            self._add(image_of(entity), self._newest.get(key))
            self._newest[key] = entity

    def break_by_hand(self, image: Record) -> None:
        """Somebody writes an item that is none of ours."""
        self._add(image, None)

    def _add(self, image: Record, before: Entity | None) -> None:
        change = {
            "Keys": {"PK": image["PK"], "SK": image["SK"]},
            "NewImage": image,
            "SequenceNumber": str(len(self.all) + 1),
        }
        if before is not None:
            change["OldImage"] = image_of(before)
        record = {
            "eventName": "MODIFY" if before else "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": change,
        }
        self.all.append(record)
        self._shards[crc32(image["PK"]["S"].encode()) % _SHARDS].add(record)
