import json

from infrastructure.sqs import SqsAside
from tests.aws_events import payload

REASON = "UnpublishableError: the item lacks 'version'"


class Queue:
    """Speaks as SQS's client does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - boto3's names
        self.sent.append((QueueUrl, MessageBody))


def test_a_record_is_kept_whole_with_the_reason() -> None:
    queue = Queue()
    [record] = payload("dynamodb-stream")["Records"]

    SqsAside(queue, "https://sqs/unpublished").put(record=record, reason=REASON)

    [(url, body)] = queue.sent
    assert url == "https://sqs/unpublished"
    assert json.loads(body) == {"reason": REASON, "record": record}


def test_whatever_a_record_holds_the_message_is_one_that_a_queue_takes() -> None:
    queue = Queue()

    SqsAside(queue, "https://sqs/unpublished").put(record={"B": b"\x00", "S": "\x00\ud800🧾"}, reason="🤷")

    [(_, body)] = queue.sent
    assert body.isascii()
    assert body.isprintable()
