"""What goes back through API Gateway."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from handlers.api.versions import etag
from infrastructure import codec

Body = Mapping[str, Any]

_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: a JSON `body`, a `text` as it is, or neither; `failure` made it a problem, for the log."""

    status: HTTPStatus = HTTPStatus.OK
    body: Body | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: Exception | None = None

    def to_gateway(self) -> dict[str, Any]:
        """The answer in the payload format 2.0; personal data stays out of every cache."""
        headers = {"cache-control": "no-store", **self.headers}
        content = self.text if self.body is None else _json(self.body)
        if content is None:
            return {"statusCode": self.status.value, "headers": headers}
        headers = {"content-type": "application/json", **headers}
        return {"statusCode": self.status.value, "headers": headers, "body": content}


def ok(body: object, *, version: int | None = None) -> Answer:
    """What was asked for; *version* is that of the one thing in it, as its `ETag`."""
    return Answer(body=_plain(body), headers=_tagged(version))


def created(body: object, *, location: str | None = None, version: int | None = None) -> Answer:
    headers = {"location": location} if location else {}
    return Answer(status=HTTPStatus.CREATED, body=_plain(body), headers=headers | _tagged(version))


def accepted(body: object, *, location: str) -> Answer:
    """It is under way; *location* is where one sees how far it has come."""
    return Answer(status=HTTPStatus.ACCEPTED, body=_plain(body), headers={"location": location})


def done() -> Answer:
    return Answer(status=HTTPStatus.NO_CONTENT)


def _plain(body: object) -> Body:
    return body if isinstance(body, Mapping) else codec.encode(body)


def _tagged(version: int | None) -> dict[str, str]:
    return {"etag": etag(version)} if version else {}


def _json(body: Body) -> str:
    """The body as text; what steers a terminal, or has no UTF-8, goes back as the escape that it came as."""
    text = json.dumps(body, ensure_ascii=False)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
