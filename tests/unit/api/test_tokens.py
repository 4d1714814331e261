"""Personal API tokens over HTTP: made by people, used by programs, never shown twice."""

import json
import re

import pytest

from domain.access import Scope
from domain.tokens import MOST_TOKENS, authenticate
from infrastructure import wiring
from tests.builders import a_token, an_account
from tests.gateway import REQUEST_ID, Response, User
from tests.logs import Log
from tests.world import World

AT = "/v1/tokens"
SAID = {"name": "Laptop", "scopes": ["read", "write"]}


@pytest.fixture
def ada(world: World, ada: User) -> User:
    world.having(an_account(id=ada.account_id))
    return ada


def program(ada: User, *scopes: Scope) -> User:
    """Somebody with a token of Ada's."""
    return User(ada.sub, scopes=frozenset(scopes or Scope), token_id="tok_mine000000000000")


def code(response: Response) -> tuple[int, str]:
    return response.status, response.body["type"].rpartition("/")[2]


def test_the_secret_of_a_token_is_shown_once(world: World, ada: User) -> None:
    made = ada.post(AT, SAID)

    token_id, secret = made.body["id"], made.body["secret"]
    assert (made.status, made.headers["location"]) == (201, f"{AT}/{token_id}")
    assert re.fullmatch(rf"ivp_{token_id[4:]}_[A-Za-z0-9_-]{{43}}", secret)
    assert made.body == {
        "id": token_id,
        "name": "Laptop",
        "scopes": ["read", "write"],
        "created_at": "2026-10-28T09:10:00Z",
        "expires_at": "2027-01-26T09:10:00Z",
        "secret": secret,
    }
    shown = {name: value for name, value in made.body.items() if name != "secret"}
    assert ada.get(f"{AT}/{token_id}").body == shown
    assert ada.get(AT).body == {"data": [shown], "has_more": False}
    caller = authenticate(secret, tokens=world.tokens, now=wiring.now())
    assert (caller.account_id, caller.scopes) == (ada.account_id, frozenset({Scope.READ, Scope.WRITE}))


def test_no_two_tokens_have_one_secret(ada: User) -> None:
    secrets = {ada.post(AT, SAID).body["secret"].rpartition("_")[2] for _ in range(3)}

    assert len(secrets) == 3


def test_nothing_of_a_secret_is_logged(ada: User, log: Log) -> None:
    secret = ada.post(AT, SAID).body["secret"]

    assert [line["status"] for line in log.lines] == [201]
    assert secret[21:] not in log.text


def test_what_makes_a_token_says_that_its_answer_is_a_secret() -> None:
    from handlers.api.routes import operations  # noqa: PLC0415 - only this test looks at them

    assert [operation.route for operation in operations() if operation.secret] == ["POST /v1/tokens"]


def test_a_revoked_token_is_listed_no_more_and_says_when_it_was(ada: User) -> None:
    made = ada.post(AT, SAID).body

    first, again = (ada.delete(f"{AT}/{made['id']}") for _ in range(2))

    assert (first.status, first.body, again.status) == (204, None, 204)
    assert ada.get(AT).body["data"] == []
    assert ada.get(f"{AT}/{made['id']}").body["revoked_at"] == "2026-10-28T09:10:00Z"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_token_of_another_is_as_one_that_is_not_there(
    world: World, ada: User, bob: User, method: str
) -> None:
    world.tokens.add(token=a_token(account_id=ada.account_id))
    there, nowhere = a_token().id, "tok_0000000000000009"

    of_another, of_nobody = (bob.ask(method, f"{AT}/{token_id}") for token_id in (there, nowhere))

    assert of_another.status == 404
    assert json.dumps(of_another.body).replace(there, nowhere) == json.dumps(of_nobody.body)
    assert bob.get(AT).body["data"] == []
    assert "revoked_at" not in ada.get(f"{AT}/{there}").body


@pytest.mark.parametrize("token_id", ["tok_", "tok_1", "TOK_0000000000000001", "cli_acme000000000000"])
def test_what_is_no_id_of_a_token_is_not_found(ada: User, token_id: str) -> None:
    assert code(ada.get(f"{AT}/{token_id}")) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", AT, json.dumps(SAID)),
        ("GET", AT, None),
        ("GET", f"{AT}/{a_token().id}", None),
        ("DELETE", f"{AT}/{a_token().id}", None),
    ],
)
def test_a_token_cannot_look_after_tokens(
    world: World, ada: User, method: str, path: str, body: str | None
) -> None:
    world.tokens.add(token=a_token(account_id=ada.account_id))

    response = program(ada).ask(method, path, body)

    assert code(response) == (403, "sign-in-required")
    assert response.body["request_id"] == REQUEST_ID
    assert len(world.tokens.list(account_id=ada.account_id, now=wiring.now()).items) == 1


def test_a_token_gets_no_answer_that_was_kept_for_a_person(ada: User) -> None:
    made = ada.post(AT, SAID, key="tk")

    response = program(ada).post(AT, SAID, key="tk")

    assert made.status == 201
    assert code(response) == (403, "sign-in-required")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, ["/name", "/scopes"]),
        ({"name": "", "scopes": []}, ["/name", "/scopes"]),
        (SAID | {"scopes": ["admin"]}, ["/scopes/0"]),
        (SAID | {"scopes": ["read", "read"]}, ["/scopes"]),
        (SAID | {"scopes": "read"}, ["/scopes"]),
        (SAID | {"expires_at": "2026-10-28T09:10:00Z"}, ["/expires_at"]),
        (SAID | {"expires_at": "2027-10-30T09:10:00Z"}, ["/expires_at"]),
        (SAID | {"expires_at": "2026-12-01T00:00:00"}, ["/expires_at"]),
        (SAID | {"expires_at": 1793178600}, ["/expires_at"]),
        (SAID | {"account_id": "acc_other"}, ["/account_id"]),
        (SAID | {"secret": "mine"}, ["/secret"]),
    ],
)
def test_what_is_wrong_with_a_token_is_told_by_its_place(
    ada: User, said: dict[str, object], wrong: list[str]
) -> None:
    response = ada.post(AT, said)

    assert response.status == 422
    assert [each["pointer"] for each in response.body["errors"]] == wrong
    assert ada.get(AT).body["data"] == []


def test_a_token_expires_when_it_was_said(ada: User) -> None:
    made = ada.post(AT, SAID | {"expires_at": "2026-11-01T09:00:00+09:00"})

    assert made.body["expires_at"] == "2026-11-01T00:00:00Z"


def test_an_account_can_have_too_many_tokens(world: World, ada: User) -> None:
    for number in range(MOST_TOKENS):
        world.tokens.add(token=a_token(number, account_id=ada.account_id))

    assert code(ada.post(AT, SAID)) == (409, "too-many-tokens")


def test_a_token_acts_for_an_account_that_there_is(world: World, bob: User) -> None:
    unknown = bob.post(AT, SAID)
    known = User(bob.sub, email="bob@example.com").post(AT, SAID)

    assert code(unknown) == (409, "no-account-yet")
    assert known.status == 201
    assert program(bob).get("/v1/account").body["email"] == "bob@example.com"


@pytest.mark.parametrize(
    ("scopes", "asked", "status"),
    [
        ([Scope.READ], ("GET", "/v1/clients", None), 200),
        ([Scope.READ], ("POST", "/v1/clients", "{}"), 403),
        ([Scope.WRITE], ("GET", "/v1/clients", None), 403),
        ([Scope.WRITE], ("POST", "/v1/clients", "{}"), 422),
        ([Scope.OPERATE], ("GET", "/v1/clients", None), 403),
    ],
)
def test_a_token_may_do_what_its_scopes_say(
    ada: User, scopes: list[Scope], asked: tuple[str, str, str | None], status: int
) -> None:
    assert program(ada, *scopes).ask(*asked).status == status
