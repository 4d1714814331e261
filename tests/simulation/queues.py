"""Virtual queues, as SQS and Lambda treat them, with names, filters and bounds from the template.

A message that was received is hidden for a while. Acknowledged it is gone; otherwise it comes again, until it
has been received too often: then it is moved to the dead letters, which are a queue with a function, too.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.pipeline.filters import passes_policy
from tests.pipeline.queues import failures
from tests.simulation.chance import Fault
from tests.template import cfn

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

_ARN = "arn:aws:sqs:eu-west-1:123456789012:invoicely-dev-"
_SHORTEST_WINDOW = 0.5
_AT_ONCE = 0.01
MAIL_EVENTS = "mail-events"
_TWICE = {"invoicing": 40}  # several workers on one invoice are what it is most about


@dataclass(frozen=True, slots=True)
class Declared:
    """What the template says of a queue, of the filter in front of it and of the function behind it."""

    name: str
    handler: str
    batch_size: int
    hidden: float
    timeout: float
    window: float
    concurrency: int
    policy: Mapping[str, Any] | None
    most_receives: int | None
    dead_letters: str | None


@cache
def takers(type_: str) -> Sequence[str]:
    """The names of the queues whose filter lets such events pass."""
    return [told.name for told in consumed() if passes_policy({"type": type_}, told.policy or {})]


@cache
def consumed() -> Sequence[Declared]:
    """The queues that the topic delivers to."""
    return [told for told in declared() if told.policy is not None]


@cache
def served() -> Sequence[Declared]:
    """These, and the one that the mail service tells what became of mails: a function consumes each."""
    return [told for told in declared() if told.policy is not None or told.name == MAIL_EVENTS]


@cache
def declared() -> Sequence[Declared]:
    """All queues that feed a function."""
    return tuple(_declared())


def _declared() -> Iterator[Declared]:
    stack = cfn.application()
    queues = stack.of("AWS::SQS::Queue")
    subscriptions = stack.of("AWS::SNS::Subscription").values()
    policies = {cfn.named(each["Endpoint"]): each.get("FilterPolicy") for each in subscriptions}
    mappings = stack.of("AWS::Lambda::EventSourceMapping").values()
    sources = queues | {"UnpublishedBatchesArn": cfn.data().of("AWS::SQS::Queue")["UnpublishedBatches"]}
    for mapping in mappings:
        if queue := sources.get(cfn.named(mapping["EventSourceArn"])):
            function = stack.of(cfn.FUNCTION)[cfn.named(mapping["FunctionName"])]
            redriven = queue.get("RedrivePolicy", {})
            dead = cfn.named(redriven["deadLetterTargetArn"]) if redriven else None
            yield Declared(
                name=_named(queue),
                handler=function["Handler"],
                batch_size=mapping["BatchSize"],
                hidden=queue["VisibilityTimeout"],
                timeout=function["Timeout"],
                window=max(_SHORTEST_WINDOW, mapping.get("MaximumBatchingWindowInSeconds", 0)),
                concurrency=mapping["ScalingConfig"]["MaximumConcurrency"],
                policy=policies.get(cfn.named(mapping["EventSourceArn"])),
                most_receives=cfn.default(redriven["maxReceiveCount"]) if redriven else None,
                dead_letters=_named(queues[dead]) if dead else None,
            )


def _named(queue: Mapping[str, Any]) -> str:
    name: str = queue["QueueName"]["Fn::Sub"]
    return name.removeprefix("invoicely-${Environment}-")


@dataclass(slots=True, eq=False)
class Message:
    """A message of a queue."""

    id: str
    body: str
    sent_at: float
    visible_at: float
    attributes: Mapping[str, str] = field(default_factory=dict)
    receives: int = 0


class Queue:
    """One queue, and Lambda's poller between it and its function."""

    def __init__(self, told: Declared, cloud: "Cloud") -> None:
        self.name = told.name
        self.told = told
        self.messages: dict[str, Message] = {}
        self._cloud = cloud
        self._handler = _function(told.handler)
        self._function = told.handler.split(".")[1]
        self._sent = 0
        self._running = 0
        self._looks_at = math.inf

    def send(self, body: str, attributes: Mapping[str, str] | None = None, *, delay: float = 0) -> None:
        """Put a message into the queue, that can be received after a while."""
        self._sent += 1
        now = self._cloud.scheduler.now
        self.take(Message(f"{self.name}-{self._sent}", body, now, now + delay, attributes or {}))

    def take(self, message: Message) -> None:
        """Put a message into the queue as it is."""
        self.messages[message.id] = message
        self._look(message.visible_at + self.told.window * self._cloud.chance.between(0.5, 1))

    def hide(self, receipt: str, seconds: float) -> None:
        """Let a message that was received be seen again after a while."""
        if message := self.messages.get(receipt.partition("/")[0]):
            message.visible_at = self._cloud.scheduler.now + seconds
            self._look(message.visible_at)

    def as_record(self, message: Message) -> dict[str, Any]:
        """A message as Lambda hands it over."""
        sent = self._cloud.instant(message.sent_at).timestamp()
        told = message.attributes.items()
        return {
            "messageId": message.id,
            "receiptHandle": f"{message.id}/{message.receives}",
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.receives),
                "SentTimestamp": str(int(sent * 1000)),
            },
            "messageAttributes": {name: {"stringValue": value, "dataType": "String"} for name, value in told},
            "eventSource": "aws:sqs",
            "eventSourceARN": _ARN + self.name,
        }

    def _look(self, instant: float) -> None:
        if instant < self._looks_at:
            self._looks_at = instant
            self._cloud.scheduler.at(instant, self._poll)

    def _poll(self) -> None:
        """Receive one batch, if there is one, and see to it that somebody looks again in time."""
        self._looks_at = math.inf
        if self._running >= self.told.concurrency or not self.messages:
            return
        now = self._cloud.scheduler.now
        if batch := self._receive(now):
            self._running += 1
            records = [self.as_record(message) for message in batch]
            self._cloud.invoke(
                self._function,
                self._handler,
                {"Records": records},
                timeout=self.told.timeout,
                then=partial(self._answered, records),
                queue=self.name,
            )
        if self.messages:
            self._look(max(now + _AT_ONCE, min(message.visible_at for message in self.messages.values())))

    def _receive(self, now: float) -> list[Message]:
        chance = self._cloud.chance
        visible = [message for message in self.messages.values() if message.visible_at <= now]
        if len(visible) > 1:
            if chance.strikes(Fault.REORDER, times=8):
                chance.random.shuffle(visible)
            if chance.happens(0.5):
                visible = visible[: chance.random.randint(1, len(visible))]
        batch = [message for message in visible[: self.told.batch_size] if not self._is_dead(message)]
        twice = bool(batch) and chance.strikes(Fault.DUPLICATE_RECEIVE, times=_TWICE.get(self.name, 8))
        for message in batch:
            message.visible_at = now + (_AT_ONCE if twice else self.told.hidden)
        return batch

    def _is_dead(self, message: Message) -> bool:
        message.receives += 1
        if self.told.most_receives is None or message.receives <= self.told.most_receives:
            return False
        del self.messages[message.id]
        message.receives -= 1
        self._cloud.queues[str(self.told.dead_letters)].take(message)
        self._cloud.chance.seen["a message died"] += 1
        self._cloud.note(f"{message.id} is dead")
        return True

    def _answered(self, records: Sequence[dict[str, Any]], answer: Any) -> None:
        self._running -= 1
        failed = failures(answer, [record["messageId"] for record in records])
        for record in records:
            if record["messageId"] not in failed:
                self._cloud.watch.acknowledged(self.name, record)
                self.messages.pop(record["messageId"], None)
        if self.messages:
            visible_at = min(message.visible_at for message in self.messages.values())
            self._look(max(visible_at, self._cloud.scheduler.now))


@cache
def _function(path: str) -> Callable[[Any, Any], Any]:
    module, name = path.rsplit(".", 1)
    handler: Callable[[Any, Any], Any] = getattr(import_module(module), name)
    return handler
