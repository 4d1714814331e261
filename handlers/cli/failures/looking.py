"""`invoicely failures list`, `show` and `export`: what there is."""

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import click

from domain.failures import Failure, FailureId
from domain.triage import Histogram
from handlers.cli.called import program
from handlers.cli.failures import telling
from handlers.cli.failures.choosing import Chosen, filtering, flags_of
from handlers.cli.operating import Desk, at_desk
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views import failures as failure_views


@click.command("list", epilog="Example: invoicely failures list --queue counters --since 2h")
@click.option("--each", is_flag=True, help="A line for each failure, instead of each cause.")
@filtering
@at_desk
def list_(desk: Desk, *, chosen: Chosen, each: bool) -> None:
    """List what failed, by cause, the most frequent one first.

    What is resolved or discarded is left out unless --state asks for it.
    """
    found = chosen.find()
    if each:
        _list_each(desk, found)
        return
    counted = Histogram.of(found)
    flags = flags_of(replace(chosen.filters, cause=counted.causes[0].cause.id))
    command = f"{program()} failures list --each {shlex.join(flags)}{desk.where}"
    lines = (*telling.groups(counted), "", "Those of one cause, one by one:", f"  {command}")
    desk.out.record(failure_views.of_histogram(counted), *lines)


@click.command(
    short_help="Show all about one failure.", epilog="Example: invoicely failures show counters:5f0c…"
)
@click.argument("failure_id", metavar="ID", type=TEXT)
@at_desk
def show(desk: Desk, *, failure_id: str) -> None:
    """Show all about the failure ID: why, how often, what was done with it, and its body.

    A body in JSON is laid out; any other is shown as it came, but for characters that steer a terminal.
    --json has every body exactly as it is kept.
    """
    failure = wiring.ledger().get(failure_id=FailureId(failure_id))
    desk.out.record(failure_views.of_failure(failure), *telling.whole(failure))


@click.command(epilog="Example: invoicely failures export --cause NotFoundError --output failures.jsonl")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Where to; - is stdout.")
@filtering
@at_desk
def export(desk: Desk, *, chosen: Chosen, output: Path) -> None:
    """Write failures to a file, bodies included, as JSON, a line each.

    It holds personal data: a new file is for your eyes only.
    """
    found = chosen.find()
    if str(output) == "-":
        _write(found, sys.stdout)
        sys.stdout.flush()
        return
    with _private(output) as file:
        _write(found, file)
    plain = {"file": str(output), "failures": len(found)}
    desk.out.record(plain, f"Wrote {telling.plural(len(found), 'failure')} to {output}.")


def _list_each(desk: Desk, found: Sequence[Failure]) -> None:
    if desk.out.as_json:
        desk.out.record([failure_views.of_listed_failure(failure) for failure in found])
    else:
        telling.show_rows(found, today=wiring.now().date())


def _write(found: Sequence[Failure], file: TextIO) -> None:
    file.writelines(f"{json.dumps(failure_views.of_failure(failure))}\n" for failure in found)


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of *path* once it is whole; a pipe gets what comes."""
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as pipe:
                yield pipe
        else:
            with _whole(path) as file:
                yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file that nobody else writes or reads; where it cannot be written, nothing is left of it."""
    handle, half = tempfile.mkstemp(prefix=".invoicely-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        Path(half).replace(path)
    except BaseException:
        Path(half).unlink()
        raise
