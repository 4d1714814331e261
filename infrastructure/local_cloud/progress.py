"""What the local cloud tells about its work while it works."""

from typing import Protocol


class Progress(Protocol):
    """Hears what is being done; what happens with it is the listener's affair."""

    def step(self, text: str) -> None:
        """Hear of something that a user waits for."""
        ...

    def detail(self, text: str) -> None:
        """Hear of something that only the curious want to know."""
        ...


class Silence:
    """Keeps it to itself."""

    def step(self, text: str) -> None:
        """Say nothing."""

    def detail(self, text: str) -> None:
        """Say nothing."""


_: type[Progress] = Silence
