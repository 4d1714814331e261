"""For commands that may mean every account: an environment, an output, and an account where one is meant."""

import getpass
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from domain.identifiers import AccountId
from handlers.cli import session
from handlers.cli.output import Output
from handlers.cli.values import ACTOR
from infrastructure.context import correlation

Command = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """Who looks after all accounts; `account` names one, or raises `NotSignedInError` where none is known."""

    account: Callable[[], AccountId]
    out: Output


@dataclass(frozen=True, slots=True)
class Desk:
    """Where all accounts are looked after; `where` are the flags that lead to the same environment."""

    out: Output
    where: str


def operating(command: Command) -> Command:
    """Give the command an operator."""

    @session.choosing_account
    @session.answering
    @wraps(command)
    def wrapped(
        out: Output,
        *,
        account: str | None,
        environment: str | None,
        home: Path | None,
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> int | None:
        cloud = session.enter(environment, home)
        from infrastructure import wiring

        with correlation(f"cli-{wiring.new_id()}"):
            return command(Operator(lambda: session.account_in(cloud, account), out), **options)

    return wrapped


def at_desk(command: Command) -> Command:
    """Give the command a desk; an account is none of its options, unless it has one of its own."""

    @session.choosing_environment
    @session.answering
    @wraps(command)
    def wrapped(
        out: Output,
        *,
        environment: str | None,
        home: Path | None,
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> int | None:
        session.enter(environment, home)
        from infrastructure import wiring

        with correlation(f"cli-{wiring.new_id()}"):
            return command(Desk(out, _where(environment, home)), **options)

    return wrapped


def by_actor(command: Command) -> Command:
    """Let the command be told who does it; the history of what is changed keeps the name."""
    return click.option(
        "--actor",
        type=ACTOR,
        envvar="INVOICELY_ACTOR",
        default=_user,
        show_default="you",
        help="Who does it.",
    )(command)


def _where(environment: str | None, home: Path | None) -> str:
    """The flags among these that were typed; a variable of the shell stays as it is."""
    context = click.get_current_context()
    said = {"environment": environment, "home": home}
    typed = (
        f" --{name} {shlex.quote(str(value))}"
        for name, value in said.items()
        if value and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    return "".join(typed)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # what Python raises for a user without a name, by its version
        return "unknown"
