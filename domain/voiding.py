"""An invoice made void: only while nothing of it was delivered. It keeps its number, and releases its work.

issued ──▶ void, its delivery stopped, and what it took off of prepayments given back: all of it or nothing
void ──release, ≤ 49 lines a step──▶ all released

Once a mail has begun, or money came for it, only a credit note takes the invoice back.
"""

from collections.abc import Sequence as Many
from dataclasses import replace
from typing import Protocol

from domain.clients import Client, Clients
from domain.crediting import MOST_RELEASED, Crediting, InvoiceNotIssuedError, again
from domain.delivery import Deliveries, Delivery, Progress
from domain.errors import ConflictError
from domain.identifiers import AccountId, InvoiceId, invoice_parts
from domain.invoices import Invoice, Invoices, State
from domain.stopping import TimeIsUp, never, stop_in_time
from domain.work import WorkEntry


class InvoiceIsDeliveredError(ConflictError):
    """The client may have the invoice: only a credit note takes it back."""

    code = "invoice-is-delivered"


class InvoiceIsBookedError(ConflictError):
    """Something refers to the invoice already: a credit note, or money that came."""

    code = "invoice-is-booked"


class Voiding(Protocol):
    """Makes invoices void."""

    def void(
        self, *, invoice: Invoice, void: Invoice, delivery: Delivery, stopped: Delivery, buyer: Client
    ) -> None:
        """Store the invoice as void and its delivery as stopped: all of it, or nothing.

        What the invoice took off of what was paid in advance is the buyer's to spend again, in the same step.

        Raises:
            InvoiceMovedError: one of them is not as it was read; the buyer, only where it gets something.
        """
        ...

    def release_void(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        """Release the entries, leave their lines as they were, and count them: all of it, or nothing.

        Raises:
            InvoiceMovedError: the invoice is not void, or an entry is not as it was read.
        """
        ...


def void_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    invoices: Invoices,
    deliveries: Deliveries,
    clients: Clients,
    voiding: Voiding,
) -> Invoice:
    """Make an invoice void of which nothing was delivered; its work is released soon after, by itself.

    An invoice that is void already stays as it is.

    Raises:
        InvoiceNotIssuedError: it has no number yet.
        InvoiceIsDeliveredError: it was mailed, is being mailed, or may have been.
        InvoiceIsBookedError: it has a credit note, or a payment.
        InvoiceMovedError: it was changed by others `MOST_ROUNDS` times running.
    """
    invoice_parts(invoice_id)

    def void() -> Invoice:
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        if invoice.state is State.VOID:
            return invoice
        delivery = deliveries.get(account_id=account_id, invoice_id=invoice_id)
        _voidable(invoice, delivery)
        buyer = clients.get(account_id=account_id, client_id=invoice.client_id)
        made_void = replace(invoice.void(), version=invoice.version + 1)
        voiding.void(
            invoice=invoice, void=made_void, delivery=delivery, stopped=delivery.stopped(), buyer=buyer
        )
        return made_void

    return again(void, invoice_id)


def release_void_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    invoices: Invoices,
    crediting: Crediting,
    voiding: Voiding,
    time_is_up: TimeIsUp = never,
) -> Invoice:
    """Release the work of an invoice that is void; go on wherever a run stopped.

    Calling it again changes nothing; of an invoice that is not void, nothing is released.

    Raises:
        NotFoundError: there is no such invoice.
        InvoiceMovedError: other workers were faster `MOST_ROUNDS` times running.
        UnfinishedError: there was no time for all of it.
    """
    invoice_parts(invoice_id)

    def release() -> Invoice:
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        if invoice.state is not State.VOID or invoice.released == invoice.entries:
            return invoice
        lines = crediting.lines(invoice=invoice)
        left = [line.entry for line in lines if line.released_by is None]
        for start in range(0, len(left), MOST_RELEASED):
            entries = left[start : start + MOST_RELEASED]
            voiding.release_void(invoice=invoice, entries=entries)
            invoice = invoice.with_released(len(entries))
            stop_in_time(invoice.id, time_is_up)
        return invoice

    return again(release, invoice_id)


def _voidable(invoice: Invoice, delivery: Delivery) -> None:
    if invoice.state is not State.ISSUED:
        raise InvoiceNotIssuedError(f"{invoice.id} is {invoice.state}: only an issued invoice is made void")
    if invoice.crediting or invoice.released or invoice.outstanding != invoice.payable:
        told = f"{invoice.id} has a credit note or a payment: take back by a credit note what is left of it"
        raise InvoiceIsBookedError(told)
    if delivery.progress is not Progress.PENDING or delivery.earlier:
        told = (
            f"{invoice.id} was mailed, or is about to be ({delivery.progress}): take it back by a credit note"
        )
        raise InvoiceIsDeliveredError(told)
