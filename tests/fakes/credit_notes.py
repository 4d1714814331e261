"""Credit notes in memory, with the lines that they take back and the invoices that are made void."""

from collections.abc import Sequence as Many
from dataclasses import replace

from domain.clients import Client
from domain.credit_notes import CreditNote, CreditNotes, Line, Progress
from domain.crediting import Crediting
from domain.delivery import Delivery
from domain.identifiers import AccountId, CreditNoteId, DocumentId, InvoiceId
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.numbers import Taken
from domain.paging import Page
from domain.voiding import Voiding
from domain.work import WorkEntry
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryCreditNotes:
    """Implements `CreditNotes`, `Crediting` and `Voiding` of the domain."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(CreditNote))

    def get(self, *, account_id: AccountId, credit_note_id: CreditNoteId) -> CreditNote:
        with self._store.call("credit_notes.get"):
            return self._store.get(CreditNote, account_id, credit_note_id)

    def of_invoice(
        self, *, account_id: AccountId, invoice_id: InvoiceId, limit: int = 100, cursor: str | None = None
    ) -> Page[CreditNote]:
        with self._store.call("credit_notes.of_invoice"):
            own = [note for note in self._of(account_id) if note.invoice_id == invoice_id]
            return page(own, by=lambda note: note.id, limit=limit, cursor=cursor)

    def taken_back(self, *, note: CreditNote) -> Many[WorkEntry]:
        with self._store.call("credit_notes.taken_back"):
            return self._taken_back(note)

    def some_taken_back(
        self, *, note: CreditNote, limit: int = 100, cursor: str | None = None
    ) -> Page[WorkEntry]:
        with self._store.call("credit_notes.some_taken_back"):
            lines = self._taken_back(note)
            return page(lines, by=lambda line: f"{line.date}#{line.id}", limit=limit, cursor=cursor)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[CreditNote]:
        def by(note: CreditNote) -> str:
            return f"{note.issued_on or note.opened_at.date()}#{note.id}"

        with self._store.call("credit_notes.list"):
            return page(self._of(account_id), by=by, limit=limit, cursor=cursor, newest_first=True)

    def lines(self, *, invoice: Invoice) -> Many[Line]:
        with self._store.call("crediting.lines"):
            return self._store.lines_of(invoice)

    def begin(self, *, note: CreditNote, invoice: Invoice, credited: Invoice) -> None:
        with self._store.call("crediting.begin", commits=True):
            self._require(invoice)
            if self._store.find(CreditNote, note.account_id, note.id):
                raise InvoiceMovedError(f"there is a credit note {note.id}")
            self._store.add(note)
            self._store.change(credited, read=invoice)

    def release(self, *, note: CreditNote, entries: Many[WorkEntry]) -> None:
        with self._store.call("crediting.release", commits=True):
            stored = self._store.get(CreditNote, note.account_id, note.id)
            if stored.state is not Progress.OPEN:
                raise InvoiceMovedError(f"{note.id} is {stored.state}")
            self._release(entries, note.id)
            self._store.change(replace(stored.with_released(entries), version=stored.version), read=stored)

    def seal(self, *, note: CreditNote, sealed: CreditNote) -> None:
        with self._store.call("crediting.seal", commits=True):
            self._require(note)
            self._store.change(sealed, read=note)

    def issue(
        self,
        *,
        note: CreditNote,
        issued: CreditNote,
        invoice: Invoice,
        credited: Invoice,
        taken: Taken,
        buyer: Client,
    ) -> None:
        with self._store.call("crediting.issue", commits=True):
            self._require(note)
            self._require(invoice)
            if not self._store.gives(taken):
                raise InvoiceMovedError(f"the series {taken.after.series} has moved on")
            self._give_back(buyer, credited.given_back - invoice.given_back)
            self._store.give(taken, note.id)
            self._store.change(issued, read=note)
            self._store.change(credited, read=invoice)

    def void(
        self, *, invoice: Invoice, void: Invoice, delivery: Delivery, stopped: Delivery, buyer: Client
    ) -> None:
        with self._store.call("voiding.void", commits=True):
            self._require(invoice)
            self._require(delivery)
            self._give_back(buyer, invoice.spent)
            self._store.change(void, read=invoice)
            self._store.change(stopped, read=delivery)

    def release_void(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        with self._store.call("voiding.release_void", commits=True):
            stored = self._store.get(Invoice, invoice.account_id, invoice.id)
            if stored.state is not State.VOID:
                raise InvoiceMovedError(f"{invoice.id} is {stored.state}")
            self._release(entries, invoice.id)
            after = stored.with_released(len(entries))
            self._store.change(replace(after, version=stored.version), read=stored)

    def _give_back(self, buyer: Client, amount: int) -> None:
        if amount:
            self._require(buyer)
            self._store.change(buyer.with_prepaid(amount), read=buyer)

    def _release(self, entries: Many[WorkEntry], released_by: DocumentId) -> None:
        for entry in entries:
            self._require(entry)
            if self._store.get(WorkEntry, entry.account_id, entry.id).invoice_id != entry.invoice_id:
                raise InvoiceMovedError(f"{entry.id} stands elsewhere")
        for entry in entries:
            self._store.leave(Line(entry=entry, released_by=released_by))
            self._store.change(entry.released(), read=entry)

    def _taken_back(self, note: CreditNote) -> Many[WorkEntry]:
        lines = [line for line, _ in self._store.left.values() if line.released_by == note.id]
        own = [line.entry for line in lines if line.account_id == note.account_id]
        return sorted(own, key=lambda entry: (entry.date, entry.id))

    def _require(self, read: Client | CreditNote | Invoice | WorkEntry | Delivery) -> None:
        if not self._store.holds(read):
            raise InvoiceMovedError(f"{read} has changed since it was read")

    def _of(self, account_id: AccountId) -> Many[CreditNote]:
        return [note for note in self._store.all(CreditNote) if note.account_id == account_id]


_notes: type[CreditNotes] = InMemoryCreditNotes
_crediting: type[Crediting] = InMemoryCreditNotes
_voiding: type[Voiding] = InMemoryCreditNotes
