"""What failed in the storm, and how it was made good, as proxy, logs, ledger and mailbox tell it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import click

from domain.failures import Failure, State
from handlers.cli.demo.operating import failures
from handlers.cli.demo.player import Player
from handlers.cli.demo.waiting import DemoError, until
from handlers.cli.demo.weather import Storm
from handlers.cli.failures.telling import plural
from handlers.cli.output import print_table
from infrastructure.local_cloud import logs
from infrastructure.local_cloud.cloud import LocalCloud


@dataclass(frozen=True, slots=True)
class Recovery:
    """The storm in figures.

    `broken` are the calls by what happened to them, `came_again` is how often a message failed and came again
    by itself, `died` the failures of the ledger, `seconds` the time from the last fault until all was right.
    """

    broken: Mapping[str, int]
    came_again: int
    died: Sequence[Failure]
    mails: int
    seconds: float

    @property
    def calls(self) -> int:
        return sum(self.broken.values())

    @property
    def replays(self) -> int:
        return sum(failure.replays for failure in self.died)

    def plain(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "calls_broken": dict(self.broken),
            "messages_that_came_again": self.came_again,
            "failures": [_plain(*group) for group in self._groups()],
            "replays": self.replays,
            "failures_open": sum(failure.is_open for failure in self.died),
            "mails": self.mails,
            "mails_twice": 0,
            "seconds_after_the_last_fault": round(self.seconds, 3),
        }

    def show(self) -> None:
        """All of it, for people."""
        click.echo()
        rows = [(name, str(calls)) for name, calls in self.broken.items()]
        print_table(("What broke", ">Calls"), [*rows, ("All", str(self.calls))])
        if self.died:
            click.echo()
            columns = ("What died of it", "Queue", ">Failures", ">Replays", ">Resolved")
            print_table(columns, (_row(*group) for group in self._groups()))
        click.echo()
        for line in self._lines():
            click.echo(line)

    def _lines(self) -> Iterator[str]:
        yield f"{plural(self.came_again, 'time')} a message failed and came again by itself."
        if self.died:
            died, replays = plural(len(self.died), "message"), plural(self.replays, "replay")
            yield f"{died} died, went into the failure ledger, and came right by {replays} from there."
        yield f"{self.mails} invoices, {self.mails} mails, none twice; the counters equal the recount."
        yield f"All was right {self.seconds:.0f} s after the last of {self.calls} faults."

    def _groups(self) -> Iterator[tuple[str, str, Sequence[Failure]]]:
        alike = Counter((failure.queue, failure.cause.error) for failure in self.died)
        for (queue, error), _ in alike.most_common():
            some = [each for each in self.died if (each.queue, each.cause.error) == (queue, error)]
            yield queue, error, some


def look_back(player: Player, storm: Storm) -> Recovery:
    """Wait until the ledger holds nothing open, and count what there was of failures.

    Raises:
        DemoError: a mail went out twice, or a failure stays open.
    """
    with player.screen.stage("Recovery") as stage:
        until(_all_closed, otherwise=lambda: "the ledger still holds open failures", weather=storm)
        mails = Counter(mailed_invoices(player.cloud.mailbox))
        if twice := [invoice for invoice, times in mails.items() if times > 1]:
            raise DemoError(f"mailed twice: {', '.join(twice)}")
        recovery = Recovery(
            broken=storm.happened,
            came_again=_came_again(player.cloud),
            died=failures(*State),
            mails=mails.total(),
            seconds=storm.since,
        )
        stage.result = f"{recovery.calls} calls failed; nothing is lost, and nothing doubled"
    return recovery


def mailed_invoices(mailbox: Path) -> Iterator[str]:
    """The invoice of each mail that carries one."""
    for path in mailbox.glob("*.eml"):
        if invoice := message_from_bytes(path.read_bytes())["X-Invoicely-Invoice"]:
            yield invoice


def _all_closed() -> bool | None:
    return not failures(State.RETRYING, State.PARKED) or None


def _came_again(cloud: LocalCloud) -> int:
    """How often a function answered for a message that it failed, and SQS gave it again."""
    lines = (line.message for line in logs.read(cloud))
    batches = (json.loads(line) for line in lines if '"batch done"' in line)
    return sum(not failed.get("recorded") for batch in batches for failed in batch["failed"])


def _row(queue: str, error: str, some: Sequence[Failure]) -> tuple[str, ...]:
    plain = _plain(queue, error, some)
    return error, queue, *(str(plain[name]) for name in ("failures", "replays", "resolved"))


def _plain(queue: str, error: str, some: Sequence[Failure]) -> dict[str, Any]:
    return {
        "queue": queue,
        "error": error,
        "failures": len(some),
        "replays": sum(failure.replays for failure in some),
        "resolved": sum(failure.state is State.RESOLVED for failure in some),
    }
