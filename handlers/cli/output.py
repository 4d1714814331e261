"""What a command answers: JSON on stdout for programs, tables and lines for people, and talk on stderr."""

import datetime as dt
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from domain import money

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table

WIDTH_OF_A_PIPE = 500
"""Characters; rich would squeeze tables into 80 where there is no terminal."""

_NOT_FOR_SCREENS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Output:
    """Either for programs or for people: each answer comes in both forms, and one of them is printed."""

    as_json: bool

    def record(self, plain: object, *lines: str) -> None:
        """Answer with one thing."""
        self._json(plain) if self.as_json else click.echo("\n".join(lines))

    def table(
        self, plain: object, *columns: str, rows: Iterable[Sequence[str]], empty: str = "there are none"
    ) -> None:
        """Answer with several things; a column whose name begins with ">" stands at the right."""
        shown = () if self.as_json else tuple(rows)
        if self.as_json:
            self._json(plain)
        elif shown:
            print_table(columns, shown)
        else:
            self.say(empty)

    def say(self, text: str) -> None:
        """Tell people something that is no part of the answer."""
        click.echo(text, err=True)

    def _json(self, plain: object) -> None:
        from infrastructure import codec

        text = json.dumps(plain, indent=2, ensure_ascii=False, default=codec.encode)
        click.echo(_NOT_FOR_SCREENS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def console(*, talk: bool = False) -> "Console":
    """A console for the answer, or for the talk; it minds NO_COLOR and whether anybody looks."""
    from rich.console import Console

    stream = sys.stderr if talk else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_OF_A_PIPE, highlight=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print cells as they are, in columns; where these do not fit, each row as a paragraph.

    No number, date or id is ever broken, so that it can be read and copied.
    """
    shown = tuple(rows)
    if fits(columns, shown):
        console().print(_table(columns, shown))
        return
    names = [column.removeprefix(">") for column in columns]
    for row in shown:
        click.echo(_paragraph(names, row, width=console().width))


def fits(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
    """Whether the table can be printed without breaking a cell."""
    screen = console()
    endless = screen.options.update(max_width=sys.maxsize)
    return screen.measure(_table(columns, rows), options=endless).maximum <= screen.width


def _paragraph(names: Sequence[str], row: Sequence[str], *, width: int) -> str:
    """The first cell, and below it all others that say something, each with its name."""
    said = [f"{name} {cell}" for name, cell in zip(names[1:], row[1:], strict=True) if cell]
    whole = " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in said)
    filled = textwrap.fill(
        whole,
        width,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{row[0]}\n{filled}".replace("\N{NO-BREAK SPACE}", " ").rstrip()


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        justify: JustifyMethod = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def printable(text: str) -> str:
    """The text, in which what would steer a terminal is spelt out."""
    return _NOT_FOR_SCREENS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def amount(minor: int, currency: str) -> str:
    """An amount with the digits of its currency: 1,234.50 EUR."""
    return f"{money.major(minor, currency=currency):,f} {currency}"


def price(value: Decimal, currency: str) -> str:
    """A price with the digits of its currency, or with more where it has more: 92.50 EUR."""
    exponent = value.normalize().as_tuple().exponent
    own = -exponent if isinstance(exponent, int) else 0
    return f"{value:,.{max(money.DIGITS[currency], own)}f} {currency}"


def local(instant: dt.datetime, zone: str) -> str:
    """An instant as clocks there show it, with the zone: 2026-12-17 08:00 Europe/Berlin."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def days(count: int) -> str:
    """So many days: 1 day, 14 days."""
    return "1 day" if count == 1 else f"{count} days"


def hours(minutes: int) -> str:
    """A duration in hours and minutes: 7:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def plain_number(value: Decimal) -> str:
    """A number without zeros that say nothing: 1.5, 100."""
    return f"{value.normalize():f}"
