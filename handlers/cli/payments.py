"""`invoicely invoices pay`, `refund`, `payments` and `take-back`: what clients paid, and what went back."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal

import click

from domain.identifiers import PaymentId
from domain.invoices import Invoice
from domain.paging import every
from domain.payments import Payment, PaymentDetails, PaymentState, payment_state, record_payment, take_back
from domain.prepayments import Prepayment
from domain.refunds import RefundDetails, record_refund
from domain.reminders import Reminder
from handlers.cli.called import program
from handlers.cli.finding import the_invoice
from handlers.cli.flagged import PAID, flagged, in_minor_units
from handlers.cli.mails import mail_line
from handlers.cli.output import amount as shown
from handlers.cli.output import days, local
from handlers.cli.session import Session, acting
from handlers.cli.values import DAY, MONEY, TEXT
from infrastructure import wiring
from infrastructure.views.payments import of_payment, of_recorded_payment

CAME = ("Paid on", "Kind", ">Amount", "Reference", "Takes back", "Id")
_TOLD = {
    PaymentState.PAID: "it is paid",
    PaymentState.OVERPAID: "{} came too much",
    PaymentState.CREDITED: "it is credited, and nothing is owed",
    PaymentState.OVERDUE: "{} is outstanding, and overdue",
}


@click.command(
    short_help="Record what came for an invoice.",
    epilog="Example: invoicely invoices pay 2026-0001 --amount 500 --on 2026-11-12",
)
@click.argument("invoice", type=TEXT)
@click.option("--amount", type=MONEY, help="What came, in whole units.  [default: all that is outstanding]")
@click.option("--on", type=DAY, help="The day it came.  [default: today]")
@click.option("--reference", type=TEXT, help="What the bank says of it, or anything.")
@acting
def pay(
    session: Session, *, invoice: str, amount: Decimal | None, on: dt.date | None, reference: str | None
) -> None:
    """Record what came for INVOICE, by number or id: a part, all of it, or too much."""
    found = the_invoice(invoice, session.account_id)
    with flagged(PAID, of=found):
        minor = None if amount is None else in_minor_units(amount, found.currency)
        payment, paid = record_payment(
            PaymentDetails(amount=minor, paid_on=on, reference=reference),
            invoice_id=found.id,
            account_id=session.account_id,
            now=wiring.now(),
            invoices=wiring.invoices(),
            payments=wiring.payments(),
            new_id=wiring.new_id,
        )
    session.out.record(
        of_recorded_payment(payment, paid, now=wiring.now()),
        f"Recorded {shown(payment.amount, payment.currency)} for {_name(paid)}: {_stands(paid)}.",
        f"  {program()} invoices take-back {payment.id} takes it back",
    )


@click.command(
    short_help="Record what went back of what an invoice has too much.",
    epilog="Example: invoicely invoices refund 2026-0001 --on 2026-11-20",
)
@click.argument("invoice", type=TEXT)
@click.option("--amount", type=MONEY, help="What went back, in whole units.  [default: all that is too much]")
@click.option("--on", type=DAY, help="The day it went out.  [default: today]")
@click.option("--reference", type=TEXT, help="What the bank says of it, or anything.")
@acting
def refund(
    session: Session, *, invoice: str, amount: Decimal | None, on: dt.date | None, reference: str | None
) -> None:
    """Record what went back to the client of what INVOICE, by number or id, has too much."""
    found = the_invoice(invoice, session.account_id)
    with flagged(PAID, of=found):
        minor = None if amount is None else in_minor_units(amount, found.currency)
        refunded, after = record_refund(
            RefundDetails(amount=minor, paid_on=on, reference=reference),
            invoice_id=found.id,
            account_id=session.account_id,
            now=wiring.now(),
            invoices=wiring.invoices(),
            payments=wiring.payments(),
            new_id=wiring.new_id,
        )
    back = shown(-refunded.amount, refunded.currency)
    session.out.record(
        of_recorded_payment(refunded, after, now=wiring.now()),
        f"Recorded {back} of {_name(after)} as refunded: {_stands(after)}.",
        f"  {program()} invoices take-back {refunded.id} takes it back",
    )


@click.command(
    short_help="List what came for an invoice, and what went back.",
    epilog="Example: invoicely invoices payments 2026-0001",
)
@click.argument("invoice", type=TEXT)
@acting
def payments(session: Session, *, invoice: str) -> None:
    """List what came for INVOICE, by number or id, what went back, and what was taken back."""
    found = the_invoice(invoice, session.account_id)
    came = list(every(lambda cursor: wiring.payments().list(invoice=found, cursor=cursor)))
    session.out.table(
        [of_payment(each) for each in came],
        *CAME,
        rows=map(row_of, came),
        empty=f"Nothing came for {_name(found)} yet.",
    )


@click.command(
    "take-back",
    short_help="Take back a payment that never came.",
    epilog="Example: invoicely invoices take-back pay_…",
)
@click.argument("payment", type=TEXT)
@acting
def take_back_(session: Session, *, payment: str) -> None:
    """Take back PAYMENT, by id: one that never came, or a refund that never went out. Nothing is deleted."""
    back, invoice = take_back(
        PaymentId(payment),
        account_id=session.account_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        payments=wiring.payments(),
    )
    session.out.record(
        of_recorded_payment(back, invoice, now=wiring.now()),
        f"Took back {shown(abs(back.amount), back.currency)} of {_name(invoice)}: {_stands(invoice)}.",
    )


def row_of(came: Payment | Prepayment) -> tuple[str, ...]:
    """What came, for an invoice or in advance, in the columns `CAME`."""
    amount = shown(came.amount, came.currency)
    return (str(came.paid_on), came.kind, amount, came.reference or "", came.takes_back or "", came.id)


def standing(invoice: Invoice) -> Iterator[str]:
    """How an issued invoice stands with its payments."""
    if payment_state(invoice, wiring.now()):
        yield f"  paid {shown(invoice.paid, invoice.currency)} · {_stands(invoice)}"


def reminded(invoice: Invoice, reminders: Iterable[Reminder]) -> Iterator[str]:
    """What was asked for, and when the next reminder is due."""
    for each in reminders:
        yield f"  reminder {each.step}, {days(each.days)} late: {_fate(each)}"
    if invoice.remind_at:
        yield f"  the next reminder is due on {local(invoice.remind_at, invoice.time_zone or 'UTC')}"


def _fate(reminder: Reminder) -> str:
    if reminder.dropped:
        return f"not sent: {reminder.dropped.replace('_', ' ')}"
    return mail_line(reminder.mail.current) if reminder.mail.recipient else f"mail {reminder.mail.progress}"


def _stands(invoice: Invoice) -> str:
    state = payment_state(invoice, wiring.now()) or PaymentState.UNPAID
    told = _TOLD.get(state, "{} is outstanding")
    return told.format(shown(abs(invoice.outstanding), invoice.currency))


def _name(invoice: Invoice) -> str:
    return invoice.number or invoice.id
