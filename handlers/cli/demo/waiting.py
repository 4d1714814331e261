"""Waits for what the pipeline does by itself."""

import time
from collections.abc import Callable
from typing import TypeVar

import click

Found = TypeVar("Found")

PATIENCE = 120.0
_PAUSE = 0.1


class DemoError(click.ClickException):
    """The demo cannot go on; the message says what did not happen."""


def until(look: Callable[[], Found | None], *, otherwise: Callable[[], str]) -> Found:
    """Look again and again, until there is something; after two minutes, tell what there is *otherwise*.

    Raises:
        DemoError: it did not happen in time.
    """
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise DemoError(f"after {PATIENCE:.0f} s {otherwise()}")
        time.sleep(_PAUSE)
    return found
