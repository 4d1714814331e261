"""`invoicely demo`, as `make demo` runs it: everything for real, and nothing left behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from infrastructure import aws, settings, wiring
from infrastructure.local_cloud import control, functions
from infrastructure.local_cloud.control import Condition
from tests.terminal import Ended, Terminal

ROOT = Path(__file__).parents[2]
INVOICED = ("number", "period_start", "period_end", "entries", "net", "total", "currency")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary ones are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def invoicely(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """A terminal in this process, in which everything that a command sets is taken back afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in ("HOME", "ENVIRONMENT", "ACCOUNT"):
        monkeypatch.delitem(os.environ, f"INVOICELY_{name}", raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    forget()
    yield Terminal(capsys)
    forget()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def forget() -> None:
    """Let settings, clients and adapters be made anew."""
    for module in (settings, aws, wiring):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()


def attached(mail: Path) -> bytes:
    [part] = message_from_bytes(mail.read_bytes(), policy=policy.default).iter_attachments()
    content: bytes = part.get_content()
    return content


def left_of(folder: Path) -> str:
    """The processes that still know the folder."""
    listed = subprocess.run(
        ["ps", "-axww", "-o", "args="],  # noqa: S607 - where it lies differs
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in listed.stdout.splitlines() if str(folder) in line)


def check(played: Ended) -> None:
    """Everything that was imported is counted, invoiced and mailed, once."""
    assert played.code == 0, played.err
    invoices = [invoice for client in played.json["clients"] for invoice in client["invoices"]]
    assert len(played.json["clients"]) == 3
    assert played.json["entries"] == sum(client["entries"] for client in played.json["clients"]) >= 220
    assert sorted(invoice["number"][-5:] for invoice in invoices) == ["-0001", "-0002", "-0003", "-0004"]
    assert {invoice["currency"] for invoice in invoices} == {"EUR", "JPY", "USD"}
    for invoice in invoices:
        document = Path(invoice["pdf"]).read_bytes()
        assert document.startswith(b"%PDF-")
        assert attached(Path(invoice["mail"])) == document


def test_plays_a_month_and_leaves_nothing_behind(
    invoicely: Terminal, temporary: Path, tmp_path: Path
) -> None:
    played = invoicely("demo", "--json", "--out", tmp_path / "out")

    check(played)
    assert (list(temporary.iterdir()), left_of(temporary)) == ([], "")


def test_keeps_the_cloud_and_plays_in_it_again(
    invoicely: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    try:
        first = invoicely("demo", "--keep", "--home", home, "--json", "--out", tmp_path / "out")
        kept = control.status(home)
        forget()
        second = invoicely("demo", "--keep", "--home", home, "--out", tmp_path / "out")
        account = ("--home", home, "--account", first.json["kept"]["account_id"], "--json")
        invoices = invoicely("invoices", "list", *account).json
    finally:
        ended = invoicely("local", "down", "--home", home)

    check(first)
    assert kept.condition is Condition.UP
    assert len(invoices) == 4
    assert second.code == 0, second.err
    assert "-0004.pdf" in second.out
    assert "$(invoicely local token --email nele-" in second.err
    assert (ended.code, left_of(home)) == (0, "")


def test_a_demo_that_fails_says_why_and_leaves_only_its_logs(
    invoicely: Terminal, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "invoke", lambda *_: None)  # no tick comes

    played = invoicely("demo", "--out", tmp_path / "out")

    assert (played.code, played.out) == (1, "")
    assert played.errors[-1].startswith("error: GET ")
    assert "/v1/invoices/inv_" in played.errors[-1]
    assert "keep-counters" in (tmp_path / "out/functions.log").read_text()
    assert (list(temporary.iterdir()), left_of(temporary)) == ([], "")


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_storm_changes_nothing_in_the_end(invoicely: Terminal, temporary: Path, tmp_path: Path) -> None:
    fair = invoicely("demo", "--json", "--out", tmp_path / "fair")
    forget()

    storm = invoicely("demo", "--faults", "--json", "--out", tmp_path / "storm")

    check(storm)
    assert billed(storm) == billed(fair)
    told = storm.json["faults"]
    assert sorted(told["calls_broken"].values()) == [3, 6, 10, 30, 60]
    assert (told["mails"], told["mails_twice"], told["failures_open"]) == (4, 0, 0)
    assert sum(each["failures"] for each in told["failures"]) > 0
    assert told["replays"] > 0
    assert told["messages_that_came_again"] > 0
    assert (list(temporary.iterdir()), left_of(temporary)) == ([], "")


def billed(played: Ended) -> list[Any]:
    """What each client has in the end, in counters and on invoices, whatever their ids."""
    return [
        (
            client["name"],
            client["entries"],
            client["minutes"],
            [[invoice[name] for name in INVOICED] for invoice in client["invoices"]],
        )
        for client in played.json["clients"]
    ]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_demo_that_is_stopped_half_way_leaves_nothing_behind(
    temporary: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-c", "from handlers.cli.main import main; main()", "demo", "--out", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stderr
        seen = next(line for line in demo.stderr if line.startswith("Import"))
        demo.send_signal(number)
        rest = demo.stderr.read()

    assert (seen, demo.returncode) == ("Import\n", code)
    assert "Traceback" not in rest
    assert (list(temporary.iterdir()), left_of(temporary)) == ([], "")
