"""`invoicely invoices credit`, `credit-notes` and `void`: what takes an invoice back."""

from collections.abc import Iterator, Sequence
from functools import partial

import click

from domain.credit_notes import Correction, CreditNote
from domain.crediting import open_credit_note
from domain.delivery import Delivery
from domain.identifiers import WorkId
from domain.invoices import Invoice
from domain.paging import every
from domain.voiding import void_invoice
from handlers.cli.called import program
from handlers.cli.finding import the_invoice
from handlers.cli.flagged import flagged
from handlers.cli.invoice_lines import lines_of, sums_of
from handlers.cli.mails import mails
from handlers.cli.output import amount
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.credit_notes import of_credit_note, of_listed_credit_note
from infrastructure.views.invoices import of_listed_invoice

_WHAT = "say what is taken back, for that cannot be undone: --whole, or each --line (ids: `invoices lines`)"


@click.command(
    short_help="Take back an invoice, or some of its lines.",
    epilog="Example: invoicely invoices credit 2026-0001 --line wrk_… --reason 'Wrong rate'",
)
@click.argument("invoice", type=TEXT)
@click.option("--whole", is_flag=True, help="All that is left of it.")
@click.option(
    "--line", "lines", type=TEXT, multiple=True, help="This line, by its work entry; may stand again."
)
@click.option("--reason", type=TEXT, help="Why, in words that are printed on the credit note.")
@acting
def credit(
    session: Session, *, invoice: str, whole: bool, lines: tuple[str, ...], reason: str | None
) -> None:
    """Take back INVOICE, by number or id, as a whole or some of its lines.

    A credit note is made and mailed by itself, and cannot be undone. The work can be edited again in a
    moment, and comes on the next invoice.
    """
    if whole == bool(lines):
        raise click.UsageError(_WHAT)
    found = the_invoice(invoice, session.account_id)
    with flagged({"/lines": "--line", "/reason": "--reason"}, of=found):
        note = open_credit_note(
            found.id,
            Correction(lines=tuple(map(WorkId, lines)) or None, reason=reason),
            account_id=session.account_id,
            now=wiring.now(),
            invoices=wiring.invoices(),
            credit_notes=wiring.credit_notes(),
            crediting=wiring.crediting(),
            new_id=wiring.new_id,
        )
    what = f"{len(lines)} of its lines" if lines else "all that is left of it"
    session.out.record(
        of_listed_credit_note(note),
        f"A credit note to {found.number} is being made, of {what}.",
        f"  {program()} invoices show {note.id} tells how far it is",
    )


@click.command("credit-notes", epilog="Example: invoicely invoices credit-notes 2026-0001")
@click.argument("invoice", type=TEXT)
@acting
def credit_notes(session: Session, *, invoice: str) -> None:
    """List the credit notes of INVOICE, by number or id."""
    found = the_invoice(invoice, session.account_id)
    notes = notes_of(found)
    session.out.table(
        [of_listed_credit_note(note) for note in notes],
        *("Number", "State", "Issued", ">Entries", ">Takes back", "Reason", "Id"),
        rows=map(_row, notes),
        empty=f"Nothing of {found.number or found.id} was taken back.",
    )


@click.command(
    short_help="Make an invoice void that was never mailed.",
    epilog="Example: invoicely invoices void 2026-0001",
)
@click.argument("invoice", type=TEXT)
@acting
def void(session: Session, *, invoice: str) -> None:
    """Make INVOICE, by number or id, void, as long as nothing of it was delivered.

    It keeps its number and is never mailed. Once a client may have it, `credit` takes it back.
    """
    found = the_invoice(invoice, session.account_id)
    with flagged({}, of=found):
        made = void_invoice(
            found.id,
            account_id=session.account_id,
            invoices=wiring.invoices(),
            deliveries=wiring.deliveries(),
            clients=wiring.clients(),
            voiding=wiring.voiding(),
        )
    session.out.record(
        of_listed_invoice(made, now=wiring.now()),
        f"{made.number} is void and keeps its number; its work can be edited again in a moment.",
    )


def show_credit_note(session: Session, note: CreditNote, delivery: Delivery) -> None:
    """Show a credit note with the lines that it takes back."""
    entries = wiring.credit_notes().taken_back(note=note)
    invoice = wiring.invoices().get(account_id=note.account_id, invoice_id=note.invoice_id)
    session.out.record(
        of_credit_note(note, delivery, entries),
        *_head(note, invoice, delivery),
        *mails(delivery),
        *(f"  No e-invoice: {problem.message}." for problem in delivery.not_carried),
        *lines_of(entries),
        *sums_of(
            note.totals,
            net=note.net,
            currency=note.currency,
            language=invoice.language,
            payable="credited",
        ),
    )


def _head(note: CreditNote, invoice: Invoice, delivery: Delivery) -> Iterator[str]:
    buyer = f" to {invoice.buyer.name}" if invoice.buyer else ""
    state = f"{note.id}, {note.state}, mail {delivery.progress}"
    yield f"{note.number or 'No number yet,'}{buyer}  ({state})"
    issued = f" · issued {note.issued_on}" if note.issued_on else ""
    yield f"  credit note to {invoice.number} ({invoice.id}){issued}"
    if note.reason:
        yield f"  reason: {note.reason}"


def taken_back(invoice: Invoice) -> Iterator[str]:
    """What credit notes took back of an invoice, and which one is being made."""
    for note in notes_of(invoice) if invoice.credited or invoice.crediting else ():
        if note.number:
            yield f"  {note.number} of {note.issued_on} takes back {amount(note.credited, note.currency)}"
        else:
            yield f"  {note.id} is being made"


def notes_of(invoice: Invoice) -> Sequence[CreditNote]:
    """All credit notes of an invoice, the oldest first."""
    of = partial(wiring.credit_notes().of_invoice, account_id=invoice.account_id, invoice_id=invoice.id)
    return list(every(lambda cursor: of(cursor=cursor)))


def _row(note: CreditNote) -> tuple[str, ...]:
    issued, taken = str(note.issued_on or ""), amount(note.credited or note.net, note.currency)
    return note.number or "–", note.state, issued, str(note.entries), taken, note.reason or "", note.id
