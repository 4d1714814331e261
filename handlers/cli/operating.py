"""For commands that may mean every account: an environment, an output, and an account where one is meant."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from domain.identifiers import AccountId
from handlers.cli import session
from handlers.cli.output import Output
from infrastructure.context import correlation

Command = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """Who looks after all accounts; `account` names one, or raises `NotSignedInError` where none is known."""

    account: Callable[[], AccountId]
    out: Output


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
