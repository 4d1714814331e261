"""What an invoice says on paper: everything that is printed, and nothing that is not.

issued invoice + its claimed work  ──InvoiceDocument──▶  renderer  ──▶  bytes of a PDF
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from domain.parties import BankDetails, Party
from domain.tax import Tax
from domain.totals import Applied, Totals


class DocumentKind(StrEnum):
    """What is printed."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Grouping(StrEnum):
    """What one printed line stands for."""

    ENTRY = "entry"
    DAY = "day"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """The invoice that a credit note corrects."""

    number: str
    issued_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line: `amount` (minor units) is `quantity` × `unit_price` (major units), half up, then adjusted.

    `unit` is "hour" for time, else what the entry says ("page", "licence"). Price and amount include the tax
    where the document says so; `net` never does. One that stands for several days says the last: `until`.
    """

    date: dt.date
    description: str
    project: str | None
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: int
    net: int
    tax: Tax
    adjustments: tuple[Applied, ...] = ()
    until: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """A whole invoice, in the order in which a reader meets it. Amounts are minor units of `currency`.

    `period_end` is the last day of the period, included. What a credit note takes back is positive, as on the
    invoice that it `corrects`, for this `reason`. `lines` are as printed, so each may stand for several
    entries; `timesheet` has the single ones where the client wants to see them. Not printed, but frozen too,
    are the `time_zone` that `issued_on` is a date of, and `rounding`, the version of the rules that the
    totals were made by.
    """

    number: str
    issued_on: dt.date
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    language: str
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    totals: Totals
    payment_terms_days: int
    bank: BankDetails | None
    kind: DocumentKind = DocumentKind.INVOICE
    corrects: Preceding | None = None
    prices_include_tax: bool = False
    grouping: Grouping = Grouping.ENTRY
    timesheet: tuple[DocumentLine, ...] = ()
    time_zone: str | None = None
    rounding: int | None = None
    reason: str | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None


class Renderer(Protocol):
    """Turns an invoice into the bytes of a PDF; the same document gives the same bytes, for ever.

    Its e-invoice goes into it where there is one, so that people and programs read the same file.
    """

    def render(self, *, document: InvoiceDocument, cii: bytes | None = None) -> bytes: ...
