"""What stands in for API Gateway behind `invoicely serve`: a WSGI application over the two functions."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest

from handlers.cli.gateway import Gateway, Json
from tests.aws_events import payload

KNOWN = {"isAuthorized": True, "context": {"account": "acc_1", "scopes": "read"}}
REQUEST = {"SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": "Bearer a-token"}


@dataclass
class Functions:
    """The two functions, and what they were called with."""

    asked: list[Json] = field(default_factory=list)
    served: list[Json] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    known: Json = field(default_factory=lambda: KNOWN)
    answer: Json = field(
        default_factory=lambda: {"statusCode": 200, "headers": {"etag": '"1"'}, "body": "{}"}
    )

    def authorize(self, event: Json, _context: object) -> Json:
        self.asked.append(event)
        return self.known

    def api(self, event: Json, _context: object) -> Json:
        self.served.append(event)
        return self.answer

    def ask(
        self, method: str, uri: str, body: bytes = b"", **environ: str
    ) -> tuple[str, dict[str, str], bytes]:
        told: list[Any] = []
        gateway = Gateway(self.authorize, self.api, frozenset({"GET /docs"}), self.failures.append)
        request = REQUEST | {"REQUEST_METHOD": method, "REQUEST_URI": uri, "wsgi.input": BytesIO(body)}
        content = b"".join(gateway(request | environ, lambda *answer: told.extend(answer)))
        return told[0], dict(told[1]), content


@pytest.fixture
def functions() -> Functions:
    return Functions()


def test_a_request_becomes_the_payload_of_the_gateway(functions: Functions) -> None:
    functions.ask(
        "POST",
        "/v1/clients/cli%5F1?limit=5&tag=a&tag=b&empty=",
        '{"name": "Żółć"}'.encode(),
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH="21",
        HTTP_IF_MATCH='"3"',
        HTTP_USER_AGENT="curl",
    )

    [event] = functions.served
    ours, theirs = event["requestContext"], payload("http-api")["requestContext"]
    assert event | {"requestContext": None} == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/v1/clients/cli%5F1",
        "rawQueryString": "limit=5&tag=a&tag=b&empty=",
        "queryStringParameters": {"limit": "5", "tag": "a,b", "empty": ""},
        "headers": {
            "authorization": "Bearer a-token",
            "content-type": "application/json",
            "content-length": "21",
            "if-match": '"3"',
            "user-agent": "curl",
        },
        "body": '{"name": "Żółć"}',
        "isBase64Encoded": False,
        "requestContext": None,
    }
    assert ours["authorizer"] == {"lambda": KNOWN["context"]}
    assert ours["http"].keys() == theirs["http"].keys()
    assert ours.keys() <= theirs.keys()


def test_every_request_has_an_id_of_its_own(functions: Functions) -> None:
    functions.ask("GET", "/v1/clients")
    functions.ask("GET", "/v1/clients")

    first, second = (event["requestContext"]["requestId"] for event in functions.served)
    assert first != second


def test_a_body_that_is_no_text_comes_in_base_64(functions: Functions) -> None:
    functions.ask("POST", "/v1/clients", b"\xff\x00")

    [event] = functions.served
    assert (event["body"], event["isBase64Encoded"]) == (b64encode(b"\xff\x00").decode(), True)


def test_the_authorizer_is_asked_what_the_gateway_asks_it(functions: Functions) -> None:
    functions.ask("GET", "/v1/clients")

    [event] = functions.asked
    assert (event["type"], event["identitySource"]) == ("REQUEST", ["Bearer a-token"])
    assert "authorizer" not in event["requestContext"]


def test_the_answer_goes_back_as_it_is(functions: Functions) -> None:
    functions.answer = {"statusCode": 201, "headers": {"location": "/v1/x"}, "body": "ł"}

    status, headers, content = functions.ask("POST", "/v1/clients")

    assert (status, content.decode()) == ("201 Created", "ł")
    assert headers == {"location": "/v1/x", "content-length": "2"}


def test_nothing_goes_back_where_there_is_nothing(functions: Functions) -> None:
    functions.answer = {"statusCode": 204, "headers": {}}

    assert functions.ask("DELETE", "/v1/x") == ("204 No Content", {"content-length": "0"}, b"")


def test_without_a_token_nothing_is_asked(functions: Functions) -> None:
    status, _, content = functions.ask("GET", "/v1/clients", HTTP_AUTHORIZATION="")

    assert (status, json.loads(content)) == ("401 Unauthorized", {"message": "Unauthorized"})
    assert (functions.asked, functions.served) == ([], [])


def test_whom_the_authorizer_refuses_gets_no_further(functions: Functions) -> None:
    functions.known = {"isAuthorized": False}

    status, _, content = functions.ask("GET", "/v1/clients")

    assert (status, json.loads(content)) == ("403 Forbidden", {"message": "Forbidden"})
    assert functions.served == []


def test_what_is_open_to_everybody_asks_for_no_token(functions: Functions) -> None:
    status, _, _ = functions.ask("GET", "/docs", HTTP_AUTHORIZATION="")
    refused, _, _ = functions.ask("POST", "/docs", HTTP_AUTHORIZATION="")

    assert (status, refused) == ("200 OK", "401 Unauthorized")
    assert [event["routeKey"] for event in functions.served] == ["GET /docs"]


def test_a_function_that_fails_is_told_here_and_not_to_whoever_asked(functions: Functions) -> None:
    functions.known = {}

    status, _, content = functions.ask("GET", "/v1/clients")

    assert (status, json.loads(content)) == (
        "500 Internal Server Error",
        {"message": "Internal Server Error"},
    )
    assert [type(error) for error in functions.failures] == [KeyError]
