"""Held invoices are looked at again once a day: what a rule of ours kept back may go out since it was mended.

held ──lacks the same──▶ held, and looked at a day later
  └── lacks nothing, or something else ──▶ sealed, and so issued, or held for that (`domain/invoicing.py`)

An account or client that changes wakes its held invoices at once; but no event tells of a deployment.
"""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Protocol

from domain.clients import DueClient
from domain.identifiers import AccountId, ClientId, InvoiceId, invoice_parts
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.invoicing import Parties, lacking
from domain.opening import Opened

MOST_LOOKED_AT = 100
LOOKED_AT_EVERY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Which invoice seems to be held, and since when it is to be looked at."""

    account_id: AccountId
    invoice_id: InvoiceId
    look_at: dt.datetime

    @property
    def client_id(self) -> ClientId:
        return invoice_parts(self.invoice_id)[0]


class HeldInvoices(Protocol):
    """The held invoices of all accounts."""

    def waiting(
        self, *, until: dt.datetime, limit: int, account_id: AccountId | None = None
    ) -> Many[Waiting]:
        """At most *limit* that are to be looked at by *until*, those first that have waited longest.

        With *account_id*, all of this account's, however many others have waited longer. May be a moment
        behind, so read the invoice before acting. An invoice waits from the day it is due.
        """
        ...

    def look_at(self, *, invoice: Invoice) -> dt.datetime | None:
        """When the held invoice is to be looked at, as of now; None where nothing finds it among the held."""
        ...

    def look_later(self, *, waiting: Waiting, at: dt.datetime) -> None:
        """Let it wait until *at*.

        Raises:
            InvoiceMovedError: it is held no longer, or somebody changes it at this moment.
        """
        ...

    def let_go(self, *, invoice: Invoice, sealed: Invoice) -> None:
        """Store the invoice as sealed, so that it waits no more.

        Raises:
            InvoiceMovedError: the invoice is not held as it was read.
        """
        ...


def look_at_held(
    until: dt.datetime,
    *,
    held: HeldInvoices,
    invoices: Invoices,
    parties: Parties,
    account_id: AccountId | None = None,
    client_id: ClientId | None = None,
) -> Opened:
    """Let those held invoices go on that lack something else now, or nothing; at most `MOST_LOOKED_AT`.

    With *account_id*, all of its own; with *client_id*, only that client's. What it fails on is told, and
    looked at a day later.
    """
    looked_at = Opened()
    for found in held.waiting(until=until, limit=MOST_LOOKED_AT, account_id=account_id):
        if client_id in {None, found.client_id}:
            looked_at += _look(found, until, held, invoices, parties)
    return looked_at


def _look(
    found: Waiting, until: dt.datetime, held: HeldInvoices, invoices: Invoices, parties: Parties
) -> Opened:
    try:
        # First, so that one that always fails comes last, and stands in nobody's way.
        held.look_later(waiting=found, at=until + LOOKED_AT_EVERY)
        invoice = invoices.get(account_id=found.account_id, invoice_id=found.invoice_id)
        if invoice.state is not State.HELD or _lacks_the_same(invoice, invoices, parties):
            return Opened()
        held.let_go(invoice=invoice, sealed=invoice.approved())
    except InvoiceMovedError:
        return Opened()  # it was mended or skipped at this moment
    except Exception as error:  # noqa: BLE001 - told; one invoice must not hold up the others
        of = DueClient(account_id=found.account_id, client_id=found.client_id, due_at=found.look_at)
        return Opened(failed=((of, error),))
    return Opened(let_go=(invoice.id,))


def _lacks_the_same(invoice: Invoice, invoices: Invoices, parties: Parties) -> bool:
    seller, buyer = parties.of(account_id=invoice.account_id, client_id=invoice.client_id)
    return lacking(invoice, invoices.lines(invoice=invoice), seller=seller, buyer=buyer) == invoice.missing
