"""The month that the demo plays: who works, for whom, and what was done."""

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.timesheets import Row
from handlers.cli.called import program
from handlers.cli.demo.waiting import DemoError
from infrastructure import toggl

TIMESHEET = "toggl-october-2026.csv"


@dataclass(frozen=True, slots=True)
class Example:
    """What stands in the folder of examples; account and clients as the HTTP API takes them."""

    account: dict[str, Any]
    clients: Sequence[dict[str, Any]]
    rows: Sequence[Row]
    size: int

    @property
    def last_day(self) -> dt.date:
        return max(row.details.date for row in self.rows)

    def expected(self, client: str) -> tuple[int, int]:
        """How many entries and minutes the client with this name has in the end."""
        work = [row.details for row in self.rows if row.client == client]
        return len(work), sum(details.minutes or 0 for details in work)


def load(folder: Path) -> Example:
    """Read the examples; every row of the timesheet is to be taken."""
    content = (folder / TIMESHEET).read_bytes()
    rows = toggl.read(content)
    good = [row for row in rows if isinstance(row, Row)]
    if len(good) < len(rows):
        raise DemoError(f"{TIMESHEET} has rows that cannot be imported; {program()} work import shows them")
    clients = [_read(file) for file in sorted(folder.glob("clients/*.toml"))]
    return Example(account=_read(folder / "account.toml"), clients=clients, rows=good, size=len(content))


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
