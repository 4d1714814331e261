"""The follower is a process of its own, since it ends by killing its process group."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.local_cloud.leash import Leash

FOLLOWER = """
import sys
from pathlib import Path
from infrastructure.local_cloud import leash
leash.follow(int(sys.argv[1]), clean_up=lambda: Path(sys.argv[2]).touch())
print("following", flush=True)
sys.stdin.read()
"""


class Follower:
    """A process on a leash that ends by itself when its input does."""

    def __init__(self, leash: Leash, cleaned: Path) -> None:
        self.cleaned = cleaned
        self.process = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, str(leash.reader), str(cleaned)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[leash.reader],
            start_new_session=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"following\n"

    def ends_by_itself(self) -> bool:
        self.process.communicate(timeout=10)
        return self.process.returncode == 0


@pytest.fixture
def leash() -> Iterator[Leash]:
    leash = Leash()
    yield leash
    leash.cut()


@pytest.fixture
def follower(leash: Leash, tmp_path: Path) -> Iterator[Follower]:
    follower = Follower(leash, tmp_path / "cleaned")
    with follower.process:
        yield follower
        follower.process.kill()


def test_a_follower_cleans_up_and_ends_when_the_leash_is_cut(leash: Leash, follower: Follower) -> None:
    leash.cut()

    assert follower.process.wait(timeout=10) < 0
    assert follower.cleaned.exists()


def test_a_follower_lives_on_while_the_leash_is_held(leash: Leash, follower: Follower) -> None:
    leash.hold()

    assert follower.ends_by_itself()
    assert not follower.cleaned.exists()


def test_a_follower_that_was_let_go_lives_on_without_its_holder(leash: Leash, follower: Follower) -> None:
    leash.let_go(1)

    assert follower.ends_by_itself()
    assert not follower.cleaned.exists()


def test_nobody_else_inherits_the_end_that_is_held(leash: Leash) -> None:
    assert [os.get_inheritable(end) for end in leash._open] == [False, False]


def test_a_leash_is_cut_twice_without_harm(leash: Leash) -> None:
    leash.hold()
    leash.cut()
    with Path(os.devnull).open() as uses_the_same_number:
        leash.cut()

        assert uses_the_same_number.read() == ""
