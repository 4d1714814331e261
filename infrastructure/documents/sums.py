"""What stands below the lines: how they add up, and why there is no tax where there is none."""

from collections.abc import Iterator

from domain.documents import DocumentKind, InvoiceDocument
from domain.grouping import ROUNDING
from domain.tax import Tax, TaxCategory
from domain.totals import Applied, Subtotal
from infrastructure.documents.language import Language

Row = list[str]
"""A label and an amount."""

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RATED = {TaxCategory.STANDARD, TaxCategory.ZERO_RATED}
"""What has a rate, be it 0 %: an invoice says which (VAT Directive, Article 226). Others have a reason."""


def sums(document: InvoiceDocument, language: Language) -> dict[str, object]:
    """The rows before the one that is printed large, that one, and the notes."""
    totals, is_credit = document.totals, document.kind is DocumentKind.CREDIT_NOTE
    settled = bool(totals.prepaid or totals.rounding)
    label = "credited" if is_credit else "payable" if settled else "total"
    return {
        "sums": [*_above_gross(document, language), *_below_gross(document, language)],
        "total": [language.labels[label], language.money(totals.payable, currency=document.currency)],
        "notes": _notes(document, language),
    }


def adjusted(applied: Applied, document: InvoiceDocument, language: Language) -> Row:
    """An allowance or charge: what it is for and of what, and what it adds."""
    label = language.labels["rounding"] if applied.reason == ROUNDING else applied.reason
    if applied.percent is not None and applied.base is not None:
        label = language.say(
            "adjusted",
            reason=applied.reason,
            rate=language.percent(applied.percent),
            base=language.amount(applied.base, currency=document.currency),
        )
    return [label, language.amount(applied.signed, currency=document.currency)]


def marks(document: InvoiceDocument, language: Language) -> dict[Tax, str]:
    """A number for each tax with a note, where there are several taxes."""
    taxes = [each.tax for each in document.totals.subtotals]
    reasoned = [tax for tax in taxes if language.reason(tax)]
    if len(taxes) == 1:
        return {}
    return {tax: str(number).translate(_SUPERSCRIPT) for number, tax in enumerate(reasoned, start=1)}


def _above_gross(document: InvoiceDocument, language: Language) -> Iterator[Row]:
    """From the lines to the tax; nothing where the lines are all there is."""
    totals, several = document.totals, len(document.totals.subtotals) > 1
    taxed = [each for each in totals.subtotals if each.tax.category in _RATED or several]
    if totals.adjustments:
        label = "subtotal_net" if document.prices_include_tax else "subtotal"
        yield [language.labels[label], language.amount(totals.lines, currency=document.currency)]
        reasons = list(dict.fromkeys(each.reason for each in totals.adjustments))
        together = sorted(totals.adjustments, key=lambda each: reasons.index(each.reason))
        yield from (adjusted(each, document, language) for each in together)
    if taxed:
        yield [language.labels["net"], language.amount(totals.net, currency=document.currency)]
    marked = marks(document, language)
    yield from (_taxed(each, marked.get(each.tax, ""), document, language) for each in taxed)


def _below_gross(document: InvoiceDocument, language: Language) -> Iterator[Row]:
    """From the gross amount to what is to be paid; nothing where they are the same."""
    totals = document.totals
    if not (totals.prepaid or totals.rounding):
        return
    of_all = "gross" if any(each.tax.is_charged for each in totals.subtotals) else "whole"
    rows = {of_all: totals.gross, "prepaid": -totals.prepaid, "rounding": totals.rounding}
    for label, amount in rows.items():
        if amount or label == of_all:
            yield [language.labels[label], language.amount(amount, currency=document.currency)]


def _taxed(subtotal: Subtotal, mark: str, document: InvoiceDocument, language: Language) -> Row:
    tax, net = subtotal.tax, language.amount(subtotal.net, currency=document.currency)
    if tax.category in _RATED:
        said = language.say("tax", name=language.tax(tax), rate=language.percent(tax.rate), net=net)
    else:
        said = language.say("untaxed", category=language.categories[tax.category], net=net)
    return [f"{said} {mark}".rstrip(), language.amount(subtotal.tax_amount, currency=document.currency)]


def _notes(document: InvoiceDocument, language: Language) -> list[str]:
    """Each reason once, with its mark; and that prices include the tax, where they do."""
    marked = marks(document, language)
    taxes = [each.tax for each in document.totals.subtotals]
    reasons = [
        f"{marked.get(tax, '')} {language.reason(tax)}".strip() for tax in taxes if language.reason(tax)
    ]
    included = [language.say("prices_include")] if document.prices_include_tax else []
    return included + reasons
