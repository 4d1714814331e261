"""All ports of the domain over one store, and the use cases by one word each.

A test that builds its world from fakes and one that builds it from adapters read the same.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import count
from typing import Any

from domain.accounts import Account, AccountDirectory, Accounts
from domain.audit import Books
from domain.billing import Preview, bill_now, preview_invoice
from domain.clients import Client, Clients, DueClients
from domain.counters import Counters, Resetting
from domain.credit_notes import Correction, CreditNote, CreditNotes
from domain.crediting import Crediting, finish_credit_note, open_credit_note
from domain.delivery import Deliveries
from domain.failures import Ledger
from domain.held import HeldInvoices, look_at_held
from domain.identifiers import AccountId, CreditNoteId, InvoiceId, WorkId
from domain.import_rows import Results
from domain.importing import Importer
from domain.imports import Imports, Uploads
from domain.invoices import Invoice, Invoices
from domain.invoicing import Collecting, Numbering, Parties, issue_invoice
from domain.opening import Opened, Opening, open_invoices
from domain.pace import Paces
from domain.payments import Payment, PaymentDetails, Payments, record_payment, take_back
from domain.prepayments import Prepayment, PrepaymentDetails, Prepayments, record_prepayment
from domain.proof import OpenFailures, Records
from domain.rates import Rates
from domain.refunds import RefundDetails, record_refund
from domain.register import Register
from domain.reminders import DueReminders, Reminded, Reminders, remind_clients
from domain.replays import ReplayJobs
from domain.requests import Requests
from domain.reviews import Reviews, end_reviews
from domain.stopping import TimeIsUp, never
from domain.tokens import Tokens
from domain.voiding import Voiding, release_void_invoice, void_invoice
from domain.work import KnownWork, WorkEntries, WorkEntry
from events.republishing import Current
from tests.fakes import (
    InMemoryAccounts,
    InMemoryClients,
    InMemoryCounters,
    InMemoryCreditNotes,
    InMemoryDeliveries,
    InMemoryHeldInvoices,
    InMemoryImports,
    InMemoryInvoices,
    InMemoryLedger,
    InMemoryOpenFailures,
    InMemoryPaces,
    InMemoryPayments,
    InMemoryPrepayments,
    InMemoryRates,
    InMemoryRecords,
    InMemoryReminders,
    InMemoryReplayJobs,
    InMemoryRequests,
    InMemoryResults,
    InMemoryTokens,
    InMemoryUploads,
    InMemoryWork,
    Store,
)
from tests.fakes.republishing import InMemoryCurrent

NOON = dt.time(12, tzinfo=dt.UTC)
_BODIES = count(1)
OPENED_AT = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
"""When credit notes are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, over one store or one table."""

    accounts: Accounts
    clients: Clients
    due_clients: DueClients
    opening: Opening
    work: WorkEntries
    invoices: Invoices
    collecting: Collecting
    reviews: Reviews
    held_invoices: HeldInvoices
    parties: Parties
    numbering: Numbering
    credit_notes: CreditNotes
    crediting: Crediting
    voiding: Voiding
    counters: Counters
    deliveries: Deliveries
    payments: Payments
    prepayments: Prepayments
    reminders: Reminders
    due_reminders: DueReminders
    ledger: Ledger
    paces: Paces
    directory: AccountDirectory
    resetting: Resetting
    register: Register
    records: Records
    open_failures: OpenFailures
    current: Current
    time_is_up: TimeIsUp = never

    @classmethod
    def ports(cls) -> list[str]:
        """What `wiring` gives to the handlers."""
        return [field.name for field in fields(cls) if field.name != "time_is_up"]

    def books(self) -> Books:
        """All that an audit reads."""
        return Books(
            accounts=self.accounts,
            clients=self.clients,
            records=self.records,
            counters=self.counters,
            invoices=self.invoices,
            held_invoices=self.held_invoices,
            credit_notes=self.credit_notes,
            numbering=self.numbering,
            register=self.register,
            failures=self.open_failures,
        )

    replay_jobs: ReplayJobs
    tokens: Tokens
    requests: Requests
    rates: Rates
    imports: Imports
    import_results: Results
    known_work: KnownWork
    uploads: Uploads

    def importer(self) -> Importer:
        """All that taking the rows of an import needs."""
        return Importer(
            imports=self.imports,
            results=self.import_results,
            clients=self.clients,
            work=self.work,
            known=self.known_work,
        )

    def having(self, *things: Account | Client | WorkEntry) -> "World":
        """The same world with these in it."""
        for thing in things:
            match thing:
                case Account():
                    self.accounts.add(account=thing)
                case Client():
                    self.clients.add(client=thing)
                case WorkEntry():
                    self.work.add(entry=thing)
        return self

    def tick(self, day: dt.date) -> Opened:
        """What the schedule does at noon (UTC) of a day."""
        until = dt.datetime.combine(day, NOON)
        return open_invoices(until, due_clients=self.due_clients, clients=self.clients, opening=self.opening)

    def end_reviews(self, until: dt.datetime) -> Opened:
        """What the schedule does next."""
        return end_reviews(until, invoices=self.invoices, reviews=self.reviews)

    def look_at_held(self, until: dt.datetime) -> Opened:
        """What the schedule does last."""
        return look_at_held(until, held=self.held_invoices, invoices=self.invoices, parties=self.parties)

    def bill(
        self, client: Client, *, day: dt.date, until: dt.date | None = None, body: str | None = None
    ) -> Invoice:
        """What a person asks for at noon (UTC) of a day."""
        return bill_now(
            client.id,
            account_id=client.account_id,
            until=until,
            now=dt.datetime.combine(day, NOON),
            clients=self.clients,
            invoices=self.invoices,
            opening=self.opening,
            collecting=self.collecting,
            new_id=lambda: body or f"{next(_BODIES):016}",
        )

    def preview(self, client: Client, *, day: dt.date, until: dt.date | None = None) -> Preview:
        """What a person is shown at noon (UTC) of a day."""
        return preview_invoice(
            client.id,
            account_id=client.account_id,
            until=until,
            now=dt.datetime.combine(day, NOON),
            parties=self.parties,
            invoices=self.invoices,
            collecting=self.collecting,
            known=self.known_work,
        )

    def issue(self, invoice_id: InvoiceId, *, client: Client, day: dt.date) -> Invoice:
        """What the invoicing queue does at noon (UTC) of a day."""
        return issue_invoice(
            invoice_id,
            account_id=client.account_id,
            now=dt.datetime.combine(day, NOON),
            invoices=self.invoices,
            parties=self.parties,
            collecting=self.collecting,
            numbering=self.numbering,
            time_is_up=self.time_is_up,
        )

    def pay(
        self, invoice: Invoice, *, day: dt.date, body: str = "payment000000000", **said: Any
    ) -> tuple[Payment, Invoice]:
        """What a person records at noon (UTC) of a day."""
        return record_payment(
            PaymentDetails(**said),
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            now=dt.datetime.combine(day, NOON),
            invoices=self.invoices,
            payments=self.payments,
            new_id=lambda: body,
        )

    def refund(
        self, invoice: Invoice, *, day: dt.date, body: str = "refund0000000000", **said: Any
    ) -> tuple[Payment, Invoice]:
        """What a person records at noon (UTC) of a day."""
        return record_refund(
            RefundDetails(**said),
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            now=dt.datetime.combine(day, NOON),
            invoices=self.invoices,
            payments=self.payments,
            new_id=lambda: body,
        )

    def prepay(
        self, client: Client, amount: int, *, body: str = "prepayment000000", day: dt.date
    ) -> tuple[Prepayment, Client]:
        """What a person records at noon (UTC) of a day."""
        return record_prepayment(
            PrepaymentDetails(amount=amount),
            client_id=client.id,
            account_id=client.account_id,
            now=dt.datetime.combine(day, NOON),
            clients=self.clients,
            prepayments=self.prepayments,
            new_id=lambda: body,
        )

    def remind(self, day: dt.date) -> Reminded:
        """What the hourly tick does at noon (UTC) of a day."""
        return remind_clients(
            dt.datetime.combine(day, NOON),
            due_reminders=self.due_reminders,
            invoices=self.invoices,
            reminders=self.reminders,
        )

    def take_back(self, payment: Payment, *, day: dt.date) -> tuple[Payment, Invoice]:
        """What a person takes back at noon (UTC) of a day."""
        return take_back(
            payment.id,
            account_id=payment.account_id,
            now=dt.datetime.combine(day, NOON),
            invoices=self.invoices,
            payments=self.payments,
        )

    def credit(
        self, invoice: Invoice, *lines: WorkId, body: str = "1" * 16, reason: str | None = None
    ) -> CreditNote:
        """What a person asks for: whole, or these lines."""
        return open_credit_note(
            invoice.id,
            Correction(lines=lines or None, reason=reason),
            account_id=invoice.account_id,
            now=OPENED_AT,
            invoices=self.invoices,
            credit_notes=self.credit_notes,
            crediting=self.crediting,
            new_id=lambda: body,
        )

    def finish(self, note_id: CreditNoteId, *, account_id: AccountId, day: dt.date) -> CreditNote:
        """What the invoicing queue does with a credit note at noon (UTC) of a day."""
        return finish_credit_note(
            note_id,
            account_id=account_id,
            now=dt.datetime.combine(day, NOON),
            invoices=self.invoices,
            credit_notes=self.credit_notes,
            parties=self.parties,
            crediting=self.crediting,
            sequences=self.numbering,
            time_is_up=self.time_is_up,
        )

    def void(self, invoice: Invoice) -> Invoice:
        """What a person asks for."""
        return void_invoice(
            invoice.id,
            account_id=invoice.account_id,
            invoices=self.invoices,
            deliveries=self.deliveries,
            clients=self.clients,
            voiding=self.voiding,
        )

    def release(self, invoice: Invoice) -> Invoice:
        """What the invoicing queue does with an invoice that is void."""
        return release_void_invoice(
            invoice.id,
            account_id=invoice.account_id,
            invoices=self.invoices,
            crediting=self.crediting,
            voiding=self.voiding,
            time_is_up=self.time_is_up,
        )

    def issue_all(self, invoice_ids: Iterable[InvoiceId], *, client: Client, day: dt.date) -> list[Invoice]:
        return [self.issue(invoice_id, client=client, day=day) for invoice_id in invoice_ids]


def in_memory(store: Store) -> World:
    """A world of fakes."""
    accounts, clients, invoices = InMemoryAccounts(store), InMemoryClients(store), InMemoryInvoices(store)
    counters, work, notes = InMemoryCounters(store), InMemoryWork(store), InMemoryCreditNotes(store)
    return World(
        accounts=accounts,
        clients=clients,
        due_clients=clients,
        opening=invoices,
        work=work,
        invoices=invoices,
        collecting=invoices,
        reviews=invoices,
        held_invoices=InMemoryHeldInvoices(store),
        parties=invoices,
        numbering=invoices,
        credit_notes=notes,
        crediting=notes,
        voiding=notes,
        counters=counters,
        deliveries=InMemoryDeliveries(store),
        payments=InMemoryPayments(store),
        prepayments=InMemoryPrepayments(store),
        reminders=InMemoryReminders(store),
        due_reminders=InMemoryReminders(store),
        ledger=InMemoryLedger(store),
        paces=InMemoryPaces(store),
        directory=accounts,
        resetting=counters,
        register=invoices,
        records=InMemoryRecords(store),
        open_failures=InMemoryOpenFailures(store),
        current=InMemoryCurrent(store),
        replay_jobs=InMemoryReplayJobs(store),
        tokens=InMemoryTokens(store),
        requests=InMemoryRequests(store),
        rates=InMemoryRates(store),
        imports=InMemoryImports(store),
        import_results=InMemoryResults(store),
        known_work=work,
        uploads=InMemoryUploads(store),
    )
