"""What one sees while the demo runs: bars on a terminal, plain lines anywhere else; all of it is talk."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.text import Text

from handlers.cli.output import console


@dataclass
class Stage:
    """A part of the demo, under way."""

    name: str
    console: Console
    bars: Progress
    result: str = ""
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def step(self, text: str) -> None:
        """Tell what happens now; it stays to be read."""
        self.console.print(Text(f"  {text}", style="dim"))

    def detail(self, text: str) -> None:
        """Keep it to oneself."""

    def bar(self, label: str, done: int, total: int) -> None:
        """Show how far something has come."""
        if label not in self.tasks:
            self.tasks[label] = self.bars.add_task(label, total=total)
        self.bars.update(self.tasks[label], completed=done)


class Screen:
    """Shows one stage after the other, and remembers how long each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console(talk=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show a part of the demo while it runs; its result stands behind it in the end."""
        started = time.perf_counter()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns, console=self._console, transient=True, disable=not sys.stderr.isatty()
        ) as bars:
            stage = Stage(name, self._console, bars)
            self._console.print(Text(name, style="bold"))
            yield stage
        self.seconds[name] = time.perf_counter() - started
        done = (
            Text("  ✓ ", style="green")
            + Text(stage.result)
            + Text(f"  {self.seconds[name]:.1f} s", style="dim")
        )
        self._console.print(done)
