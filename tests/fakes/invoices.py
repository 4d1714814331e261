"""Invoices in memory, with the work that they claim and the numbers that they take."""

import datetime as dt
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from dataclasses import replace

from domain.accounts import Account
from domain.clients import Client
from domain.identifiers import AccountId, ClientId, InvoiceId, WorkId
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.invoicing import Collecting, Numbering, Parties
from domain.numbers import Sequence, Taken
from domain.opening import MOST_PUT, Opening
from domain.paging import Page
from domain.register import Given, Register
from domain.reviews import Ending, Reviews
from domain.work import WorkEntry
from tests.fakes.paging import page
from tests.fakes.store import Store
from tests.fakes.work import InMemoryWork

MOST_ACTIONS = 100


class InMemoryInvoices:
    """Implements `Invoices`, `Opening`, `Collecting`, `Parties`, `Numbering` and `Register` of the domain."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Invoice))

    def __contains__(self, invoice_id: object) -> bool:
        return any(invoice.id == invoice_id for invoice in self._store.all(Invoice))

    def get(self, *, account_id: AccountId, invoice_id: InvoiceId) -> Invoice:
        with self._store.call("invoices.get"):
            return self._store.get(Invoice, account_id, invoice_id)

    def lines(self, *, invoice: Invoice) -> Many[WorkEntry]:
        with self._store.call("invoices.lines"):
            return [line.entry for line in self._store.lines_of(invoice)]

    def some_lines(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[WorkEntry]:
        with self._store.call("invoices.some_lines"):
            lines = [line.entry for line in self._store.lines_of(invoice)]
            return page(lines, by=lambda line: f"{line.date}#{line.id}", limit=limit, cursor=cursor)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Invoice]:
        def by(invoice: Invoice) -> str:
            return f"{invoice.issued_on or invoice.due_on}#{invoice.id}"

        with self._store.call("invoices.list"):
            own = [invoice for invoice in self._store.all(Invoice) if invoice.account_id == account_id]
            return page(own, by=by, limit=limit, cursor=cursor, newest_first=True)

    def among(self, *, account_id: AccountId, work_ids: Many[WorkId]) -> Mapping[WorkId, WorkEntry]:
        return InMemoryWork(self._store).among(account_id=account_id, work_ids=work_ids)

    def open(self, *, invoice: Invoice, client: Client, moved: Client, work: Many[WorkEntry] = ()) -> None:
        left = work
        while len(left) > MOST_PUT:
            with self._store.call("opening.put", commits=True):
                self._put(left[:MOST_PUT])
            left = left[MOST_PUT:]
        with self._store.call("opening.open", commits=True):
            self._require(client)
            self._put(left)
            self._store.change(moved, read=client)
            if self._store.find(Invoice, invoice.account_id, invoice.id) is None:
                self._store.add(invoice)

    def hold(self, *, client: Client, held: Client) -> None:
        with self._store.call("opening.hold", commits=True):
            self._require(client)
            self._store.change(held, read=client)

    def unbilled(self, *, invoice: Invoice, limit: int | None) -> Many[WorkEntry]:
        with self._store.call("collecting.unbilled"):
            open_work = [entry for entry in self._work(invoice) if entry.is_unbilled]
            taken = [entry for entry in open_work if invoice.work_since <= entry.date < invoice.period_end]
            return taken[:limit]

    def claim(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        with self._store.call("collecting.claim", commits=True):
            stored = self._in(State.OPEN, invoice)
            lines = [entry.claimed(invoice.due_on, invoice.nth) for entry in entries]
            for entry in entries:
                self._require(entry)
                if self._store.get(WorkEntry, entry.account_id, entry.id).invoiced_on:
                    raise InvoiceMovedError(f"{entry.id} stands on an invoice")
            for line, entry in zip(lines, entries, strict=True):
                self._store.change(line, read=entry)
            self._store.change(replace(stored.with_claimed(entries), version=stored.version), read=stored)

    def put_back(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        assert len(entries) < MOST_ACTIONS - 1, "a transaction takes no more"
        with self._store.call("collecting.put_back", commits=True):
            stored = self._in(State.SKIPPED, invoice)
            for entry in entries:
                self._require(entry)
            for entry in entries:
                self._store.change(entry.released(), read=entry)
            self._store.change(replace(stored.without(entries), version=stored.version), read=stored)

    def ending(self, *, until: dt.datetime) -> Iterator[Ending]:
        with self._store.call("reviews.ending"):
            found = [each for each in self._store.all(Invoice) if each.review_ends_at]
        for each in sorted(found, key=lambda each: (each.review_ends_at, each.id)):
            if each.review_ends_at and each.review_ends_at <= until:
                yield Ending(account_id=each.account_id, invoice_id=each.id, ends_at=each.review_ends_at)

    def decide(self, *, invoice: Invoice, decided: Invoice) -> None:
        with self._store.call("reviews.decide", commits=True):
            self._in(_decided_from(invoice), invoice)
            self._require(invoice)
            self._store.change(decided, read=invoice)

    def seal(self, *, invoice: Invoice, sealed: Invoice) -> None:
        with self._store.call("collecting.seal", commits=True):
            self._in(State.OPEN, invoice)
            self._require(invoice)
            self._store.change(sealed, read=invoice)

    def of(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Account, Client]:
        with self._store.call("parties.of"):
            return self._store.get(Account, account_id, account_id), self._store.get(
                Client, account_id, client_id
            )

    def sequence(self, *, account_id: AccountId, series: str) -> Sequence:
        with self._store.call("numbering.sequence"):
            return self._store.sequence(Sequence(account_id=account_id, series=series))

    def issue(self, *, invoice: Invoice, issued: Invoice, taken: Taken, buyer: Client) -> None:
        with self._store.call("numbering.issue", commits=True):
            self._in(_numbered_from(invoice), invoice)
            if not self._store.gives(taken):
                raise InvoiceMovedError(f"the series {taken.after.series} has moved on")
            if prepaid := issued.totals.prepaid if issued.totals else 0:
                self._require(buyer)
                self._store.change(buyer.with_prepaid(-prepaid), read=buyer)
            self._store.give(taken, invoice.id)
            self._store.change(issued, read=invoice)

    def hold_back(self, *, invoice: Invoice, held: Invoice, seller: Account, buyer: Client) -> None:
        with self._store.call("numbering.hold_back", commits=True):
            self._in(_numbered_from(invoice), invoice)
            for read in (invoice, seller, buyer):
                self._require(read)
            self._store.looks.pop((invoice.account_id, invoice.id), None)
            self._store.change(held, read=invoice)

    def held(self, *, account_id: AccountId, client_id: ClientId | None = None) -> Many[InvoiceId]:
        with self._store.call("numbering.held"):
            return sorted(
                each.id
                for each in self._store.all(Invoice)
                if (each.account_id, each.state) == (account_id, State.HELD)
                and client_id in {None, each.client_id}
            )

    def series(self, *, account_id: AccountId) -> Many[str]:
        with self._store.call("register.series"):
            return [series for owner, series in self._store.sequences if owner == account_id]

    def given(self, *, account_id: AccountId, series: str) -> Many[Given]:
        with self._store.call("register.given"):
            numbers = sorted(self._store.given.items())
            return [given for key, given in numbers if key[:2] == (account_id, series)]

    def _put(self, work: Many[WorkEntry]) -> None:
        if any(self._store.find(WorkEntry, entry.account_id, entry.id) for entry in work):
            raise InvoiceMovedError("some of this work is there already")
        for entry in work:
            self._store.add(entry)

    def _require(self, read: Account | Client | Invoice | WorkEntry) -> None:
        if not self._store.holds(read):
            raise InvoiceMovedError(f"{read.id} has changed since it was read")

    def _in(self, state: State, invoice: Invoice) -> Invoice:
        stored = self._store.get(Invoice, invoice.account_id, invoice.id)
        if stored.state is not state:
            raise InvoiceMovedError(f"{invoice.id} is {stored.state}, not {state}")
        return stored

    def _work(self, invoice: Invoice) -> Many[WorkEntry]:
        own = (invoice.account_id, invoice.client_id)
        work = self._store.all(WorkEntry)
        found = [entry for entry in work if (entry.account_id, entry.client_id) == own]
        return sorted(found, key=lambda entry: (entry.date, entry.id))


def _numbered_from(invoice: Invoice) -> State:
    return State.HELD if invoice.state is State.HELD else State.SEALED


def _decided_from(invoice: Invoice) -> State:
    return invoice.state if invoice.state in {State.HELD, State.SKIPPED} else State.IN_REVIEW


_invoices: type[Invoices] = InMemoryInvoices
_opening: type[Opening] = InMemoryInvoices
_collecting: type[Collecting] = InMemoryInvoices
_reviews: type[Reviews] = InMemoryInvoices
_parties: type[Parties] = InMemoryInvoices
_numbering: type[Numbering] = InMemoryInvoices
_register: type[Register] = InMemoryInvoices
