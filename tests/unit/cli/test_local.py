import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.cli import local
from infrastructure.local_cloud import logs, users
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.control import Condition, Status
from infrastructure.local_cloud.logs import Line
from infrastructure.local_cloud.progress import Progress
from infrastructure.local_cloud.users import Tokens
from tests.clouds import A_LOCAL_CLOUD
from tests.terminal import Terminal

AT = dt.datetime(2026, 10, 28, 9, 10, 11, 123_456, dt.UTC)


class Clouds:
    """Stands for the module `control`: what is done with which folder."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.found = Status(condition=Condition.UP, cloud=A_LOCAL_CLOUD)

    def up(self, path: Path, *, progress: Progress, port: int | None) -> LocalCloud:
        self.done.append(("up", path, port))
        progress.step("Starting")
        progress.detail("not for everybody")
        return A_LOCAL_CLOUD

    def down(self, path: Path) -> bool:
        self.done.append(("down", path))
        return self.found.condition is not Condition.DOWN

    def status(self, path: Path) -> Status:
        return self.found

    def update(self, path: Path) -> float:
        self.done.append(("update", path))
        return 0.25


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Clouds:
    clouds = Clouds()
    monkeypatch.setattr(local, "control", clouds)
    monkeypatch.setattr(local, "running_cloud", lambda _: A_LOCAL_CLOUD)
    return clouds


def test_comes_up_and_tells_how_to_reach_it(invoicely: Terminal, clouds: Clouds, tmp_path: Path) -> None:
    ended = invoicely("local", "up", "--home", tmp_path, "--port", "4567")

    assert clouds.done == [("up", tmp_path, 4567)]
    assert (ended.code, ended.errors) == (0, ["Starting"])
    assert "http://127.0.0.1:4567/_aws/execute-api/abcd/v1" in ended.out
    assert "you@example.com, password secret" in ended.out
    assert f"$(invoicely local token --home {tmp_path})" in ended.out


def test_tells_programs_how_to_reach_it(invoicely: Terminal, clouds: Clouds) -> None:
    plain = invoicely("local", "up", "--json").json

    assert (plain["email"], plain["api_url"]) == ("you@example.com", A_LOCAL_CLOUD.api_url)


def test_goes_down(invoicely: Terminal, clouds: Clouds, tmp_path: Path) -> None:
    stopped = invoicely("local", "down", "--home", tmp_path)
    clouds.found = Status(condition=Condition.DOWN)
    nothing = invoicely("local", "down", "--home", tmp_path, "--json")

    assert (stopped.code, stopped.out) == (0, "Stopped.\n")
    assert (nothing.code, nothing.json) == (0, {"stopped": False})


@pytest.mark.parametrize(
    ("found", "code", "lines"),
    [
        (Status(condition=Condition.UP, cloud=A_LOCAL_CLOUD), 0, 6),
        (Status(condition=Condition.DOWN), 3, 1),
        (Status(condition=Condition.BROKEN, problem="mailbox died"), 1, 2),
    ],
    ids=["up", "down", "broken"],
)
def test_tells_how_it_is_by_words_and_exit_code(
    invoicely: Terminal, clouds: Clouds, found: Status, code: int, lines: int
) -> None:
    clouds.found = found

    shown, plain = invoicely("local", "status"), invoicely("local", "status", "--json")

    assert (shown.code, plain.code) == (code, code)
    assert shown.lines[0] == f"The local cloud is {found.condition}."
    assert len(shown.lines) == lines
    assert (plain.json["condition"], plain.json["problem"]) == (found.condition, found.problem)


def test_updates_the_code(invoicely: Terminal, clouds: Clouds, tmp_path: Path) -> None:
    ended = invoicely("local", "update", "--home", tmp_path)

    assert clouds.done == [("update", tmp_path)]
    assert ended.out == "The functions run the new code, after 0.2 s.\n"


def test_shows_what_the_functions_logged(
    invoicely: Terminal, clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str | None, dt.datetime]] = []

    def read(cloud: LocalCloud, function: str | None, *, since: dt.datetime, follow: bool) -> Iterator[Line]:
        asked.append((function, since))
        yield Line(time=AT, function="api", message="done")

    monkeypatch.setattr(logs, "read", read)

    shown = invoicely("local", "logs", "api", "--since", "10m")
    plain = invoicely("local", "logs", "--json")

    assert shown.out == "2026-10-28T09:10:11.123Z api  done\n"
    assert json.loads(plain.lines[0]) == {
        "time": "2026-10-28T09:10:11.123Z",
        "function": "api",
        "message": "done",
    }
    assert [function for function, _ in asked] == ["api", None]
    back = dt.datetime.now(dt.UTC) - asked[0][1]
    assert dt.timedelta(minutes=10) <= back < dt.timedelta(minutes=11)


@pytest.mark.parametrize("arguments", [("apis",), ("--since", "10"), ("--since", "1 week")])
def test_logs_that_cannot_be_meant_are_refused(
    invoicely: Terminal, clouds: Clouds, arguments: tuple[str, ...]
) -> None:
    ended = invoicely("local", "logs", *arguments)

    assert (ended.code, len(ended.errors)) == (2, 1)


def test_prints_a_token_for_the_api(
    invoicely: Terminal, clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sign_in(cloud: LocalCloud, email: str, password: str) -> Tokens:
        return Tokens(id=f"{email}:{password}", access="", refresh="")

    monkeypatch.setattr(users, "sign_in", sign_in)

    assert invoicely("local", "token").out == "you@example.com:secret\n"
    assert invoicely("local", "token", "--email", "nele@example.com", "--json").json == {
        "token": "nele@example.com:secret"
    }
