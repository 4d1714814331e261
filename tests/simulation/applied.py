"""Whether an event has had its effect behind a queue, told from the store alone."""

from collections.abc import Callable

from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.delivery import Delivery, Progress
from domain.errors import InvoicelyError
from domain.identifiers import AccountId
from domain.invoices import Invoice, State
from domain.reminders import Reminder
from events import catalog
from events.envelope import Event
from tests.fakes import Store

_UNFINISHED = {State.OPEN, State.SEALED}


class Applied:
    """Knows what is stored, and the invoices that have *been in review*: a tick or a person goes on there."""

    def __init__(self, store: Store, reviewed: set[str], is_older: Callable[[], None]) -> None:
        self._store, self._reviewed, self._is_older = store, reviewed, is_older

    def is_applied(self, queue: str, body: str) -> bool:
        """Whether nothing is left to do for the event behind this queue."""
        try:
            event = catalog.read(body)
        except InvoicelyError:
            return False
        return self._behind(queue)(AccountId(event.account), event)

    def _behind(self, queue: str) -> Callable[[AccountId, Event], bool]:
        match queue:
            case "counters":
                return self._is_counted
            case "invoicing":
                return self._is_finished
            case "delivery":
                return self._is_delivered
        raise NotImplementedError(f"what is applied behind the queue {queue}?")

    def _is_counted(self, account_id: AccountId, event: Event) -> bool:
        contribution = self._store.contributions.get((account_id, event.data["id"]))
        if contribution is None:
            return False
        if event.entityversion < contribution.version:
            self._is_older()
        return contribution.version >= event.entityversion

    def _is_finished(self, account_id: AccountId, event: Event) -> bool:
        match event.type.split("."):
            case [_, "creditnote", *_]:
                note = self._store.get(CreditNote, account_id, event.data["id"])
                return note.state is NoteState.ISSUED
            case [_, "invoice", *_]:
                return self._is_dealt_with(self._store.get(Invoice, account_id, event.data["id"]), event)
        return True  # nothing has to follow: whether an invoice is held is seen when it is looked at

    def _is_dealt_with(self, invoice: Invoice, event: Event) -> bool:
        match event.type.split(".")[2]:
            case "opened":
                return invoice.state not in _UNFINISHED or invoice.id in self._reviewed
            case "skipped":
                return not invoice.entries
            case "voided":
                return invoice.released == invoice.entries
        return invoice.state not in {*_UNFINISHED, State.IN_REVIEW}

    def _is_delivered(self, account_id: AccountId, event: Event) -> bool:
        if event.type.startswith("invoicely.reminder."):
            return self._store.get(Reminder, account_id, event.data["id"]).is_settled
        if (delivery := self._delivery_of(event)) is None:
            return False
        return delivery.is_over or delivery.attempt > event.data.get("attempt", 1)

    def progress_of(self, event: Event) -> Progress | None:
        """How far the mail is that an event asks for."""
        if event.type.startswith("invoicely.reminder."):
            return self._store.get(Reminder, AccountId(event.account), event.data["id"]).mail.progress
        return delivery.progress if (delivery := self._delivery_of(event)) else None

    def _delivery_of(self, event: Event) -> Delivery | None:
        whose = "invoice_id" if event.type.startswith("invoicely.delivery.") else "id"
        return self._store.find(Delivery, AccountId(event.account), event.data[whose])
