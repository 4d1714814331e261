"""The noun and its verbs."""

import click

from handlers.cli.failures.looking import export, list_, show
from handlers.cli.failures.mending import discard, edit
from handlers.cli.failures.replaying import cancel, replay


@click.group(epilog="Example: invoicely failures list")
def command() -> None:
    """Find what failed, and replay it, mend it or give it up."""


for verb in (list_, show, replay, cancel, discard, edit, export):
    command.add_command(verb)
