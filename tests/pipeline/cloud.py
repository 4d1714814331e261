"""The deployed pipeline in this process: the template's filters and queues, real handlers, AWS's payloads.

table ─stream─▶ publish_changes ─▶ topic ─filters─▶ queues ─▶ keep_counters, issue_invoices, deliver_invoices
  ▲                                                                               │
  └───────────────────────────────────────────────────────────────────────────────┘
"""

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from importlib import import_module
from random import Random
from typing import Any

from infrastructure import aws, wiring
from tests import data_stack
from tests.aws_events import Json, message
from tests.pipeline.filters import passes_criteria, passes_policy
from tests.pipeline.queues import Queue, failures, queues
from tests.pipeline.stream import Stream, position
from tests.template import cfn

PUBLISHER = cfn.application().of("AWS::Lambda::EventSourceMapping")["PublishChangesMapping"]
_TOO_MANY_ROUNDS = 10_000

Interruption = Callable[[str], None]


class CrashError(BaseException):
    """The process of a function ends; no `except` of its code sees that."""


class Cloud:
    """The pipeline, and what may happen to it.

    *duplicates* is the share of messages that come twice, the second time with what the next `run` brings;
    *shuffled*, they come in any order, and in batches of any size. *after* is told of each call to AWS that a
    function made and that was carried out; what it raises, the function gets instead of the answer.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        duplicates: float = 0,
        shuffled: bool = False,
        after: Interruption = lambda _: None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.published: list[str] = []
        self.queues = {queue.name: queue for queue in queues()}
        self.random = Random(seed)  # noqa: S311 - chance, repeatable
        self._duplicates, self._shuffled, self._after = duplicates, shuffled, after
        self._function: str | None = None
        self._stream = Stream()
        data_stack.forget(aws, wiring)
        for event, heard in (
            ("before-parameter-build.sns.PublishBatch", self._remember),
            ("before-send", self._count),
            ("after-call", self._carried_out),
        ):
            aws._session().events.register(event, heard)

    def run(self) -> None:
        """Let everything happen that follows from what was written, until nothing does any more."""
        for queue in self.queues.values():
            queue.waiting, queue.late = queue.waiting + queue.late, []
        for _ in range(_TOO_MANY_ROUNDS):
            if not self._publish() and not any(map(self._consume, self.queues.values())):
                return
        raise AssertionError("it never ends")

    def tick(self, at: dt.datetime) -> None:
        """What the schedule does; the function is invoked again, as Lambda does it, while it fails."""
        event = {"time": at.isoformat().replace("+00:00", "Z")}
        for _ in range(3):
            if self._invoke("handlers.open_invoices.handler", event) is not None:
                return

    def _publish(self) -> bool:
        """Hand a batch of the stream over; from the first record that failed on it comes again."""
        records = self._stream.read(PUBLISHER["BatchSize"])
        batch = [record for record in records if passes_criteria(record, PUBLISHER["FilterCriteria"])]
        failed: Collection[str] = ()
        if batch:
            answer = self._invoke("handlers.publish_changes.handler", {"Records": batch})
            failed = failures(answer, [str(position(record)) for record in batch])
        if records:
            self._stream.behind = min(map(int, failed)) - 1 if failed else position(records[-1])
        return bool(records)

    def _consume(self, queue: Queue) -> bool:
        """Hand a batch of the queue over; what fails comes back, and is dead after its last receive."""
        size = min(queue.batch_size, len(queue.waiting))
        batch = queue.waiting[:size]
        if batch and self._shuffled:
            batch = self.random.sample(queue.waiting, self.random.randint(1, size))
        if batch:
            for each in batch:
                queue.waiting.remove(each)
                queue.received.append(each.type)
                each.receives += 1
            records = [message(m.body, message_id=m.id, receives=m.receives, type_=m.type) for m in batch]
            os.environ |= queue.environment
            answer = self._invoke(queue.handler, {"Records": records})
            failed = failures(answer, [each.id for each in batch])
            for each in (each for each in batch if each.id in failed):
                (queue.dead if each.receives >= queue.most_receives else queue.waiting).append(each)
        return bool(batch)

    def _invoke(self, handler: str, event: Json) -> Any:
        """The function's answer; none where it failed as a whole."""
        module, name = handler.rsplit(".", 1)
        self._function = module
        try:
            return getattr(import_module(module), name)(event, None) or {}
        except (Exception, CrashError):  # noqa: BLE001 - as Lambda's runtime
            return None
        finally:
            self._function = None

    def _remember(self, params: Json, context: Json, **_: object) -> None:
        context["entries"] = list(params["PublishBatchRequestEntries"])

    def _count(self, event_name: str, **_: object) -> None:
        self.calls[event_name.rsplit(".", 1)[-1]] += 1

    def _carried_out(self, event_name: str, http_response: Any, context: Json, **_: object) -> None:
        if http_response.status_code < 300:
            for entry in context.get("entries", ()):
                self._announce(entry)
            if self._function:
                self._after(event_name.rsplit(".", 1)[-1])

    def _announce(self, entry: Json) -> None:
        attributes = {name: told["StringValue"] for name, told in entry["MessageAttributes"].items()}
        self.published.append(attributes["type"])
        for queue in self.queues.values():
            if passes_policy(attributes, queue.policy):
                put = queue.put(entry["Message"], attributes["type"])
                if self.random.random() < self._duplicates:
                    queue.late.append(replace(put))
