import json
from typing import Any

from infrastructure.queue import Hidden
from infrastructure.sqs import SqsAside, SqsVisibility
from tests.aws_events import payload

REASON = "UnpublishableError: the item lacks 'version'"


class Queue:
    """Speaks as SQS's client does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.hidden: list[list[dict[str, Any]]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - boto3's names
        self.sent.append((QueueUrl, MessageBody))

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - as boto3 calls them
        assert QueueUrl == "https://sqs/counters"
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        self.hidden.append(Entries)


def test_messages_are_hidden_ten_a_call_each_for_its_own_time() -> None:
    queue = Queue()
    hidden = [Hidden(f"receipt-{number}", number) for number in range(23)]

    SqsVisibility(queue, "https://sqs/counters").hide(messages=hidden)

    assert [len(call) for call in queue.hidden] == [10, 10, 3]
    told = [(entry["ReceiptHandle"], entry["VisibilityTimeout"]) for call in queue.hidden for entry in call]
    assert told == [(each.receipt_handle, each.seconds) for each in hidden]


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
