"""Billing when a person asks for it, and what the next invoice would be.

bill now ──▶ open invoice of all work up to a day, closed today, and the client moved on: both or nothing
             ├── the regular invoice day still comes; its period begins where this one ends
             └── where all days up to there are billed, once more for the last period: what was taken back
preview  ──▶ the same invoice, or that of the next invoice day, as it would be now; nothing is stored
"""

import datetime as dt
from collections.abc import Callable
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace

from domain.calendar import local_date
from domain.clients import Client, ClientIsArchivedError, Clients, ClientStatus
from domain.errors import ConflictError, InvalidError, Problem
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice, InvoiceMovedError, Invoices
from domain.invoicing import Collecting, Parties, open_before
from domain.opening import Opening
from domain.requests import KEPT
from domain.requirements import Missing, required
from domain.retaining import retained
from domain.work import KnownWork, WorkEntry

MOST_ROUNDS = 6
MOST_A_DAY = 99
_ONE_DAY = dt.timedelta(days=1)


class RegularInvoiceFirstError(ConflictError):
    """The invoice of an invoice day that has come is not opened yet."""

    code = "regular-invoice-first"


class ClientIsHeldError(ConflictError):
    """The client fell too far behind and waits for a person."""

    code = "client-is-held"


class InvoicedTodayError(ConflictError):
    """A later day has closed a period already, or today's last invoice is still being made or taken back."""

    code = "invoiced-today"


class NothingToBillError(ConflictError):
    """There is no work that an invoice could take."""

    code = "nothing-to-bill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an invoice would be: its totals, and all of its lines. It has no number, and no id of its own.

    It would be held for what is `missing`.
    """

    invoice: Invoice
    lines: Many[WorkEntry]
    missing: Many[Missing] = ()


def bill_now(
    client_id: ClientId,
    *,
    account_id: AccountId,
    until: dt.date | None,
    now: dt.datetime,
    clients: Clients,
    invoices: Invoices,
    opening: Opening,
    collecting: Collecting,
    new_id: Callable[[], str],
) -> Invoice:
    """Open an invoice of all unbilled work up to *until*, that day included, or else up to today.

    Today is that of the client's zone. The invoice is issued like any other. A paused client may be billed:
    a pause stops what happens by itself. Where no day up to *until* is left, it is of the last period once
    more: it takes what was released, or logged, since that was billed. A new id is taken for a request
    of which nothing was done before; with another, the answer is the invoice that it opened.

    Raises:
        InvalidError: *until* is still to come.
        ClientIsArchivedError, ClientIsHeldError: no invoice is made for such a client.
        RegularInvoiceFirstError: its invoice day has come, and that invoice is not opened yet.
        InvoicedTodayError: its last invoice is of a day to come, or not done yet.
        NothingToBillError: there is no work, or all days up to *until* are billed.
        InvoiceMovedError: the client was changed by others `MOST_ROUNDS` times running.
    """
    wanted = new_id()
    for _ in range(MOST_ROUNDS):
        client = clients.get(account_id=account_id, client_id=client_id)
        before = _last(client, invoices)
        if opened := _requested(wanted, before, now, invoices):
            return opened
        invoice = replace(_closed_today(client, until, now, before), requested_as=wanted)
        work = retained(client, invoice.period, known=opening)
        if not work and not collecting.unbilled(invoice=invoice, limit=1):
            raise NothingToBillError(f"{client.id} has no unbilled work up to {invoice.last_day}")
        moved = client.after_period(invoice.period, closed_on=invoice.due_on, nth=invoice.nth)
        try:
            opening.open(invoice=invoice, client=client, moved=moved, work=work)
        except InvoiceMovedError:
            continue
        return invoice
    raise InvoiceMovedError(f"{client_id} was changed by others {MOST_ROUNDS} times running")


def preview_invoice(
    client_id: ClientId,
    *,
    account_id: AccountId,
    until: dt.date | None,
    now: dt.datetime,
    parties: Parties,
    invoices: Invoices,
    collecting: Collecting,
    known: KnownWork,
) -> Preview:
    """What the invoice of the next invoice day would be as of now; with *until*, that of `bill_now`.

    Raises like `bill_now`, but for work that is missing; without *until*, only for a client that is archived,
    or whose billing has ended.
    """
    seller, client = parties.of(account_id=account_id, client_id=client_id)
    _not_archived(client)
    if until is None and client.has_ended:
        told = f"the billing of {client.id} ended on {client.billing_ends_on}; what is left is billed by hand"
        raise NothingToBillError(told)
    if until is None:
        invoice = Invoice.opened(client)
    else:
        invoice = _closed_today(client, until, now, _last(client, invoices))
    found = left_by_earlier(invoice, collecting.unbilled(invoice=invoice, limit=None), invoices)
    retainers = retained(client, invoice.period, known=known)
    lines = sorted([*found, *retainers], key=lambda entry: (entry.date, entry.id))
    charged = invoice.with_claimed(lines).charged(lines, seller=seller, buyer=client)
    missing = required(charged.totals, seller=seller, buyer=client) if charged.totals and lines else ()
    return Preview(invoice=charged, lines=lines, missing=missing)


def _last(client: Client, invoices: Invoices) -> Invoice | None:
    if client.last_invoice is None:
        return None
    return invoices.get(account_id=client.account_id, invoice_id=client.last_invoice)


def _requested(wanted: str, before: Invoice | None, now: dt.datetime, invoices: Invoices) -> Invoice | None:
    """The invoice that this request opened, among those of the last days: as long as a request is known."""
    since = (now - KEPT - _ONE_DAY).date()
    while before and before.due_on >= since:
        if before.requested_as == wanted:
            return before
        if before.previous is None:
            return None
        before = invoices.get(account_id=before.account_id, invoice_id=before.previous)
    return None


def _closed_today(client: Client, until: dt.date | None, now: dt.datetime, before: Invoice | None) -> Invoice:
    """The invoice of all days up to *until* that are not billed, where it may be made at all."""
    today = local_date(now, client.time_zone)
    last_day = until or today
    if last_day > today:
        told = f"must not be after today, which is {today} in the client's time zone"
        raise InvalidError(Problem("/until", "in-the-future", told))
    _is_its_turn(client, today)
    period = client.period_until(last_day)
    is_again = period.end <= period.start and before is not None and before.last_day <= last_day
    if before and (is_again or before.due_on == today):
        _is_done(before)
    if before and is_again:
        period = before.period
    elif period.end <= period.start:
        told = f"the next period of {client.id} begins on {period.start}, so nothing is left up to {last_day}"
        raise NothingToBillError(told)
    return Invoice.of_period(period, client, closed_on=today, nth=_nth_of(today, before))


def _is_done(before: Invoice) -> None:
    if before.is_going_on:
        told = f"{before.id} is still being made, or taken back: another one can be made in a moment"
        raise InvoicedTodayError(told)


def _nth_of(today: dt.date, before: Invoice | None) -> int | None:
    if before is None or before.due_on < today:
        return None
    if (nth := (before.nth or 1) + 1) > MOST_A_DAY:
        raise InvoicedTodayError(
            f"{before.client_id} has {MOST_A_DAY} invoices of {today}, and no more are made"
        )
    return nth


def _is_its_turn(client: Client, today: dt.date) -> None:
    _not_archived(client)
    if client.status is ClientStatus.HELD:
        told = f"{client.id} fell too far behind; make it active again, and its regular invoices come first"
        raise ClientIsHeldError(told)
    if client.due_at and client.next_due_on <= today:
        told = f"the regular invoice of {client.id} for {client.next_due_on} comes first, and by itself"
        raise RegularInvoiceFirstError(told)
    if client.previous_due_on and client.previous_due_on > today:
        told = (
            f"{client.id} has {client.last_invoice}; another one can be made from {client.previous_due_on} on"
        )
        raise InvoicedTodayError(told)


def _not_archived(client: Client) -> None:
    if client.status is ClientStatus.ARCHIVED:
        raise ClientIsArchivedError(f"{client.id} is archived; make it active again to bill it")


def left_by_earlier(invoice: Invoice, found: Many[WorkEntry], invoices: Invoices) -> Many[WorkEntry]:
    """The work without what an earlier invoice is still going to take."""
    if (earlier := open_before(invoice, found, invoices)) is None:
        return found
    return [entry for entry in found if entry.date >= earlier.period_end]
