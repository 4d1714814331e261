"""Follows opened invoices through the pipeline, until each is mailed, has nothing to charge, or is held."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.delivery import Delivery, Progress
from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoice, State
from handlers.cli.awaited import awaited
from infrastructure import wiring

PATIENCE = 120.0
_PAUSE = 0.2
_WELL = {State.EMPTY, State.IN_REVIEW, State.SKIPPED}
_FOR_A_PERSON = {State.HELD, State.VOID}


@dataclass(frozen=True, slots=True)
class Course:
    """How far an invoice has come."""

    invoice: Invoice
    delivery: Delivery

    @property
    def well(self) -> bool:
        """Whether it is mailed, has nothing to charge, or waits for its review to end."""
        return self.invoice.state in _WELL or self.delivery.progress is Progress.SENT

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself, or not until a person has mended something."""
        is_stuck = self.invoice.state in _FOR_A_PERSON or self.delivery.progress is Progress.UNKNOWN
        return self.well or is_stuck or self.delivery.is_out

    def __str__(self) -> str:
        if self.invoice.state in {State.HELD, State.IN_REVIEW}:
            return f"{self.invoice.id}: {awaited(self.invoice)}"
        if self.invoice.state is not State.ISSUED:
            return f"{self.invoice.id} is {self.invoice.state}"
        return f"{self.invoice.number} ({self.invoice.id}) is issued, its mail {self.delivery.progress}"


def follow(
    invoice_ids: Sequence[InvoiceId], *, account_id: AccountId, say: Callable[[str], None]
) -> list[Course]:
    """Wait for the invoices, say what becomes of each, and give the courses of all, ended or not."""
    deadline = time.monotonic() + PATIENCE
    courses = {invoice_id: _course(invoice_id, account_id) for invoice_id in invoice_ids}
    waiting = set(courses)
    while True:
        for invoice_id in sorted(waiting):
            courses[invoice_id] = course = _course(invoice_id, account_id)
            if course.ended:
                say(f"{course}.")
                waiting.remove(invoice_id)
        if not waiting or time.monotonic() > deadline:
            break
        time.sleep(_PAUSE)
    for invoice_id in sorted(waiting):
        say(f"{courses[invoice_id]} after {PATIENCE:.0f} s; it goes on by itself.")
    return list(courses.values())


def _course(invoice_id: InvoiceId, account_id: AccountId) -> Course:
    return Course(
        wiring.invoices().get(account_id=account_id, invoice_id=invoice_id),
        wiring.deliveries().get(account_id=account_id, invoice_id=invoice_id),
    )
