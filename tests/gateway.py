"""API Gateway before the function `api`: chooses the route that `template.yaml` has, writes AWS's payload.

User ──method, path, JSON──▶ event (payload format 2.0) ──▶ handler ──▶ Response
"""

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from domain.identifiers import AccountId
from handlers.api.app import handler
from infrastructure.access import account_of
from tests.aws_events import Json, payload
from tests.template import cfn

REQUEST_ID = payload("http-api")["requestContext"]["requestId"]
OTHERS = "$default"
ROUTES = {route["RouteKey"] for route in cfn.application().of("AWS::ApiGatewayV2::Route").values()} - {OTHERS}


class Response(NamedTuple):
    """What comes back: the body as JSON where it is some."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class User:
    """Somebody whose token the authorizer has verified; without a *sub*, nobody."""

    sub: str | None

    @cached_property
    def account_id(self) -> AccountId:
        return account_of({"sub": self.sub})

    def get(self, path: str, **query: str | int) -> Response:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: object) -> Response:
        return self.ask("POST", path, json.dumps(body))

    def put(self, path: str, body: object) -> Response:
        return self.ask("PUT", path, json.dumps(body))

    def patch(self, path: str, body: object) -> Response:
        return self.ask("PATCH", path, json.dumps(body))

    def delete(self, path: str) -> Response:
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, body: str | bytes | None = None, **more: Any) -> Response:
        answer = handler(self.event(method, path, body, **more), None)
        content = answer.get("body")
        return Response(answer["statusCode"], content and json.loads(content), answer["headers"])

    def event(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        *,
        query: dict[str, str | int] | None = None,
        media: str | None = "application/json",
    ) -> Json:
        """The event of a request; a body of bytes is what the gateway takes for binary."""
        event, (route, parameters) = payload("http-api"), _routed(method, path)
        context = event["requestContext"]
        context |= {"routeKey": route, "http": context["http"] | {"method": method, "path": path}}
        if self.sub:
            context["authorizer"]["jwt"]["claims"]["sub"] = self.sub
        else:
            del context["authorizer"]
        for name in ("queryStringParameters", "pathParameters"):
            del event[name]
        event |= {"routeKey": route, "rawPath": path, "rawQueryString": urlencode(query or {})}
        event |= (
            {"queryStringParameters": {name: str(value) for name, value in query.items()}} if query else {}
        )
        event |= {"pathParameters": parameters} if parameters else {}
        return event | _content(body, media, event["headers"])


def _content(body: str | bytes | None, media: str | None, headers: dict[str, str]) -> Json:
    if body is None:
        return {}
    headers |= {"content-length": str(len(body))} | ({"content-type": media} if media else {})
    encoded = isinstance(body, bytes)
    text = b64encode(body).decode() if isinstance(body, bytes) else body
    return {"headers": headers, "body": text, "isBase64Encoded": encoded}


def _routed(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The route that fits best, which is one without a parameter, and the values of its parameters."""
    for route in sorted(ROUTES, key=lambda route: "{" in route):
        verb, pattern = route.split()
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern), path)
        if found and verb == method:
            return route, found.groupdict()
    return OTHERS, {}
