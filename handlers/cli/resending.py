"""`invoicely invoices resend`: mail an invoice or a credit note once more."""

import click

from domain.credit_notes import CreditNote
from domain.delivery import Delivery, Progress
from domain.invoices import Invoice
from domain.resending import MailMayBeOutError, resend_credit_note, resend_invoice
from handlers.cli.called import program
from handlers.cli.finding import the_document
from handlers.cli.flagged import flagged
from handlers.cli.mails import mails
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.mails import of_delivery

_RISKS = [each.value for each in (Progress.SENT, Progress.UNKNOWN, Progress.BOUNCED, Progress.COMPLAINED)]


@click.command(
    short_help="Mail an invoice or a credit note once more.",
    epilog="Example: invoicely invoices resend 2026-0001 --to accounts@acme.example",
)
@click.argument("invoice", type=TEXT)
@click.option("--to", "recipient", type=TEXT, help="Another address than the client's own.")
@click.option("--despite", type=click.Choice(_RISKS), help="What you know of the last mail.")
@acting
def resend(session: Session, *, invoice: str, recipient: str | None, despite: str | None) -> None:
    """Mail INVOICE, by number or id, once more; or a credit note likewise.

    Where the client may have it already, or the last mail came back from the same address, you are told and
    have to insist with --despite.
    """
    found = the_document(invoice, session.account_id)
    with flagged({"/recipient": "--to"}, of=found):
        delivery = _resent(found, recipient, Progress(despite) if despite else None)
    session.out.record(
        of_delivery(delivery),
        f"{found.number} is mailed once more, to {delivery.recipient}.",
        *mails(delivery),
        f"  {program()} invoices show {found.number} tells how it went",
    )


def _resent(document: Invoice | CreditNote, recipient: str | None, despite: Progress | None) -> Delivery:
    try:
        return _again(document, recipient, despite)
    except MailMayBeOutError as error:
        error.args = (f"{error.told}. To mail it all the same, say --despite {error.progress}",)
        raise


def _again(document: Invoice | CreditNote, recipient: str | None, despite: Progress | None) -> Delivery:
    if isinstance(document, CreditNote):
        return resend_credit_note(
            document.id,
            account_id=document.account_id,
            recipient=recipient,
            despite=despite,
            credit_notes=wiring.credit_notes(),
            deliveries=wiring.deliveries(),
            clients=wiring.clients(),
            now=wiring.now(),
        )
    return resend_invoice(
        document.id,
        account_id=document.account_id,
        recipient=recipient,
        despite=despite,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        now=wiring.now(),
    )
