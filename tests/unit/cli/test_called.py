import sys
from pathlib import Path

import pytest

from handlers.cli.called import program
from tests.terminal import Terminal


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program, called by its whole path, in a folder that the PATH does not have."""
    script = tmp_path / ".venv/bin/invoicely"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    return script


def test_is_told_by_the_way_from_here(script: Path) -> None:
    assert program() == ".venv/bin/invoicely"


def test_is_told_by_its_whole_path_where_that_is_shorter(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = tmp_path / "/".join("abcdefghijklmnopqrstuvwxyz" * 2)
    far.mkdir(parents=True)
    monkeypatch.chdir(far)

    assert program() == str(script)


def test_is_told_so_that_a_shell_runs_it_here(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(script.parent)

    assert program() == "./invoicely"


def test_is_told_by_its_name_where_the_path_leads_to_it(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(script.parent))

    assert program() == "invoicely"


def test_is_not_confused_with_another_on_the_path(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/invoicely").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "other"))

    assert program() == ".venv/bin/invoicely"


def test_what_is_not_our_script_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["-c"])

    assert program() == "invoicely"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("clients", "list", "--home", "nowhere"), "start it with .venv/bin/invoicely local up"),
        (("clients", "show", "Acme"), ".venv/bin/invoicely clients list shows them"),
        (("clients", "show"), "(see .venv/bin/invoicely clients show --help)"),
    ],
)
def test_errors_give_commands_that_run(
    invoicely: Terminal, script: Path, arguments: tuple[str, ...], hint: str
) -> None:
    assert hint in invoicely(*arguments).err
