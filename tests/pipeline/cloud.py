"""The deployed pipeline in this process: the template's filters and queues, real handlers, AWS's payloads.

table ─stream─▶ publish_changes ─▶ topic ─filters─▶ queues ─▶ keep_counters, issue_invoices, deliver_invoices
  ▲                                                  ▲ └─ dead letters ─▶ record_failures ─┐        │
  ├──────────────────────────────────────────────────┼─────────────────────────────────────┴────────┘
  └──────────────────────────────────────── retry_failures
"""

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from random import Random
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from infrastructure import aws, wiring
from infrastructure.queue import FAILURE, REPLAY
from tests import data_stack
from tests.aws_events import Json
from tests.pipeline.conftest import Clock
from tests.pipeline.filters import passes_criteria, passes_policy
from tests.pipeline.queues import DeadLetters, Queue, dead_letters, failures, queues
from tests.pipeline.sdk_faults import CrashError, Sdk
from tests.pipeline.stream import Stream, position
from tests.template import cfn

PUBLISHER = cfn.application().of("AWS::Lambda::EventSourceMapping")["PublishChangesMapping"]
_TOO_MANY_ROUNDS = 10_000

BACK_AFTER = dt.timedelta(minutes=2)
"""How long a message that failed is hidden, where there is a clock."""

PASSED_ON = {"PublishBatchRequestEntries", "Entries"}

Interruption = Callable[[str], None]


class RawResponse(BytesIO):
    """An answer without a body, as urllib3 has it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield b""


class Cloud:
    """The pipeline, and what may happen to it.

    *duplicates* is the share of messages that come twice, the second time with what the next `run` brings;
    *shuffled*, they come in any order, and in batches of any size. *after* is told of each call to AWS that a
    function made and that was carried out; what it raises, the function gets instead of the answer. *sdk*
    decides what happens to each attempt of the SDK. By a *clock*, time goes on until what failed comes back.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        duplicates: float = 0,
        shuffled: bool = False,
        after: Interruption = lambda _: None,
        sdk: Sdk | None = None,
        clock: Clock | None = None,
        context: object = None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.published: list[str] = []
        self.queues = {queue.name: queue for queue in queues()}
        self.dead_letters = {queue.name: queue for queue in dead_letters()}
        self.invocations: list[Json] = []
        self.random = Random(seed)  # noqa: S311 - chance, repeatable
        self._duplicates, self._shuffled, self._after = duplicates, shuffled, after
        self._function: str | None = None
        self._error: BaseException | None = None
        self._sdk, self._clock, self._context = sdk, clock, context
        self._stream = Stream()
        data_stack.forget(aws, wiring)
        for event, heard in (
            ("before-parameter-build", self._remember),
            ("before-send", self._count),
            ("after-call", self._carried_out),
        ):
            aws._session().events.register(event, heard)
        aws._session().events.register_first("before-send.lambda.Invoke", self._accept)
        if sdk:
            sdk.plug_in(self._pass_on)

    def run(self) -> None:
        """Let everything happen that follows from what was written, until nothing does any more."""
        self._left: set[str] = set()
        for queue in self.queues.values():
            queue.waiting, queue.late = queue.waiting + queue.late, []
        for _ in range(_TOO_MANY_ROUNDS):
            if not (self._publish() or self._consume_any() or self._take_in_any() or self._invoke_any()):
                return
        raise AssertionError("it never ends")

    def tick(self, at: dt.datetime) -> None:
        """What the schedule does; the function is invoked again, as Lambda does it, while it fails."""
        self._invoke_asynchronously({"time": at.isoformat().replace("+00:00", "Z")})

    def retry(self, at: dt.datetime) -> None:
        """What the timer does each minute; nobody repeats it."""
        self._invoke("handlers.retry_failures.handler", {"time": at.isoformat().replace("+00:00", "Z")})

    def _invoke_asynchronously(self, event: Json) -> None:
        """Three attempts, as Lambda makes them; then it tells of the failure."""
        for _ in range(3):
            if self._invoke("handlers.open_invoices.handler", event) is not None:
                return
        told = {"errorType": type(self._error).__name__, "errorMessage": str(self._error)}
        context = {"condition": "RetriesExhausted", "approximateInvokeCount": 3}
        record = {"requestContext": context, "requestPayload": event, "responsePayload": told}
        self.dead_letters["tick-dlq"].put(json.dumps(record))

    def _consume_any(self) -> bool:
        return any(map(self._consume, self.queues.values()))

    def _take_in_any(self) -> bool:
        return any(map(self._take_in, self.dead_letters.values()))

    def _invoke_any(self) -> bool:
        waiting, self.invocations = self.invocations, []
        for event in waiting:
            self._invoke_asynchronously(event)
        return bool(waiting)

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
            records = [each.handed_over(queue.name) for each in batch]
            os.environ |= queue.environment
            answer = self._invoke(queue.handler, {"Records": records})
            failed = failures(answer, [each.id for each in batch])
            if failed and self._clock:
                self._clock.now += BACK_AFTER
            for each in (each for each in batch if each.id in failed):
                if each.receives < queue.most_receives:
                    queue.waiting.append(each)
                else:
                    queue.dead.append(each)
                    self.dead_letters[f"{queue.name}-dlq"].waiting.append(each)
        return bool(batch)

    def _take_in(self, queue: DeadLetters) -> bool:
        """Hand a batch of dead letters over, once; what fails stays until the next `run`."""
        batch = [each for each in queue.waiting if each.id not in self._left][:10]
        for each in batch:
            each.receives += 1
        if batch:
            records = [each.handed_over(queue.name) for each in batch]
            answer = self._invoke("handlers.record_failures.handler", {"Records": records})
            failed = failures(answer, [each.id for each in batch])
            self._left.update(failed)
            for each in (each for each in batch if each.id not in failed):
                queue.waiting.remove(each)
        return bool(batch)

    def _invoke(self, handler: str, event: Json) -> Any:
        """The function's answer; none where it failed as a whole."""
        module, name = handler.rsplit(".", 1)
        self._function = module
        try:
            with self._sdk.at_work() if self._sdk else nullcontext():
                return getattr(import_module(module), name)(event, self._context) or {}
        except (Exception, CrashError) as error:  # noqa: BLE001 - as Lambda's runtime
            self._error = error
            return None
        finally:
            self._function = None

    def _remember(self, params: Json, context: Json, **_: object) -> None:
        context["asked"] = {
            name: list(value) if name in PASSED_ON else value for name, value in params.items()
        }

    def _accept(self, request: Any, **_: object) -> AWSResponse:
        """Lambda answers at once that it has the event."""
        if request.headers["X-Amz-Invocation-Type"] == b"Event":
            self.invocations.append(json.loads(request.body))
        return AWSResponse(request.url, 202, HTTPHeaders(), RawResponse())

    def _count(self, event_name: str, **_: object) -> None:
        self.calls[event_name.rsplit(".", 1)[-1]] += 1

    def _carried_out(self, event_name: str, http_response: Any, context: Json, **_: object) -> None:
        if http_response.status_code < 300:
            if not self._sdk:
                self._pass_on(context["asked"])
            if self._function:
                self._after(event_name.rsplit(".", 1)[-1])

    def _pass_on(self, asked: Json) -> None:
        """Let what was published or sent arrive."""
        for entry in asked.get("PublishBatchRequestEntries", ()):
            self._announce(entry)
        self._put_back(asked.get("QueueUrl"), asked.get("Entries", ()))

    def _put_back(self, url: str | None, entries: Collection[Json]) -> None:
        for entry in entries:
            told = {name: each["StringValue"] for name, each in entry["MessageAttributes"].items()}
            queue = self.queues[str(url).rpartition("-")[2]]
            marks = {name: told[name] for name in (REPLAY, FAILURE)}
            queue.put(entry["MessageBody"], told.get("type"), **marks)

    def _announce(self, entry: Json) -> None:
        attributes = {name: told["StringValue"] for name, told in entry["MessageAttributes"].items()}
        self.published.append(attributes["type"])
        for queue in self.queues.values():
            if passes_policy(attributes, queue.policy):
                put = queue.put(entry["Message"], attributes["type"])
                if self.random.random() < self._duplicates:
                    queue.late.append(replace(put))
