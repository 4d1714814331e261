"""Which environment a command means, for which account it acts, and how it answers.

--environment, --home, --account    the flags come first,
INVOICELY_ENVIRONMENT …             then the variables of the same names,
TABLE_NAME …                        then the settings that a function has,
.local                              then the local cloud that runs, with the account of its ready sign-in
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.identifiers import AccountId
from handlers.cli.output import Output
from handlers.cli.values import TEXT
from infrastructure.access import NotSignedInError, account_of, claims_in
from infrastructure.context import correlation
from infrastructure.local_cloud.names import DEFAULT_HOME

if TYPE_CHECKING:
    from infrastructure.local_cloud.cloud import LocalCloud

Command = Callable[..., int | None]

_LOCAL, _PROD = "local", "prod"
_ENVIRONMENTS = (_LOCAL, "dev", _PROD)
_ACCOUNT = re.compile(r"acc_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Session:
    """What every command of an account needs; `is_real` where invoices are no exercise."""

    account_id: AccountId
    out: Output
    is_real: bool = False


def answering(command: Command) -> Command:
    """Give the command its output, in JSON where `--json` says so."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @wraps(command)
    def wrapped(*, as_json: bool, **options: Any) -> int | None:  # noqa: ANN401 - the command's own options
        return command(Output(as_json), **options)

    return wrapped


def choosing_home(command: Command) -> Command:
    """Let the command be told which of several local clouds is meant."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="INVOICELY_HOME",
        help="The folder of the local cloud, if it is not .local of the repository.",
    )(command)


def choosing_account(command: Command) -> Command:
    """Let the command be told which account is meant, and in which environment."""
    account = click.option(
        "--account", type=TEXT, envvar="INVOICELY_ACCOUNT", help="The account to act for: acc_…"
    )
    return account(choosing_environment(command))


def choosing_environment(command: Command) -> Command:
    """Let the command be told which environment is meant, and which local cloud."""
    environment = click.option(
        "--environment", type=click.Choice(_ENVIRONMENTS), envvar="INVOICELY_ENVIRONMENT", help="Where."
    )
    return environment(choosing_home(command))


def acting(command: Command) -> Command:
    """Give the command a session: an environment, an account there, and an output."""

    @choosing_account
    @answering
    @wraps(command)
    def wrapped(
        out: Output,
        *,
        account: str | None,
        environment: str | None,
        home: Path | None,
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> int | None:
        cloud = enter(environment, home)
        from infrastructure import wiring

        with correlation(f"cli-{wiring.new_id()}"):
            return command(Session(account_in(cloud, account), out, environment == _PROD), **options)

    return wrapped


def enter(environment: str | None, home: Path | None) -> "LocalCloud | None":
    """Let our settings and the SDK mean the environment; a local one is returned."""
    if environment not in {None, _LOCAL}:
        from infrastructure import discovery

        os.environ.update(discovery.variables(str(environment)))
        return None
    if environment is None and home is None and "TABLE_NAME" in os.environ:
        return None
    cloud = running_cloud(home)
    os.environ.update(cloud.environment())
    return cloud


def running_cloud(home: Path | None) -> "LocalCloud":
    """The local cloud that runs in *home*, by default in the repository."""
    from infrastructure.local_cloud import control

    return control.connect(home or DEFAULT_HOME)


def account_in(cloud: "LocalCloud | None", said: str | None) -> AccountId:
    """The account that was *said*, or that of the ready sign-in.

    Raises:
        NotSignedInError: nobody said which, and there is no local cloud to ask.
    """
    if said is not None:
        return known_account(said)
    if cloud is None:
        raise NotSignedInError("which account? Give --account, or set INVOICELY_ACCOUNT")
    return ready_account(cloud)


def known_account(said: str) -> AccountId:
    """*said* as an account's id, where it has the form of one."""
    if not _ACCOUNT.fullmatch(said):
        raise click.BadParameter(f"{said} is no account; one looks like acc_ and 32 digits or letters a-f")
    return AccountId(said)


def ready_account(cloud: "LocalCloud") -> AccountId:
    """The account of the user whose sign-in `local up` announces."""
    from infrastructure.local_cloud import users

    tokens = users.sign_in(cloud, cloud.sign_in.email, cloud.sign_in.password)
    return account_of(claims_in(tokens.id))
