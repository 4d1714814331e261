"""What the template prints: every text of the invoice, worded and formatted; the template only places it."""

from decimal import Decimal

from domain.documents import DocumentLine, InvoiceDocument
from domain.money import DIGITS
from domain.parties import Party
from domain.totals import Subtotal
from infrastructure.documents.glyphs import families, printable
from infrastructure.documents.language import Language, speak
from infrastructure.documents.postal import address_lines, bank_entries, tax_number

Printed = dict[str, object]

_QUANTITY_PLACES = 2
_RETURN_ADDRESS, _FOOTER = 100, 90  # characters that fit on their line
# One Unicode character, several shapes: which one depends on the country (OpenType `locl`).
_HAN = {"CN": "zh-CN", "HK": "zh-HK", "JP": "ja", "KR": "ko", "MO": "zh-HK", "SG": "zh-CN", "TW": "zh-TW"}


def printed(document: InvoiceDocument) -> Printed:
    """The whole invoice for `invoice.typ`, free of anything that no font can print."""
    language = speak(document.language)
    title = f"{language.labels['invoice']} {document.number}"
    texts = {
        "language": language.code,
        "fonts": [family.name for family in families()],
        "date": [document.issued_on.year, document.issued_on.month, document.issued_on.day],
        "title": title,
        "labels": language.labels,
        "page": language.sentences["page"],
        "seller": _seller(document, language),
        "buyer": _buyer(document, language),
        "facts": _facts(document, language),
        "return-address": _return_address(document, language),
        "footer": _elided(f"{title} · {document.seller.name}", _FOOTER),
        "han": _HAN.get(document.buyer.address.country) or _HAN.get(document.seller.address.country),
        "currency": document.currency,
        "lines": _lines(document, language),
        "sums": _sums(document, language),
        "total": language.money(document.totals.payable, currency=document.currency),
        "payment": _payment(document, language),
        "bank": bank_entries(document.bank, language)
        if document.bank and document.totals.payable > 0
        else [],
    }
    return {key: printable(value) for key, value in texts.items()}


def _seller(document: InvoiceDocument, language: Language) -> Printed:
    seller = document.seller
    details = [*tax_number(seller, language), *([["", seller.email]] if seller.email else [])]
    return _party(seller, _home(document, language), details)


def _home(document: InvoiceDocument, language: Language) -> list[str]:
    seen_from = document.buyer.address.country
    return address_lines(document.seller.address, seen_from=seen_from, language=language)


def _return_address(document: InvoiceDocument, language: Language) -> str:
    return _elided(" · ".join([document.seller.name, *_home(document, language)]), _RETURN_ADDRESS)


def _buyer(document: InvoiceDocument, language: Language) -> Printed:
    buyer = document.buyer
    lines = address_lines(buyer.address, seen_from=document.seller.address.country, language=language)
    return _party(buyer, lines, tax_number(buyer, language))


def _party(party: Party, lines: list[str], details: list[list[str]]) -> Printed:
    return {"name": party.name, "address": lines, "details": details, "han": _HAN.get(party.address.country)}


def _facts(document: InvoiceDocument, language: Language) -> list[list[str]]:
    period = f"{language.short_date(document.period_start)} – {language.short_date(document.period_end)}"
    values = {
        "number": document.number,
        "issued": language.short_date(document.issued_on),
        "due": language.short_date(document.due_on),
        "period": period,
    }
    return [[language.labels[label], value] for label, value in values.items()]


def _lines(document: InvoiceDocument, language: Language) -> list[Printed]:
    quantities = [
        language.number(_shortest(line.quantity), places=_QUANTITY_PLACES) for line in document.lines
    ]
    prices = [language.number(line.unit_price, places=DIGITS[document.currency]) for line in document.lines]
    columns = zip(document.lines, _aligned(quantities, language), _aligned(prices, language), strict=True)
    return [_line(line, quantity, price, document, language) for line, quantity, price in columns]


def _line(
    line: DocumentLine, quantity: Printed, price: Printed, document: InvoiceDocument, language: Language
) -> Printed:
    return {
        "date": language.short_date(line.date),
        "description": line.description,
        "project": line.project,
        "quantity": quantity,
        "unit": language.unit(line.unit),
        "price": price,
        "amount": language.amount(line.amount, currency=document.currency),
    }


def _aligned(numbers: list[str], language: Language) -> list[Printed]:
    """Each number with the invisible digits that bring its decimal separator below the others'."""
    tails = ["".join(number.partition(language.numbers["decimal"])[1:]) for number in numbers]
    longest = max(tails, key=len, default="")
    return [
        {"shown": number, "hidden": longest[len(tail) :]} for number, tail in zip(numbers, tails, strict=True)
    ]


def _shortest(quantity: Decimal) -> Decimal:
    """Without the zeros at the end that say nothing; as a number it is the same."""
    return quantity.normalize()


def _sums(document: InvoiceDocument, language: Language) -> list[list[str]]:
    """What stands between the lines and the total: nothing where there is no tax."""
    charged = [each for each in document.totals.subtotals if each.tax.is_charged]
    if not charged:
        return []

    def amount(minor: int) -> str:
        return language.amount(minor, currency=document.currency)

    def said(subtotal: Subtotal) -> str:
        tax = subtotal.tax
        return language.say("tax", name=tax.name, rate=language.percent(tax.rate), net=amount(subtotal.net))

    return [
        [language.labels["net"], amount(document.totals.net)],
        *([said(each), amount(each.tax_amount)] for each in charged),
    ]


def _payment(document: InvoiceDocument, language: Language) -> str:
    if document.totals.payable <= 0:
        return language.say("nothing_to_pay")
    return language.say(
        "pay_by" if document.payment_terms_days else "pay_at_once",
        total=language.money(document.totals.payable, currency=document.currency),
        due=language.long_date(document.due_on),
        days=language.span_of_days(document.payment_terms_days),
        number=document.number,
    )


def _elided(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
