"""Credit notes beside their invoice, and each step on their way as one conditional transaction.

begin    CREDITNOTE put if absent      · INVOICE being credited, if as read
release  each WORK open again, if as read and on this invoice · its LINE put if absent · totals added, if open
seal     CREDITNOTE sealed, if open and as read
issue    CREDITNOTE numbered, if sealed and as read · INVOICE credited, if as read · number and sequence
         · CLIENT's prepaid given back, if as read, where it is credited more than was to be paid
void     INVOICE void, if as read      · DELIVERY stopped, if as read · CLIENT's prepaid given back, likewise
         then release, as above, counted on the INVOICE if it is void
"""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from typing import Any

from domain.clients import Client
from domain.credit_notes import CreditNote, CreditNotes, Line, Progress
from domain.crediting import Crediting
from domain.delivery import Delivery
from domain.identifiers import AccountId, CreditNoteId, DocumentId, InvoiceId, invoice_parts
from domain.invoices import Invoice, State
from domain.numbers import Taken
from domain.paging import Page, chosen
from domain.voiding import Voiding
from domain.work import WorkEntry
from infrastructure import codec
from infrastructure.dynamodb import clients, deliveries, invoices, keys, numbers, work
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.steps import lost, paced, stamped
from infrastructure.dynamodb.table import Action, Table


class DynamoDBCreditNotes:
    """Implements `CreditNotes`, `Crediting` and `Voiding` of the domain."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._notes = entities(table)
        self._invoices = invoices.entities(table)
        self._deliveries = deliveries.entities(table)
        self._clients = clients.entities(table)
        self._work = work.entities(table)

    def get(self, *, account_id: AccountId, credit_note_id: CreditNoteId) -> CreditNote:
        key = keys.credit_note(account_id, credit_note_id)
        return self._notes.get(key, missing=f"there is no credit note {credit_note_id}")

    def of_invoice(
        self, *, account_id: AccountId, invoice_id: InvoiceId, limit: int = 100, cursor: str | None = None
    ) -> Page[CreditNote]:
        below = keys.credit_notes_of(account_id, invoice_id)
        values = {":client": below["PK"], ":notes": below["SK"]}
        condition = "PK = :client AND begins_with(SK, :notes)"
        found = self._table.query(condition, values, limit=limit, cursor=cursor, consistent=True)
        notes = (self._notes.read(item) for item in found.items if item["type"] == self._notes.kind)
        return Page(tuple(notes), found.cursor)

    def taken_back(self, *, note: CreditNote) -> Many[WorkEntry]:
        lines = self._lines(_lines_of(note))
        return [self._work.read(item) for item in lines if item.get("released_by") == note.id]

    def some_taken_back(
        self, *, note: CreditNote, limit: int = 100, cursor: str | None = None
    ) -> Page[WorkEntry]:
        def fetch(*, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
            found = self._table.query(
                invoices.LINES, _lines_of(note), index="Billing", limit=limit, cursor=cursor, consistent=True
            )
            return Page(found.items, found.cursor)

        page = chosen(fetch, lambda item: item.get("released_by") == note.id, limit=limit, cursor=cursor)
        return Page(tuple(map(self._work.read, page.items)), page.next_cursor)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[CreditNote]:
        values = {":notes": keys.credit_notes_by_date(account_id)}
        found = self._table.query(
            "GSI1PK = :notes", values, index="GSI1", limit=limit, cursor=cursor, newest_first=True
        )
        return Page(tuple(self._notes.read(item) for item in found.items), found.cursor)

    def lines(self, *, invoice: Invoice) -> Many[Line]:
        return [line_of(item) for item in self._lines(invoices.lines_of(invoice))]

    def begin(self, *, note: CreditNote, invoice: Invoice, credited: Invoice) -> None:
        with lost(f"{invoice.id} has been changed meanwhile"):
            self._table.write(self._notes.added(note), self._invoices.changed(invoice, credited))

    @paced
    def release(self, *, note: CreditNote, entries: Many[WorkEntry]) -> None:
        expression = "ADD entries :entries, net :net, #version :one SET updated_at = :at"
        values = {
            ":entries": len(entries),
            ":net": sum(entry.amount for entry in entries),
            ":one": 1,
            ":open": Progress.OPEN,
        }
        key = keys.credit_note(note.account_id, note.id)
        added = stamped(self._table, key, expression, "#state = :open", values)
        with lost(f"{note.id} or its work has been changed meanwhile"):
            self._table.write(added, *self._released(entries, note.id))

    def seal(self, *, note: CreditNote, sealed: CreditNote) -> None:
        with lost(f"{note.id} has been changed meanwhile"):
            self._table.write(self._notes.changed(note, sealed))

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
        given_back = credited.given_back - invoice.given_back
        with lost(f"{note.id} or the series {taken.after.series} has been changed meanwhile"):
            self._table.write(
                self._notes.changed(note, issued),
                self._invoices.changed(invoice, credited),
                *numbers.given(self._table, taken, document={"invoice_id": issued.id}),
                *self._given_back(buyer, given_back),
            )

    def void(
        self, *, invoice: Invoice, void: Invoice, delivery: Delivery, stopped: Delivery, buyer: Client
    ) -> None:
        with lost(f"{invoice.id}, its delivery or its buyer has been changed meanwhile"):
            self._table.write(
                self._invoices.changed(invoice, void),
                self._deliveries.stored(delivery, stopped),
                *self._given_back(buyer, invoice.spent),
            )

    @paced
    def release_void(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        expression = "ADD released :entries, #version :one SET updated_at = :at"
        values = {":entries": len(entries), ":one": 1, ":void": State.VOID}
        key = keys.invoice(invoice.account_id, invoice.id)
        added = stamped(self._table, key, expression, "#state = :void", values)
        with lost(f"{invoice.id} or its work has been changed meanwhile"):
            self._table.write(added, *self._released(entries, invoice.id))

    def _given_back(self, buyer: Client, amount: int) -> Iterator[Action]:
        if amount:
            yield self._clients.changed(buyer, buyer.with_prepaid(amount))

    def _lines(self, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        return self._table.query_all(invoices.LINES, values, index="Billing", consistent=True)

    def _released(self, entries: Many[WorkEntry], released_by: DocumentId) -> Iterator[Action]:
        for entry in entries:
            yield self._open_again(entry)
            yield self._left(Line(entry=entry, released_by=released_by))

    def _open_again(self, entry: WorkEntry) -> Action:
        expression = (
            "REMOVE invoiced_on, invoiced_nth SET billing = :billing, #version = :next, updated_at = :at"
        )
        values = {
            ":billing": keys.indexes_of_work(entry.released())["billing"],
            ":next": entry.version + 1,
            ":read": entry.version,
            ":on": str(entry.invoiced_on),
        }
        condition = "invoiced_on = :on AND #version = :read"
        return stamped(self._table, keys.work(entry.account_id, entry.id), expression, condition, values)

    def _left(self, line: Line) -> Action:
        entry = line.entry
        billing = {"billing": keys.indexes_of_work(entry)["billing"]}
        kept = keys.line(entry) | billing | {"type": "LINE", "released_by": line.released_by}
        item = codec.encode(entry) | kept | self._table.stamp()
        return self._table.put(item)  # once: the entry beside it is released from one invoice one time


def entities(table: Table) -> Entities[CreditNote]:
    """How credit notes are stored."""
    return Entities(
        table,
        "CREDITNOTE",
        CreditNote,
        key=lambda note: keys.credit_note(note.account_id, note.id),
        indexes=keys.indexes_of_credit_note,
    )


def _lines_of(note: CreditNote) -> dict[str, str]:
    """The values of `invoices.LINES` for the invoice that it takes back."""
    client_id, _ = invoice_parts(note.invoice_id)
    return {
        ":client": keys.client_partition(note.account_id, client_id),
        ":lines": keys.billing_of(note.invoice_id),
    }


def line_of(item: Mapping[str, Any]) -> Line:
    """The line that an item is, of its invoice: work that still stands there, or what was left of it."""
    return Line(entry=codec.decode(WorkEntry, item), released_by=item.get("released_by"))


_: type[CreditNotes] = DynamoDBCreditNotes  # the promises, checked by mypy
__: type[Crediting] = DynamoDBCreditNotes
___: type[Voiding] = DynamoDBCreditNotes
