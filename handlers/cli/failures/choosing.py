"""Which failures a command is about: those with the ids that were given, or all that meet the filters."""

import datetime as dt
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from domain.failures import OPEN, Failure, FailureId, State
from domain.retries import QUEUES
from domain.triage import Filters, find_failures, get_failures
from handlers.cli.session import known_account
from handlers.cli.values import MOMENT, TEXT
from infrastructure import wiring

Command = Callable[..., int | None]
Moment = dt.datetime | dt.timedelta

EVERYTHING = "everything that is open"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose, and the words in which they did."""

    failure_ids: tuple[FailureId, ...]
    filters: Filters
    flags: tuple[str, ...]

    @property
    def told(self) -> str:
        """The arguments that choose the same again."""
        return shlex.join([*self.failure_ids, *self.flags])

    @property
    def is_everything(self) -> bool:
        return not self.failure_ids and not self.flags

    def find(self, *, most: int | None = None) -> Sequence[Failure]:
        """The failures that are meant; `NotFoundError` where there are none."""
        if self.failure_ids:
            return get_failures(self.failure_ids, ledger=wiring.ledger())[:most]
        return find_failures(self.filters, ledger=wiring.ledger(), most=most)


def filtering(command: Command) -> Command:
    """Let the command be told by filters which failures are *chosen*."""

    @click.option("--queue", type=click.Choice(QUEUES), help="Only of this source.")
    @click.option("--cause", type=TEXT, metavar="CAUSE", help="Only of this cause: its id, error or code.")
    @click.option("--account", type=TEXT, metavar="ACCOUNT", help="Only of this account: acc_…")
    @click.option("--since", type=MOMENT, help="Failed last then or later: an instant, or 90m, 2h, 3d ago.")
    @click.option("--until", type=MOMENT, help="Failed last then or before.")
    @click.option(
        "--state",
        "states",
        type=click.Choice([state.value for state in State]),
        multiple=True,
        help="In this state; may be given several times.  [default: retrying, parked]",
    )
    @wraps(command)
    def wrapped(
        *args: Any,  # noqa: ANN401 - the command's own
        queue: str | None,
        cause: str | None,
        account: str | None,
        since: Moment | None,
        until: Moment | None,
        states: tuple[str, ...],
        failure_ids: tuple[str, ...] = (),
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> int | None:
        filters = Filters(
            queue=queue,
            cause=cause,
            account_id=None if account is None else known_account(account),
            since=_instant(since),
            until=_instant(until),
            states=tuple(map(State, states)) or OPEN,
        )
        if filters.since and filters.until and filters.since > filters.until:
            raise click.UsageError(f"--since {filters.since} comes after --until {filters.until}")
        chosen = Chosen(tuple(map(FailureId, failure_ids)), filters, flags_of(filters))
        if chosen.failure_ids and chosen.flags:
            raise click.UsageError("give ids or filters, not both")
        return command(*args, chosen=chosen, **options)

    return wrapped


def flags_of(filters: Filters) -> tuple[str, ...]:
    """The flags that say the same."""
    said = {
        "--queue": filters.queue,
        "--cause": filters.cause,
        "--account": filters.account_id,
        "--since": _text(filters.since),
        "--until": _text(filters.until),
    }
    flags = [text for flag, value in said.items() if value is not None for text in (flag, value)]
    states = () if filters.states == OPEN else filters.states
    return (*flags, *(text for state in states for text in ("--state", state.value)))


def _instant(moment: Moment | None) -> dt.datetime | None:
    return wiring.now() - moment if isinstance(moment, dt.timedelta) else moment


def _text(instant: dt.datetime | None) -> str | None:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if instant else None
