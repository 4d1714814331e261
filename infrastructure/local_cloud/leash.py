"""A process ends when the one that holds its leash is gone, even by `kill -9`.

The leash is a pipe. The holder keeps the writing end and nobody else has it, so the operating system closes
it whenever and however the holder dies, and the reader sees the end of the file:

    held ──holder dies──▶ the reader kills its process group
      └────let go───────▶ the reader lives on by itself
"""

import os
import signal
import threading
from collections.abc import Callable

_LET_GO = b"."


class Leash:
    """The pipe in the process that holds the leash; `reader` is for the followers to inherit."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        self._open = {self.reader, self._writer}

    def hold(self) -> None:
        """Keep holding, until this process ends or cuts the leash."""
        self._close(self.reader)

    def let_go(self, followers: int) -> None:
        """Let that many followers live on without us."""
        os.write(self._writer, _LET_GO * followers)
        self.cut()

    def cut(self) -> None:
        """End the followers that were not let go."""
        self._close(*self._open)

    def _close(self, *ends: int) -> None:
        for end in ends:
            self._open.remove(end)
            os.close(end)


def follow(reader: int, *, clean_up: Callable[[], None]) -> None:
    """Watch the leash from a thread; when its holder dies, clean up and kill this process group."""

    def watch() -> None:
        if os.read(reader, len(_LET_GO)) != _LET_GO:
            clean_up()
            os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="leash", daemon=True).start()
