"""What nobody could process is taken into the ledger, goes back to where it came from, and is resolved."""

import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from domain.errors import NotFoundError
from domain.failures import Failure, FailureId, State, failure_id
from domain.identifiers import digest
from events.identity import identity_of
from infrastructure import wiring
from infrastructure.local_cloud import functions
from infrastructure.local_cloud.cloud import LocalCloud
from tests.aws_events import PAYLOADS, stream_record
from tests.builders import a_work_entry
from tests.e2e.visitors import eventually, ledger

LOGGED = (PAYLOADS / "events" / "invoicely.work.logged.v1.json").read_text()
TICK = '{"time": "2020-01-01T00:00:00Z"}'
KEY = "aws/lambda/mapping/shard 1/2026/11/25/object"

Put = Callable[[LocalCloud], object]


def client(cloud: LocalCloud, service: str) -> Any:
    return cloud.access.session().client(service, **cloud.access.here())  # type: ignore[call-overload] # any service


def die(cloud: LocalCloud, queue: str, body: str) -> object:
    return client(cloud, "sqs").send_message(QueueUrl=cloud.queues[queue], MessageBody=body)


def give_up(cloud: LocalCloud) -> object:
    """What Lambda does with a batch of the stream that could not be published for 18 hours."""
    body = json.dumps({"payload": json.dumps({"Records": [stream_record(a_work_entry())]})})
    return client(cloud, "s3").put_object(Bucket=cloud.failures_bucket, Key=KEY, Body=body.encode())


DEAD: dict[str, tuple[Put, FailureId]] = {
    "counters-dlq": (
        partial(die, queue="counters-dlq", body=LOGGED),
        failure_id("counters", identity_of(LOGGED).event_id),
    ),
    "audit-dlq": (partial(die, queue="audit-dlq", body=TICK), failure_id("audit", digest(TICK))),
    "tick-dlq": (partial(die, queue="tick-dlq", body=TICK), failure_id("tick", digest(TICK))),
    "failures bucket": (give_up, failure_id("stream", digest(KEY))),
}


@pytest.mark.parametrize("where", DEAD)
def test_a_failure_is_taken_in_sent_back_when_it_is_due_and_resolved(
    deployed: LocalCloud, where: str
) -> None:
    put, failure = DEAD[where]
    put(deployed)
    eventually(lambda: state_of(deployed, failure) is State.RETRYING)

    due = wiring.now() + dt.timedelta(minutes=20)
    functions.invoke(deployed, "retry-failures", {"time": due.isoformat()})

    eventually(lambda: state_of(deployed, failure) is State.RESOLVED)
    assert entry(deployed, failure).replays == 1


def state_of(cloud: LocalCloud, failure: FailureId) -> State | None:
    try:
        return entry(cloud, failure).state
    except NotFoundError:
        return None


def entry(cloud: LocalCloud, failure: FailureId) -> Failure:
    return ledger(cloud).get(failure_id=failure)
