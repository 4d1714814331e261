"""Functions whose processes are killed in the middle of whatever they do."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from infrastructure.local_cloud import control
from infrastructure.local_cloud.cloud import LocalCloud
from tests.faults.conftest import Lasting, Told
from tests.faults.month import Month
from tests.faults.proof import assert_that_all_is_well, converge

_PAUSE = 0.7
"""Seconds between two rounds: a function that is killed sooner never does anything."""


def test_everything_comes_right_after_functions_were_killed(
    cloud: LocalCloud, home: Path, lasting: Lasting, told: Told
) -> None:
    killer, month = Killer(home), Month(cloud)

    month.play(lasting.faults, meanwhile=killer)
    seconds = converge(month, within=lasting.converging)

    told.lines.append(f"killed functions: {killer.killed} killed, all right {seconds:.1f} s after the last")
    assert killer.killed > 0
    assert_that_all_is_well(month, unsure=100)


class Killer:
    """Kills every process that runs a function, now and then."""

    def __init__(self, home: Path) -> None:
        [self._ministack] = [each for each in control.status(home).processes if each.name == "ministack"]
        self._next = time.monotonic()
        self.killed = 0

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _PAUSE
        for pid in children(self._ministack.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed += 1


def children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,state="],  # noqa: S607 - where it lies differs
        capture_output=True,
        text=True,
        check=True,
    )
    processes = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, of, state in processes if int(of) == parent and not state.startswith("Z")]
