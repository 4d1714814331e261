import pytest

from domain.access import Scope
from domain.tokens import authenticate
from tests.builders import BOB, a_token
from tests.terminal import ME, Terminal
from tests.unit.cli.conftest import NOW
from tests.world import World


def test_makes_a_token_and_shows_its_secret(invoicely: Terminal, world: World) -> None:
    ended = invoicely("tokens", "create", "--name", "laptop", "--scope", "write", "--scope", "read")

    first, second, secret = ended.lines
    [token] = world.tokens.list(account_id=ME, now=NOW).items
    assert (ended.code, first) == (0, f"laptop  ({token.id})")
    assert second == "  read write · until 2027-01-26T09:10:00Z"
    assert authenticate(secret.strip(), tokens=world.tokens, now=NOW).account_id == ME


def test_makes_a_token_for_as_long_as_is_said(invoicely: Terminal, world: World) -> None:
    said = ("--name", "cron", "--scope", "operate", "--expires-at", "2026-11-01T00:00:00Z")
    ended = invoicely("tokens", "create", *said, "--json")

    [token] = world.tokens.list(account_id=ME, now=NOW).items
    assert (ended.json["id"], ended.json["expires_at"]) == (token.id, "2026-11-01T00:00:00Z")
    assert ended.json["secret"].startswith("ivp_")
    assert token.scopes == (Scope.OPERATE,)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("--name", "x"), "--scope"),
        (("--scope", "read"), "--name"),
        (("--name", "x", "--scope", "admin"), "admin"),
        (("--name", "x", "--scope", "read", "--expires-at", "2020-01-01T00:00:00Z"), "error: --expires-at: "),
        (("--name", "x", "--scope", "read", "--scope", "read"), "error: --scope: "),
    ],
)
def test_says_what_is_wrong_with_a_token(
    invoicely: Terminal, world: World, said: tuple[str, ...], told: str
) -> None:
    ended = invoicely("tokens", "create", *said)

    assert ended.code == 2
    assert told in ended.err
    assert world.tokens.list(account_id=ME, now=NOW).items == ()


def test_lists_the_tokens_that_work_without_their_secrets(invoicely: Terminal, world: World) -> None:
    for token in (a_token(1, account_id=ME), a_token(2, account_id=BOB), a_token(3, account_id=ME)):
        world.tokens.add(token=token)
    invoicely("tokens", "revoke", a_token(3).id)

    shown, plain = invoicely("tokens", "list"), invoicely("tokens", "list", "--json").json

    assert [token["id"] for token in plain] == [a_token().id]
    assert [cell.strip() for cell in shown.lines[-1].split("   ") if cell.strip()] == [
        "Laptop",
        "tok_0000000000000001",
        "read write",
        "2026-12-31T00:00:00Z",
    ]


def test_says_so_where_there_are_no_tokens(invoicely: Terminal) -> None:
    ended = invoicely("tokens", "list")

    assert (ended.code, ended.out) == (0, "")
    assert "invoicely tokens create" in ended.err


def test_revokes_a_token(invoicely: Terminal, world: World) -> None:
    world.tokens.add(token=a_token(account_id=ME))

    ended = invoicely("tokens", "revoke", a_token().id)

    assert ended.lines == [
        "Laptop  (tok_0000000000000001)",
        "  read write · revoked at 2026-10-28T09:10:00Z",
    ]
    assert world.tokens.get(token_id=a_token().id).revoked_at == NOW


@pytest.mark.parametrize("token_id", ["tok_0000000000000001", "tok_0000000000000002", "laptop"])
def test_revokes_no_token_that_the_account_has_not(invoicely: Terminal, world: World, token_id: str) -> None:
    world.tokens.add(token=a_token(account_id=BOB))

    assert invoicely("tokens", "revoke", token_id).code == 3
    assert world.tokens.get(token_id=a_token().id).revoked_at is None
