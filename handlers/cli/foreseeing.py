"""`invoicely invoices preview --as-of` and `compare`: the coming run, and what became of it."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from domain import money
from domain.identifiers import ClientId
from domain.previewing import (
    Changed,
    Difference,
    Foreseeing,
    Foreseen,
    Outcome,
    RunPreview,
    compare_run,
    preview_run,
)
from handlers.cli.called import program
from handlers.cli.exits import Exit
from handlers.cli.finding import client_names
from handlers.cli.output import amount, printable
from handlers.cli.session import Session, acting
from infrastructure import codec, wiring

Names = Callable[[ClientId], str]


def preview_all(session: Session, as_of: dt.date, output: Path | None) -> None:
    """Show all invoices that are due by a day, and keep them in a file where one is named."""
    found = preview_run(as_of, now=wiring.now(), reading=_reading(session))
    if output:
        output.write_text(json.dumps(codec.encode(found), indent=2) + "\n", encoding="utf-8")
    names = client_names(session.account_id)
    session.out.table(
        found,
        *("Client", "Invoice day", "Period", ">Entries", ">Net", ">Tax", ">Total", "Invoice"),
        rows=(_row(each, names) for each in found.invoices),
        empty=f"No invoice is due up to {as_of}.",
    )
    for line in _told(found, names, output):
        session.out.say(line)


@click.command(
    short_help="Compare the run that was foreseen with what was made.",
    epilog="Example: invoicely invoices compare november.json",
)
@click.argument("file", type=click.Path(path_type=Path))
@acting
def compare(session: Session, *, file: Path) -> int:
    """Compare what preview --as-of kept in FILE with the invoices that were made.

    Leaves with 1 where something is another than was foreseen.
    """
    preview = _read(file)
    if preview.account_id != session.account_id:
        raise click.BadParameter(f"{file} is of another account", param_hint="FILE")
    differences = compare_run(preview, invoices=wiring.invoices())
    others = [each for each in differences if each.outcome is not Outcome.SAME]
    same = len(differences) - len(others)
    currencies = {each.invoice_id: each.currency for each in preview.invoices}
    names = client_names(session.account_id)
    lines = [line for each in others for line in _difference(each, names, currencies.get(each.invoice_id))]
    session.out.record(differences, *lines, f"{same} of {len(differences)} are as they were foreseen.")
    return Exit.FAILURE if others else Exit.OK


def _reading(session: Session) -> Foreseeing:
    return Foreseeing(
        seller=wiring.accounts().get(account_id=session.account_id),
        clients=wiring.clients(),
        invoices=wiring.invoices(),
        collecting=wiring.collecting(),
        known=wiring.known_work(),
    )


def _read(file: Path) -> RunPreview:
    try:
        return codec.decode(RunPreview, json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from error
    except (ValueError, RecursionError, codec.UnreadableError) as error:
        told = f"{file} is none that preview --as-of --output made: {error}"
        raise click.BadParameter(told, param_hint="FILE") from error


def _row(foreseen: Foreseen, names: Names) -> Sequence[str]:
    last_day = max(foreseen.period_start, foreseen.period_end - dt.timedelta(days=1))
    period = f"{foreseen.period_start} – {last_day}"
    sums = (foreseen.total - foreseen.tax_amount, foreseen.tax_amount, foreseen.total)
    shown = [amount(each, foreseen.currency) for each in sums] if foreseen.entries else ["–"] * 3
    who = names(foreseen.client_id), str(foreseen.due_on)
    return *who, period, str(foreseen.entries), *shown, foreseen.invoice_id


def _told(preview: RunPreview, names: Names, output: Path | None) -> Iterator[str]:
    for currency, total in _totals(preview.invoices):
        yield f"In all {amount(total, currency)}."
    for each in preview.invoices:
        if each.missing:
            lacks = "; ".join(each.missing)
            yield f"{names(each.client_id)}: that of {each.due_on} would be held, for it lacks {lacks}."
    for client in preview.clients:
        if client.is_held:
            yield f"{names(client.client_id)} is too far behind: it would be held for you after these."
    if output:
        yield f"Kept in {output}; after the run, {program()} invoices compare {output} tells what differs."


def _totals(invoices: Iterable[Foreseen]) -> Iterator[tuple[str, int]]:
    invoices = list(invoices)
    for currency in sorted({each.currency for each in invoices}):
        yield currency, sum(each.total for each in invoices if each.currency == currency)


def _difference(difference: Difference, names: Names, currency: str | None) -> Iterator[str]:
    told = {
        Outcome.MISSING: "was not made",
        Outcome.UNFORESEEN: f"was not foreseen, and is {difference.state}",
        Outcome.DIFFERS: f"is {difference.state}, and differs:",
    }
    who = f"{difference.invoice_id} for {names(difference.client_id)}"
    yield printable(f"{who} {told[difference.outcome]}")  # the file may have come from elsewhere
    yield from (printable(f"  {_changed(each, currency or '')}") for each in difference.changed)


def _changed(changed: Changed, currency: str) -> str:
    before, after = (_shown(each, changed.what, currency) for each in (changed.foreseen, changed.actual))
    if changed.foreseen is None:
        return f"{changed.what} came, {after}"
    if changed.actual is None:
        return f"{changed.what} is missing, {before}"
    return f"{changed.what} {before} became {after}"


def _shown(value: str | None, what: str, currency: str) -> str:
    """A value; amounts with the digits of their currency."""
    is_amount = what in {"net", "tax_amount", "total", "payable"} or what.startswith("wrk_")
    if value is None or not is_amount or currency not in money.DIGITS:
        return value or "–"
    return amount(int(value), currency)
