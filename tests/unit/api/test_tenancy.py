"""Whatever the document says can be asked, asked by Bob for Ada's things: it is as if there were none.

    an operation with a name in its path   Ada's id is answered as one that there is not, for each method
    an operation without one               Bob's answer is the one that he has where there is no Ada

The operations come from the document, so that a new one is tried as soon as it is there.
It is long since all of it reads the same document by the same helpers.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest

from domain.access import Scope
from handlers.api.app import handler
from handlers.api.openapi import document
from infrastructure import wiring
from tests.belongings import NAMED, Belongings
from tests.fakes import InMemoryUploads, Store
from tests.gateway import User
from tests.unit.api.conftest import NOW
from tests.wired import wired
from tests.world import World

Json = dict[str, Any]

ADA = User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")
BOB = User("0b0b0b0b-1111-4222-8333-444444444444")
ADAS, BOBS, NOBODYS = Belongings("zyzzyva"), Belongings("bobs"), Belongings("nobody")
ANYBODY = User(BOB.sub, email="bob@example.com")
READER = User(BOB.sub, scopes=frozenset({Scope.READ}))
PROGRAM = User(BOB.sub, token_id="tok_0000000000000007")

OPERATIONS: Mapping[str, Json] = {
    f"{method.upper()} {path}": told
    for path, methods in document()["paths"].items()
    for method, told in methods.items()
    if told["security"]
}
WITH_A_NAME = [route for route in OPERATIONS if "{" in route]
WITHOUT = [route for route in OPERATIONS if "{" not in route]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
EVERY_METHOD = [f"{method} {path}" for path in document()["paths"] if "{" in path for method in METHODS]

NO_THINGS = {"tax_id"}
"""Fields that end as ids do and name nothing of ours."""

ACCOUNTS = [
    "account",
    "account_id",
    "accountId",
    "AccountId",
    "acc",
    "tenant",
    "tenant_id",
    "user_id",
    "owner",
    "sub",
]
HEADERS = [
    *ACCOUNTS,
    "x-account",
    "X-Account-Id",
    "X-Tenant",
    "X-Tenant-Id",
    "X-User-Id",
    "X-Forwarded-User",
    "x-amzn-oidc-identity",
    "x-invoicely-account",
    "from",
]


class Asked(NamedTuple):
    """A request but for who sends it."""

    method: str
    path: str
    body: str | bytes | None = None
    query: str = ""
    headers: Mapping[str, str] = {}

    def by(self, user: User) -> Json:
        """The answer, byte for byte; the gateway gives each of our requests the same id."""
        event = user.event(self.method, self.path, self.body, headers=dict(self.headers))
        return handler(event | {"rawQueryString": self.query}, None)


@dataclass(frozen=True)
class Place:
    """A world behind the API, and all that is stored in it."""

    store: Store
    world: World

    def but_of(self, user: User) -> Mapping[str, list[str]]:
        """All that is stored, but for what is the user's own, as text."""
        uploads = self.world.uploads
        assert isinstance(uploads, InMemoryUploads)
        kept = {field.name: getattr(self.store, field.name) for field in fields(Store)} | vars(uploads)
        held = {name: _entries(value) for name, value in kept.items() if name not in {"calls", "_store"}}
        own = (user.account_id, BOBS.failure)  # a part of a replay names no account
        return {
            name: [entry for entry in entries if not any(each in entry for each in own)]
            for name, entries in held.items()
        }


def _entries(kept: object) -> list[str]:
    if isinstance(kept, Mapping):
        return [each for item in kept.items() for each in _inner(item)]
    return [repr(each) for each in kept] if isinstance(kept, list) else []


def _inner(item: tuple[object, object]) -> list[str]:
    """What stands under a kind of entity, each by itself."""
    return _entries(item[1]) if isinstance(item[1], Mapping) else [repr(item)]


NewPlace = Callable[..., Place]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> NewPlace:
    """Makes a new world, with what these users have in it; the last one is behind the API."""

    def new(**owners: User) -> Place:
        store = Store()
        world = wired(store, monkeypatch, now=NOW)
        for whose, user in owners.items():
            {"adas": ADAS, "bobs": BOBS}[whose].put(world, user.account_id)
        return Place(store, world)

    monkeypatch.setattr(wiring, "new_secret", lambda: "s" * 43)
    return new


def variants(route: str, whose: Belongings) -> Iterator[Asked]:
    """The request of an operation as the document shows it, and others that may get to other lines."""
    method, path = route.split()
    body = json.dumps(whose.example(route))
    asked = Asked(method, whose.path(path), body, headers={"if-match": "*"})
    yield asked
    for match in ('"1"', '"9"', 'W/"1"', "?"):
        yield asked._replace(headers={"if-match": match})
    yield asked._replace(headers={})
    yield asked._replace(headers={"if-match": "*", "idempotency-key": f"k-{method}"})
    yield from (asked._replace(body=other) for other in (None, "{}", "{", '{"account_id": 1}'))
    yield from (asked._replace(query=query) for query in ("limit=1", "limit=0", "cursor=x", "x=1"))


def encoded(asked: Asked, whose: Belongings) -> Asked:
    """The same with each character of the id percent-encoded."""
    path = asked.path
    for each in (*whose.ids.values(), *whose.others.values()):
        path = path.replace(f"/{each}", f"/{_encoded(each)}")
    return asked._replace(path=path)


def _encoded(text: str) -> str:
    return "".join(f"%{ord(each):02X}" for each in text)


def nameless(answer: Json, whose: Belongings) -> Json:
    """The answer without the ids that it may be about, however they are written."""
    text = json.dumps(answer)
    for each in {*whose.ids.values(), *whose.others.values(), *whose.named.values()}:
        for written in (each, quote(each, safe=""), _encoded(each)):
            text = text.replace(written, "ID")
    told: Json = json.loads(text)
    return told


def shows(answer: Json, whose: Belongings) -> bool:
    """Whether anything in the answer is the account's."""
    text = json.dumps(answer).lower()
    return whose.whose in text or ADA.account_id in text


TOLD_WHY_NOT = {
    ("POST /v1/invoices/{id}/review", 409),
    ("POST /v1/invoices/{id}/refunds", 409),
    ("POST /v1/clients/{id}/refunds", 409),
}
"""The invoice has been issued, or there is not as much to refund: its owner is told so, and nobody else."""


@pytest.mark.parametrize("route", WITH_A_NAME)
def test_their_owner_reaches_them(place: NewPlace, route: str) -> None:
    """What is refused below is refused for whose it is, and not for what is asked."""
    place(adas=ADA)

    asked = next(variants(route, ADAS))

    status = asked.by(ADA)["statusCode"]
    assert 200 <= status < 300 or (route, status) in TOLD_WHY_NOT
    assert next(variants(route, NOBODYS)).by(ADA)["statusCode"] == 404


@pytest.mark.parametrize("route", EVERY_METHOD)
def test_a_thing_of_another_account_is_answered_as_one_that_there_is_not(place: NewPlace, route: str) -> None:
    there = place(adas=ADA, bobs=BOB)
    before = there.but_of(BOB)

    for foreign, missing in zip(variants(route, ADAS), variants(route, NOBODYS), strict=True):
        answer = nameless(foreign.by(BOB), ADAS)
        assert answer == nameless(missing.by(BOB), NOBODYS)
        assert answer["statusCode"] >= 400
        assert not shows(answer, ADAS)

    assert there.but_of(BOB) == before


@pytest.mark.parametrize("route", EVERY_METHOD)
def test_so_it_is_for_each_kind_of_sign_in_and_however_the_id_is_written(place: NewPlace, route: str) -> None:
    there = place(adas=ADA, bobs=BOB)
    before = there.but_of(BOB)
    foreign, missing = next(variants(route, ADAS)), next(variants(route, NOBODYS))

    for user in (ANYBODY, READER, PROGRAM):
        assert nameless(foreign.by(user), ADAS) == nameless(missing.by(user), NOBODYS)
    again, none = encoded(foreign, ADAS), encoded(missing, NOBODYS)
    assert nameless(again.by(BOB), ADAS) == nameless(none.by(BOB), NOBODYS)

    assert there.but_of(BOB) == before


@pytest.mark.parametrize("route", WITH_A_NAME)
def test_it_is_not_found(place: NewPlace, route: str) -> None:
    place(adas=ADA, bobs=BOB)

    foreign, missing = next(variants(route, ADAS)), next(variants(route, NOBODYS))

    assert foreign.by(BOB)["statusCode"] == 404
    assert nameless(foreign.by(BOB), ADAS) == nameless(missing.by(ADA), NOBODYS)


def in_general(route: str) -> Iterator[Asked]:
    """What can be asked of an operation that names nothing in its path, and means Ada's things."""
    method, path = route.split()
    example = ADAS.example(route)
    asked = Asked(method, path, json.dumps(example) if example else None, headers={"if-match": "*"})
    yield asked
    yield asked._replace(headers={})
    yield asked._replace(headers={"idempotency-key": "k"})
    for name in named_in_query(route):
        yield asked._replace(query=urlencode({name: ADAS.named[name]}))
    for name in named_in_body(route):
        yield asked._replace(body=json.dumps(example | {name: ADAS.named[name]}))
    if "dry_run" in example:
        yield asked._replace(body='{"dry_run": false}')
        yield asked._replace(body=json.dumps({"dry_run": False, "cause": ADAS.cause.id}))


def named_in_query(route: str) -> list[str]:
    """The parameters behind the `?` that name a thing."""
    names = [each["name"] for each in OPERATIONS[route].get("parameters", ()) if each["in"] == "query"]
    return names_of_things(names)


def named_in_body(route: str) -> list[str]:
    """The fields of the body that name a thing; those of shapes within it with them."""
    return names_of_things(_fields(OPERATIONS[route].get("requestBody", {})))


def names_of_things(names: list[str]) -> list[str]:
    found = [name for name in names if name in ADAS.named or name == "id" or name.endswith(("_id", "_ids"))]
    unknown = {*found} - ADAS.named.keys() - NO_THINGS
    assert not unknown, f"{unknown} name things of a new kind: say in Belongings.named what stands for one"
    return [name for name in found if name not in NO_THINGS]


def _fields(told: object) -> list[str]:
    if isinstance(told, list):
        return [name for each in told for name in _fields(each)]
    if not isinstance(told, dict):
        return []
    if "$ref" in told:
        return _fields(document()["components"]["schemas"][told["$ref"].rpartition("/")[2]])
    own = list(told.get("properties", ()))
    return own + [name for key, each in told.items() if key != "example" for name in _fields(each)]


@pytest.mark.parametrize("has_an_account", [True, False], ids=["member", "stranger"])
@pytest.mark.parametrize("route", WITHOUT)
def test_what_another_account_has_changes_no_answer(
    place: NewPlace, route: str, has_an_account: bool
) -> None:
    owns: dict[str, User] = {"bobs": BOB} if has_an_account else {}
    for asked in in_general(route):
        place(**owns)
        alone = asked.by(BOB)

        there = place(**owns, adas=ADA)
        before = there.but_of(BOB)

        assert asked.by(BOB) == alone
        assert there.but_of(BOB) == before
        assert not shows(nameless(alone, ADAS), ADAS)


@pytest.mark.parametrize("route", [*WITHOUT, *WITH_A_NAME])
def test_an_id_in_a_body_that_is_another_account_s_is_as_unknown_as_any(place: NewPlace, route: str) -> None:
    """Beside a path that names a thing of Bob's own."""
    method, path = route.split()
    for name in named_in_body(route):
        place(adas=ADA, bobs=BOB)
        said = [BOBS.example(route) | {name: whose.named[name]} for whose in (ADAS, NOBODYS)]
        foreign, missing = (Asked(method, BOBS.path(path), json.dumps(each)).by(BOB) for each in said)
        assert nameless(foreign, ADAS) == nameless(missing, NOBODYS)


def test_the_client_that_work_is_for_is_named_in_a_body_and_behind_the_question_mark() -> None:
    """The tests above find what names things."""
    assert named_in_body("POST /v1/work-entries") == ["client_id"]
    assert named_in_query("GET /v1/work-entries") == ["client_id"]


def test_their_owner_sees_them_in_the_lists(place: NewPlace) -> None:
    """Nothing is missing in Bob's lists for another reason than whose it is."""
    place(adas=ADA, bobs=BOB)

    lists = [route.split()[1] for route in WITHOUT if "next_cursor" in json.dumps(OPERATIONS[route])]

    assert len(lists) >= 7
    for path in lists:
        assert len(ADA.get(path, **_long_ago(path)).body["data"]) == len(BOB.get(path).body["data"]) > 0
        assert shows(Asked("GET", path).by(ADA), ADAS), path


def _long_ago(path: str) -> dict[str, str | int]:
    return {"since": "2026-09-01"} if path == "/v1/work-entries" else {}


def of_ones_own(route: str) -> Asked:
    """A request that means a thing of Bob's, where it means one."""
    method, path = route.split()
    example = BOBS.example(route)
    return Asked(method, BOBS.path(path), json.dumps(example) if example else None, headers={"if-match": "*"})


def for_adas(route: str) -> Asked:
    """The same for a thing of Ada's."""
    return of_ones_own(route)._replace(path=ADAS.path(route.split()[1]))


each_way = pytest.mark.parametrize("asking", [of_ones_own, for_adas], ids=["own", "foreign"])
each_operation = pytest.mark.parametrize("route", OPERATIONS)


@pytest.fixture
def answer(place: NewPlace) -> Callable[[Asked], Json]:
    """Bob's answer in a new world, in which everything of Ada's stays as it was and unseen."""

    def answered(asked: Asked, **changes: Any) -> Json:
        there = place(adas=ADA, bobs=BOB)
        before = there.but_of(BOB)
        event = BOB.event(asked.method, asked.path, asked.body, headers=dict(asked.headers))
        told = handler(event | {"rawQueryString": asked.query} | changes, None)
        assert there.but_of(BOB) == before
        assert not shows(nameless(told, ADAS), ADAS) or ADA.account_id in asked.path
        return told

    return answered


Answer = Callable[..., Json]


@each_way
@each_operation
def test_the_account_comes_from_no_header(answer: Answer, route: str, asking: Callable[[str], Asked]) -> None:
    asked = asking(route)
    said = dict.fromkeys(HEADERS, ADA.account_id) | {"cookie": f"account={ADA.account_id}"}

    assert answer(asked._replace(headers={**asked.headers, **said})) == answer(asked)


@each_way
@each_operation
def test_the_account_comes_from_nothing_behind_the_question_mark(
    answer: Answer, route: str, asking: Callable[[str], Asked]
) -> None:
    told = answer(asking(route)._replace(query=urlencode(dict.fromkeys(ACCOUNTS, ADA.account_id))))

    errors = json.loads(told["body"])["errors"]
    assert told["statusCode"] == 400
    assert {each["pointer"] for each in errors} == {f"/{name}" for name in ACCOUNTS}
    assert {each["code"] for each in errors} == {"unknown-parameter"}


@each_way
@each_operation
def test_the_account_comes_from_no_body(answer: Answer, route: str, asking: Callable[[str], Asked]) -> None:
    asked = asking(route)
    said = dict.fromkeys(ACCOUNTS, ADA.account_id)

    told = answer(asked._replace(body=json.dumps(json.loads(asked.body or "{}") | said)))

    if "requestBody" in OPERATIONS[route] and told["statusCode"] == 422:
        assert {each["pointer"] for each in json.loads(told["body"])["errors"]} == {
            f"/{name}" for name in said
        }
    else:
        assert told == answer(asked)
        assert "requestBody" not in OPERATIONS[route] or told["statusCode"] == 404


@pytest.mark.parametrize(
    "before", ["/{account}", "/v1/accounts/{account}", "/v1/{account}", "/accounts/{account}/v1"]
)
@each_operation
def test_the_account_comes_from_no_path(answer: Answer, route: str, before: str) -> None:
    method, path = route.split()
    beyond = before.format(account=ADA.account_id) + ADAS.path(path).removeprefix("/v1")

    assert answer(Asked(method, beyond))["statusCode"] in {404, 405}


@each_way
@each_operation
def test_the_account_comes_from_nothing_else_that_a_gateway_tells(
    answer: Answer, route: str, asking: Callable[[str], Asked]
) -> None:
    said = dict.fromkeys([*ACCOUNTS, *HEADERS], ADA.account_id)
    asked = asking(route)

    told = answer(
        asked, queryStringParameters=said, pathParameters=said, stageVariables=said, cookies=[*said]
    )

    assert told == answer(asked)


def test_every_kind_of_thing_is_known() -> None:
    """A route that names a new kind of thing fails the tests above when they are collected, and says so."""
    kinds = {NAMED.split(route.split()[1])[0].rstrip("/") for route in WITH_A_NAME}

    assert kinds == ADAS.ids.keys() == NOBODYS.ids.keys()
    with pytest.raises(LookupError, match="new kind: let Belongings have one, and /v1/projects in ids"):
        ADAS.path("/v1/projects/{id}/tasks")


@pytest.mark.parametrize("kind", ADAS.ids)
def test_a_missing_id_has_the_form_of_one_that_is_there(kind: str) -> None:
    assert len(ADAS.ids[kind]) == len(NOBODYS.ids[kind])
    assert ADAS.ids[kind] != NOBODYS.ids[kind]
