"""What is asked of the proxy; that it happens is seen in tests/faults."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from infrastructure.local_cloud import faults
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.errors import LocalCloudError
from infrastructure.local_cloud.faults import (
    Fired,
    UnbreakableError,
    answer_lost,
    cancelled,
    late,
    throttled,
    unavailable,
)
from tests.clouds import A_LOCAL_CLOUD

FIRED = {"rule_id": 7, "ts": 1793000000.5, "service": "sns", "operation": None, "action": "error:Throttling"}
REFUSAL = {"error": "no such rule"}


@dataclass
class Proxy:
    """Answers as microburst does, and remembers what it was asked."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def cloud(proxy: Proxy, socket_enabled: None) -> Iterator[LocalCloud]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer([FIRED])

        def do_POST(self) -> None:
            self.answer([{"id": 7, **REFUSAL}])

        def answer(self, plain: object) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            proxy.asked.append((self.command, self.path, json.loads(body) if body else None))
            self.send_response(proxy.status)
            self.end_headers()
            self.wfile.write(json.dumps(plain).encode())

        def log_message(self, *_: object) -> None:
            """Keep it to oneself."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield replace(A_LOCAL_CLOUD, proxy=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_a_fault_is_said_in_the_words_of_the_proxy() -> None:
    fault = throttled("sns", "PublishBatch", code="Throttling").sometimes(0.5).at_most(3)

    assert fault.rule() == {
        "service": "sns",
        "operation": "PublishBatch",
        "times": 3,
        "probability": 0.5,
        "error": {"code": "Throttling", "status": 400},
    }


def test_a_fault_may_have_a_time() -> None:
    rule = unavailable("s3").between(1793000000, 1793000005).rule()

    assert (rule["active_at"], rule["until"]) == (1793000000, 1793000005)


def test_a_service_may_be_broken_whatever_is_asked_of_it() -> None:
    assert unavailable("dynamodb").rule() == {
        "service": "dynamodb",
        "probability": 1.0,
        "error": {"code": "ServiceUnavailable", "status": 503},
    }


def test_an_answer_is_lost_or_late_only_after_the_call_was_carried_out() -> None:
    assert answer_lost("dynamodb", "TransactWriteItems").rule()["response"] == {"abort_bytes": 0}
    assert late("dynamodb", "BatchGetItem", seconds=1.5).rule()["latency"] == 1500


def test_a_transaction_is_cancelled_with_a_reason_for_each_action() -> None:
    assert cancelled("None", "TransactionConflict").rule()["error"]["fields"] == {
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]
    }


def test_faults_happen_within_and_no_more_afterwards(cloud: LocalCloud, proxy: Proxy) -> None:
    fault = unavailable("s3")

    with pytest.raises(ZeroDivisionError), faults.breaking(cloud, fault):
        raise ZeroDivisionError

    assert proxy.asked == [
        ("POST", "/_microburst/rules", [fault.rule()]),
        ("POST", "/_microburst/rules", []),
    ]


def test_each_fault_gets_a_number(cloud: LocalCloud) -> None:
    assert faults.inject(cloud, unavailable("s3")) == [7]


def test_what_happened_can_be_told(cloud: LocalCloud) -> None:
    at = datetime.fromtimestamp(1793000000.5, UTC)

    assert faults.fired(cloud) == [
        Fired(rule=7, at=at, service="sns", operation="", effect="error:Throttling")
    ]


def test_a_cloud_without_a_proxy_cannot_be_broken() -> None:
    with pytest.raises(UnbreakableError, match="directly"), faults.breaking(A_LOCAL_CLOUD, unavailable("s3")):
        pass


def test_a_proxy_that_refuses_is_told_with_its_reason(cloud: LocalCloud, proxy: Proxy) -> None:
    proxy.status = 400

    with pytest.raises(LocalCloudError, match="no such rule"), faults.breaking(cloud):
        pass


@pytest.mark.usefixtures("socket_enabled")
def test_a_proxy_that_is_gone_is_told() -> None:
    with pytest.raises(LocalCloudError, match="does not answer"):
        faults.fired(replace(A_LOCAL_CLOUD, proxy="http://127.0.0.1:1"))
