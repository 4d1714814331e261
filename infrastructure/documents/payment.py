"""How an invoice is paid, and what becomes of what is credited."""

from domain.documents import DocumentKind, InvoiceDocument
from infrastructure.documents.epc import transfer_code
from infrastructure.documents.language import Language
from infrastructure.documents.postal import bank_entries


def payment(document: InvoiceDocument, language: Language) -> dict[str, object]:
    """A sentence, the bank account where something is to be paid to it, and the code for banking apps."""
    is_owed = document.totals.payable > 0 and document.kind is DocumentKind.INVOICE
    return {
        "payment": _sentence(document, language),
        "bank": bank_entries(document.bank, language) if document.bank and is_owed else [],
        "code": transfer_code(document),
    }


def _sentence(document: InvoiceDocument, language: Language) -> str:
    total = language.money(document.totals.payable, currency=document.currency)
    if document.kind is DocumentKind.CREDIT_NOTE:
        corrected = document.corrects.number if document.corrects else document.number
        return language.say("credited", total=total, number=corrected)
    if document.totals.payable <= 0:
        return language.say("nothing_to_pay")
    return language.say(
        "pay_by" if document.payment_terms_days else "pay_at_once",
        total=total,
        due=language.long_date(document.due_on),
        days=language.span_of_days(document.payment_terms_days),
        number=document.number,
    )
