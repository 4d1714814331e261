"""`invoicely invoices bill` and `preview`: an invoice now, and what the next one would be."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import click

from domain.billing import Preview, bill_now, preview_invoice
from handlers.cli.called import program
from handlers.cli.finding import the_client
from handlers.cli.flagged import flagged
from handlers.cli.foreseeing import preview_all
from handlers.cli.invoice_lines import lacking, lines_of, sums
from handlers.cli.session import Session, acting
from handlers.cli.values import DAY, TEXT
from infrastructure import wiring
from infrastructure.views.invoices import of_listed_invoice
from infrastructure.views.previews import of_preview

_UNTIL = {"/until": "--until"}


@click.command(
    short_help="Bill a client now, for all unbilled work.",
    epilog="Example: invoicely invoices bill 'Acme GmbH' --until 2026-11-15",
)
@click.argument("client", type=TEXT)
@click.option("--until", type=DAY, help="The last day whose work is taken.  [default: today]")
@acting
def bill(session: Session, *, client: str, until: dt.date | None) -> None:
    """Bill CLIENT, by name or id, for all unbilled work up to a day.

    The invoice is numbered, printed and mailed by itself. The regular one still comes on its day, for the
    work from there on. Once an invoice was taken back, its work can be edited and billed again, on the same
    day too.
    """
    with flagged(_UNTIL):
        invoice = bill_now(
            the_client(client, session.account_id).id,
            account_id=session.account_id,
            until=until,
            now=wiring.now(),
            clients=wiring.clients(),
            invoices=wiring.invoices(),
            opening=wiring.opening(),
            collecting=wiring.collecting(),
            new_id=wiring.new_id,
        )
    session.out.record(
        of_listed_invoice(invoice, now=wiring.now()),
        f"Opened {invoice.id} for {invoice.period_start} to {invoice.last_day}.",
        f"  {program()} invoices show {invoice.id} tells how far it is",
    )


@click.command(
    short_help="Show what the next invoice, or the coming run, would be.",
    epilog="Example: invoicely invoices preview --as-of 2026-11-30 --output november.json",
)
@click.argument("client", type=TEXT, required=False)
@click.option("--until", type=DAY, help="What bill with the same day would make, not the next regular one.")
@click.option("--as-of", type=DAY, help="All invoices of all clients that are due by that day.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Keep what --as-of shows, as JSON.")
@acting
def preview(
    session: Session,
    *,
    client: str | None,
    until: dt.date | None,
    as_of: dt.date | None,
    output: Path | None,
) -> None:
    """Show what the next invoice of CLIENT, by name or id, would be as of now. Stores nothing.

    Without CLIENT, and with --as-of, show the whole coming run; `compare` tells after it what differs.
    """
    if client is None or as_of:
        if as_of is None or client or until:
            raise click.UsageError("name a CLIENT, or say --as-of and no more than where to keep it")
        preview_all(session, as_of, output)
        return
    if output:
        raise click.UsageError("--output keeps what --as-of shows")
    with flagged(_UNTIL):
        found = preview_invoice(
            the_client(client, session.account_id).id,
            account_id=session.account_id,
            until=until,
            now=wiring.now(),
            parties=wiring.parties(),
            invoices=wiring.invoices(),
            collecting=wiring.collecting(),
            known=wiring.known_work(),
        )
    session.out.record(of_preview(found), *_lines(found))


def _lines(preview: Preview) -> Iterator[str]:
    invoice = preview.invoice
    yield f"{invoice.period_start} to {invoice.last_day} · invoice day {invoice.due_on} · not made yet"
    yield from lines_of(preview.lines)
    yield from sums(invoice)
    if preview.missing:
        yield "  it would be held, until it has:"
    yield from lacking(preview.missing)
