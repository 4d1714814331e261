"""The queues of the template, each with the filter in front of it and the function behind it."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from infrastructure import wiring
from infrastructure.dead_letters import KNOWN
from tests.aws_events import Json, message
from tests.template import cfn

NO_CHANGES: Json = {"type": []}
"""What passes to a queue of another topic."""


def now() -> dt.datetime:
    """What time it is in the test."""
    return wiring.now()


@dataclass
class Message:
    """A message of a queue."""

    id: str
    body: str
    type: str | None = None
    receives: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    sent_at: dt.datetime = field(default_factory=now)

    def handed_over(self, queue: str) -> Json:
        """The message as Lambda hands it over from a queue."""
        record = message(self.body, message_id=self.id, receives=self.receives, type_=self.type)
        record["messageAttributes"] |= {
            name: {"stringValue": value, "dataType": "String"} for name, value in self.marks.items()
        }
        record["attributes"]["SentTimestamp"] = str(int(self.sent_at.timestamp() * 1000))
        return record | {"eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:invoicely-dev-{queue}"}


@dataclass
class DeadLetters:
    """A queue that only the intake empties."""

    name: str
    waiting: list[Message] = field(default_factory=list)
    put_ever: int = 0

    def put(self, body: str, **marks: str) -> Message:
        self.put_ever += 1
        self.waiting.append(Message(f"{self.name}-{self.put_ever}", body, marks=marks))
        return self.waiting[-1]


@dataclass
class Queue:
    """A queue, the filter in front of it, the function behind it, and all that ever died in it."""

    name: str
    policy: Json
    handler: str
    batch_size: int
    most_receives: int
    waiting: list[Message] = field(default_factory=list)
    late: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    received: list[str | None] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the function behind it is told of it."""
        url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/invoicely-dev-{self.name}"
        return {"QUEUE_NAME": self.name, "QUEUE_URL": url, "MOST_RECEIVES": str(self.most_receives)}

    def put(self, body: str, type_: str | None = None, **marks: str) -> Message:
        name = f"{self.name}-{len(self.received)}-{len(self.waiting)}"
        self.waiting.append(Message(name, body, type_, marks=marks))
        return self.waiting[-1]


def queues() -> Iterator[Queue]:
    """All queues that feed a function with events or with what SES tells."""
    stack = cfn.application()
    subscriptions = stack.of("AWS::SNS::Subscription").values()
    policies = {cfn.named(each["Endpoint"]): each.get("FilterPolicy", NO_CHANGES) for each in subscriptions}
    for feed in cfn.feeds().values():
        queue = stack.of("AWS::SQS::Queue")[feed.queue]
        yield Queue(
            name=queue["QueueName"]["Fn::Sub"].removeprefix("invoicely-${Environment}-"),
            policy=policies[feed.queue],
            handler=stack.of(cfn.FUNCTION)[feed.function]["Handler"],
            batch_size=feed.mapping["BatchSize"],
            most_receives=cfn.default(queue["RedrivePolicy"]["maxReceiveCount"]),
        )


def dead_letters() -> Iterator[DeadLetters]:
    """All queues that the intake empties."""
    yield from map(DeadLetters, sorted(KNOWN))


def failures(answer: Any, known: Sequence[str]) -> Collection[str]:
    """What failed of a batch: all of it, where the function failed or named what Lambda does not know."""
    if answer is None:
        return known
    named = [each["itemIdentifier"] for each in answer.get("batchItemFailures", ())]
    return named if set(named) <= set(known) else known
