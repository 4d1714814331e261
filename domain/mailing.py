"""What goes to a client by mail: an invoice, a credit note, a reminder; and who carries it."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.errors import TryAgainLaterError
from domain.identifiers import CreditNoteId, DocumentId, ReminderId
from domain.invoices import Invoice


class Letter(StrEnum):
    """What a mail is, so how it is worded."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document that goes along: the file's name is its number, behind a word in the client's language."""

    number: str
    content: bytes
    ending: str = "pdf"
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter on its way to a client, in the language of the issued *invoice* that it is about.

    `number` and `issued_on` are the invoice's, or those of the credit note that corrects it. `amount`, minor
    units of its currency, is what is to be paid, was credited, or is still open. What becomes of the mail is
    told to this `attempt` of the delivery with that id, or to the reminder.
    """

    letter: Letter
    recipient: str
    invoice: Invoice
    number: str
    issued_on: dt.date
    amount: int
    attachments: tuple[Attachment, ...] = ()
    delivery_id: DocumentId | None = None
    attempt: int = 1
    reminder_id: ReminderId | None = None


def invoice_mail(
    invoice: Invoice, *, recipient: str, attachments: tuple[Attachment, ...], attempt: int = 1
) -> Mail:
    """The mail that brings an issued invoice."""
    mail = _about(invoice, Letter.INVOICE, recipient, amount=invoice.payable, attachments=attachments)
    return replace(mail, delivery_id=invoice.id, attempt=attempt)


def reminder_mail(
    invoice: Invoice,
    *,
    recipient: str,
    outstanding: int,
    attachments: tuple[Attachment, ...],
    reminder_id: ReminderId,
) -> Mail:
    """The mail that asks for what of an invoice is still open after it was due."""
    mail = _about(invoice, Letter.REMINDER, recipient, amount=outstanding, attachments=attachments)
    return replace(mail, reminder_id=reminder_id)


def credit_note_mail(
    invoice: Invoice,
    *,
    recipient: str,
    number: str,
    issued_on: dt.date,
    credited: int,
    attachments: tuple[Attachment, ...],
    delivery_id: CreditNoteId,
    attempt: int = 1,
) -> Mail:
    """The mail that brings a credit note, by which all or a part of *invoice* is taken back."""
    return Mail(
        letter=Letter.CREDIT_NOTE,
        recipient=recipient,
        invoice=invoice,
        number=number,
        issued_on=issued_on,
        amount=credited,
        attachments=attachments,
        delivery_id=delivery_id,
        attempt=attempt,
    )


class MailRefusedError(TryAgainLaterError):
    """The mail was certainly not accepted."""

    code = "mail-refused"


class Postman(Protocol):
    """Takes a mail to its recipient and answers with its message id."""

    def send(self, *, mail: Mail) -> str:
        """Raise `MailRefusedError` where certainly nothing was sent; any other error leaves it open."""
        ...


def _about(
    invoice: Invoice, letter: Letter, recipient: str, *, amount: int, attachments: tuple[Attachment, ...]
) -> Mail:
    return Mail(
        letter=letter,
        recipient=recipient,
        invoice=invoice,
        number=invoice.number or invoice.id,
        issued_on=invoice.issued_on or invoice.due_on,
        amount=amount,
        attachments=attachments,
    )
