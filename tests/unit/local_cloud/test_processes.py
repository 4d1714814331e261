import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from infrastructure.local_cloud.processes import Process, start, stop

TOKEN = "invoicely-0123456789abcdef"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def run(code: str) -> Process:
        """Run code as a process of the cloud, and wait until it says that it is ready."""
        (tmp_path / "it.py").write_text(code + "\nprint('ready', flush=True)\nimport time\ntime.sleep(60)")
        environment = {"PYTHONPATH": str(tmp_path)}
        process = start("it", token=TOKEN, environment=environment, log=tmp_path / "log", inherit=[])
        started.append(process)
        eventually(lambda: "ready" in (tmp_path / "log").read_text())
        return process

    yield run
    stop(started)


@pytest.fixture
def strangers() -> Iterator[Process]:
    """A process of somebody else whose id stands in our state: ours ended, and the id was given again."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        yield Process(name="ministack", pid=other.pid, token=TOKEN)
        other.kill()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def exists(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.mark.parametrize("processes", ["/proc", "/nonexistent"])
def test_a_process_is_alive_from_its_start_until_it_is_stopped(
    run: Callable[[str], Process], processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.local_cloud.processes.PROC", Path(processes))
    process = run("")
    alive_before = process.alive

    stop([process])

    assert (alive_before, process.alive) == (True, False)
    # Its memory goes, and with it its command line, a moment before the kernel lets us take note of its end.
    eventually(lambda: not process.alive and not exists(process.pid))


def test_stopping_again_is_harmless(run: Callable[[str], Process]) -> None:
    process = run("")
    stop([process])

    stop([process])

    assert not process.alive


def test_its_children_go_with_it(run: Callable[[str], Process], tmp_path: Path) -> None:
    process = run("import subprocess; print(subprocess.Popen(['sleep', '60']).pid)")
    child = int((tmp_path / "log").read_text().split()[0])

    stop([process])

    eventually(lambda: not exists(child))


def test_one_that_ignores_sigterm_is_killed(
    run: Callable[[str], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.local_cloud.processes.PATIENCE", 0.1)
    process = run("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")

    stop([process])

    assert not process.alive


def test_a_process_that_got_the_id_later_is_not_taken_for_ours(strangers: Process) -> None:
    assert not strangers.alive


def test_a_process_that_got_the_id_later_is_left_alone(strangers: Process) -> None:
    stop([strangers])

    assert exists(strangers.pid)


def test_an_id_that_nobody_has_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()

    assert not Process(name="ministack", pid=gone.pid, token=TOKEN).alive
