"""What an invoice says on paper: everything that is printed, and nothing that is not.

issued invoice + its claimed work  ──InvoiceDocument──▶  renderer  ──▶  bytes of a PDF
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from domain.parties import BankDetails, Party, Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line: `net` (minor units) is `quantity` × `unit_price` (major units), rounded half up.

    `unit` is "hour" for time, else what the entry says ("page", "licence").
    """

    date: dt.date
    description: str
    project: str | None
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """A whole invoice, in the order in which a reader meets it. Amounts are minor units of `currency`.

    `period_end` is the last day of the period, included. `tax` is None where no tax is charged; then
    `tax_amount` is 0 and `total` equals `net`.
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
    net: int
    tax: Tax | None
    tax_amount: int
    total: int
    payment_terms_days: int
    bank: BankDetails | None


class Renderer(Protocol):
    """Turns an invoice into the bytes of a PDF; the same document gives the same bytes, for ever."""

    def render(self, *, document: InvoiceDocument) -> bytes: ...
