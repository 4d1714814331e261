"""`invoicely invoices review`: what a person decides about an invoice before it goes out."""

import click

from domain.reviews import hold_invoice, reopen_invoice, send_now, skip_invoice
from handlers.cli.called import program
from handlers.cli.finding import the_invoice
from handlers.cli.flagged import flagged
from handlers.cli.session import Session, acting
from infrastructure import wiring
from infrastructure.views.invoices import of_listed_invoice

_DECIDE = {"send": send_now, "hold": hold_invoice, "skip": skip_invoice, "reopen": reopen_invoice}
_TOLD = {
    "send": "{} goes out now.",
    "hold": "{} waits until it is sent or skipped.",
    "skip": "{} is not made; its work can be edited again in a moment, and comes on the next one.",
    "reopen": "{} takes its work again, and goes on by itself.",
}


@click.command(
    short_help="Send an invoice in review now, hold it, or skip it.",
    epilog="Example: invoicely invoices review inv_… hold",
)
@click.argument("invoice")
@click.argument("decision", type=click.Choice(sorted(_DECIDE)))
@acting
def review(session: Session, *, invoice: str, decision: str) -> None:
    """Send INVOICE now, hold it, or skip it, while it is in review.

    One that lacks what the law wants can be skipped, too: then its work can be corrected, and it is reopened.

    `clients change --review-days` says how long the invoices of a client wait before they go out.
    """
    found = the_invoice(invoice, session.account_id)
    with flagged({}, of=found):
        decided = _DECIDE[decision](
            found.id,
            account_id=session.account_id,
            invoices=wiring.invoices(),
            reviews=wiring.reviews(),
        )
    session.out.record(
        of_listed_invoice(decided, now=wiring.now()),
        _TOLD[decision].format(decided.id),
        f"  {program()} invoices show {decided.id} tells how far it is",
    )
