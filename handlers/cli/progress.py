"""Tells people on stderr how far something has come; where nobody looks, it keeps quiet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from handlers.cli.output import console

Progress = Callable[[int], None]


@contextmanager
def counting(label: str, *, total: int | None) -> Iterator[Progress]:
    """Give a function that is told how many of *total* are done; None where nobody knows how many."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Bars(*columns, console=console(talk=True), transient=True) as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.update(task, completed=done)
