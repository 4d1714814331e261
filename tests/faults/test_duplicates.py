"""Messages that come again, all of them, in any order: SQS promises at least once, and no more."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from infrastructure import aws
from infrastructure.local_cloud.cloud import LocalCloud
from tests.faults.conftest import Lasting, Told
from tests.faults.month import Month
from tests.faults.proof import assert_that_all_is_well, converge

CONSUMED = ("counters", "invoicing", "delivery")


@dataclass
class Copies:
    """A queue beside one of ours, with the same filter before it, and what came there."""

    copied: str
    beside: str
    messages: list[dict[str, Any]] = field(default_factory=list)

    def take(self) -> None:
        """Take what has come since the last time."""
        sqs = aws.client("sqs")
        asked: dict[str, Any] = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while found := sqs.receive_message(QueueUrl=self.beside, **asked).get("Messages"):
            self.messages += found
            for message in found:
                sqs.delete_message(QueueUrl=self.beside, ReceiptHandle=message["ReceiptHandle"])

    def send_again(self, random: Random) -> int:
        """Send each once more, in any order; tells how many there are."""
        self.take()
        for message in random.sample(self.messages, len(self.messages)):
            aws.client("sqs").send_message(
                QueueUrl=self.copied,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
        return len(self.messages)


@pytest.fixture
def copies(cloud: LocalCloud) -> Iterator[list[Copies]]:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    made: list[Copies] = []
    subscriptions: list[str] = []
    for each in sns.list_subscriptions_by_topic(TopicArn=cloud.topic)["Subscriptions"]:
        told = sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
        name = next((name for name in CONSUMED if each["Endpoint"].endswith(f"-{name}")), None)
        if name is None:  # nobody imports in this month
            continue
        url = sqs.create_queue(QueueName=f"copies-of-{name}")["QueueUrl"]
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": told["FilterPolicy"]}
        beside = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        subscriptions.append(
            sns.subscribe(
                TopicArn=cloud.topic,
                Protocol="sqs",
                Endpoint=beside,
                Attributes=attributes,
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
        )
        made.append(Copies(copied=cloud.queues[name], beside=url))
    yield made
    for arn in subscriptions:
        sns.unsubscribe(SubscriptionArn=arn)
    for each in made:
        sqs.delete_queue(QueueUrl=each.beside)


def test_everything_stays_right_after_each_message_came_again(
    cloud: LocalCloud, lasting: Lasting, told: Told, copies: list[Copies]
) -> None:
    month, random = Month(cloud), Random(1)  # noqa: S311 - chance, repeatable

    month.play(lasting.faults / 2)
    early = [each.send_again(random) for each in copies]
    month.play(lasting.faults / 2)
    converge(month, within=lasting.converging)
    again = [each.send_again(random) for each in copies]
    seconds = converge(month, within=lasting.converging)

    told.lines.append(
        f"duplicated messages: {sum(early) + sum(again)} sent again, all right {seconds:.1f} s after the last"
    )
    assert all(again), json.dumps(again)
    assert_that_all_is_well(month)
