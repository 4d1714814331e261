"""The rows of the tables: a line for what is charged, and those of the timesheet."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.documents import DocumentLine, InvoiceDocument
from domain.money import DIGITS
from domain.tax import Tax, TaxCategory
from infrastructure.documents.language import Language
from infrastructure.documents.sums import adjusted, marks

Rows = dict[str, object]

_QUANTITY_PLACES = 2
_COLUMNS = ("date", "quantity", "unit", "price", "tax", "amount")
_DIGIT = re.compile(r"\d")


def rows(document: InvoiceDocument, language: Language) -> Rows:
    """What is charged; which tax each line has, where that is not the same for all."""
    prices = [language.number(line.unit_price, places=DIGITS[document.currency]) for line in document.lines]
    taxes = marks(document, language) if len(document.totals.subtotals) > 1 else None
    found = [
        _did(line, quantity, language)
        | {
            "price": price,
            "tax": _tax(line.tax, taxes, language) if taxes is not None else None,
            "amount": language.amount(line.amount, currency=document.currency),
            "adjustments": [": ".join(adjusted(each, document, language)) for each in line.adjustments],
        }
        for line, quantity, price in zip(
            document.lines,
            _quantities(document.lines, language),
            _aligned(prices, language),
            strict=True,
        )
    ]
    return {"lines": found, "shapes": _shapes(found)}


def timesheet(document: InvoiceDocument, language: Language) -> Rows:
    """Each entry, and how much it is of each unit; no rows where the client wants none."""
    entries = document.timesheet
    quantities = _quantities(entries, language)
    found = [_did(entry, quantity, language) for entry, quantity in zip(entries, quantities, strict=True)]
    sums: dict[str, Decimal] = {}
    for entry in entries:
        sums[entry.unit] = sums.get(entry.unit, Decimal(0)) + entry.quantity
    added = [[_quantity(quantity, language), language.unit(unit)] for unit, quantity in sums.items()]
    return {"lines": found, "sums": added, "shapes": _shapes(found)}


def _did(line: DocumentLine, quantity: Rows, language: Language) -> Rows:
    return {
        "date": language.short_date(line.date) + (" –" if line.until else ""),
        "until": language.short_date(line.until) if line.until else None,
        "description": line.description,
        "project": line.project,
        "quantity": quantity,
        "unit": language.unit(line.unit),
    }


def _quantities(lines: Iterable[DocumentLine], language: Language) -> list[Rows]:
    return _aligned([_quantity(line.quantity, language) for line in lines], language)


def _quantity(quantity: Decimal, language: Language) -> str:
    """Without the zeros at the end that say nothing; as a number it is the same."""
    return language.number(quantity.normalize(), places=_QUANTITY_PLACES)


def _aligned(numbers: list[str], language: Language) -> list[Rows]:
    """Each number with the digits that would bring its decimal separator below the others'."""
    tails = ["".join(number.partition(language.numbers["decimal"])[1:]) for number in numbers]
    longest = max(tails, key=len, default="")
    return [
        {"shown": number, "hidden": longest[len(tail) :]} for number, tail in zip(numbers, tails, strict=True)
    ]


def _tax(tax: Tax, marked: dict[Tax, str], language: Language) -> Rows:
    """The rate, or a dash where the tax does not apply, with the mark of the reason."""
    rate = "–" if tax.category is TaxCategory.NOT_SUBJECT else language.percent(tax.rate)
    mark = f"\N{NO-BREAK SPACE}{marked[tax]}" if tax in marked else ""
    return {"rate": rate, "mark": mark}


def _shapes(lines: Sequence[Rows]) -> dict[str, list[str]]:
    """What decides how wide the columns are: digits have one width, so few texts differ."""
    return {
        column: sorted({_DIGIT.sub("0", text) for line in lines for text in _texts(line.get(column))})
        for column in _COLUMNS
    }


def _texts(value: object) -> list[str]:
    match value:
        case {"shown": str(shown), "hidden": str(hidden)}:
            return [shown + hidden]
        case {"rate": str(rate)}:
            return [rate]
        case str():
            return [value]
    return []
