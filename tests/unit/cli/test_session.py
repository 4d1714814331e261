import base64
import json
import os
from pathlib import Path

import pytest

from infrastructure import discovery
from infrastructure.local_cloud import control, users
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.users import Tokens
from tests.builders import an_account
from tests.clouds import A_LOCAL_CLOUD
from tests.terminal import ME, Terminal
from tests.world import World

SUB = "0f7c1f0e-6f0a-4b5e-9d57-0a1b2c3d4e5f"
READY = f"acc_{SUB.replace('-', '')}"


@pytest.fixture
def terminal(
    world: World, nowhere: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """A terminal whose environment says nothing, and which may be changed by the command."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return Terminal(capsys)


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A local cloud runs in any folder, and somebody can sign in there; the folders that were asked for."""
    asked: list[Path] = []

    def connect(path: Path) -> LocalCloud:
        asked.append(path)
        return A_LOCAL_CLOUD

    claims = base64.urlsafe_b64encode(json.dumps({"sub": SUB}).encode()).decode().rstrip("=")
    tokens = Tokens(id=f"header.{claims}.signature", access="", refresh="")
    monkeypatch.setattr(control, "connect", connect)
    monkeypatch.setattr(users, "sign_in", lambda *_: tokens)
    return asked


def test_acts_for_the_ready_account_of_the_local_cloud(terminal: Terminal, clouds: list[Path]) -> None:
    ended = terminal("clients", "list", "--json")

    assert ended.json == []
    assert clouds[0].name == ".local"
    assert os.environ["TABLE_NAME"] == "invoicely-local"
    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4567"


def test_the_ready_account_is_the_signed_in_user_s(
    terminal: Terminal, clouds: list[Path], world: World
) -> None:
    world.having(an_account(id=READY))

    assert terminal("account", "show", "--json").json["id"] == READY


def test_a_flag_comes_before_a_variable(
    terminal: Terminal, clouds: list[Path], world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world.having(an_account(id=ME))
    monkeypatch.setenv("INVOICELY_ACCOUNT", f"acc_{'b' * 32}")
    monkeypatch.setenv("INVOICELY_HOME", "elsewhere")

    ended = terminal("account", "show", "--account", ME, "--home", tmp_path, "--json")

    assert (ended.json["id"], clouds) == (ME, [tmp_path])


def test_a_variable_comes_before_the_local_cloud(
    terminal: Terminal, clouds: list[Path], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.having(an_account(id=ME))
    monkeypatch.setenv("TABLE_NAME", "table")
    monkeypatch.setenv("INVOICELY_ACCOUNT", ME)

    assert terminal("account", "show", "--json").json["id"] == ME
    assert clouds == []


def test_an_environment_in_aws_is_found_by_its_stack(
    terminal: Terminal, clouds: list[Path], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.having(an_account(id=ME))
    monkeypatch.setattr(discovery, "variables", lambda name: {"TABLE_NAME": f"invoicely-{name}"})

    ended = terminal("account", "show", "--environment", "dev", "--account", ME)

    assert (ended.code, clouds, os.environ["TABLE_NAME"]) == (0, [], "invoicely-dev")


def test_there_are_three_environments(terminal: Terminal) -> None:
    ended = terminal("account", "show", "--environment", "foo", "--account", ME)

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "'local', 'dev', 'prod'" in ended.err


def test_without_an_account_nobody_is_signed_in(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "table")

    ended = terminal("clients", "list")

    assert (ended.code, ended.errors) == (
        4,
        ["error: which account? Give --account, or set INVOICELY_ACCOUNT"],
    )


def test_an_operator_needs_no_account(
    terminal: Terminal, clouds: list[Path], failed: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(users, "sign_in", None)  # nobody signs in

    ended = terminal("failures", "list", "--home", tmp_path)

    assert (ended.code, clouds) == (0, [tmp_path])
    assert ended.lines[-1].endswith(f" --home {tmp_path}")
    assert os.environ["TABLE_NAME"] == "invoicely-local"


def test_an_operator_s_environment_is_found_by_its_stack(
    terminal: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "variables", lambda name: {"TABLE_NAME": f"invoicely-{name}"})

    ended = terminal("failures", "list", "--environment", "prod")

    assert (ended.code, os.environ["TABLE_NAME"]) == (0, "invoicely-prod")


@pytest.mark.parametrize("account", ["me", "acc_1", f"acc_{'a' * 31}#"])
def test_an_account_has_its_form(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    monkeypatch.setenv("TABLE_NAME", "table")

    ended = terminal("clients", "list", "--account", account)

    assert (ended.code, len(ended.errors)) == (2, 1)


def test_says_how_to_start_a_local_cloud_that_is_down(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal("clients", "list", "--home", tmp_path)

    assert (ended.code, len(ended.errors)) == (1, 1)
    assert "invoicely local up" in ended.err


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("prod", "--as-of", "2026-10-28"), 0),
        (("prod", "--as-of", "2026-10-28T22:59:59Z"), 0),
        (("prod", "--as-of", "2026-10-29"), 2),
        (("prod", "--as-of", "2026-10-28T23:00:00Z"), 2),
        (("dev", "--as-of", "2027-10-31"), 0),
    ],
)
@pytest.mark.parametrize("command", ["run", "remind"])
def test_real_invoices_are_not_made_ahead_of_their_day_nor_reminded_of(
    terminal: Terminal,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    said: tuple[str, ...],
    code: int,
    command: str,
) -> None:
    """It is 10:10 in Berlin on 2026-10-28."""
    world.having(an_account(id=ME))
    monkeypatch.setattr(discovery, "variables", lambda _: {})

    ended = terminal("invoices", command, "--account", ME, "--environment", *said)

    assert ended.code == code
    assert ("is still to come" in ended.err) == (code > 0)
