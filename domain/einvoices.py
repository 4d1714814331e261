"""The e-invoice: what an invoice says, for programs. By EN 16931, which cannot carry everything.

issued invoice ──InvoiceDocument──▶ CII, inside the PDF and beside it
                               ├──▶ UBL
                               └──▶ what the norm cannot carry: then there is the PDF alone, and why
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from domain import money
from domain.documents import DocumentKind, InvoiceDocument
from domain.errors import Problem
from domain.tax import TaxCategory
from domain.totals import Subtotal, Totals

_MOST_DIGITS = 2
_ONE_UNIT = 100
"""Hundredths: what BR-CO-17 and BR-S-09, as the norm's schematron has them, leave room for less than."""
_WITH_VAT_NUMBER = {TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT}
_WITH_BUYERS_VAT_NUMBER = {TaxCategory.INTRA_COMMUNITY, TaxCategory.REVERSE_CHARGE}

Group = tuple[TaxCategory, Decimal]
"""What EN 16931 has one tax breakdown for: a category and rate, whatever the tax is called."""


class Syntax(StrEnum):
    """The two languages of EN 16931."""

    CII = "cii"
    UBL = "ubl"


class EInvoices(Protocol):
    """Writes an invoice as EN 16931 has it; the same document gives the same bytes, for ever."""

    def write(self, *, document: InvoiceDocument, syntax: Syntax) -> bytes:
        """Only of what `not_carried` finds nothing in."""
        ...


def not_carried(document: InvoiceDocument) -> tuple[Problem, ...]:
    """Why there can be no e-invoice of *document*: each with where it stands in it."""
    return (*_currency(document), *_taxes(document), *_seller(document), *_buyer(document))


def breakdown(totals: Totals) -> dict[Group, list[Subtotal]]:
    """The subtotals of each category and rate."""
    groups: dict[Group, list[Subtotal]] = {}
    for subtotal in totals.subtotals:
        groups.setdefault((subtotal.tax.category, subtotal.tax.rate), []).append(subtotal)
    return groups


def _currency(document: InvoiceDocument) -> Iterator[Problem]:
    digits = money.DIGITS[document.currency]
    if digits > _MOST_DIGITS:
        told = f"has {digits} decimal places; amounts of an e-invoice have at most {_MOST_DIGITS} (BR-DEC)"
        yield Problem("/currency", "too-many-digits", f"{document.currency} {told}")


def _taxes(document: InvoiceDocument) -> Iterator[Problem]:
    if not document.lines:
        yield Problem("/lines", "missing", "an e-invoice has at least one line (BR-16)")
    groups = breakdown(document.totals)
    if len(groups) > 1 and TaxCategory.NOT_SUBJECT in _categories(document):
        told = "work that is not subject to tax cannot stand beside other work on an e-invoice (BR-O-11)"
        yield Problem("/totals/subtotals", "not-subject-among-others", told)
    for subtotals in groups.values():
        yield from _rounded(document, subtotals)


def _rounded(document: InvoiceDocument, subtotals: Sequence[Subtotal]) -> Iterator[Problem]:
    """The tax of a rate is that of its net; a credit note says what is left of the tax of its invoice."""
    rate, net = subtotals[0].tax.rate, sum(each.net for each in subtotals)
    tax_amount = sum(each.tax_amount for each in subtotals)
    if document.kind is DocumentKind.CREDIT_NOTE:
        if _hundredths_off(tax_amount, net, rate, document.currency) >= _ONE_UNIT:
            told = f"tax of {rate}% is a whole {document.currency} off that of the net amount (BR-CO-17)"
            yield Problem("/totals/subtotals", "tax-differs", told)
    elif money.percentage(net, rate) != tax_amount:
        told = f"tax of {rate}% under several names is not rounded as one, as it is on an e-invoice"
        yield Problem("/totals/subtotals", "one-rate-several-names", told)


def _hundredths_off(tax_amount: int, net: int, rate: Decimal, currency: str) -> int:
    """How far the tax is off that of the net, in hundredths of a unit, as the norm's schematron rounds it."""
    hundredths: int = 10 ** max(0, _MOST_DIGITS - money.DIGITS[currency])
    return abs(tax_amount * hundredths - money.percentage(net * hundredths, rate))


def _seller(document: InvoiceDocument) -> Iterator[Problem]:
    needs_vat_number = _WITH_VAT_NUMBER & _categories(document)
    if needs_vat_number and not document.seller.vat_number:
        told = f"a VAT number of the seller is needed where the tax category is {_listed(needs_vat_number)}"
        yield Problem("/seller/tax_id", "no-vat-number", told)
    elif not document.seller.tax_id:
        told = "an e-invoice names its seller by a VAT or tax number (BR-CO-26)"
        yield Problem("/seller/tax_id", "missing", told)


def _buyer(document: InvoiceDocument) -> Iterator[Problem]:
    needs_vat_number = _WITH_BUYERS_VAT_NUMBER & _categories(document)
    if needs_vat_number and not document.buyer.vat_number:
        told = f"a VAT number of the client is needed where the tax category is {_listed(needs_vat_number)}"
        yield Problem("/buyer/tax_id", "no-vat-number", told)


def _categories(document: InvoiceDocument) -> set[TaxCategory]:
    return {subtotal.tax.category for subtotal in document.totals.subtotals}


def _listed(categories: set[TaxCategory]) -> str:
    return " or ".join(sorted(categories))
