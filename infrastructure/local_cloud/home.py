"""The folder of one local cloud.

    cloud.json      what runs and how to reach it        gone when it is down
    tmp/            TMPDIR of ministack                  gone when it is down
    ministack.log   mailbox.log                          of the last run
    mailbox/        the mails, unless put elsewhere      stays

Several clouds at once have a folder each.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ATTEMPTS = 50
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Home:
    """Where one local cloud keeps its files."""

    path: Path

    @property
    def state(self) -> Path:
        return self.path / "cloud.json"

    @property
    def temporary(self) -> Path:
        return self.path / "tmp"

    @property
    def mailbox(self) -> Path:
        return self.path / "mailbox"

    def log(self, process: str) -> Path:
        return self.path / f"{process}.log"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other `up`, `down` and `update` of this cloud waiting."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / ".gitignore").write_text("*\n")
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def prepare(self) -> None:
        """Make room for a new cloud; its predecessor is gone."""
        self.clear()
        self.temporary.mkdir(parents=True)
        for log in self.path.glob("*.log"):
            log.unlink()

    def clear(self) -> None:
        """Remove what means nothing without the processes; those that end may still write a while."""
        self.state.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)
        for _ in range(_ATTEMPTS):
            if not self.temporary.exists():
                return
            time.sleep(_PAUSE_SECONDS)
            shutil.rmtree(self.temporary, ignore_errors=True)
