"""Whether an event has had its effect behind a queue, told from the store alone."""

from collections.abc import Callable

from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.delivery import Delivery, Progress
from domain.errors import InvoicelyError
from domain.fates import Fate, MailEvent
from domain.identifiers import AccountId
from domain.invoices import Invoice, State
from domain.reminders import Reminder
from events import catalog
from events.envelope import Event
from infrastructure.mail.events import read
from tests.fakes import Store


class Applied:
    """Knows what is stored, and of each invoice two versions.

    rested        the last in which it waited for no function
    unskipped     the last in which nobody had skipped it: an older skip has nothing left to put back
    """

    def __init__(self, store: Store, is_older: Callable[[], None]) -> None:
        self.rested: dict[str, int] = {}
        self._unskipped: dict[str, int] = {}
        self._store, self._is_older = store, is_older

    def invoice(self, invoice: Invoice) -> None:
        """An invoice has gone on."""
        if invoice.state not in {State.OPEN, State.SEALED}:
            self.rested[invoice.id] = invoice.version
        if invoice.state is not State.SKIPPED:
            self._unskipped[invoice.id] = invoice.version

    def is_applied(self, queue: str, body: str) -> bool:
        """Whether nothing is left to do for the event behind this queue."""
        try:
            if queue == "mail-events":
                return self._is_known(read(body))
            event = catalog.read(body)
            return self._behind(queue)(AccountId(event.account), event)
        except InvoicelyError:
            return False

    def is_settled(self, queue: str, body: str) -> bool:
        """The same, and nobody has to be told that a mail may be out."""
        return self.is_applied(queue, body) and not (
            queue == "delivery" and self.is_unsure(catalog.read(body))
        )

    def is_unsure(self, event: Event) -> bool:
        """Whether nobody knows if the mail is out that an event asks for, or the one that took its place."""
        if event.type.startswith("invoicely.reminder."):
            reminder = self._store.get(Reminder, AccountId(event.account), event.data["id"])
            return reminder.mail.progress is Progress.UNKNOWN
        delivery = self._delivery_of(event)
        return delivery is not None and delivery.progress is Progress.UNKNOWN

    def _is_known(self, told: MailEvent | None) -> bool:
        """Whether the delivery or reminder says what was told of one of its mails, or something later."""
        if told is None:
            return True
        delivery = self._mailed(told)
        attempts = [each for each in (*delivery.earlier, delivery.current) if each.number == told.attempt]
        match told.fate:
            case Fate.DELIVERED:
                return any(each.delivered_at and each.delivered_at <= told.at for each in attempts)
            case Fate.BOUNCED | Fate.COMPLAINED:
                return any(each.returned for each in attempts)
        return any(each.message_id for each in attempts)

    def _mailed(self, told: MailEvent) -> Delivery:
        if told.reminder_id:
            return self._store.get(Reminder, told.account_id, told.reminder_id).mail
        assert told.delivery_id is not None
        return self._store.get(Delivery, told.account_id, told.delivery_id)

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
            case "skipped":
                is_older = self._unskipped.get(invoice.id, 0) > event.entityversion
                return is_older or not invoice.entries
            case "voided":
                return invoice.released == invoice.entries
        return self.rested.get(invoice.id, 0) > event.entityversion

    def _is_delivered(self, account_id: AccountId, event: Event) -> bool:
        if event.type.startswith("invoicely.reminder."):
            return self._store.get(Reminder, account_id, event.data["id"]).is_settled
        if (delivery := self._delivery_of(event)) is None:
            return False
        return delivery.is_over or delivery.attempt > event.data.get("attempt", 1)

    def _delivery_of(self, event: Event) -> Delivery | None:
        whose = "invoice_id" if event.type.startswith("invoicely.delivery.") else "id"
        return self._store.find(Delivery, AccountId(event.account), event.data[whose])
