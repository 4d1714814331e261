"""What failed in the storm, and how it was made good, as proxy, logs and mailbox tell it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import click

from handlers.cli.demo.player import Player
from handlers.cli.demo.waiting import DemoError
from handlers.cli.demo.weather import Storm
from handlers.cli.output import print_table
from infrastructure.local_cloud import logs


@dataclass(frozen=True, slots=True)
class Recovery:
    """The storm in figures: `faults` are calls by what happened to them, `failed` messages that came again."""

    faults: Mapping[str, int]
    failed: int
    mails: int
    seconds: float

    def plain(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "calls_broken": dict(self.faults),
            "messages_that_came_again": self.failed,
            "mails": self.mails,
            "mails_twice": 0,
            "seconds_after_the_last_fault": round(self.seconds, 3),
        }

    def show(self) -> None:
        """All of it, for people."""
        click.echo()
        print_table(("What broke", ">Calls"), ((name, str(calls)) for name, calls in self.faults.items()))
        click.echo(
            f"\n{self.failed} messages failed and came again. {self.mails} invoices, {self.mails} mails, none twice. "
            f"All was right {self.seconds:.0f} s after the last fault."
        )


def look_back(player: Player, storm: Storm) -> Recovery:
    """Count what there was of failures, and that no mail went out twice.

    Raises:
        DemoError: a mail went out twice.
    """
    with player.screen.stage("Recovery") as stage:
        mails = Counter(invoices_of(player.cloud.mailbox))
        if twice := [invoice for invoice, times in mails.items() if times > 1]:
            raise DemoError(f"mailed twice: {', '.join(twice)}")
        recovery = Recovery(storm.happened, _failed(player), mails.total(), storm.since)
        stage.result = f"{sum(recovery.faults.values())} calls failed, and nothing is lost or doubled"
    return recovery


def invoices_of(mailbox: Path) -> Iterator[str]:
    """The invoice of each mail that carries one."""
    for path in mailbox.glob("*.eml"):
        if invoice := message_from_bytes(path.read_bytes())["X-Invoicely-Invoice"]:
            yield invoice


def _failed(player: Player) -> int:
    """How many messages a function answered for as failed, for this time."""
    lines = (line.message for line in logs.read(player.cloud))
    return sum(len(json.loads(line)["failed"]) for line in lines if '"batch done"' in line)
