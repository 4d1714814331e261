"""What a hostile client sends: it is refused as the document says, and nothing is shown or half written."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from handlers.api.app import handler
from handlers.api.openapi import document
from handlers.api.routes import operations
from tests.belongings import NAMED, Belongings, kind_of
from tests.fakes import Store
from tests.gateway import User
from tests.strange import ids_that_are_none
from tests.world import World

ADAS, BOBS = Belongings("zyzzyva"), Belongings("bobs")
ROUTES = [operation.route for operation in operations() if operation.needs]
NAMING = [route for route in ROUTES if "{" in route]
BODIES = [operation.route for operation in operations() if operation.takes]
DOCUMENTED = {
    f"{method.upper()} {path}": {*told["responses"]}
    for path, methods in document()["paths"].items()
    for method, told in methods.items()
}


@pytest.fixture(autouse=True)
def _owners(world: World, ada: User, bob: User) -> None:
    ADAS.put(world, ada.account_id)
    BOBS.put(world, bob.account_id)


def answer(
    user: User, method: str, path: str, body: str | bytes | None = None, **more: Any
) -> dict[str, Any]:
    changes = more.pop("changes", {})
    return handler(user.event(method, path, body, **more) | changes, None)


def is_told(answered: Mapping[str, Any]) -> bool:
    """Whether it is a problem in JSON that shows nothing of ours or of anybody."""
    body = json.loads(answered["body"])
    text = answered["body"].lower()
    foreign = ("traceback", "zyzzyva@", ".py", "exception", "dynamodb", "pk =")
    assert answered["body"].encode()
    return body["status"] == answered["statusCode"] and not any(each in text for each in foreign)


@pytest.mark.parametrize("route", NAMING)
def test_what_is_no_id_is_not_found(store: Store, bob: User, route: str) -> None:
    """Also where it begins as an id of one's own does, or ends as one of another's."""
    method, path = route.split()
    own, other = BOBS.ids[kind_of(path)], ADAS.ids[kind_of(path)]
    written = len(store.stream), len(store.tokens), dict(store.failures), dict(store.replays)
    body = json.dumps(BOBS.example(route))

    for each in ids_that_are_none(own, other):
        answered = answer(bob, method, each.join(NAMED.split(path)), body)
        assert answered["statusCode"] in {404, 405}, each[:100]
        assert is_told(answered), each[:100]

    assert (len(store.stream), len(store.tokens), store.failures, store.replays) == written


@pytest.mark.parametrize("route", NAMING)
def test_the_id_of_a_thing_of_another_kind_is_not_found(bob: User, route: str) -> None:
    method, path = route.split()
    for kind, each in BOBS.ids.items():
        if kind != kind_of(path):
            answered = answer(bob, method, NAMED.sub(each, path), json.dumps(BOBS.example(route)))
            assert answered["statusCode"] in {404, 405}, kind


def malformed() -> Iterator[tuple[str | bytes, str]]:
    """Bodies that are none, and what they say they are."""
    plain = json.dumps({"name": "Ada"})
    yield from (
        (text, "application/json") for text in ("", " ", "{", "}", "[]", "1", "null", '"x"', "{}{}", "NaN")
    )
    yield from (
        (text, "application/json") for text in ('{"a":NaN}', '{"a":Infinity}', '{"a":1,"a":1}', '{"a":01}')
    )
    yield from (
        (text, "application/json") for text in ('{"a":' * 9 + "1" + "}" * 9, "[" * 60_000, '{"a":' * 12_000)
    )
    yield from (
        (text, "application/json") for text in ("{'a': 1}", '{"a": 1,}', '{"a": 1} //', '{"a": "\n"}')
    )
    yield '{"a": ' + "9" * 60_000 + "}", "application/json"
    yield '{"a": "\\ud800"', "application/json"
    yield "\ufeff" + plain, "application/json"
    yield from (
        (plain.encode(each), "application/json") for each in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig")
    )
    yield from ((b"\x1f\x8b\x08\x00" + bytes(20), "application/json"), (b"\xff\xfe", "application/json"))
    yield from (
        (plain, each)
        for each in ("text/plain", "text/csv", "application/xml", "multipart/form-data; boundary=x")
    )
    yield plain, "application/x-www-form-urlencoded"
    yield "x" * 65_537, "application/json"


@pytest.mark.parametrize("route", BODIES)
def test_what_is_no_json_is_refused_and_nothing_is_written(store: Store, bob: User, route: str) -> None:
    method, path = route.split()
    written = len(store.stream), len(store.tokens), dict(store.failures), dict(store.replays)

    for body, media in malformed():
        for headers in ({"if-match": "*"}, {"if-match": "*", "idempotency-key": "k"}):
            answered = answer(bob, method, BOBS.path(path), body, media=media, headers=headers)
            assert answered["statusCode"] in {400, 413, 415}, (body[:50], media)
            assert is_told(answered)

    assert (len(store.stream), len(store.tokens), store.failures, store.replays) == written
    assert store.requests == {}


STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**99,
    1e308,
    "",
    "\x00",
    "\ud800",
    "x" * 60_000,
    "9" * 60_000,
    "1e999999",
    "NaN",
    "-0",
    "٣",
    "\u202e",
    "../../x",
    "0000-00-00",
    "9999-12-31",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    [],
    [[]],
    [None] * 1000,
    {},
    {"a": {"b": {"c": {}}}},
    {"$ref": "x"},
    {"__class__": "x"},
)


@pytest.mark.parametrize("route", BODIES)
def test_no_value_of_any_field_is_a_bug(bob: User, route: str) -> None:
    """Each field of the example as something else, and a field that nobody knows."""
    method, path = route.split()
    example = BOBS.example(route)

    for name in (*example, "id", "version", "__proto__", "", "a/b~c", "\ud800", "x" * 10_000):
        for value in STRANGE:
            body = json.dumps(example | {name: value})
            answered = answer(bob, method, BOBS.path(path), body, headers={"if-match": "*"})
            assert str(answered["statusCode"]) in DOCUMENTED[route] - {"503"}, (name[:20], str(value)[:50])
            if answered["statusCode"] >= 400:
                assert is_told(answered)


@pytest.mark.parametrize(
    "match",
    [
        '"1", "2"',
        'W/"1"',
        "1",
        '""',
        '"-1"',
        '"٣"',
        '"' + "9" * 400 + '"',
        "*, *",
        "**",
        "\x00",
        '"1"x',
        "x" * 8000,
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_names_no_one_version_changes_nothing(store: Store, bob: User, method: str, match: str) -> None:
    written = len(store.stream)

    answered = answer(
        bob, method, f"/v1/work-entries/{BOBS.work}", '{"minutes": 1}', headers={"if-match": match}
    )

    assert (answered["statusCode"], is_told(answered), len(store.stream)) == (412, True, written)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("POST ")])
@pytest.mark.parametrize(
    "key", ["", "a" * 256, "a\nb", "a\r\nset-cookie: x", "\x00", "é", "\ud800", "a" * 60_000]
)
def test_what_is_no_key_has_nothing_done(store: Store, bob: User, route: str, key: str) -> None:
    method, path = route.split()
    written = len(store.stream), len(store.tokens), dict(store.failures), dict(store.replays)

    answered = answer(
        bob, method, BOBS.path(path), json.dumps(BOBS.example(route)), headers={"idempotency-key": key}
    )

    assert (answered["statusCode"], is_told(answered)) == (400, True)
    assert (len(store.stream), len(store.tokens), store.failures, store.replays) == written


@pytest.mark.parametrize("route", [route for route in ROUTES if route.split()[0] in {"GET", "DELETE"}])
def test_a_body_where_none_is_asked_for_changes_no_answer(bob: User, route: str) -> None:
    method, path = route.split()
    path = BOBS.path(path)
    for body in ("{", '{"account_id": 1}', b"\xff", "x" * 70_000):
        assert answer(bob, method, path, body, media="text/plain") == answer(bob, method, path)


OVERRIDES = {
    "x-http-method-override": "DELETE",
    "x-http-method": "DELETE",
    "x-method-override": "DELETE",
    "x-original-url": "/v1/tokens",
    "x-rewrite-url": "/v1/tokens",
    "x-forwarded-host": "evil.example",
    "x-forwarded-prefix": "/evil",
    "host": "evil.example",
    "content-encoding": "gzip",
    "transfer-encoding": "chunked",
    "expect": "100-continue",
    "upgrade": "h2c",
    "accept": "text/html",
    "range": "bytes=0-1",
    "if-none-match": "*",
    "te": "trailers",
}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("GET ")])
def test_no_header_makes_a_request_another_one(store: Store, bob: User, route: str) -> None:
    """Nothing of the host, the method or the path is taken from where a proxy would write it."""
    method, path = route.split()
    usual = answer(bob, method, BOBS.path(path))

    assert answer(bob, method, BOBS.path(path), headers=OVERRIDES) == usual
    assert answer(bob, method, BOBS.path(path), headers={f"X-{'a' * 200}": "b" * 8000}) == usual


@pytest.mark.parametrize(
    "method", ["get", "Get", "GET ", "", "TRACE", "CONNECT", "PROPFIND", "G\x00T", "x" * 5000]
)
def test_a_method_is_one_that_is_known_as_it_is_written(bob: User, method: str) -> None:
    answered = answer(bob, method, "/v1/clients")

    assert (answered["statusCode"], is_told(answered)) == (405, True)
    assert answered["headers"]["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//v1/clients",
        "/v1//clients",
        "/v1/clients/",
        "/V1/clients",
        "/v1/Clients",
        "/v1/%63lients",
        "/v1/clients;a=b",
        "/v1/clients%20",
        "/v1/./clients",
        "/v1/x/../clients",
        "/v1\\clients",
        "/v1/clients\n",
        "/v1/clients%0A",
        "/v1/clients?limit=1",
        "/v1/clients#x",
        "/v2/clients",
        "v1/clients",
        "http://evil.example/v1/clients",
        "/v1/clients/\ud800/x",
        "/" + "a" * 100_000,
        "/v1/" + "clients/" * 5_000,
        "/docs/../v1/clients",
    ],
)
def test_a_path_is_written_in_one_way(bob: User, path: str) -> None:
    answered = answer(bob, "GET", path)

    assert (answered["statusCode"], is_told(answered)) == (404, True)


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "%zz",
        "=",
        "&&&",
        "a",
        "limit",
        "limit=1;limit=2",
        "limit[]=1",
        "%00=1",
        "limit=%00",
        "x=" + "a" * 60_000,
        "&".join(f"a{number}=1" for number in range(5_000)),
        "limit=1&" * 5_000,
        "limit=" + "9" * 50_000,
        "é=\ud800",
    ],
)
def test_whatever_stands_behind_the_question_mark_is_told(bob: User, query: str) -> None:
    answered = answer(bob, "GET", "/v1/clients", changes={"rawQueryString": query})

    assert answered["statusCode"] in {200, 400}
    assert answered["statusCode"] == 200 or is_told(answered)
