"""What a mail says, in the client's language: every sentence worded, every amount and date written out."""

import unicodedata
from dataclasses import dataclass

from domain.mailing import Letter, Mail
from infrastructure.documents.language import Language, speak

# Line ends would begin another header; what turns the direction of text makes a name look like another.
_NO_TEXT = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # which scripts and emoji are written with


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A mail's text. `facts` are labels and values; `due` is said where something is to be paid.

    `numbers` are those that the texts name: none is to be broken where a line ends. `file` is how the name of
    what is attached begins.
    """

    language: str
    subject: str
    title: str
    numbers: frozenset[str]
    file: str
    seller: str
    amount_label: str
    amount: str
    due: str | None
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    regards: str
    contact: str | None


def words_of(mail: Mail) -> Words:
    """The text of *mail*."""
    invoice = mail.invoice
    language = speak(invoice.language or "en")
    texts = language.letters[mail.letter]
    said = _said(mail, language)
    pays = mail.letter is not Letter.CREDIT_NOTE and mail.amount > 0
    settled = "pay" if pays or mail.letter is Letter.CREDIT_NOTE else "nothing"
    is_of_a_day = mail.letter is Letter.INVOICE and invoice.period_start == invoice.last_day
    opening = "opening_one_day" if is_of_a_day else "opening"
    return Words(
        language=language.code,
        subject=texts["subject"].format(**said),
        title=texts["title"].format(**said),
        numbers=frozenset({said["number"], said["invoice"]}),
        file=texts["file"],
        seller=said["seller"],
        amount_label=texts["amount"],
        amount=said["amount"],
        due=texts["until"].format(**said) if pays else None,
        greeting=language.mail["greeting"],
        paragraphs=tuple(texts[part].format(**said) for part in (opening, settled)),
        facts=_facts(mail, language, said),
        regards=language.mail["regards"],
        contact=invoice.seller.email if invoice.seller else None,
    )


def one_line(text: str) -> str:
    """*text* without anything that ends a line or cannot be seen."""
    kept = (
        character if character in _JOINERS or unicodedata.category(character) not in _NO_TEXT else " "
        for character in text
    )
    return " ".join("".join(kept).split())


def _said(mail: Mail, language: Language) -> dict[str, str]:
    invoice = mail.invoice
    return {
        "number": one_line(mail.number),
        "invoice": one_line(invoice.number or invoice.id),
        "seller": one_line(invoice.seller.name) if invoice.seller else "",
        "issued": language.long_date(mail.issued_on),
        "start": language.long_date(invoice.period_start),
        "end": language.long_date(invoice.last_day),
        "amount": language.money(mail.amount, currency=invoice.currency),
        "due": language.long_date(invoice.payment_due_on or invoice.due_on),
    }


def _facts(mail: Mail, language: Language, said: dict[str, str]) -> tuple[tuple[str, str], ...]:
    labels, texts = language.labels, language.letters[mail.letter]
    if mail.letter is Letter.CREDIT_NOTE:
        return (
            (texts["number"], said["number"]),
            (labels["date"], said["issued"]),
            (labels["corrects"], said["invoice"]),
        )
    return (
        (labels["number"], said["invoice"]),
        (labels["issued"], said["issued"]),
        (labels["period"], " – ".join(dict.fromkeys((said["start"], said["end"])))),
    )
