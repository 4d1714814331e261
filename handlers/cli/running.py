"""`invoicely invoices run`: open what is due, and follow it until it is mailed."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from domain.delivery import Delivery, Progress
from domain.identifiers import InvoiceId
from domain.invoicing import Invoice, State, open_invoices
from handlers.cli.failures import Exit
from handlers.cli.session import Session, acting
from handlers.cli.values import INSTANT
from infrastructure import views, wiring

PATIENCE = 120.0
_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Course:
    """How far an invoice has come."""

    invoice: Invoice
    delivery: Delivery

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        ends = {Progress.SENT, Progress.UNKNOWN}
        return self.invoice.state is State.EMPTY or self.delivery.progress in ends

    @property
    def well(self) -> bool:
        return self.invoice.state is State.EMPTY or self.delivery.progress is Progress.SENT

    def __str__(self) -> str:
        if self.invoice.state is not State.ISSUED:
            return f"{self.invoice.id} is {self.invoice.state}"
        return f"{self.invoice.number} ({self.invoice.id}) is issued, its mail {self.delivery.progress}"


@click.command(epilog="Example: invoicely invoices run --as-of 2026-10-31T08:00:00Z --wait")
@click.option("--as-of", type=INSTANT, required=True, help="Up to which instant: 2026-10-31T08:00:00Z.")
@click.option("--wait", is_flag=True, help="Until each one is mailed, for two minutes at most.")
@acting
def run(session: Session, *, as_of: dt.datetime, wait: bool) -> int:
    """Open every invoice that is due by an instant, as the schedule does for everybody.

    What is opened collects its work, gets its number and is mailed by itself.
    """
    opened = open_invoices(
        as_of,
        due_clients=wiring.due_clients(),
        clients=wiring.clients(),
        opening=wiring.opening(),
        account_id=session.account_id,
    )
    plain = {"opened": opened.invoices, "held": opened.held}
    lines = [f"Opened {invoice_id}." for invoice_id in opened.invoices] or ["Nothing was due."]
    lines += [f"{held} is too far behind and is held; clients resume {held} goes on." for held in opened.held]
    if not wait:
        session.out.record(plain, *lines)
        return Exit.OK
    for line in lines:
        session.out.say(line)
    ended, waiting = follow(session, opened.invoices)
    done = [views.of_invoice(course.invoice, course.delivery, []) for course in ended]
    answer = plain | {"done": done, "waiting": waiting}
    session.out.record(answer, f"{len(done)} of {len(opened.invoices)} are done.")
    return Exit.OK if not waiting and all(course.well for course in ended) else Exit.FAILURE


def follow(
    session: Session, invoice_ids: Sequence[InvoiceId]
) -> tuple[Sequence[Course], Sequence[InvoiceId]]:
    """Wait for the invoices and tell what becomes of each; those that take too long come second."""
    deadline = time.monotonic() + PATIENCE
    waiting, ended = list(invoice_ids), list[Course]()
    while waiting and time.monotonic() < deadline:
        for course in [_course(session, invoice_id) for invoice_id in waiting]:
            if course.ended:
                session.out.say(f"{course}.")
                ended.append(course)
                waiting.remove(course.invoice.id)
        time.sleep(_PAUSE if waiting else 0)
    for invoice_id in waiting:
        session.out.say(f"{_course(session, invoice_id)} after {PATIENCE:.0f} s; it goes on by itself.")
    return ended, waiting


def _course(session: Session, invoice_id: InvoiceId) -> Course:
    return Course(
        wiring.invoices().get(account_id=session.account_id, invoice_id=invoice_id),
        wiring.deliveries().get(account_id=session.account_id, invoice_id=invoice_id),
    )
