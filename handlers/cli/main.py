"""The way in: finds the noun, runs its verb, and turns whatever happened into an exit code."""

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from handlers.cli.called import program
from handlers.cli.exits import Exit, exit_code_of, told

_NOUNS = {
    "account": "Say who sends the invoices.",
    "audit": "Prove that counters, numbers and periods are right.",
    "clients": "Keep the clients.",
    "counters": "Show what was worked and invoiced, and put it right.",
    "demo": "Play a month on a local cloud.",
    "events": "Publish changes once more.",
    "failures": "Find what failed, and replay it, mend it or give it up.",
    "invoices": "Open what is due, bill now, and show, list and fetch invoices.",
    "local": "Start, stop and watch the local cloud.",
    "schedule": "Explain when invoices are to come.",
    "tokens": "Make and revoke what lets programs use the API.",
    "serve": "Serve the HTTP API on a local port.",
    "work": "Log, list, change and import work.",
}


class Nouns(click.Group):
    """Loads the module of a noun once it is said, so that nobody waits for the others."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, noun, rest = super().resolve_command(ctx, args)
        command: click.Command | None = import_module(f"handlers.cli.{name}").command if name else noun
        return name, command, rest


@click.group(
    cls=Nouns,
    commands=[click.Command(name, help=text) for name, text in _NOUNS.items()],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: invoicely local up, then invoicely account set --from examples/account.toml",
)
@click.version_option(package_name="invoicely", message="%(package)s %(version)s")
def cli() -> None:
    """Log work for clients; invoices issue and send themselves."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `invoicely` and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run `invoicely` and give its exit code; errors that nobody anticipated escape."""
    try:
        _refuse_empty(arguments)
        code: Any = cli.main(arguments, prog_name=program(), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return Exit.INVALID
    except Exception as error:
        if (lines := told(error)) is None:
            raise
        for line in lines:
            click.echo(line, err=True)
        return exit_code_of(error)
    return code if isinstance(code, int) else Exit.OK


def _refuse_empty(arguments: Sequence[str]) -> None:
    """An empty value is a mistake, such as a variable that is not set, and must never mean everything."""
    for before, argument in zip((program(), *arguments), arguments, strict=False):
        if found := re.fullmatch("(--[a-z-]+)=|", argument):
            raise click.UsageError(f"the value after {found[1] or before} is empty")
