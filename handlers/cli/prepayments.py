"""`invoicely clients prepay`, `refund`, `prepayments` and `take-back`: what clients paid in advance."""

import datetime as dt
from decimal import Decimal

import click

from domain.identifiers import PrepaymentId
from domain.paging import every
from domain.prepayments import PrepaymentDetails, record_prepayment, refund_prepayment, take_back_prepayment
from domain.refunds import RefundDetails
from handlers.cli.finding import the_client
from handlers.cli.flagged import PAID, flagged, in_minor_units
from handlers.cli.output import amount as shown
from handlers.cli.payments import CAME, row_of
from handlers.cli.session import Session, acting
from handlers.cli.values import DAY, MONEY, TEXT
from infrastructure import wiring
from infrastructure.views.prepayments import of_prepayment, of_recorded_prepayment


@click.command(
    short_help="Record what a client paid in advance.",
    epilog="Example: invoicely clients prepay Acme 500 --on 2026-11-12",
)
@click.argument("client", type=TEXT)
@click.argument("amount", type=MONEY)
@click.option("--on", type=DAY, help="The day it came.  [default: today]")
@click.option("--reference", type=TEXT, help="What the bank says of it, or anything.")
@acting
def prepay(
    session: Session, *, client: str, amount: Decimal, on: dt.date | None, reference: str | None
) -> None:
    """Record the AMOUNT that CLIENT, by name or id, paid in advance.

    The next invoice takes off as much as it comes to; what is left stays for the one after.
    """
    found = the_client(client, session.account_id)
    with flagged({**PAID, "/amount": "AMOUNT"}):
        minor = in_minor_units(amount, found.currency)
        prepayment, after = record_prepayment(
            PrepaymentDetails(amount=minor, paid_on=on, reference=reference),
            client_id=found.id,
            account_id=session.account_id,
            now=wiring.now(),
            clients=wiring.clients(),
            prepayments=wiring.prepayments(),
            new_id=wiring.new_id,
        )
    session.out.record(
        of_recorded_prepayment(prepayment, after),
        f"Recorded {shown(minor, found.currency)} from {found.name} in advance  ({prepayment.id})",
        f"  {shown(after.prepaid, found.currency)} is left for the next invoice",
    )


@click.command(
    short_help="Record what went back of what was paid in advance.",
    epilog="Example: invoicely clients refund Acme --on 2026-11-20",
)
@click.argument("client", type=TEXT)
@click.option("--amount", type=MONEY, help="What went back, in whole units.  [default: all that is left]")
@click.option("--on", type=DAY, help="The day it went out.  [default: today]")
@click.option("--reference", type=TEXT, help="What the bank says of it, or anything.")
@acting
def refund(
    session: Session, *, client: str, amount: Decimal | None, on: dt.date | None, reference: str | None
) -> None:
    """Record what went back to CLIENT, by name or id, of what is left of its prepayments."""
    found = the_client(client, session.account_id)
    with flagged(PAID):
        minor = None if amount is None else in_minor_units(amount, found.currency)
        refunded, after = refund_prepayment(
            RefundDetails(amount=minor, paid_on=on, reference=reference),
            client_id=found.id,
            account_id=session.account_id,
            now=wiring.now(),
            clients=wiring.clients(),
            prepayments=wiring.prepayments(),
            new_id=wiring.new_id,
        )
    session.out.record(
        of_recorded_prepayment(refunded, after),
        f"Recorded {shown(-refunded.amount, found.currency)} as refunded to {found.name}  ({refunded.id})",
        f"  {shown(after.prepaid, found.currency)} is left for the next invoice",
    )


@click.command(
    short_help="List what a client paid in advance.", epilog="Example: invoicely clients prepayments Acme"
)
@click.argument("client", type=TEXT)
@acting
def prepayments(session: Session, *, client: str) -> None:
    """List what CLIENT, by name or id, paid in advance, spent or not, and what went back."""
    found = the_client(client, session.account_id)
    came = list(every(lambda cursor: wiring.prepayments().list(client=found, cursor=cursor)))
    session.out.table(
        [of_prepayment(each) for each in came],
        *CAME,
        rows=map(row_of, came),
        empty=f"{found.name} has paid nothing in advance.",
    )


@click.command(
    "take-back",
    short_help="Take back a prepayment that never came.",
    epilog="Example: invoicely clients take-back pre_…",
)
@click.argument("prepayment", type=TEXT)
@acting
def take_back(session: Session, *, prepayment: str) -> None:
    """Take back PREPAYMENT, by id, as long as it is left, or a refund that never went out."""
    back, client = take_back_prepayment(
        PrepaymentId(prepayment),
        account_id=session.account_id,
        now=wiring.now(),
        clients=wiring.clients(),
        prepayments=wiring.prepayments(),
    )
    which = "of the refund to" if back.amount > 0 else "from"
    session.out.record(
        of_recorded_prepayment(back, client),
        f"Took back {shown(abs(back.amount), back.currency)} {which} {client.name}.",
        f"  {shown(client.prepaid, client.currency)} is left for the next invoice",
    )
