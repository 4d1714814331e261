"""`invoicely invoices resend`: mail an invoice once more."""

import click

from domain.delivery import Progress
from domain.resending import resend_invoice
from handlers.cli.called import program
from handlers.cli.finding import the_invoice
from handlers.cli.mails import mails
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.mails import of_delivery

_RISKS = [each.value for each in (Progress.SENT, Progress.UNKNOWN, Progress.BOUNCED, Progress.COMPLAINED)]


@click.command(epilog="Example: invoicely invoices resend 2026-0001 --to accounts@acme.example")
@click.argument("invoice", type=TEXT)
@click.option("--to", "recipient", type=TEXT, help="Another address than the client's own.")
@click.option("--despite", type=click.Choice(_RISKS), help="What you know of the last mail.")
@acting
def resend(session: Session, *, invoice: str, recipient: str | None, despite: str | None) -> None:
    """Mail INVOICE, by number or id, once more.

    Where the client may have it already, or the last mail came back from the same address, you are told and
    have to insist with --despite.
    """
    found = the_invoice(invoice, session.account_id)
    delivery = resend_invoice(
        found.id,
        account_id=session.account_id,
        recipient=recipient,
        despite=Progress(despite) if despite else None,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        now=wiring.now(),
    )
    session.out.record(
        of_delivery(delivery),
        f"{found.number} is mailed once more, to {delivery.recipient}.",
        *mails(delivery),
        f"  {program()} invoices show {found.number} tells how it went",
    )
