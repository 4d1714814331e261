"""A process ends when the one that holds its leash is gone, even by `kill -9`.

The leash is a pipe. The holder keeps the writing end and nobody else has it, so the operating system closes it
whenever and however the holder dies, and the reader sees the end of the file:

    held ──holder dies──▶ the reader kills its process group
      └────let go───────▶ the reader lives on by itself
"""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_LET_GO = b"."


@dataclass(frozen=True, slots=True)
class Leash:
    """Both ends of the pipe, in the process that holds the leash."""

    reader: int
    writer: int

    @classmethod
    def new(cls) -> "Leash":
        return cls(*os.pipe())

    def hold(self) -> None:
        """Keep holding, until this process ends."""
        os.close(self.reader)

    def cut(self) -> None:
        """End the followers now."""
        with suppress(OSError):
            os.close(self.reader)
        os.close(self.writer)

    def let_go(self, followers: int) -> None:
        """Let that many followers live on without us."""
        os.write(self.writer, _LET_GO * followers)
        self.cut()


def follow(reader: int, *, clean_up: Callable[[], None]) -> None:
    """Watch the leash from a thread; when its holder dies, clean up and kill this process and its children."""

    def watch() -> None:
        if os.read(reader, len(_LET_GO)) != _LET_GO:
            clean_up()
            os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="leash", daemon=True).start()
