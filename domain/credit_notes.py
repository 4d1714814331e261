"""A credit note: it takes back an issued invoice, or some of its lines, and releases the work.

open ──release lines──▶ open ──none left──▶ sealed ──number──▶ issued

One at a time is under way for an invoice. Each line that it takes back stays on the invoice as it was; the
work that it was made of can be edited and billed again.
"""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain import checks
from domain.identifiers import AccountId, ClientId, CreditNoteId, DocumentId, InvoiceId, WorkId
from domain.invoices import Invoice
from domain.paging import Page
from domain.totals import Totals
from domain.work import WorkEntry

if TYPE_CHECKING:  # types cost no function its cold start
    from domain.numbers import Taken

MOST_CHOSEN = 500


class Progress(StrEnum):
    """How far a credit note has come."""

    OPEN = "open"
    SEALED = "sealed"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person wants back: the lines of these work entries, or all that are left where it says no lines.

    An empty list is neither: who chose none hardly wants all of it taken back.
    """

    lines: tuple[WorkId, ...] | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        lines = self.lines or ()
        told = f"at most {MOST_CHOSEN} lines; leave them out to take back all that are left"
        none = "names no line; leave it out to take back all that are left"
        checks.require(
            checks.that(self.lines != (), "lines", code="empty", message=none),
            checks.that(len(lines) <= MOST_CHOSEN, "lines", code="too-many", message=told),
            checks.that(
                len(set(lines)) == len(lines),
                "lines",
                code="twice",
                message="a line stands there twice",
            ),
            checks.optional_text("reason", self.reason, longest=500),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """A credit note as stored. Amounts are minor units of `currency`, positive as on the invoice.

    `chosen` are the work entries whose lines it takes back; without any, all that were left. `entries` and
    `net`, the sum of these lines, are right at every instant: they move as the work is released. The hashes
    are as an invoice has them. Where `says_reason`, the reason stands on it; what was issued before that was
    so goes on saying what it said.
    """

    id: CreditNoteId
    invoice_id: InvoiceId
    account_id: AccountId
    client_id: ClientId
    currency: str
    opened_at: dt.datetime
    chosen: tuple[WorkId, ...] = ()
    reason: str | None = None
    state: Progress = Progress.OPEN
    entries: int = 0
    net: int = 0
    totals: Totals | None = None
    number: str | None = None
    issued_on: dt.date | None = None
    content_sha256: str | None = None
    chain_sha256: str | None = None
    says_reason: bool = False
    version: int = 1

    @classmethod
    def opened(
        cls, credit_note_id: CreditNoteId, invoice: Invoice, wanted: Correction, *, opened_at: dt.datetime
    ) -> "CreditNote":
        """The credit note, before anything was released."""
        return cls(
            id=credit_note_id,
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            client_id=invoice.client_id,
            currency=invoice.currency,
            opened_at=opened_at,
            chosen=wanted.lines or (),
            reason=wanted.reason,
        )

    @property
    def total(self) -> int:
        """What it takes back with its tax; 0 until it is known."""
        return self.totals.gross if self.totals else 0

    @property
    def tax_amount(self) -> int:
        """The tax of all categories; 0 until it is known."""
        return self.totals.tax_amount if self.totals else 0

    @property
    def credited(self) -> int:
        """How much less the client owes, roundings included; 0 until it is known."""
        return self.totals.payable if self.totals else 0

    def takes(self, line: "Line") -> bool:
        """Whether it is still to take back this line."""
        return line.released_by is None and (not self.chosen or line.entry.id in self.chosen)

    def with_released(self, entries: Many[WorkEntry]) -> "CreditNote":
        """The credit note one step later."""
        return replace(
            self,
            entries=self.entries + len(entries),
            net=self.net + sum(entry.amount for entry in entries),
            version=self.version + 1,
        )

    def sealed(self, totals: Totals) -> "CreditNote":
        """The credit note once it has taken back all its lines: from here on only its number is missing."""
        return replace(self, state=Progress.SEALED, totals=totals)

    def issued(self, taken: "Taken") -> "CreditNote":
        """The credit note with its number."""
        return replace(
            self,
            state=Progress.ISSUED,
            number=taken.number,
            issued_on=taken.issued_on,
            says_reason=self.reason is not None,
        )

    def chained(self, taken: "Taken") -> "CreditNote":
        """The issued credit note with its place in the hash chain."""
        return replace(self, content_sha256=taken.content_sha256, chain_sha256=taken.chain_sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an invoice: the work as it was claimed, and what released it, if anything did.

    That is a credit note, or the invoice itself where it is void.
    """

    entry: WorkEntry
    released_by: DocumentId | None = None

    @property
    def account_id(self) -> AccountId:
        return self.entry.account_id

    @property
    def client_id(self) -> ClientId:
        return self.entry.client_id


class CreditNotes(Protocol):
    """The credit notes of each account."""

    def get(self, *, account_id: AccountId, credit_note_id: CreditNoteId) -> CreditNote:
        """The credit note as of now; raise `NotFoundError` where there is none."""
        ...

    def of_invoice(
        self, *, account_id: AccountId, invoice_id: InvoiceId, limit: int = 100, cursor: str | None = None
    ) -> Page[CreditNote]:
        """Those of an invoice as of now, by their ids: the oldest first."""
        ...

    def taken_back(self, *, note: CreditNote) -> Many[WorkEntry]:
        """The lines that it has taken back, by date, as they stand on the invoice."""
        ...

    def some_taken_back(
        self, *, note: CreditNote, limit: int = 100, cursor: str | None = None
    ) -> Page[WorkEntry]:
        """Some of these lines, in the same order; a page may be short, or empty, although more follows."""
        ...

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[CreditNote]:
        """The account's credit notes, the newest first: by the day they were issued, else asked for."""
        ...
