"""The promises about numbers and money: what invoices, credit notes and payments say of each other.

numbers        1, 2, 3 … in each series · dates do not descend · no printed number twice
prepayments    a client has what came in advance, less what invoices took off, and never less than nothing
payments       an invoice says what came for it: recorded, refunded, taken back, never below 0
credit notes   one at a time for an invoice · together at most the invoice, and all of it with its last line
outstanding    what is to be paid, less what came, less what was credited; nothing of a void invoice
               credited beyond what is to be paid is the client's again: it was paid in advance
"""

import datetime as dt
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.totals import Totals
from tests.fakes import Store
from tests.simulation.promises import promise

if TYPE_CHECKING:
    from domain.identifiers import AccountId, ClientId, InvoiceId

_NOTE_GOES_ON = {
    NoteState.OPEN: {NoteState.OPEN, NoteState.SEALED},
    NoteState.SEALED: {NoteState.ISSUED},
    NoteState.ISSUED: set[NoteState](),
}


class Books:
    """Adds up what was written, in its own way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._series: dict[tuple[AccountId, str], tuple[int, dt.date]] = {}
        self._printed: set[tuple[AccountId, str]] = set()
        self._paid: Counter[InvoiceId] = Counter()
        self._notes: defaultdict[InvoiceId, list[CreditNote]] = defaultdict(list)
        self._prepaid: Counter[ClientId] = Counter()
        self._under_way: dict[InvoiceId, str] = {}

    def paid(self, payment: Payment) -> None:
        """Money came, or went back."""
        self._paid[payment.invoice_id] += payment.amount

    def prepaid(self, prepayment: Prepayment) -> None:
        """Money came in advance, or went back."""
        self._prepaid[prepayment.client_id] += prepayment.amount

    def void(self, invoice: Invoice) -> None:
        """What the invoice took off is the client's again."""
        if invoice.totals:
            self._prepaid[invoice.client_id] += invoice.totals.prepaid

    def client(self, client: Client) -> None:
        """What is left of what was paid in advance."""
        left = self._prepaid[client.id]
        promise(client.prepaid == left, f"{client.id} has {client.prepaid} of {left} paid in advance")
        promise(left >= 0, f"{client.id} has spent more than it paid in advance")

    def note(self, before: CreditNote | None, after: CreditNote) -> None:
        """A credit note has gone on."""
        of = after.invoice_id
        if before is None:
            promise(of not in self._under_way, f"two credit notes of {of} are under way")
            self._under_way[of] = after.id
            return
        promise(after.state in _NOTE_GOES_ON[before.state], f"{after.id} went to {after.state}")
        if before.state is NoteState.SEALED:
            same = (before.entries, before.net, before.totals) == (after.entries, after.net, after.totals)
            promise(same, f"{after.id} was sealed and has changed")
        if after.state is NoteState.ISSUED:
            del self._under_way[of]
            invoice = self._store.get(Invoice, after.account_id, of)
            before_it = self._beyond(invoice)
            self._notes[of].append(after)
            self._prepaid[after.client_id] += self._beyond(invoice) - before_it
            self.number(after)

    def number(self, issued: Invoice | CreditNote) -> None:
        """A document has its number."""
        (account_id, series, number), document = next(reversed(self._store.numbers.items()))
        last, last_issued_on = self._series.get((account_id, series), (0, dt.date.min))
        promise(
            document == issued.id and account_id == issued.account_id,
            f"{issued.id} is issued without a number",
        )
        promise(number == last + 1, f"{series} goes from {last} to {number}")
        known = self._store.sequences[account_id, series]
        promise(known.last == number, f"{series} does not know its last number")
        promise(issued.issued_on and issued.issued_on >= last_issued_on, f"the dates of {series} descend")
        promise((account_id, issued.number) not in self._printed, f"{issued.number} is printed twice")
        promise(issued.total == issued.net + issued.tax_amount, f"{issued.id} is added up wrongly")
        if isinstance(issued, Invoice) and issued.totals:
            self._prepaid[issued.client_id] -= issued.totals.prepaid
        self._series[account_id, series] = number, issued.issued_on or last_issued_on
        self._printed.add((account_id, str(issued.number)))
        promise(len(self._store.numbers) == len(self._printed), "a number belongs to no document")

    def invoice(self, invoice: Invoice) -> None:
        """Whatever an invoice says of its money is what was recorded of it."""
        came, notes = self._paid[invoice.id], self._notes[invoice.id]
        promise(invoice.paid == came, f"{invoice.id} says {invoice.paid} was paid, its payments {came}")
        promise(came >= 0, f"more of {invoice.id} was refunded than came")
        promise(invoice.crediting == self._under_way.get(invoice.id), f"{invoice.id} lost its credit note")
        if invoice.totals is None or invoice.state not in {State.ISSUED, State.VOID}:
            return
        credited = sum(note.credited for note in notes)
        promise(invoice.credited == credited, f"{invoice.id} says {invoice.credited}, its notes {credited}")
        whole = invoice.totals.gross + invoice.totals.rounding
        promise(0 <= credited <= whole, f"{credited} of {invoice.id} was credited, of {whole}")
        promise(invoice.given_back == self._beyond(invoice), f"{invoice.id} gave back {invoice.given_back}")
        left = max(0, whole - invoice.totals.prepaid - credited) - came
        left = left if invoice.state is State.ISSUED else 0
        promise(
            invoice.outstanding == left, f"{invoice.outstanding} is outstanding of {invoice.id}, not {left}"
        )
        if notes and sum(note.entries for note in notes) == invoice.entries:
            self._mirrors(invoice.totals, [note.totals for note in notes if note.totals])

    def _beyond(self, invoice: Invoice) -> int:
        """What its credit notes come to beyond what was to be paid."""
        return max(0, sum(note.credited for note in self._notes[invoice.id]) - invoice.payable)

    def _mirrors(self, whole: Totals, notes: list[Totals]) -> None:
        """All credit notes together are the invoice: tax by tax, and to the minor unit."""
        sums: Counter[object] = Counter()
        for sign, totals in ((1, whole), *((-1, each) for each in notes)):
            sums["payable"] += sign * (totals.gross + totals.rounding)
            for each in totals.subtotals:
                sums[each.tax, "net"] += sign * each.net
                sums[each.tax, "tax"] += sign * each.tax_amount
        promise(not any(sums.values()), f"its credit notes are no mirror of an invoice: {sums}")
