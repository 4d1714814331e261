"""What is shown of a credit note, in a list and by itself."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as CreditNoteState
from domain.delivery import Delivery
from domain.fields import values
from domain.identifiers import ClientId, CreditNoteId, InvoiceId, WorkId
from domain.work import WorkEntry
from infrastructure.views.instants import second
from infrastructure.views.mails import DeliveryView, of_delivery
from infrastructure.views.sums import SumsView, of_sums
from infrastructure.views.work import WorkView, of_work


@dataclass(frozen=True, kw_only=True)
class ListedCreditNoteView:
    """A credit note: what it takes back of an invoice, in positive amounts.

    Its number comes once it is issued. `chosen` are the entries that were asked for; without any, it takes
    back all that were left. `credited` is how much less the client owes.
    """

    id: CreditNoteId
    invoice_id: InvoiceId
    client_id: ClientId
    currency: str
    state: CreditNoteState
    opened_at: dt.datetime
    chosen: Sequence[WorkId]
    reason: str | None = None
    entries: int
    net: int
    tax_amount: int | None = None
    total: int | None = None
    credited: int | None = None
    number: str | None = None
    issued_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class CreditNoteView(ListedCreditNoteView):
    """A whole credit note: its sums, how far it is on its way, and the lines that it takes back.

    Where `has_more_lines`, the list of its lines has all of them.
    """

    totals: SumsView | None = None
    delivery: DeliveryView
    lines: Sequence[WorkView]
    has_more_lines: bool


def of_listed_credit_note(note: CreditNote) -> ListedCreditNoteView:
    is_known = note.totals is not None
    return ListedCreditNoteView(
        id=note.id,
        invoice_id=note.invoice_id,
        client_id=note.client_id,
        currency=note.currency,
        state=note.state,
        opened_at=second(note.opened_at),
        chosen=note.chosen,
        reason=note.reason,
        entries=note.entries,
        net=note.net,
        tax_amount=note.tax_amount if is_known else None,
        total=note.total if is_known else None,
        credited=note.credited if is_known else None,
        number=note.number,
        issued_on=note.issued_on,
    )


def of_credit_note(note: CreditNote, delivery: Delivery, lines: Sequence[WorkEntry]) -> CreditNoteView:
    return CreditNoteView(
        **values(of_listed_credit_note(note), ListedCreditNoteView),
        totals=of_sums(note.totals),
        delivery=of_delivery(delivery),
        lines=tuple(map(of_work, lines)),
        has_more_lines=len(lines) < note.entries,
    )
