"""Who changes a thing may say which version of it they have seen; another one is not overwritten."""

from typing import Protocol

from domain.errors import ConflictError


class Versioned(Protocol):
    """Anything that is stored with a version."""

    @property
    def version(self) -> int: ...


class ChangedMeanwhileError(ConflictError):
    """The thing is not any more as the person who changes it has seen it."""

    code = "changed-meanwhile"


def require_seen(thing: Versioned, seen: int | None) -> None:
    """Raise `ChangedMeanwhileError` where the version is not the one that was *seen* (None: any will do)."""
    if seen is not None and thing.version != seen:
        raise ChangedMeanwhileError(
            "somebody changed this meanwhile: read it again, and change what you find"
        )
