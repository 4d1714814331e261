"""The start and the end of a local cloud, however they come about: each test has a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.local_cloud import control, state
from infrastructure.local_cloud.control import Condition
from infrastructure.local_cloud.errors import (
    LocalCloudError,
    NotRunningError,
)
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.processes import Process
from tests.e2e.visitors import eventually

HOLDER = """
import sys
from pathlib import Path
from infrastructure.local_cloud import control
control.up(Path(sys.argv[1]), tie_to_parent=True, breakable="breakable" in sys.argv)
if "keep" in sys.argv:
    control.keep(Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cloud"
    control.down(tmp_path / "cloud")


def holder(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process that holds a cloud."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    return process


def everything_is_gone(processes: tuple[Process, ...], folder: Path) -> bool:
    left = {"cloud.json", "tmp"} & {path.name for path in folder.iterdir()}
    return not left and not any(process.alive for process in processes)


def test_stopping_leaves_nothing_and_stopping_again_is_harmless(folder: Path) -> None:
    control.up(folder)
    processes = control.status(folder).processes

    stopped = control.down(folder), control.down(folder)

    assert stopped == (True, False)
    assert everything_is_gone(processes, folder)
    assert control.status(folder).condition is Condition.DOWN


def test_a_tied_cloud_goes_when_its_holder_is_killed(folder: Path) -> None:
    with holder(folder) as process:
        processes = control.status(folder).processes

        process.kill()

    eventually(lambda: everything_is_gone(processes, folder))


def test_a_tied_cloud_that_is_kept_stays(folder: Path) -> None:
    with holder(folder, "keep") as process:
        process.kill()

    assert control.status(folder).condition is Condition.UP


def test_the_proxy_of_a_breakable_cloud_stays_with_it_and_goes_with_it(folder: Path) -> None:
    with holder(folder, "keep", "breakable") as process:
        process.kill()

    kept = control.status(folder)
    control.down(folder)

    assert kept.condition is Condition.UP
    assert [process.name for process in kept.processes] == ["ministack", "mailbox", "microburst"]
    assert everything_is_gone(kept.processes, folder)


def test_a_breakable_cloud_goes_when_its_holder_is_killed(folder: Path) -> None:
    with holder(folder, "breakable") as process:
        processes = control.status(folder).processes

        process.kill()

    eventually(lambda: everything_is_gone(processes, folder))


def test_a_running_cloud_cannot_be_made_breakable(folder: Path) -> None:
    control.up(folder)

    with pytest.raises(LocalCloudError, match="breakable"):
        control.up(folder, breakable=True)


def test_a_start_that_fails_leaves_nothing(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(LocalCloudError):
        control.up(folder, port=taken.getsockname()[1])

    assert everything_is_gone((), folder)


def test_a_start_that_is_interrupted_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Process] = []

    def interrupt(*_: object, **__: object) -> None:
        started.extend(control.status(folder).processes)
        raise KeyboardInterrupt

    monkeypatch.setattr(control, "deploy", interrupt)

    with pytest.raises(KeyboardInterrupt):
        control.up(folder)

    assert len(started) == 2
    assert everything_is_gone(tuple(started), folder)


def test_a_dead_cloud_is_noticed_and_replaced(folder: Path) -> None:
    control.up(folder)
    ministack, _ = control.status(folder).processes
    os.kill(ministack.pid, signal.SIGKILL)
    eventually(lambda: not ministack.alive)
    found = control.status(folder)

    control.up(folder)

    assert (found.condition, found.problem) == (Condition.BROKEN, "ministack died")
    assert control.status(folder).condition is Condition.UP


def test_a_dead_cloud_cannot_be_used(folder: Path) -> None:
    control.up(folder)
    for process in control.status(folder).processes:
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: control.status(folder).condition is Condition.BROKEN)

    with pytest.raises(NotRunningError):
        control.connect(folder)


def test_a_cloud_that_was_never_deployed_is_replaced(folder: Path) -> None:
    control.up(folder)
    started = state.read(Home(folder))
    assert started
    state.write(Home(folder), replace(started, cloud=None))

    control.up(folder)

    assert not any(process.alive for process in started.processes)
    assert control.status(folder).condition is Condition.UP
