"""`--as-of`: the instant of a tick that a person does by hand."""

import datetime as dt
from zoneinfo import ZoneInfo

import click

from handlers.cli.session import Session
from handlers.cli.values import DAY_OR_INSTANT
from infrastructure import wiring

as_of_option = click.option(
    "--as-of",
    "until",
    type=DAY_OR_INSTANT,
    required=True,
    help="Up to which instant: 2026-10-31T08:00:00Z; or to the end of which day of the account: 2026-10-31.",
)


def instant_of(until: dt.date | dt.datetime, session: Session) -> dt.datetime:
    """The instant, or the last second of the day where the account is.

    Raises:
        click.BadParameter: it is still to come, and what is done then would be no exercise.
    """
    zone = ZoneInfo(wiring.accounts().get(account_id=session.account_id).time_zone)
    instant = until if isinstance(until, dt.datetime) else _end_of(until, zone)
    if session.is_real:
        _not_ahead(instant, zone)
    return instant


def _end_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=zone).astimezone(dt.UTC)


def _not_ahead(instant: dt.datetime, zone: ZoneInfo) -> None:
    """What is numbered and mailed too early cannot be undone, and a year is mistyped soon."""
    day, today = (each.astimezone(zone).date() for each in (instant, wiring.now()))
    if day > today:
        told = f"{day} is still to come, and in the environment prod nothing is done ahead of its day"
        raise click.BadParameter(told, param_hint="--as-of")
