"""One invoice per client and period, made by any number of workers, finished by any later run.

    open ──claim work, ≤ 99 entries a step──▶ open ──nothing left──▶ sealed ──number──▶ issued
                                                └── nothing at all ──▶ empty

Each step is one conditional write. A run that dies anywhere leaves a state from which the next one goes on.
"""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain import numbers
from domain.accounts import Account, Accounts
from domain.calendar import Period, local_date
from domain.clients import Client, Clients, DueClient, DueClients
from domain.errors import NotFoundError, TryAgainLaterError
from domain.identifiers import AccountId, ClientId, InvoiceId, invoice_id, invoice_parts
from domain.numbers import Sequence
from domain.paging import Page
from domain.parties import BankDetails, Party, Tax
from domain.tax import tax_amount
from domain.work import WorkEntry

MOST_CLAIMED = 99
MOST_PERIODS = 12
MOST_ROUNDS = 6


class State(StrEnum):
    """How far an invoice has come."""

    OPEN = "open"
    SEALED = "sealed"
    EMPTY = "empty"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as stored. Amounts are minor units of `currency`.

    It takes all unbilled work from `work_since`, the day the client's billing starts, to before `period_end`,
    also what was typed in late. `entries` and `net`
    are right at every instant: they move in the same transactions that claim the work. `previous_due_on`
    closed the period before this one, if there was one.
    """

    id: InvoiceId
    account_id: AccountId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    work_since: dt.date
    previous_due_on: dt.date | None = None
    state: State = State.OPEN
    entries: int = 0
    net: int = 0
    tax_amount: int = 0
    total: int = 0
    number: str | None = None
    issued_on: dt.date | None = None
    payment_due_on: dt.date | None = None
    payment_terms_days: int | None = None
    language: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    bank: BankDetails | None = None
    tax: Tax | None = None
    version: int = 1

    @classmethod
    def opened(cls, client: Client) -> "Invoice":
        """The invoice of the client's next period, still without work."""
        period: Period = client.next_period()
        return cls(
            id=invoice_id(client.id, client.next_due_on),
            account_id=client.account_id,
            client_id=client.id,
            due_on=client.next_due_on,
            period_start=period.start,
            period_end=period.end,
            currency=client.currency,
            previous_due_on=client.previous_due_on,
            work_since=client.billing_starts_on,
        )

    @property
    def last_day(self) -> dt.date:
        """The last day of the period, included."""
        return max(self.period_start, self.period_end - dt.timedelta(days=1))

    def with_claimed(self, entries: Many[WorkEntry]) -> "Invoice":
        """The invoice one claim later."""
        return replace(
            self,
            entries=self.entries + len(entries),
            net=self.net + sum(entry.amount for entry in entries),
            version=self.version + 1,
        )

    def sealed(self) -> "Invoice":
        """The invoice once no unbilled work is left: from here on its lines never change."""
        return replace(self, state=State.SEALED if self.entries else State.EMPTY)

    def issued(self, sequence: Sequence, *, seller: Account, buyer: Client) -> "Invoice":
        """The invoice with its number, and with everything that it says frozen."""
        issued_on = sequence.last_issued_on
        if issued_on is None:
            raise ValueError("a sequence that has given a number knows its date")
        tax = tax_amount(self.net, buyer.tax)
        return replace(
            self,
            state=State.ISSUED,
            number=numbers.formatted(seller.number_pattern, sequence.last, issued_on),
            issued_on=issued_on,
            payment_due_on=issued_on + dt.timedelta(days=buyer.payment_terms_days),
            payment_terms_days=buyer.payment_terms_days,
            language=buyer.language,
            seller=seller.as_seller(),
            buyer=buyer.as_buyer(),
            bank=seller.bank,
            tax=buyer.tax,
            tax_amount=tax,
            total=self.net + tax,
        )


class InvoiceMovedError(TryAgainLaterError):
    """Another worker changed the invoice, its work or its series first; nothing of this was stored."""

    code = "invoice-moved"


class Invoices(Protocol):
    """The invoices of each account, and the work that they claimed."""

    def get(self, *, account_id: AccountId, invoice_id: InvoiceId) -> Invoice:
        """The invoice as of now; raise `NotFoundError` where there is none."""
        ...

    def lines(self, *, invoice: Invoice) -> Many[WorkEntry]:
        """The work that the invoice claimed, by date."""
        ...

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Invoice]:
        """The account's invoices, the newest first: by the day they were issued or, before that, due."""
        ...


class Opening(Protocol):
    """Opens invoices."""

    def open(self, *, invoice: Invoice, client: Client, moved: Client) -> None:
        """Put the invoice, unless it is there already, and move the client on: both or nothing.

        Raises:
            InvoiceMovedError: the client is not *client* any more.
        """
        ...

    def hold(self, *, client: Client, held: Client) -> None:
        """Store the client as held; raises like `open`."""
        ...


class Collecting(Protocol):
    """Moves unbilled work onto an open invoice."""

    def unbilled(self, *, invoice: Invoice, limit: int) -> Many[WorkEntry]:
        """The client's unbilled entries that the invoice may take, the oldest first, as of now."""
        ...

    def claim(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        """Put the entries on the invoice and add them to its totals: all of it, or nothing.

        Raises:
            InvoiceMovedError: the invoice is not open any more, or an entry is not as it was read.
        """
        ...

    def seal(self, *, invoice: Invoice, sealed: Invoice) -> None:
        """Store the invoice as sealed or empty.

        Raises:
            InvoiceMovedError: the invoice is not open at the version that was read.
        """
        ...


class Numbering(Protocol):
    """The number series of each account."""

    def sequence(self, *, account_id: AccountId, series: str) -> Sequence:
        """How far the series has come, as of now; a new one has given no number."""
        ...

    def issue(self, *, invoice: Invoice, issued: Invoice, before: Sequence, after: Sequence) -> None:
        """Take the number and issue the invoice: all of it, or nothing, so that no number is ever lost.

        Raises:
            InvoiceMovedError: the invoice is not sealed, or the series has moved on.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What one tick opened, which clients it left for a person, too far behind, and which it failed on."""

    invoices: tuple[InvoiceId, ...] = ()
    held: tuple[ClientId, ...] = ()
    failed: tuple[tuple[ClientId, Exception], ...] = ()

    def __add__(self, other: "Opened") -> "Opened":
        return Opened(
            invoices=self.invoices + other.invoices,
            held=self.held + other.held,
            failed=self.failed + other.failed,
        )


def open_invoices(
    until: dt.datetime,
    *,
    due_clients: DueClients,
    clients: Clients,
    opening: Opening,
    account_id: AccountId | None = None,
) -> Opened:
    """Open the invoice of every period that is due by *until*, the oldest first.

    *until* is the tick's own instant, so a late tick does what it would have done in time. A client that is
    more than `MOST_PERIODS` periods behind is held for a person. With *account_id*, only this account's.
    What it fails on is told and still due: another tick tries again.
    """
    opened = Opened()
    for found in due_clients.due(until=until):
        if account_id in {None, found.account_id}:
            try:
                opened += _open_all(found, until, clients, opening)
            except Exception as error:  # noqa: BLE001 - told; one client must not hold up the others
                opened += Opened(failed=((found.client_id, error),))
    return opened


def _open_all(found: DueClient, until: dt.datetime, clients: Clients, opening: Opening) -> Opened:
    opened = Opened()
    for _ in range(MOST_PERIODS + MOST_ROUNDS):
        client = clients.get(account_id=found.account_id, client_id=found.client_id)
        if client.due_at is None or client.due_at > until:
            return opened
        if len(opened.invoices) == MOST_PERIODS:
            opening.hold(client=client, held=client.held())
            return opened + Opened(held=(client.id,))
        opened += _open_one(client, opening)
    raise InvoiceMovedError(f"{found.client_id} was moved on by other ticks all the time")


def _open_one(client: Client, opening: Opening) -> Opened:
    invoice = Invoice.opened(client)
    try:
        opening.open(invoice=invoice, client=client, moved=client.after_invoice_day())
    except InvoiceMovedError:
        return Opened()
    return Opened(invoices=(invoice.id,))


def issue_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    accounts: Accounts,
    clients: Clients,
    collecting: Collecting,
    numbering: Numbering,
) -> Invoice:
    """Collect the period's work, seal the invoice and give it its number; go on wherever a run stopped.

    Where work of an earlier period waits for an invoice that is still open, that one is issued first: each
    period keeps its work however the events of a catch-up arrive.

    Returns the invoice as issued, or as empty. Calling it again changes nothing.

    Raises:
        NotFoundError: there is no such invoice.
        InvoiceMovedError: other workers were faster `MOST_ROUNDS` times running.
    """
    invoice_parts(invoice_id)
    for _ in range(MOST_ROUNDS):
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        found = _unbilled(invoice, collecting) if invoice.state is State.OPEN else ()
        if earlier := _open_before(invoice, found, invoices):
            issue_invoice(
                earlier,
                account_id=account_id,
                now=now,
                invoices=invoices,
                accounts=accounts,
                clients=clients,
                collecting=collecting,
                numbering=numbering,
            )
            continue
        try:
            if invoice.state is State.OPEN:
                invoice = _collect(invoice, found, collecting)
            if invoice.state is State.SEALED:
                invoice = _issue(invoice, now, accounts, clients, numbering)
        except InvoiceMovedError:
            continue
        return invoice
    raise InvoiceMovedError(f"{invoice_id} was changed by other workers {MOST_ROUNDS} times running")


def _unbilled(invoice: Invoice, collecting: Collecting) -> Many[WorkEntry]:
    """One entry more than can be claimed at once tells whether there is a next time."""
    return collecting.unbilled(invoice=invoice, limit=MOST_CLAIMED + 1)


def _open_before(invoice: Invoice, found: Many[WorkEntry], invoices: Invoices) -> InvoiceId | None:
    """The invoice of the period before, where it is still to take some of the work that was found."""
    if not found or found[0].date >= invoice.period_start or invoice.previous_due_on is None:
        return None
    earlier = invoice_id(invoice.client_id, invoice.previous_due_on)
    try:
        before = invoices.get(account_id=invoice.account_id, invoice_id=earlier)
    except NotFoundError:
        return None
    return earlier if before.state is State.OPEN else None


def _collect(invoice: Invoice, found: Many[WorkEntry], collecting: Collecting) -> Invoice:
    while found:
        entries = found[:MOST_CLAIMED]
        collecting.claim(invoice=invoice, entries=entries)
        invoice = invoice.with_claimed(entries)
        found = _unbilled(invoice, collecting) if len(found) > MOST_CLAIMED else ()
    # The version counts our own claims only, so the seal fails where another worker claimed meanwhile.
    sealed = invoice.sealed()
    collecting.seal(invoice=invoice, sealed=sealed)
    return replace(sealed, version=invoice.version + 1)


def _issue(
    invoice: Invoice,
    now: dt.datetime,
    accounts: Accounts,
    clients: Clients,
    numbering: Numbering,
) -> Invoice:
    seller = accounts.get(account_id=invoice.account_id)
    buyer = clients.get(account_id=invoice.account_id, client_id=invoice.client_id)
    today = local_date(now, seller.time_zone)
    before = numbering.sequence(
        account_id=invoice.account_id,
        series=numbers.series_of(seller.number_pattern, today),
    )
    after = before.next(today)
    issued = invoice.issued(after, seller=seller, buyer=buyer)
    numbering.issue(invoice=invoice, issued=issued, before=before, after=after)
    return replace(issued, version=invoice.version + 1)
