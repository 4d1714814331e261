"""The rows of the tables: a line for what is charged, and those of the timesheet."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.documents import DocumentLine, InvoiceDocument
from domain.money import DIGITS
from domain.tax import Tax, TaxCategory
from infrastructure.documents.columns import columns, figures, placed
from infrastructure.documents.language import Language
from infrastructure.documents.sums import adjusted, marks

Rows = dict[str, object]

_QUANTITY_PLACES = 2
_SHORT = 8  # characters: a column of a few digits needs no more


def rows(document: InvoiceDocument, language: Language) -> Rows:
    """What is charged; which tax each line has, where that is not the same for all."""
    prices = [language.number(line.unit_price, places=DIGITS[document.currency]) for line in document.lines]
    taxes = marks(document, language) if len(document.totals.subtotals) > 1 else None
    mark = max((figures(_mark(each)) for each in (taxes or {}).values()), default=0.0)
    found = [
        _did(line, quantity, language)
        | {
            "price": price,
            "tax": _tax(line.tax, taxes, mark, language) if taxes is not None else None,
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
    heads = {"price": language.labels["unit_price"]}
    if taxes is not None:
        heads["tax"] = _called(document, language)
    heads["amount"] = f"{language.labels['amount']} {document.currency}"
    return _table(found, heads, language, mark=mark)


def timesheet(document: InvoiceDocument, language: Language) -> Rows:
    """Each entry, and how much it is of each unit; no rows where the client wants none."""
    entries = document.timesheet
    quantities = _quantities(entries, language)
    found = [_did(entry, quantity, language) for entry, quantity in zip(entries, quantities, strict=True)]
    places = _places(entries)
    sums = dict.fromkeys(places, Decimal(0))
    for entry in entries:
        sums[entry.unit] += entry.quantity
    added = [
        [language.number(quantity.normalize(), places=places[unit]), language.unit(unit)]
        for unit, quantity in sums.items()
    ]
    bold: list[Rows] = [
        {"quantity": f"{quantity}0"} for quantity, _ in added
    ]  # bold digits take less than one more
    return _table(found, {}, language, bold) | {"sums": added}


def _table(
    lines: Sequence[Rows],
    heads: Mapping[str, str],
    language: Language,
    sums: Sequence[Rows] = (),
    *,
    mark: float = 0,
) -> Rows:
    """The lines, and where they stand."""
    heads = {name: language.labels[name] for name in ("date", "description", "quantity")} | dict(heads)
    widths = columns([*lines, *sums], heads, mark=mark)
    return {
        "lines": [line | placed(line, widths) for line in lines],
        "heads": heads,
        "widths": list(widths.values()),
    }


def _did(line: DocumentLine, quantity: str, language: Language) -> Rows:
    return {
        "date": language.short_date(line.date) + (" –" if line.until else ""),
        "until": language.short_date(line.until) if line.until else None,
        "description": line.description,
        "project": line.project,
        "quantity": quantity,
        "unit": language.unit(line.unit),
    }


def _quantities(lines: Sequence[DocumentLine], language: Language) -> list[str]:
    """How much of its unit each line is; those of one unit have as many decimals, and so stand in line."""
    places = _places(lines)
    return [language.number(line.quantity.normalize(), places=places[line.unit]) for line in lines]


def _places(lines: Sequence[DocumentLine]) -> dict[str, int]:
    """The decimals of each unit: as many as one of its quantities needs."""
    found: dict[str, int] = {}
    for line in lines:
        exponent = line.quantity.normalize().as_tuple().exponent
        own = -exponent if isinstance(exponent, int) else 0
        found[line.unit] = max(found.get(line.unit, _QUANTITY_PLACES), own)
    return found


def _aligned(numbers: list[str], language: Language) -> list[Rows]:
    """Each number with the digits that would bring its decimal separator below the others'."""
    tails = ["".join(number.partition(language.numbers["decimal"])[1:]) for number in numbers]
    longest = max(tails, key=len, default="")
    return [
        {"shown": number, "hidden": longest[len(tail) :], "gap": figures(longest[len(tail) :])}
        for number, tail in zip(numbers, tails, strict=True)
    ]


def _called(document: InvoiceDocument, language: Language) -> str:
    """What the tax is called: as below the lines, where it has one name there and a short one."""
    names = {language.tax(each.tax) for each in document.totals.subtotals if each.tax.is_charged}
    return names.pop() if len(names) == 1 and len(min(names)) <= _SHORT else language.labels["vat"]


def _tax(tax: Tax, marked: dict[Tax, str], widest: float, language: Language) -> Rows:
    """The rate, or a dash where the tax does not apply, with the mark of the reason."""
    rate = "–" if tax.category is TaxCategory.NOT_SUBJECT else language.percent(tax.rate)
    mark = _mark(marked[tax]) if tax in marked else ""
    return {"rate": rate, "mark": mark, "gap": widest - figures(mark)}


def _mark(mark: str) -> str:
    return f"\N{NO-BREAK SPACE}{mark}"
