"""The promises about mails: each attempt once, nothing that is void, no reminder of what is known as paid."""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from domain.credit_notes import CreditNote
from domain.delivery import Delivery, Progress
from domain.invoices import Invoice, State
from domain.mailing import Letter, Mail
from domain.reminders import Reminder
from tests.fakes import Store
from tests.simulation.promises import promise
from tests.simulation.scheduler import Worker

if TYPE_CHECKING:
    from domain.identifiers import InvoiceId

_OUT = {Progress.SENT, Progress.BOUNCED, Progress.COMPLAINED}
_GOES_ON = {
    Progress.PENDING: {Progress.PENDING, Progress.SENDING, Progress.STOPPED},
    Progress.SENDING: {Progress.PENDING, Progress.UNKNOWN, *_OUT},
    # Only who was sending all along can still say how it ended, or the mail service.
    Progress.UNKNOWN: _OUT,
    Progress.SENT: _OUT,
    Progress.BOUNCED: _OUT,
    Progress.COMPLAINED: {Progress.COMPLAINED},
    Progress.STOPPED: {Progress.STOPPED},
}


class Mailed:
    """Knows which mails there were, by what they were about and which attempt it was."""

    def __init__(self, store: Store, seen: Counter[str]) -> None:
        self._seen = seen
        self._store = store
        self._mailed: set[tuple[str, int]] = set()
        self._settled: dict[InvoiceId, int] = {}
        self._reminded: Counter[InvoiceId] = Counter()

    def delivery(self, before: Delivery | None, after: Delivery, worker: Worker | None) -> None:
        """A delivery has gone on."""
        attempt = before.attempt if before else 1
        if before and after.current == before.current:
            pass  # documents were made, or something was told of an earlier mail
        elif after.attempt == attempt:
            self._goes_on(before.progress if before else Progress.PENDING, after, after.invoice_id)
        else:
            by = worker.name if worker else ""
            promise(by.startswith("resend"), f"{after.invoice_id} is mailed once more, and nobody asked")
            promise(after.attempt == attempt + 1, f"{after.invoice_id} leaves out an attempt")
            was = before.progress if before else Progress.PENDING
            promise(was is not Progress.STOPPED, f"{after.invoice_id} is void, and mailed once more")
        if worker and after.progress is Progress.SENDING:
            worker.mails = (after.invoice_id, after.attempt)

    def reminder(self, before: Reminder | None, after: Reminder, worker: Worker | None) -> None:
        """A reminder was recorded, or has gone on."""
        if before is None:
            self._recorded(after)
            return
        promise(before.dropped is None, f"{after.id} was dropped and has changed")
        if after.dropped:
            self._seen[f"a reminder was dropped as {after.dropped}"] += 1
        self._goes_on(before.mail.progress, after.mail, after.id)
        if worker and after.mail.progress is Progress.SENDING:
            worker.mails = (after.id, after.mail.attempt)

    def _recorded(self, reminder: Reminder) -> None:
        invoice = self._store.get(Invoice, reminder.account_id, reminder.invoice_id)
        last = self._reminded[invoice.id]
        promise(reminder.step > last, f"{reminder.id} comes after number {last}")
        promise(invoice.outstanding > 0, f"{reminder.id} was recorded, and nothing was left to pay")
        late = invoice.today(reminder.recorded_at) - (invoice.payment_due_on or dt.date.max)
        promise(late.days >= reminder.days, f"{reminder.id} came after {late.days} days")
        self._reminded[invoice.id] = reminder.step

    def invoice(self, invoice: Invoice, commits: int) -> None:
        """Note since which commit nothing is left to remind of."""
        if invoice.outstanding > 0:
            self._settled.pop(invoice.id, None)
        elif invoice.state in {State.ISSUED, State.VOID}:
            self._settled.setdefault(invoice.id, commits)
        if invoice.state is State.VOID:
            promise(not self.attempts(invoice.id), f"{invoice.id} was mailed and is void")

    def sent(self, mail: Mail, worker: Worker | None) -> None:
        """A mail is out."""
        assert worker is not None
        about, attempt = worker.mails
        promise((about, attempt) not in self._mailed, f"{about} was mailed twice, as attempt {attempt}")
        self._mailed.add((about, attempt))
        self._seen[f"mailed: {mail.letter}".replace("_", " ")] += 1
        newest = self._store.get(Invoice, mail.invoice.account_id, mail.invoice.id)
        match mail.letter:
            case Letter.INVOICE:
                promise((about, attempt) == (mail.invoice.id, mail.attempt), f"{about} went out as another")
                promise(newest.state is State.ISSUED, f"{about} was mailed, and is {newest.state}")
            case Letter.CREDIT_NOTE:
                note = self._store.get(CreditNote, newest.account_id, about)
                promise(note.number == mail.number, f"{about} was mailed as {mail.number}")
            case Letter.REMINDER:
                known = self._settled.get(newest.id, worker.read_at + 1) <= worker.read_at
                promise(not known, f"{about} was sent, and nothing was left to pay")

    def attempts(self, about: str) -> set[int]:
        """Which attempts of it were mailed."""
        return {attempt for what, attempt in self._mailed if what == about}

    def _goes_on(self, before: Progress, after: Delivery, about: str) -> None:
        goes_on = after.progress in _GOES_ON[before]
        promise(goes_on, f"the delivery of {about} went from {before} to {after.progress}")
