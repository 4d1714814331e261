"""API Gateway before the function `api`: one route for everything, AWS's payload.

User ──method, path, JSON──▶ event (payload format 2.0) ──▶ handler ──▶ Response
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from domain.access import Caller, Scope
from domain.identifiers import AccountId
from handlers.api.app import handler
from infrastructure.access import account_of, context_of
from tests.aws_events import Json, payload

REQUEST_ID = payload("http-api")["requestContext"]["requestId"]
EVERYTHING = "$default"


class Response(NamedTuple):
    """What comes back: the body as JSON where it is some, as text where it is not."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class User:
    """Somebody whom the authorizer let through; without a *sub*, nobody."""

    sub: str | None
    scopes: frozenset[Scope] = frozenset(Scope)
    email: str | None = None
    token_id: str | None = None

    @property
    def caller(self) -> Caller:
        return Caller(
            account_id=self.account_id, scopes=self.scopes, email=self.email, token_id=self.token_id
        )

    @cached_property
    def account_id(self) -> AccountId:
        return account_of({"sub": self.sub})

    def get(self, path: str, **query: str | int) -> Response:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: object, *, key: str | None = None) -> Response:
        headers = {} if key is None else {"idempotency-key": key}
        return self.ask("POST", path, json.dumps(body), headers=headers)

    def put(self, path: str, body: object, *, match: str | None = None) -> Response:
        return self.ask("PUT", path, json.dumps(body), headers=_matching(match))

    def patch(self, path: str, body: object, *, match: str | None = None) -> Response:
        return self.ask("PATCH", path, json.dumps(body), headers=_matching(match))

    def delete(self, path: str, *, match: str | None = None) -> Response:
        return self.ask("DELETE", path, headers=_matching(match))

    def ask(self, method: str, path: str, body: str | bytes | None = None, **more: Any) -> Response:
        answer = handler(self.event(method, path, body, **more), None)
        content = answer.get("body")
        is_json = "json" in answer["headers"].get("content-type", "")
        body = json.loads(content) if content and is_json else content
        return Response(answer["statusCode"], body, answer["headers"])

    def event(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        *,
        query: dict[str, str | int] | None = None,
        media: str | None = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Json:
        """The event of a request; a body of bytes is what the gateway takes for binary."""
        event = payload("http-api")
        context = event["requestContext"]
        context |= {"routeKey": EVERYTHING, "http": context["http"] | {"method": method, "path": path}}
        if self.sub:
            context["authorizer"]["lambda"] = context_of(self.caller)
        else:
            del context["authorizer"]
        del event["queryStringParameters"]
        event["headers"] |= headers or {}
        event |= {"routeKey": EVERYTHING, "rawPath": path, "rawQueryString": urlencode(query or {})}
        event |= (
            {"queryStringParameters": {name: str(value) for name, value in query.items()}} if query else {}
        )
        return event | _content(body, media, event["headers"])


def _matching(match: str | None) -> dict[str, str]:
    return {"if-match": match} if match else {}


def _content(body: str | bytes | None, media: str | None, headers: dict[str, str]) -> Json:
    if body is None:
        return {}
    headers |= {"content-length": str(len(body))} | ({"content-type": media} if media else {})
    encoded = isinstance(body, bytes)
    text = b64encode(body).decode() if isinstance(body, bytes) else body
    return {"headers": headers, "body": text, "isBase64Encoded": encoded}
