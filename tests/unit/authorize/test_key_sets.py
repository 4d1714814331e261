"""The issuer's keys: fetched when they are needed, kept while they are good, and never from anywhere else."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from infrastructure import key_sets, settings, wiring
from infrastructure.key_sets import KeysUnavailableError, UnsafeAddressError, fetch, parsed
from tests.issuers import AUDIENCE, ISSUER, Issuer, ec_key, jwk, rsa_key
from tests.logs import Log
from tests.unit.authorize.conftest import Authorize, Clock

UNKNOWN = {"kid": "rsa-9"}


def is_allowed(authorize: Authorize, token: str) -> bool:
    allowed: bool = authorize(f"Bearer {token}")["isAuthorized"]
    return allowed


def break_down(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the issuer answer nothing until it is repaired."""
    works = issuer.key_set

    def fails() -> bytes:
        raise KeysUnavailableError("the keys cannot be fetched: URLError")

    monkeypatch.setattr(issuer, "key_set", fails)
    return lambda: monkeypatch.setattr(issuer, "key_set", works)


def test_keys_are_fetched_once_an_hour(authorize: Authorize, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token()
    fetches = []
    for passed in (0, 1, 3599, 1, 3600):
        clock.seconds += passed
        assert is_allowed(authorize, token)
        fetches.append(issuer.fetches)

    assert fetches == [1, 1, 1, 2, 2]


def test_a_new_key_works_at_once_where_the_keys_are_older_than_the_pause(
    authorize: Authorize, issuer: Issuer, clock: Clock
) -> None:
    is_allowed(authorize, issuer.token())
    issuer.keys["rsa-2"] = rsa_key("rsa-2")

    answers = []
    for passed in (9, 1, 0):
        clock.seconds += passed
        answers.append((is_allowed(authorize, issuer.token("rsa-2")), issuer.fetches))

    assert answers == [(False, 1), (True, 2), (True, 2)]


def test_a_key_that_is_withdrawn_works_no_more_than_an_hour(
    authorize: Authorize, issuer: Issuer, clock: Clock
) -> None:
    stolen = issuer.token("rsa-1")
    is_allowed(authorize, stolen)
    del issuer.keys["rsa-1"]

    clock.seconds += 3600
    before = is_allowed(authorize, stolen)
    clock.seconds += 1

    assert (before, is_allowed(authorize, stolen)) == (True, False)


def test_a_flood_of_unknown_keys_fetches_once_in_each_pause(
    authorize: Authorize, issuer: Issuer, clock: Clock
) -> None:
    for _ in range(100):
        clock.seconds += 1
        assert not is_allowed(authorize, issuer.token(header={"kid": f"key-{clock.seconds}"}))

    assert issuer.fetches == 10


def test_it_is_no_refusal_where_nobody_knows_the_keys(
    authorize: Authorize, issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    repair = break_down(issuer, monkeypatch)

    for passed in (0, 1, 9):
        clock.seconds += passed
        with pytest.raises(KeysUnavailableError):
            authorize(f"Bearer {issuer.token()}")
    assert issuer.fetches == 2

    repair()
    clock.seconds += 10
    assert is_allowed(authorize, issuer.token())


def test_known_keys_go_on_for_a_day_where_the_issuer_does_not_answer(
    authorize: Authorize, issuer: Issuer, clock: Clock, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_allowed(authorize, issuer.token())
    break_down(issuer, monkeypatch)

    clock.seconds += 24 * 3600
    assert is_allowed(authorize, issuer.token())
    assert [line["code"] for line in log.lines] == ["keys-unavailable"]
    with pytest.raises(KeysUnavailableError):
        authorize(f"Bearer {issuer.token(header=UNKNOWN)}")

    clock.seconds += 1
    with pytest.raises(KeysUnavailableError):
        authorize(f"Bearer {issuer.token()}")


def test_a_key_that_is_unknown_is_refused_again_once_the_issuer_answers(
    authorize: Authorize, issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    repair = break_down(issuer, monkeypatch)
    with pytest.raises(KeysUnavailableError):
        authorize(f"Bearer {issuer.token()}")

    repair()
    clock.seconds += 10

    assert not is_allowed(authorize, issuer.token(header=UNKNOWN))


def a_set(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


GOOD = jwk("rsa-1", rsa_key("rsa-1"))
ELLIPTIC = jwk("ec-1", ec_key("ec-1"))


def without(key: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name not in names}


@pytest.mark.parametrize(
    "key",
    [GOOD, ELLIPTIC, without(GOOD, "use", "alg"), without(ELLIPTIC, "use", "alg"), GOOD | {"x5c": ["…"]}],
)
def test_a_key_for_signatures_is_taken(key: dict[str, Any]) -> None:
    (found,) = parsed(a_set(key)).values()

    assert found.algorithm_name == {"RSA": "RS256", "EC": "ES256"}[key["kty"]]


@pytest.mark.parametrize(
    "key",
    [
        GOOD | {"use": "enc"},
        GOOD | {"alg": "RS512"},
        GOOD | {"alg": "ES256"},
        GOOD | {"alg": "none"},
        GOOD | {"kid": ""},
        without(GOOD, "kid"),
        without(GOOD, "n"),
        GOOD | {"n": "…"},
        GOOD | {"n": 3},
        jwk("rsa-1", rsa_key("short", bits=1024)),
        jwk("rsa-1", rsa_key("almost", bits=2047)),
        ELLIPTIC | {"crv": "P-384"},
        ELLIPTIC | {"x": ELLIPTIC["y"]},
        without(ELLIPTIC, "crv"),
        jwk("ec-1", ec_key("large", curve=ec.SECP384R1)),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "rsa-1"},
        {},
    ],
)
def test_any_other_key_is_passed_over(key: dict[str, Any]) -> None:
    assert list(parsed(a_set(key, ELLIPTIC | {"kid": "other"}))) == ["other"]
    with pytest.raises(KeysUnavailableError, match="no key for RS256 or ES256"):
        parsed(a_set(key))


def test_of_two_keys_with_one_id_the_first_counts() -> None:
    (found,) = parsed(a_set(GOOD, ELLIPTIC | {"kid": "rsa-1"})).values()

    assert found.algorithm_name == "RS256"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"null", b"[]", b"{}", b'{"keys": 1}', b'{"keys": ["a"]}', b"\xff", b"[" * 100_000],
)
def test_garbage_is_no_key_set(content: bytes) -> None:
    with pytest.raises(KeysUnavailableError, match="no key set"):
        parsed(content)


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/jwks.json",
        "http://127.0.0.1.example/jwks.json",
        "http://127.0.0.1@issuer.example/jwks.json",
        "http://localhost/jwks.json",
        "https://user:secret@issuer.example/jwks.json",
        "file:///etc/passwd",
        "ftp://issuer.example/jwks.json",
        "https://",
        "",
    ],
)
def test_keys_are_fetched_over_https_or_from_this_machine_only(url: str) -> None:
    with pytest.raises(UnsafeAddressError):
        fetch(url)


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        server.server_close()


def saying(content: bytes, *, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def slowly(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        for _ in range(40):
            request.wfile.write(b" ")
            time.sleep(0.02)
    except OSError:
        pass  # who asked has hung up


def never(_: BaseHTTPRequestHandler) -> None:
    time.sleep(0.5)


def nonsense(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"this is no HTTP\r\n\r\n")


@pytest.fixture
def network(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's own; nobody waits for long."""
    monkeypatch.setattr(key_sets, "TIMEOUT_SECONDS", 0.2)


@pytest.mark.usefixtures("network")
def test_what_stands_at_the_address_is_fetched() -> None:
    with serving(saying(Issuer().key_set())) as url:
        assert sorted(parsed(fetch(url))) == ["ec-1", "rsa-1"]


@pytest.mark.usefixtures("network")
def test_a_set_of_64_kilobytes_is_fetched_and_one_byte_more_is_not() -> None:
    with serving(saying(b" " * key_sets.LARGEST)) as url:
        assert len(fetch(url)) == 64 * 1024
    with (
        serving(saying(b" " * (key_sets.LARGEST + 1))) as url,
        pytest.raises(KeysUnavailableError, match="more than 65536 bytes"),
    ):
        fetch(url)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    "answer",
    [saying(b"", status=500), saying(b"", status=404), nonsense, lambda _: None],
    ids=["500", "404", "nonsense", "nothing"],
)
def test_an_issuer_that_does_not_answer_as_it_should_is_unavailable(answer: Answer) -> None:
    with serving(answer) as url, pytest.raises(KeysUnavailableError, match="cannot be fetched"):
        fetch(url)


@pytest.mark.usefixtures("network")
def test_nobody_waits_for_an_issuer_that_does_not_answer() -> None:
    with serving(never) as url, pytest.raises(KeysUnavailableError, match="TimeoutError"):
        fetch(url)


@pytest.mark.usefixtures("network")
def test_an_issuer_that_answers_without_end_is_unavailable() -> None:
    with serving(slowly) as url, pytest.raises(KeysUnavailableError, match="slower"):
        fetch(url)


@pytest.mark.usefixtures("network")
def test_an_issuer_that_is_not_there_is_unavailable() -> None:
    with serving(saying(b"")) as url:
        pass

    with pytest.raises(KeysUnavailableError, match="URLError"):
        fetch(url)


@pytest.mark.usefixtures("network")
def test_nobody_is_followed_to_another_address() -> None:
    with (
        serving(saying(Issuer().key_set())) as other,
        serving(saying(b"", status=302, location=other)) as url,
        pytest.raises(KeysUnavailableError, match="HTTPError"),
    ):
        fetch(url)


@pytest.mark.usefixtures("network")
def test_issuer_audience_and_address_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for read in (settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url, wiring.sign_ins):
        read.cache_clear()
    issuer = Issuer()

    with serving(saying(issuer.key_set())) as url:
        for name, value in {"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "JWKS_URL": url}.items():
            monkeypatch.setenv(f"OIDC_{name}", value)
        caller = wiring.sign_ins().caller(issuer.token())

    for read in (settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url, wiring.sign_ins):
        read.cache_clear()
    assert caller.email == "ada@example.com"
