"""Invoices to render, with only what a test cares about spelled out, and what can be read on their pages."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from domain.documents import DocumentKind, DocumentLine, InvoiceDocument, Preceding, Renderer
from domain.money import amount
from domain.parties import Address, BankDetails, Party
from domain.tax import NOT_SUBJECT, Tax
from domain.totals import Charged, Terms, add_up

WORK = (
    ("Kick-off workshop with the product team", "Website relaunch"),
    ("Information architecture and sitemap", "Website relaunch"),
    ("Design of the booking form: states, errors, empty results", "Booking"),
    ("Review and hand-over", None),
)


SELLER = Party(
    name="Ada Brandt",
    address=Address(street="Lindenallee 12", postal_code="20259", city="Hamburg", country="DE"),
    tax_id="DE123456789",
    email="ada@brandt.example",
)
BUYER = Party(
    name="Nordlicht Reisen GmbH",
    address=Address(street="Rathausmarkt 3", postal_code="24103", city="Kiel", country="DE"),
)


def a_seller(**changes: Any) -> Party:
    return replace(SELLER, **changes)


def a_buyer(**changes: Any) -> Party:
    return replace(BUYER, **changes)


def a_line(number: int = 0, *, currency: str = "EUR", **changes: Any) -> DocumentLine:
    description, project = WORK[number % len(WORK)]
    values: dict[str, Any] = {
        "date": dt.date(2026, 10, 1) + dt.timedelta(days=number % 31),
        "description": description,
        "project": project,
        "quantity": Decimal("1.5") + Decimal(number % 7) / 4,
        "unit": "hour",
        "unit_price": Decimal(95),
        "tax": NOT_SUBJECT,
    } | changes
    costs = amount(values["quantity"], values["unit_price"], currency=currency)
    return DocumentLine(**values, amount=costs, net=costs)


def an_invoice(
    *,
    lines: int | tuple[DocumentLine, ...] = 3,
    currency: str = "EUR",
    tax: Tax | None = None,
    terms: Terms | None = None,
    **changes: Any,
) -> InvoiceDocument:
    entries = (
        lines
        if isinstance(lines, tuple)
        else tuple(a_line(number, currency=currency) for number in range(lines))
    )
    if tax:
        entries = tuple(replace(line, tax=tax) for line in entries)
    charged = [Charged(amount=line.amount, tax=line.tax) for line in entries]
    totals = add_up(charged, terms or Terms(currency=currency))
    values: dict[str, Any] = {
        "number": "2026-0042",
        "issued_on": dt.date(2026, 10, 31),
        "due_on": dt.date(2026, 11, 14),
        "period_start": dt.date(2026, 10, 1),
        "period_end": dt.date(2026, 10, 31),
        "language": "en",
        "seller": a_seller(),
        "buyer": a_buyer(),
        "payment_terms_days": 14,
        "prices_include_tax": bool(terms and terms.prices_include_tax),
        "bank": BankDetails(
            holder="Ada Brandt",
            account_number="DE02120300000000202051",
            bank_code="BYLADEM1001",
            bank_name="Deutsche Kreditbank",
        ),
    } | changes
    return InvoiceDocument(
        **values,
        currency=currency,
        lines=entries,
        totals=totals,
    )


def a_credit_note(**changes: Any) -> InvoiceDocument:
    """What takes back an invoice of September."""
    kind = {"kind": DocumentKind.CREDIT_NOTE, "number": "CN-2026-0001"}
    corrects = Preceding(number="2026-0041", issued_on=dt.date(2026, 9, 30))
    return an_invoice(**({"corrects": corrects} | kind | changes))


def pages_of(renderer: Renderer, document: InvoiceDocument) -> list[str]:
    reader = PdfReader(BytesIO(renderer.render(document=document)))
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]
