"""Processes that outlive their parent, found and ended by id, and never mistaken for another's.

A process id is used again after a reboot or a while. Each process of a cloud therefore carries the cloud's
token on its command line; an id whose command line lacks the token is not ours any more and stays untouched.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infrastructure.local_cloud.names import REPOSITORY

PROC = Path("/proc")

PATIENCE = 3.0
"""Seconds that a process gets to end by itself after SIGTERM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process we started, the leader of its own process group."""

    name: str
    pid: int
    token: str

    @property
    def alive(self) -> bool:
        _reap(self.pid)
        return self.token in _command_line(self.pid)


def start(
    module: str,
    *arguments: str,
    token: str,
    environment: Mapping[str, str],
    log: Path,
    inherit: Sequence[int],
) -> Process:
    """Run a module by this Python in a session of its own: neither Ctrl-C nor a closing shell reaches it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, f"--token={token}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env=environment,
            pass_fds=inherit,
            start_new_session=True,
        )
    process.returncode = 0  # it is not waited for on purpose, and Popen shall not warn about that
    started = Process(name=module.rpartition(".")[2], pid=process.pid, token=token)
    _await_command_line(started)
    return started


def stop(processes: Sequence[Process]) -> None:
    """End the processes with their children; those that are gone, or not ours any more, are left alone."""
    ours = [process for process in processes if process.alive]
    for number in (signal.SIGTERM, signal.SIGKILL):  # the second for what ignored the first, and for orphans
        for process in ours:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        _await_end(ours)


def _await_end(processes: Sequence[Process]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(process.alive for process in processes):
        time.sleep(0.02)


def _await_command_line(process: Process) -> None:
    """Wait out the moment in which the new process has no command line yet and would be taken for dead."""
    while not process.alive and _exists(process.pid):
        time.sleep(0.001)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _command_line(pid: int) -> str:
    """Read the command line of a process; empty when there is none, as of a zombie."""
    if (PROC / "self").exists():
        try:
            return (PROC / str(pid) / "cmdline").read_text(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]  # macOS has no /proc
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _reap(pid: int) -> None:
    """Take note of the end of our own child; a zombie would keep its process group."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
