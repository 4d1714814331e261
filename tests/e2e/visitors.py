"""Who calls the deployed HTTP API, and what is waited for meanwhile."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from domain.failures import Ledger
from infrastructure import wiring
from infrastructure.dynamodb.failures import DynamoDBLedger
from infrastructure.dynamodb.table import Table
from infrastructure.local_cloud import users
from infrastructure.local_cloud.cloud import LocalCloud

PASSWORD = "correct horse battery"
PATIENCE = 60.0
"""Seconds; what is waited for takes one or two."""

_direct = build_opener(ProxyHandler({}))


class Response(NamedTuple):
    """What comes back: the body as JSON where it is some."""

    status: int
    body: Any
    headers: Message


@dataclass(frozen=True)
class Visitor:
    """Somebody with a token, or without one."""

    url: str
    token: str | None = field(default=None, repr=False)

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> Response:
        return self.ask("POST", path, body)

    def put(self, path: str, body: object) -> Response:
        return self.ask("PUT", path, body)

    def patch(self, path: str, body: object) -> Response:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Response:
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, body: object = None) -> Response:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/v1{path}", data, headers, method=method)  # noqa: S310 - the local cloud's
        try:
            with _direct.open(request, timeout=PATIENCE) as answer:
                return Response(answer.status, _json(answer.read()), answer.headers)
        except HTTPError as error:
            with error:
                return Response(error.code, _json(error.read()), error.headers)


def signed_up(cloud: LocalCloud, email: str) -> Visitor:
    """A new user, signed in."""
    users.sign_up(cloud, email, PASSWORD)
    return Visitor(cloud.api_url, users.sign_in(cloud, email, PASSWORD).id)


def fetched(url: str) -> Response:
    """What lies at an address that needs no token; the body as bytes."""
    with _direct.open(url, timeout=PATIENCE) as answer:
        return Response(answer.status, answer.read(), answer.headers)


def eventually(holds: Callable[[], Any]) -> Any:
    """What *holds* answers, once it answers with something."""
    deadline = time.monotonic() + PATIENCE
    while not (held := holds()):
        assert time.monotonic() < deadline, f"{PATIENCE:.0f} s were not enough"
        time.sleep(0.05)
    return held


def _json(content: bytes) -> Any:
    return json.loads(content) if content else None


def ledger(cloud: LocalCloud) -> Ledger:
    """The failure ledger of a cloud."""
    client = cloud.access.session().client("dynamodb", **cloud.access.here())
    return DynamoDBLedger(Table(client, cloud.table, wiring.now))
