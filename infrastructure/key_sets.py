"""The keys that an OpenID Connect issuer signs with: its JSON Web Key Set (RFC 7517), fetched and kept.

    a key is wanted ──known, and fetched within the hour──▶ the key
                    ──unknown, or older──▶ fetched again, if not within `PAUSE_SECONDS` ──▶ the key, or none

So whoever invents key ids makes us fetch as often as that and no more, and a new key works within seconds.
Where the issuer does not answer, the keys that are known go on for a day.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.request import HTTPRedirectHandler, build_opener

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from domain.errors import TryAgainLaterError, WillNeverWorkError
from infrastructure.observability import cause, logger

FRESH_SECONDS = 3600
KEPT_SECONDS = 24 * 3600
PAUSE_SECONDS = 10
TIMEOUT_SECONDS = 2
LARGEST = 64 * 1024
ALGORITHMS = ("RS256", "ES256")

_SAFE = re.compile(r"https://[^/@]+(/.*)?|http://127\.0\.0\.1(:[0-9]+)?(/.*)?")
_SHORTEST_RSA = 2048  # bits; RFC 7518, section 3.3
_PUBLIC = {"RSA": {"kty", "n", "e"}, "EC": {"kty", "crv", "x", "y"}}
_ALGORITHM = {"RSA": "RS256", "EC": "ES256"}

Fetch = Callable[[str], bytes]
Keys = Mapping[str, PyJWK]


class KeysUnavailableError(TryAgainLaterError):
    """The issuer's keys cannot be fetched now, so nobody knows whether a token is genuine."""

    code = "keys-unavailable"


class UnsafeAddressError(WillNeverWorkError):
    """Keys that come from such an address could be anybody's."""

    code = "unsafe-address"


def fetch(url: str) -> bytes:
    """What stands at *url*, which leads nowhere else.

    Raises:
        UnsafeAddressError: anybody on the way could answer.
        KeysUnavailableError: no answer, a late one or a large one.
    """
    if not _SAFE.fullmatch(url):
        raise UnsafeAddressError("the address of the keys must begin with https://")
    try:
        with build_opener(_NoRedirects).open(url, timeout=TIMEOUT_SECONDS) as response:
            return _content(response)
    except (OSError, HTTPException) as error:
        raise KeysUnavailableError(f"the keys cannot be fetched: {type(error).__name__}") from error


class KeySet:
    """The keys at one address."""

    def __init__(
        self, url: str, *, fetch: Fetch = fetch, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url, self._fetch, self._clock = url, fetch, clock
        self._keys: Keys = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._failure: KeysUnavailableError | None = None

    def find(self, key_id: str) -> PyJWK | None:
        """The key of that id, None where the issuer has none.

        Raises:
            KeysUnavailableError: the issuer does not answer, and no key of that id is known.
        """
        if key_id not in self._keys or self._age() > FRESH_SECONDS:
            self._refresh()
        if key_id in self._keys and self._age() <= KEPT_SECONDS:
            return self._keys[key_id]
        if self._failure:
            raise KeysUnavailableError(str(self._failure)) from self._failure
        return None

    def _refresh(self) -> None:
        if self._clock() - self._tried_at < PAUSE_SECONDS:
            return
        self._tried_at = self._clock()
        try:
            self._keys = parsed(self._fetch(self._url))
        except KeysUnavailableError as error:
            self._failure = error
            logger().warning("keys not fetched", extra=cause(error))
        else:
            self._fetched_at, self._failure = self._tried_at, None

    def _age(self) -> float:
        return self._clock() - self._fetched_at


def parsed(content: bytes) -> Keys:
    """The keys of a set that can verify signatures of ours; others are passed over, as RFC 7517 wants it.

    Raises:
        KeysUnavailableError: it is no set, or none of its keys can.
    """
    try:
        told = json.loads(content)["keys"]
        keys = {key_id: key for jwk in reversed(told) for key_id, key in _usable(jwk)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeysUnavailableError("what stands at the address of the keys is no key set") from error
    if not keys:
        raise KeysUnavailableError("the key set has no key for RS256 or ES256")
    return keys


def _usable(jwk: dict[str, Any]) -> Iterator[tuple[str, PyJWK]]:
    """The key with its id, where it is one that signatures of ours may be verified with."""
    kind = jwk.get("kty")
    if kind not in _PUBLIC or not jwk.get("kid") or jwk.get("use", "sig") != "sig":
        return
    if jwk.get("alg", _ALGORITHM[kind]) != _ALGORITHM[kind] or jwk.get("crv", "P-256") != "P-256":
        return
    try:
        key = PyJWK({name: jwk[name] for name in _PUBLIC[kind]}, algorithm=_ALGORITHM[kind])
    except (PyJWTError, KeyError):
        return
    if kind == "EC" or key.key.key_size >= _SHORTEST_RSA:
        yield str(jwk["kid"]), key


def _content(response: HTTPResponse) -> bytes:
    ends, content = time.monotonic() + TIMEOUT_SECONDS, b""
    while chunk := response.read1(LARGEST + 1 - len(content)):
        content += chunk
        if len(content) > LARGEST:
            raise KeysUnavailableError(f"the key set has more than {LARGEST} bytes")
        if time.monotonic() > ends:
            raise KeysUnavailableError(f"the key set comes slower than in {TIMEOUT_SECONDS} s")
    return content


class _NoRedirects(HTTPRedirectHandler):
    """Follows nothing: whoever answers for the issuer must not choose who else does."""

    def redirect_request(self, *_: object) -> None:
        return None
