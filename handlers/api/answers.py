"""What goes back through API Gateway."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; `failure` is what made it a problem, for the log."""

    status: HTTPStatus = HTTPStatus.OK
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: Exception | None = None

    def to_gateway(self) -> dict[str, Any]:
        """The answer in the payload format 2.0; personal data stays out of every cache."""
        headers = {"cache-control": "no-store", **self.headers}
        if self.body is None:
            return {"statusCode": self.status.value, "headers": headers}
        headers = {"content-type": "application/json", **headers}
        return {"statusCode": self.status.value, "headers": headers, "body": _json(self.body)}


def ok(body: Body) -> Answer:
    return Answer(body=body)


def created(body: Body, *, location: str | None = None) -> Answer:
    headers = {"location": location} if location else {}
    return Answer(status=HTTPStatus.CREATED, body=body, headers=headers)


def done() -> Answer:
    return Answer(status=HTTPStatus.NO_CONTENT)


def _json(body: Body) -> str:
    """The body as text; half a surrogate pair has no UTF-8, so it goes back as the escape that it came as."""
    return json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace").decode()
