"""The virtual topic, queues, functions and bucket, as boto3's clients show them to the real adapters."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from domain.mailing import Mail
from infrastructure.mail.events import tags_of
from tests.fakes import Moment, Step
from tests.simulation.chance import Fault
from tests.simulation.queues import MAIL_EVENTS, takers

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

Answer = dict[str, Any]

_HOUR = 3600.0
_LONGEST_WAY = 0.2
_UNKNOWN_USER = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": []}
_MAILBOX_FULL = {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": []}
_FATES: list[list[tuple[str, Answer]]] = [
    [("Send", {})],
    [("Send", {}), ("Delivery", {})],
    [("Bounce", _UNKNOWN_USER)],
    [("Bounce", _MAILBOX_FULL), ("Delivery", {})],
    [("Bounce", _MAILBOX_FULL), ("Complaint", {"complaintFeedbackType": "abuse"})],
]
UNPUBLISHED, BATCHES = "unpublished", "unpublished-batches"
BUCKET = "failures"


class Service:
    """What all have in common: each call is a step."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    @contextmanager
    def _call(self, name: str, *, commits: bool) -> Iterator[None]:
        self._cloud.hook(Step(name, Moment.BEFORE, commits))
        yield
        self._cloud.hook(Step(name, Moment.AFTER, commits))


class Sns(Service):
    """The topic: what is published goes to each queue whose filter lets it pass."""

    def __init__(self, cloud: "Cloud") -> None:
        super().__init__(cloud)
        self.bodies: defaultdict[str, set[str]] = defaultdict(set)

    def publish_batch(self, **request: Any) -> Answer:
        """Take each entry or say that it failed."""
        chance, failed = self._cloud.chance, list[Answer]()
        with self._call("sns.publish_batch", commits=True):
            for entry in request["PublishBatchRequestEntries"]:
                is_ours = chance.strikes(Fault.REFUSED_EVENT, times=0.4)
                if is_ours or chance.strikes(Fault.PARTIAL_PUBLISH):
                    failed.append({"Id": entry["Id"], "SenderFault": is_ours, "Code": "SaysTheSimulation"})
                else:
                    self._deliver(entry["Message"], _plain(entry["MessageAttributes"]))
            if failed:
                self._cloud.excuse()
        return {"Failed": failed}

    def _deliver(self, body: str, attributes: Mapping[str, str]) -> None:
        chance, queues = self._cloud.chance, self._cloud.queues
        self.bodies["topic"].add(body)
        for name in takers(attributes["type"]):
            self.bodies[name].add(body)
            if chance.strikes(Fault.UNDELIVERED, times=0.8):
                told = {"ErrorCode": "AccessDenied", "ErrorMessage": "says the simulation"}
                queues[f"{name}-undelivered"].send(body, {**attributes, **told})
                continue
            for _ in range(2 if chance.strikes(Fault.DUPLICATE_MESSAGE) else 1):
                late = chance.strikes(Fault.DELAY)
                delay = chance.between(0, 100 * _HOUR) if late else chance.between(0, _LONGEST_WAY)
                queues[name].send(body, attributes, delay=delay)


class Sqs(Service):
    """The queues, by their names for addresses."""

    def __init__(self, cloud: "Cloud") -> None:
        super().__init__(cloud)
        self.aside: set[str] = set()

    def send_message(self, **request: Any) -> None:
        """Only what cannot be published is sent alone."""
        with self._call("sqs.send_message", commits=True):
            self._cloud.queues[request["QueueUrl"]].send(request["MessageBody"])
            self._cloud.excuse()
            told = json.loads(request["MessageBody"])
            self.aside.add(told["record"]["dynamodb"]["SequenceNumber"])

    def send_message_batch(self, **request: Any) -> Answer:
        with self._call("sqs.send_message_batch", commits=True):
            for entry in request["Entries"]:
                attributes = _plain(entry["MessageAttributes"])
                delay = self._cloud.chance.between(0, 1)
                self._cloud.queues[request["QueueUrl"]].send(entry["MessageBody"], attributes, delay=delay)
                self._cloud.chance.struck[Fault.LATE_REPLAY] += 1
        return {}

    def change_message_visibility_batch(self, **request: Any) -> Answer:
        with self._call("sqs.change_message_visibility_batch", commits=True):
            for entry in request["Entries"]:
                queue = self._cloud.queues[request["QueueUrl"]]
                queue.hide(entry["ReceiptHandle"], entry["VisibilityTimeout"])
        return {}

    def get_queue_attributes(self, **_: Any) -> Answer:
        with self._call("sqs.get_queue_attributes", commits=False):
            return {}


class Lambda(Service):
    """The function that opens invoices, to be invoked again."""

    def invoke(self, **request: Any) -> Answer:
        with self._call("lambda.invoke", commits=True):
            if request["InvocationType"] == "Event":
                event = json.loads(request["Payload"])
                self._cloud.scheduler.after(0, lambda: self._cloud.tick(event))
        return {}


class S3(Service):
    """The bucket with what Lambda gave up of the stream."""

    exceptions = SimpleNamespace(NoSuchKey=KeyError)

    def __init__(self, cloud: "Cloud") -> None:
        super().__init__(cloud)
        self._objects: dict[str, bytes] = {}

    def keep(self, records: Any) -> None:
        """Store a batch as Lambda does, and tell of it as S3 does."""
        key = f"aws/lambda/{len(self._objects)}"
        self._objects[key] = json.dumps({"payload": {"Records": records}}).encode()
        told = {"s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}
        self._cloud.queues[BATCHES].send(json.dumps({"Records": [told]}))

    def get_object(self, **request: Any) -> Answer:
        with self._call("s3.get_object", commits=False):
            return {"Body": BytesIO(self._objects[request["Key"]])}


class Ses:
    """Tells what becomes of mails: of some of them, in any order, and more than once."""

    def __init__(self, cloud: "Cloud") -> None:
        self.told: list[str] = []
        self._cloud = cloud

    def tell(self, mail: Mail, message_id: str) -> None:
        """Let something become of a mail that is out."""
        chance = self._cloud.chance
        if not chance.happens(0.5):
            return
        fates = chance.one_of(_FATES)
        for number, (kind, detail) in enumerate(fates):
            at = self._cloud.now() + dt.timedelta(seconds=number + 1)
            body = _told_of(mail, message_id, kind, detail, f"{at:%Y-%m-%dT%H:%M:%S.%fZ}")
            self.told.append(body)
            chance.seen[f"a mail was told as: {kind}"] += 1
            for _ in range(2 if chance.strikes(Fault.DUPLICATE_MESSAGE, times=3) else 1):
                late = chance.strikes(Fault.DELAY, times=3)
                delay = chance.between(0, 100 * _HOUR) if late else chance.between(0, 3)
                self._cloud.queues[MAIL_EVENTS].send(body, delay=delay)


def _told_of(mail: Mail, message_id: str, kind: str, detail: Answer, at: str) -> str:
    """What SES publishes; https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html."""
    about = {
        "timestamp": at,
        "messageId": message_id,
        "destination": [mail.recipient],
        "tags": {name: [value] for name, value in tags_of(mail).items()},
    }
    return json.dumps({"eventType": kind, "mail": about, kind.lower(): {"timestamp": at, **detail}})


def _plain(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: told["StringValue"] for name, told in attributes.items()}
