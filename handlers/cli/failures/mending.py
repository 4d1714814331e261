"""`invoicely failures discard` and `edit`: give failures up, or give one another body."""

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace

import click

from domain.errors import InvalidError
from domain.failures import Failure, FailureId
from domain.triage import Discarded, Histogram, discard_failures, edit_failure, get_editable
from handlers.cli.called import program
from handlers.cli.exits import Exit
from handlers.cli.failures import telling
from handlers.cli.failures.choosing import Chosen, filtering, flags_of
from handlers.cli.flagged import flagged
from handlers.cli.operating import Desk, at_desk, by_actor
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views import failures as failure_views


@click.command(epilog='Example: invoicely failures discard counters:5f0c… --reason "sent by a broken test"')
@click.argument("failure_ids", metavar="[ID]...", nargs=-1, type=TEXT)
@filtering
@click.option("--reason", required=True, help="Why; it is kept.")
@click.option("--apply", "is_meant", is_flag=True, help="Discard what the filters select.")
@by_actor
@at_desk
def discard(desk: Desk, *, chosen: Chosen, reason: str, is_meant: bool, actor: str) -> int:
    """Give failures up: nobody tries them again.

    Those with IDs are given up at once. What filters select is first shown, with the command that gives up
    exactly this, and nothing that fails later. What is given up stays to be seen by --state discarded.
    """
    if chosen.is_everything:
        raise click.UsageError("say which failures, by ids or filters")
    found = chosen.find()
    if not (is_meant or chosen.failure_ids):
        return _show_selection(desk, chosen, found, reason)
    with flagged({"/reason": "--reason"}):
        done = discard_failures(found, reason=reason, ledger=wiring.ledger(), now=wiring.now(), actor=actor)
    return _answer(desk, done)


@click.command(epilog="Example: invoicely failures edit counters:5f0c… --body mended.json")
@click.argument("failure_id", metavar="ID", type=TEXT)
@click.option(
    "--body",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="A file with the new body; - is stdin.  [default: what your editor makes of the old one]",
)
@click.option("--raw", is_flag=True, help="Take a body that is no JSON.")
@by_actor
@at_desk
def edit(desk: Desk, *, failure_id: str, file: str | None, raw: bool, actor: str) -> None:
    """Give the failure ID another body.

    The body as it came is kept, and who changed it. The failure waits until it is replayed.
    """
    found = get_editable(FailureId(failure_id), ledger=wiring.ledger())
    body = _typed(found) if file is None else _read(file)
    if body == found.body:
        desk.out.record(failure_views.of_failure(found), "Nothing is changed.")
        return
    try:
        edited = edit_failure(found, body, raw=raw, ledger=wiring.ledger(), now=wiring.now(), actor=actor)
    except InvalidError:
        if file is None:
            desk.out.say(f"What you wrote is kept in {_keep(body)}, for --body.")
        raise
    command = f"{program()} failures replay {edited.id} --apply{desk.where}"
    desk.out.record(failure_views.of_failure(edited), f"Edited {edited.id}. To send it:", f"  {command}")


def _show_selection(desk: Desk, chosen: Chosen, found: Sequence[Failure], reason: str) -> int:
    """The command says until when, so that it finds nothing that fails from now on."""
    flags = flags_of(replace(chosen.filters, until=found[-1].last_at))
    asked = shlex.join([*flags, "--reason", reason, "--apply"])
    command = f"{program()} failures discard {asked}{desk.where}"
    counted = Histogram.of(found)
    desk.out.record(
        {"count": len(found), "command": command} | failure_views.of_histogram(counted),
        f"Would discard {telling.plural(len(found), 'failure')}:",
        *telling.histogram(counted),
        "",
        "To discard them, and nothing that fails later:",
        f"  {command}",
    )
    return Exit.OK


def _answer(desk: Desk, done: Discarded) -> int:
    skipped = [f"  {failure.id} is {failure.state} now, so it was left alone" for failure in done.skipped]
    desk.out.record(
        {
            "discarded": [failure.id for failure in done.discarded],
            "skipped": [{"id": failure.id, "state": failure.state.value} for failure in done.skipped],
        },
        f"Discarded {telling.plural(len(done.discarded), 'failure')}.",
        *skipped,
    )
    return Exit.PARTIAL if skipped else Exit.OK


def _read(file: str) -> str:
    with click.open_file(file, "rb") as stream:
        content: bytes = stream.read()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file} is no UTF-8: {error.reason} at byte {error.start}") from error


def _typed(found: Failure) -> str:
    """What somebody's editor made of the body; laid out, where it is JSON."""
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal for an editor; give --body FILE")
    shown, extension = _laid_out(found.body)
    typed = click.edit(shown, extension=extension)
    if typed is None or typed == shown:
        return found.body
    return typed if found.body.endswith("\n") else typed.removesuffix("\n")


def _laid_out(body: str) -> tuple[str, str]:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False), ".json"
    except (ValueError, RecursionError):
        return body, ".txt"


def _keep(body: str) -> str:
    handle, name = tempfile.mkstemp(prefix="invoicely-", suffix=".body")
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(body)
    return name
