"""What the functions log, caught line by line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from infrastructure.observability import logger


class Log:
    """The lines of a log, each parsed, and all of it as text."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@contextmanager
def caught_log() -> Iterator[Log]:
    """Catch what is logged inside."""
    log, handler = Log(), logger().registered_handler
    before = handler.setStream(log.stream)  # type: ignore[attr-defined] # it is a StreamHandler
    try:
        yield log
    finally:
        handler.setStream(before)  # type: ignore[attr-defined] # it is a StreamHandler
