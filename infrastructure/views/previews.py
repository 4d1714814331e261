"""What is shown of an invoice before it is made."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from domain.billing import Preview
from domain.fields import values
from domain.identifiers import ClientId, InvoiceId
from domain.previewing import Difference, ForeseenClient
from domain.requirements import Missing
from domain.tax import Tax
from infrastructure.views.sums import SumsView, of_sums
from infrastructure.views.work import WorkView, of_work


@dataclass(frozen=True, kw_only=True)
class PreviewView:
    """What an invoice would be, without a number; entries and amounts are of all its work, shown or not.

    It would be held for what is `missing`.
    """

    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    entries: int
    net: int
    tax_amount: int
    total: int
    tax: Tax | None = None
    prices_include_tax: bool
    totals: SumsView | None = None
    missing: Sequence[Missing]
    lines: Sequence[WorkView]
    has_more_lines: bool


@dataclass(frozen=True, kw_only=True)
class ForeseenView:
    """An invoice to come, over nothing where it has no entries; it would be held for what is `missing`."""

    invoice_id: InvoiceId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    entries: int
    net: int
    tax_amount: int
    total: int
    payable: int | None = None
    missing: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ForeseenClientView:
    """A client's invoices to come; where `is_held`, it is too far behind, and held after these."""

    client_id: ClientId
    previous_due_on: dt.date | None = None
    is_held: bool
    invoices: Sequence[ForeseenView]


@dataclass(frozen=True, kw_only=True)
class ComparisonView:
    """What became of each invoice that was foreseen, and which ones came that were not."""

    differences: Sequence[Difference]


def of_foreseen(client: ForeseenClient) -> ForeseenClientView:
    invoices = tuple(ForeseenView(**values(each, ForeseenView)) for each in client.invoices)
    return ForeseenClientView(
        client_id=client.client_id,
        previous_due_on=client.previous_due_on,
        is_held=client.is_held,
        invoices=invoices,
    )


def of_preview(preview: Preview, *, most_lines: int | None = None) -> PreviewView:
    invoice, shown = preview.invoice, preview.lines[:most_lines]
    return PreviewView(
        client_id=invoice.client_id,
        due_on=invoice.due_on,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        currency=invoice.currency,
        entries=invoice.entries,
        net=invoice.net,
        tax_amount=invoice.tax_amount,
        total=invoice.total,
        tax=invoice.tax,
        prices_include_tax=invoice.prices_include_tax,
        totals=of_sums(invoice.totals),
        missing=tuple(preview.missing),
        lines=tuple(of_work(line) for line in shown),
        has_more_lines=len(shown) < len(preview.lines),
    )
