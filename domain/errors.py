"""What can go wrong, in two families: their type decides what a queue does with the message.

TryAgainLaterError   the world was not ready: the message comes back
  └── NewerThanCodeError  it waits for a deployment
WillNeverWorkError   the message itself is wrong: no repetition mends it
  ├── InvalidError      values that break a rule, each with its place
  ├── NotFoundError     there is no such thing for this account
  └── ConflictError     the thing's state forbids it
"""

from dataclasses import dataclass
from typing import ClassVar


class InvoicelyError(Exception):
    """Anything that this program anticipates; all else is a bug."""

    code: ClassVar[str] = "error"


class TryAgainLaterError(InvoicelyError):
    """The same call may succeed later: throttling, a timeout, a dependency that is down.

    `seconds` says how much later, where that is known.
    """

    code = "try-again-later"

    def __init__(self, message: str = "", *, seconds: int | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class NewerThanCodeError(TryAgainLaterError):
    """What came was written by a newer version of the code than this one."""

    code = "newer-than-code"


class WillNeverWorkError(InvoicelyError):
    """The same call fails for ever; somebody has to change something first."""

    code = "will-never-work"


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong value: where it is (a JSON pointer), what is wrong and what would be right."""

    pointer: str
    code: str
    message: str


def pointer(*names: str | int) -> str:
    """The JSON pointer (RFC 6901) to where *names* lead."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


class InvalidError(WillNeverWorkError, ValueError):
    """One or more values break a rule; nothing was stored.

    A `ValueError` too, so that a codec that builds nested values can say where in the whole it happened.
    """

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.message}" for problem in problems))
        self.problems = problems


class NotFoundError(WillNeverWorkError):
    """There is no such thing, or it belongs to another account: the two look the same on purpose."""

    code = "not-found"


class ConflictError(WillNeverWorkError):
    """The thing exists, but its state forbids what was asked."""

    code = "conflict"
