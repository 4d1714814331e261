"""The HTTP API as any program calls it: JSON over HTTP, with the token of a signed-in user."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from handlers.cli.demo.waiting import DemoError

Json = dict[str, Any]

_SECONDS = 30


_TRY_AGAIN_LATER = {502, 503, 504}


class RefusedError(DemoError):
    """The API answered with an error, which the message holds, or not at all."""


class UnavailableError(RefusedError):
    """The API asks to be called again in a moment."""


def _direct() -> OpenerDirector:
    """An opener that minds no proxy: all of this stays on this machine."""
    return build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Api:
    """One user's view of the API."""

    url: str
    token: str = field(repr=False)
    opener: OpenerDirector = field(default_factory=_direct, repr=False)

    def get(self, path: str) -> Json:
        return self._call("GET", path)

    def post(self, path: str, body: Json) -> Json:
        return self._call("POST", path, body)

    def put(self, path: str, body: Json) -> Json:
        return self._call("PUT", path, body)

    def fetch(self, url: str) -> bytes:
        """What is found at a signed address, which needs no token."""
        return self._open(Request(url))  # noqa: S310 - an address that our own API gave

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/v1{path}", data, headers, method=method)  # noqa: S310 - our own address
        plain: Json = json.loads(self._open(request))
        return plain

    def _open(self, request: Request) -> bytes:
        try:
            with self.opener.open(request, timeout=_SECONDS) as answer:
                content: bytes = answer.read()
        except HTTPError as error:
            kind = UnavailableError if error.code in _TRY_AGAIN_LATER else RefusedError
            raise kind(f"{_asked(request)}: {error.code} {error.read().decode()}") from error
        except OSError as error:
            raise RefusedError(f"{_asked(request)}: no answer ({error})") from error
        return content


def _asked(request: Request) -> str:
    return f"{request.get_method()} {request.selector.partition('?')[0]}"
