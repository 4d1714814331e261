"""How failures look on a screen: nothing in them can move the cursor or turn the text round."""

import datetime as dt
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.failures import MOST_REPLAYS, Action, Cause, Failure
from domain.triage import Group, Histogram
from handlers.cli.output import console, fits, print_table, printable
from infrastructure.views.instants import instant

_WIDE = ("Id", "State", "Cause", "Failed last", "Error", ">Sent", "Next try")
_NARROWER = (7, 6, 4)  # so many of the columns, as the screen has room


def plural(number: int, thing: str) -> str:
    """`1 failure`, `2 failures`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def groups(counted: Histogram) -> Iterator[str]:
    """The causes, a block of lines each."""
    total = sum(counted.states.values())
    yield f"{plural(total, 'failure')} of {plural(len(counted.causes), 'cause')}: {_counts(counted)}"
    for group in counted.causes:
        yield from ("", *_group(group))


def histogram(counted: Histogram) -> Iterator[str]:
    """How many of each cause, queue and state."""
    for group in counted.causes:
        yield printable(f"  {len(group.failures):>6}  {group.cause.id}  {_title(group.cause)}")
    yield f"  {_counts(counted)}"


def show_rows(failures: Iterable[Failure], *, today: dt.date) -> None:
    """Print a line for each failure, with as much as the screen has room for."""
    rows = [_row(failure, today) for failure in failures]
    for number in _NARROWER:
        columns, shown = _WIDE[:number], [row[:number] for row in rows]
        if fits(columns, shown) or number == _NARROWER[-1]:
            print_table(columns, shown)
            return


def whole(failure: Failure) -> Iterator[str]:
    """Everything about a failure, its body last."""
    yield f"{failure.id}  ({failure.state})"
    yield printable(f"  {_title(failure.cause)}, cause {failure.cause.id}")
    yield from _message(failure.cause)
    yield f"  {failure.kind} · received {plural(failure.attempts, 'time')} · {_sent(failure)}"
    yield f"  first {instant(failure.first_at)} · last {instant(failure.last_at)}{_next(failure)}"
    if about := _about(failure):
        yield printable(f"  {about}")
    if failure.reason:
        yield printable(f"  given up: {failure.reason}")
    yield from _history(failure.history)
    yield from _body("Body" if failure.original is None else "Body, as edited", failure.body)
    if failure.original is not None:
        yield from _body("Body as it came", failure.original)


def _group(group: Group) -> Iterator[str]:
    yield printable(f"{group.cause.id}  {len(group.failures):,} × {_title(group.cause)}")
    yield from _message(group.cause)
    yield f"  {_counts(Histogram.of(group.failures))}"
    first, last = instant(group.first_at), instant(group.last_at)
    yield f"  {first}" if first == last else f"  {first} to {last}"


def _counts(counted: Histogram) -> str:
    return f"{_counted(counted.queues)} · {_counted(counted.states)}"


def _counted(numbers: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(numbers.items()))


def _title(cause: Cause) -> str:
    return f"{cause.error} at {cause.at}" + (f" ({cause.code})" if cause.code else "")


def _message(cause: Cause) -> Iterator[str]:
    text, width = printable(cause.message), console().width
    yield from textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ")


def _row(failure: Failure, today: dt.date) -> Sequence[str]:
    next_at = _short(failure.next_at, today) if failure.next_at else "–"
    known = failure.id, failure.state, failure.cause.id, _short(failure.last_at, today)
    return *known, printable(failure.cause.error), str(failure.replays), next_at


def _short(instant: dt.datetime, today: dt.date) -> str:
    """The time of a day in this year, the date of any other."""
    return f"{instant:%m-%d %H:%M}" if instant.year == today.year else f"{instant:%Y-%m-%d}"


def _sent(failure: Failure) -> str:
    return f"sent again {failure.replays} of at most {MOST_REPLAYS} times"


def _next(failure: Failure) -> str:
    if failure.next_at:
        return f" · next try {instant(failure.next_at)}"
    return f" · closed {instant(failure.closed_at)}" if failure.closed_at else ""


def _about(failure: Failure) -> str:
    return " · ".join(filter(None, (failure.account_id, failure.event_type, failure.correlation_id)))


def _history(actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        note = f": {action.note}" if action.note else ""
        yield printable(f"  {instant(action.at)}  {action.action} by {action.actor}{note}")


def _body(title: str, body: str) -> Iterator[str]:
    try:
        shown, kind = json.dumps(json.loads(body), indent=2, ensure_ascii=False), "JSON"
    except (ValueError, RecursionError):
        shown, kind = body, "no JSON, shown as it is"
    yield from ("", f"{title} ({kind}):", printable(shown))
