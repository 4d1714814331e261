"""One invoice per client and period, made by any number of workers, finished by any later run.

    open ──claim work, ≤ 99 entries a step──▶ open ──nothing left──▶ sealed ──number──▶ issued
                                                ├── nothing at all ──▶ empty    │            ▲
                                                │   lacks what the law wants ◀──┴▶ held ─────┘ once mended
                                                └── in review (`domain/reviews.py`) ──▶ sealed, or skipped:
    skipped ──put back work, ≤ 98 entries a step──▶ skipped, without lines ──reopened──▶ open

Each step is one conditional write. A run that dies anywhere, or stops since its time is nearly over, leaves a
state from which the next one goes on.
"""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import replace
from typing import Protocol

from domain import numbers
from domain.accounts import Account
from domain.calendar import local_date
from domain.clients import Client
from domain.errors import NotFoundError
from domain.identifiers import AccountId, ClientId, InvoiceId, invoice_parts
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.numbers import Sequences, Taken
from domain.printing import frozen_of
from domain.recomputing import require_same
from domain.requirements import Missing, required
from domain.stopping import TimeIsUp, never, stop_in_time
from domain.work import WorkEntry

MOST_CLAIMED = 99
MOST_READ = 10 * MOST_CLAIMED
"""Entries of as many steps are read at once."""
MOST_PUT_BACK = 98
MOST_ROUNDS = 6


class Collecting(Protocol):
    """Moves unbilled work onto an open invoice."""

    def unbilled(self, *, invoice: Invoice, limit: int | None) -> Many[WorkEntry]:
        """The client's unbilled entries that the invoice may take, the oldest first, as of now.

        At most *limit* of them; None: all.
        """
        ...

    def claim(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        """Put the entries on the invoice and add them to its totals: all of it, or nothing.

        Raises:
            InvoiceMovedError: the invoice is not open any more, or an entry is not as it was read.
        """
        ...

    def put_back(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        """Take the entries off a skipped invoice and out of its totals: all of it, or nothing.

        So it is no longer found among the held ones, if it was one of them.

        Raises:
            InvoiceMovedError: the invoice is not skipped, or an entry is not as it was read.
        """
        ...

    def seal(self, *, invoice: Invoice, sealed: Invoice) -> None:
        """Store the invoice as sealed, in review or empty.

        Raises:
            InvoiceMovedError: the invoice is not open at the version that was read.
        """
        ...


class Parties(Protocol):
    """Who an invoice is from, and whom it is for."""

    def of(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Account, Client]:
        """Both as of now, in one call; raise `NotFoundError` where one is missing."""
        ...


class Numbering(Sequences, Protocol):
    """The number series of each account, and the invoices that take their numbers."""

    def issue(self, *, invoice: Invoice, issued: Invoice, taken: Taken, buyer: Client) -> None:
        """Take the number and issue the invoice: all of it, or nothing, so that no number is ever lost.

        What the invoice says was prepaid is no longer the buyer's to spend, in the same step.

        Raises:
            InvoiceMovedError: the invoice is neither sealed nor held, the series has moved on, or the buyer
                who spends something is not as it was read.
        """
        ...

    def hold_back(self, *, invoice: Invoice, held: Invoice, seller: Account, buyer: Client) -> None:
        """Store the invoice as held, while seller and buyer are as they were read.

        So whoever changes one of them after that finds the invoice among the held ones.

        Raises:
            InvoiceMovedError: the invoice is neither sealed nor held, or one of the two has changed.
        """
        ...

    def held(self, *, account_id: AccountId, client_id: ClientId | None = None) -> Many[InvoiceId]:
        """The account's held invoices, or those of one client, as of now; each client's oldest first."""
        ...


def issue_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    now: dt.datetime,
    invoices: Invoices,
    parties: Parties,
    collecting: Collecting,
    numbering: Numbering,
    time_is_up: TimeIsUp = never,
) -> Invoice:
    """Collect the period's work, seal the invoice and give it its number; go on wherever a run stopped.

    Where work of an earlier period waits for an invoice that is still open, that one is issued first: each
    period keeps its work however the events of a catch-up arrive.

    Where the law wants more than account and client say, the invoice is held, with a list of what is missing.

    Returns the invoice as issued, as held, as empty, in review, or skipped and without work. Calling it again
    changes nothing more.

    Raises:
        NotFoundError: there is no such invoice.
        InvoiceMovedError: other workers were faster `MOST_ROUNDS` times running.
        UnfinishedError: there was no time for all of it.
        InvoiceDiffersError: it does not come to what an independent recomputation says.
    """
    invoice_parts(invoice_id)
    for _ in range(MOST_ROUNDS):
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        found = _unbilled(invoice, collecting) if invoice.state is State.OPEN else ()
        if earlier := open_before(invoice, found, invoices):
            issue_invoice(
                earlier.id,
                account_id=account_id,
                now=now,
                invoices=invoices,
                parties=parties,
                collecting=collecting,
                numbering=numbering,
                time_is_up=time_is_up,
            )
            continue
        try:
            if invoice.state is State.OPEN:
                invoice = _collect(invoice, found, now, collecting, time_is_up)
            if invoice.state in {State.SEALED, State.HELD}:
                invoice = _issue(invoice, now, invoices, parties, numbering)
            if invoice.state is State.SKIPPED and invoice.entries:
                invoice = _put_back(invoice, invoices, collecting, time_is_up)
        except InvoiceMovedError:
            continue
        return invoice
    raise InvoiceMovedError(f"{invoice_id} was changed by other workers {MOST_ROUNDS} times running")


def _unbilled(invoice: Invoice, collecting: Collecting) -> Many[WorkEntry]:
    """One entry more than is claimed before the next reading tells whether there is one."""
    return collecting.unbilled(invoice=invoice, limit=MOST_READ + 1)


def open_before(invoice: Invoice, found: Many[WorkEntry], invoices: Invoices) -> Invoice | None:
    """The invoice of the period before, where it is still to take some of the work that was found."""
    if not found or found[0].date >= invoice.period_start or invoice.previous is None:
        return None
    try:
        before = invoices.get(account_id=invoice.account_id, invoice_id=invoice.previous)
    except NotFoundError:
        return None
    return before if before.state is State.OPEN else None


def _collect(
    invoice: Invoice, found: Many[WorkEntry], now: dt.datetime, collecting: Collecting, time_is_up: TimeIsUp
) -> Invoice:
    while found:
        for first in range(0, min(len(found), MOST_READ), MOST_CLAIMED):
            entries = found[first : first + MOST_CLAIMED]
            collecting.claim(invoice=invoice, entries=entries)
            invoice = invoice.with_claimed(entries)
            # After the last step too: to read all lines and to add them up wants time as well.
            stop_in_time(invoice.id, time_is_up)
        found = _unbilled(invoice, collecting) if len(found) > MOST_READ else ()
    # The version counts our own claims only, so the seal fails where another worker claimed meanwhile.
    sealed = invoice.sealed().submitted(now)
    collecting.seal(invoice=invoice, sealed=sealed)
    return replace(sealed, version=invoice.version + 1)


def _put_back(invoice: Invoice, invoices: Invoices, collecting: Collecting, time_is_up: TimeIsUp) -> Invoice:
    lines = invoices.lines(invoice=invoice)
    for first in range(0, len(lines), MOST_PUT_BACK):
        entries = lines[first : first + MOST_PUT_BACK]
        collecting.put_back(invoice=invoice, entries=entries)
        invoice = invoice.without(entries)
        stop_in_time(invoice.id, time_is_up)
    return invoice


def _issue(
    invoice: Invoice,
    now: dt.datetime,
    invoices: Invoices,
    parties: Parties,
    numbering: Numbering,
) -> Invoice:
    lines = invoices.lines(invoice=invoice)
    seller, buyer = parties.of(account_id=invoice.account_id, client_id=invoice.client_id)
    if missing := lacking(invoice, lines, seller=seller, buyer=buyer):
        return _hold(invoice, missing, seller, buyer, numbering)
    today = local_date(now, seller.time_zone)
    taken = numbers.take(
        seller.number_pattern, account_id=invoice.account_id, today=today, sequences=numbering
    )
    issued, taken = numbered(invoice, taken, lines=lines, seller=seller, buyer=buyer)
    require_same(issued, lines, buyer=buyer)
    numbering.issue(invoice=invoice, issued=issued, taken=taken, buyer=buyer)
    return replace(issued, version=invoice.version + 1)


def lacking(
    invoice: Invoice, lines: Many[WorkEntry], *, seller: Account, buyer: Client
) -> tuple[Missing, ...]:
    """What the law wants to see on the invoice that it does not say yet."""
    charged = invoice.charged(lines, seller=seller, buyer=buyer)
    return required(charged.totals, seller=seller, buyer=buyer, lines=lines) if charged.totals else ()


def _hold(
    invoice: Invoice, missing: Many[Missing], seller: Account, buyer: Client, numbering: Numbering
) -> Invoice:
    held = invoice.held(missing)
    if held == invoice:
        return invoice
    numbering.hold_back(invoice=invoice, held=held, seller=seller, buyer=buyer)
    return replace(held, version=invoice.version + 1)


def issue_held(
    account_id: AccountId,
    *,
    client_id: ClientId | None,
    now: dt.datetime,
    invoices: Invoices,
    parties: Parties,
    collecting: Collecting,
    numbering: Numbering,
    time_is_up: TimeIsUp = never,
) -> Many[Invoice]:
    """Look again at the held invoices of an account, or of one client, once something there has changed.

    Returns them as they are then. One that fails holds up no other; its error is raised at the end.
    """
    looked_at: list[Invoice] = []
    failed: Exception | None = None
    for held in numbering.held(account_id=account_id, client_id=client_id):
        try:
            looked_at.append(
                issue_invoice(
                    held,
                    account_id=account_id,
                    now=now,
                    invoices=invoices,
                    parties=parties,
                    collecting=collecting,
                    numbering=numbering,
                    time_is_up=time_is_up,
                )
            )
        except Exception as error:  # noqa: BLE001 - raised once the others had their turn
            failed = failed or error
    if failed:
        raise failed
    return looked_at


def numbered(
    invoice: Invoice, taken: Taken, *, lines: Many[WorkEntry], seller: Account, buyer: Client
) -> tuple[Invoice, Taken]:
    """The invoice as issued under this number, and the number linked to what the invoice says."""
    issued = invoice.issued(taken, lines=lines, seller=seller, buyer=buyer)
    chained = taken.chained(frozen_of(issued, lines))
    return issued.chained(chained), chained
