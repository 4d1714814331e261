"""Waits for what the pipeline does by itself."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

import click

Found = TypeVar("Found")

PATIENCE = 120.0
_PAUSE = 0.1


class DemoError(click.ClickException):
    """The demo cannot go on; the message says what did not happen."""


class Weather(Protocol):
    """What whoever waits has to reckon with."""

    @property
    def patience(self) -> float:
        """How many seconds a wait may take."""
        ...

    @property
    def forgiven(self) -> tuple[type[Exception], ...]:
        """Errors that mean no more than that there is nothing yet."""
        ...

    def attend(self) -> None:
        """Do what a person does meanwhile."""
        ...


def until(
    look: Callable[[], Found | None], *, otherwise: Callable[[], str], weather: Weather | None = None
) -> Found:
    """Look again and again, until there is something; after two minutes, tell what there is *otherwise*.

    The *weather* may allow for more.

    Raises:
        DemoError: it did not happen in time.
    """
    patience = weather.patience if weather else PATIENCE
    deadline = time.monotonic() + patience
    while True:
        with suppress(*(weather.forgiven if weather else ())):
            if (found := look()) is not None:
                return found
        if time.monotonic() > deadline:
            raise DemoError(f"after {patience:.0f} s {otherwise()}")
        if weather:
            weather.attend()
        time.sleep(_PAUSE)
