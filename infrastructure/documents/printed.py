"""What the template prints: every text of the invoice, worded and formatted; the template only places it."""

from domain.documents import DocumentKind, InvoiceDocument
from domain.parties import Party
from infrastructure.documents.glyphs import families, printable
from infrastructure.documents.language import Language, speak
from infrastructure.documents.payment import payment
from infrastructure.documents.postal import address_lines, contact_entries, tax_number
from infrastructure.documents.room import places
from infrastructure.documents.rows import rows, timesheet
from infrastructure.documents.sums import sums

Printed = dict[str, object]

MOST_TAGGED = 1000
"""Rows: the tags of one take 1.7 KB, and SES takes no mail of more than 10 MB (SendRawEmail)."""
_RETURN_ADDRESS, _FOOTER = 100, 90  # characters that fit on their line
# One Unicode character, several shapes: which one depends on the country (OpenType `locl`).
_HAN = {"CN": "zh-CN", "HK": "zh-HK", "JP": "ja", "KR": "ko", "MO": "zh-HK", "SG": "zh-CN", "TW": "zh-TW"}


def printed(document: InvoiceDocument) -> Printed:
    """The whole document for `invoice.typ`, free of anything that no font can print."""
    language = speak(document.language)
    title = f"{language.labels[document.kind]} {document.number}"
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
        "reason": language.say("reason", reason=document.reason) if document.reason else None,
        "return-address": _return_address(document, language),
        "footer": _elided(f"{title} · {document.seller.name}", _FOOTER),
        "han": _HAN.get(document.buyer.address.country) or _HAN.get(document.seller.address.country),
        "currency": document.currency,
        **rows(document, language),
        **sums(document, language),
        **payment(document, language),
        "timesheet": timesheet(document, language),
        "tagged": len(document.lines) + len(document.timesheet) <= MOST_TAGGED,
    }
    found = {key: printable(value) for key, value in texts.items()}
    return found | places(found)


def _seller(document: InvoiceDocument, language: Language) -> Printed:
    seller = document.seller
    details = [*tax_number(seller, language), *contact_entries(seller, language)]
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
    """Number, dates, what the client refers to and, on a credit note, the invoice that it corrects."""
    issued_on = language.short_date(document.issued_on)
    if document.kind is DocumentKind.CREDIT_NOTE:
        values = {"credit_note_number": document.number, "date": issued_on}
        if document.corrects:
            values["corrects"] = document.corrects.number
            values["corrected_date"] = language.short_date(document.corrects.issued_on)
    else:
        due_on = language.short_date(document.due_on)
        values = {"number": document.number, "issued": issued_on, "due": due_on}
    values["period"] = language.period(document.period_start, document.period_end)
    references = {"buyer_reference": document.buyer_reference, "order_reference": document.order_reference}
    values |= {label: value for label, value in references.items() if value}
    return [[language.labels[label], value] for label, value in values.items()]


def _elided(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
