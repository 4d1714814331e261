"""`invoicely local`: the local cloud, up and down."""

import datetime as dt
import json
from pathlib import Path

import click

from handlers.cli.exits import Exit
from handlers.cli.output import Output
from handlers.cli.reaching import described, instructions
from handlers.cli.session import answering, choosing_home, running_cloud
from handlers.cli.values import SPAN
from infrastructure.local_cloud import control, users
from infrastructure.local_cloud import logs as function_logs
from infrastructure.local_cloud.control import Condition
from infrastructure.local_cloud.names import DEFAULT_HOME

_EXITS = {Condition.UP: Exit.OK, Condition.DOWN: Exit.NOT_FOUND, Condition.BROKEN: Exit.FAILURE}


class _Steps:
    """Tells people what the local cloud does while they wait."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def step(self, text: str) -> None:
        self._out.say(text)

    def detail(self, text: str) -> None:
        """Keep it to oneself."""


@click.group(epilog="Example: invoicely local up")
def command() -> None:
    """Start, stop and watch the local cloud: both stacks, on 127.0.0.1."""


@command.command(epilog="Example: invoicely local up --port 4566")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen, instead of at a free port.")
@choosing_home
@answering
def up(out: Output, *, port: int | None, home: Path | None) -> None:
    """Start the local cloud.

    Both stacks are deployed to it. One that runs already is brought up to date.
    """
    cloud = control.up(home or DEFAULT_HOME, progress=_Steps(out), port=port)
    out.record(described(cloud), *instructions(cloud, home=home))


@command.command(epilog="Example: invoicely local down")
@choosing_home
@answering
def down(out: Output, *, home: Path | None) -> None:
    """Stop the local cloud; the mails in its mailbox stay."""
    stopped = control.down(home or DEFAULT_HOME)
    out.record({"stopped": stopped}, "Stopped." if stopped else "There was none.")


@command.command(epilog="Example: invoicely local status || invoicely local up")
@choosing_home
@answering
def status(out: Output, *, home: Path | None) -> int:
    """Tell how the local cloud is.

    The exit code is 0 where it is up, 3 where it is down, and 1 where it is broken.
    """
    found = control.status(home or DEFAULT_HOME)
    plain = {"condition": found.condition, "problem": found.problem}
    lines = [f"The local cloud is {found.condition}."]
    if found.cloud:
        plain |= described(found.cloud)
        lines += instructions(found.cloud, home=home)
    elif found.problem:
        lines.append(found.problem)
    out.record(plain, *lines)
    return _EXITS[found.condition]


@command.command(epilog="Example: invoicely local logs keep-counters --since 10m --follow")
@click.argument("function", required=False)
@click.option("--since", type=SPAN, default="1h", show_default=True, help="How far back: 90s, 10m, 1h, 2d.")
@click.option("--follow", is_flag=True, help="Go on until stopped.")
@choosing_home
@answering
def logs(out: Output, *, function: str | None, since: dt.timedelta, follow: bool, home: Path | None) -> None:
    """Show what the functions logged, or one FUNCTION.

    JSON comes as one object a line.
    """
    beginning, cloud = dt.datetime.now(dt.UTC) - since, running_cloud(home)
    if function and function not in cloud.functions:
        raise click.BadParameter(f"no function {function}; there are {', '.join(sorted(cloud.functions))}")
    for line in function_logs.read(cloud, function, since=beginning, follow=follow):
        at = f"{line.time:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        plain = {"time": at, "function": line.function, "message": line.message}
        people = f"{at} {line.function}  {line.message}"
        click.echo(json.dumps(plain, ensure_ascii=False) if out.as_json else people)


@command.command(epilog="Example: invoicely local update")
@choosing_home
@answering
def update(out: Output, *, home: Path | None) -> None:
    """Let the functions run the code as it is now.

    A changed template needs `up`.
    """
    running_cloud(home)
    seconds = control.update(home or DEFAULT_HOME)
    out.record({"seconds": round(seconds, 3)}, f"The functions run the new code, after {seconds:.1f} s.")


@command.command(epilog='Example: curl -H "Authorization: Bearer $(invoicely local token)" …/v1/clients')
@click.option("--email", help="A user who signed up with the ready user's password, instead of that one.")
@choosing_home
@answering
def token(out: Output, *, email: str | None, home: Path | None) -> None:
    """Sign in and print the token that the HTTP API takes."""
    cloud = running_cloud(home)
    tokens = users.sign_in(cloud, email or cloud.sign_in.email, cloud.sign_in.password)
    out.record({"token": tokens.id}, tokens.id)
