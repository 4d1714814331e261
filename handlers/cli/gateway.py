"""API Gateway's part on a local port: the same two functions behind a WSGI server, for `invoicely serve`.

request ──▶ authorize ──known──▶ api ──▶ answer          what is open to everybody goes to api at once
                └── 401, 403 or 500, in the gateway's own words

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

Json = dict[str, Any]
Function = Callable[[Json, object], Json]
Environ = Mapping[str, Any]  # of WSGI, PEP 3333

_EVERYTHING = "$default"
_STAGE = "$default"
_WORDS = {
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal Server Error",
}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A WSGI application; *free* are the routes that go past the authorizer, such as `GET /docs`."""

    authorize: Function
    api: Function
    free: frozenset[str]
    failed: Callable[[Exception], None]

    def __call__(
        self, environ: Environ, start_response: Callable[[str, list[tuple[str, str]]], object]
    ) -> Iterable[bytes]:
        answer = self._answer(event_of(environ))
        status = HTTPStatus(answer["statusCode"])
        content = _content(answer)
        headers = {**answer.get("headers", {}), "content-length": str(len(content))}
        start_response(f"{status.value} {status.phrase}", [*headers.items()])
        return [content]

    def _answer(self, event: Json) -> Json:
        """A function that raises has a bug; the gateway tells nobody more than that."""
        try:
            return self._authorized(event)
        except Exception as error:  # noqa: BLE001 - as the gateway answers for a function that failed
            self.failed(error)
            return _refused(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _authorized(self, event: Json) -> Json:
        context = event["requestContext"]
        route = f"{context['http']['method']} {event['rawPath']}"
        if route in self.free:
            return self.api(event | {"routeKey": route}, None)
        if not (header := event["headers"].get("authorization")):
            return _refused(HTTPStatus.UNAUTHORIZED)
        told = self.authorize(event | {"type": "REQUEST", "identitySource": [header]}, None)
        if not told["isAuthorized"]:
            return _refused(HTTPStatus.FORBIDDEN)
        caller = {"authorizer": {"lambda": told.get("context", {})}}
        return self.api(event | {"requestContext": context | caller}, None)


def event_of(environ: Environ) -> Json:
    """A request in the payload format 2.0; several values of one parameter are joined there."""
    uri = urlsplit(environ["REQUEST_URI"])
    http = {
        "method": environ["REQUEST_METHOD"],
        "path": uri.path,
        "protocol": environ["SERVER_PROTOCOL"],
        "sourceIp": environ.get("REMOTE_ADDR", ""),
        "userAgent": environ.get("HTTP_USER_AGENT", ""),
    }
    context = {"http": http, "requestId": uuid4().hex, "routeKey": _EVERYTHING, "stage": _STAGE}
    event = {
        "version": "2.0",
        "routeKey": _EVERYTHING,
        "rawPath": uri.path,
        "rawQueryString": uri.query,
        "headers": _headers(environ),
        "requestContext": context,
    }
    return event | _queries(uri.query) | _body(environ)


def _queries(query: str) -> Json:
    found = parse_qs(query, keep_blank_values=True)
    joined = {name: ",".join(values) for name, values in found.items()}
    return {"queryStringParameters": joined} if joined else {}


def _headers(environ: Environ) -> dict[str, str]:
    named = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
    named |= {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    return {name.lower().replace("_", "-"): value for name, value in named.items()}


def _body(environ: Environ) -> Json:
    """Text as it is, and anything else in base 64."""
    content: bytes = environ["wsgi.input"].read()
    if not content:
        return {"isBase64Encoded": False}
    try:
        return {"body": content.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": b64encode(content).decode(), "isBase64Encoded": True}


def _content(answer: Json) -> bytes:
    text = answer.get("body") or ""
    return b64decode(text) if answer.get("isBase64Encoded") else text.encode()


def _refused(status: HTTPStatus) -> Json:
    headers = {"content-type": "application/json"}
    return {"statusCode": status.value, "headers": headers, "body": json.dumps({"message": _WORDS[status]})}
