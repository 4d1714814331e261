"""Mails for the tests, and how they are read by who gets them."""

import datetime as dt
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

from domain.identifiers import credit_note_id, reminder_id
from domain.invoices import Invoice
from domain.mailing import Attachment, Mail, credit_note_mail, invoice_mail, reminder_mail
from infrastructure.mail.message import bytes_of
from tests.builders import an_invoice_id, an_issued_invoice

SENDER = "invoices@invoicely.example"
PDF = b"%PDF-1.7\r\n\xff\x00 not text"
ATTACHED = (Attachment(number="2026-0001", content=PDF),)


def a_mail(invoice: Invoice | None = None) -> Mail:
    return invoice_mail(
        invoice or an_issued_invoice(), recipient="billing@acme.example", attachments=ATTACHED
    )


def a_reminder() -> Mail:
    """What of an invoice is still open."""
    return reminder_mail(
        an_issued_invoice(total=100_00),
        recipient="billing@acme.example",
        outstanding=40_00,
        attachments=ATTACHED,
        reminder_id=reminder_id(an_invoice_id(), 1),
    )


def a_credit_note() -> Mail:
    """The whole of an invoice taken back."""
    return credit_note_mail(
        an_issued_invoice(total=100_00),
        recipient="billing@acme.example",
        number="CN-2026-0001",
        issued_on=dt.date(2026, 12, 1),
        credited=100_00,
        attachments=ATTACHED,
        delivery_id=credit_note_id(an_invoice_id(), "1" * 16),
    )


def as_received(mail: Mail) -> EmailMessage:
    """The mail after its way through the wires."""
    return message_from_bytes(bytes_of(mail, SENDER), policy=default)


def text_of(mail: EmailMessage) -> str:
    return _content(mail, "plain")


def html_of(mail: EmailMessage) -> str:
    return _content(mail, "html")


def header_of(raw: bytes, name: str) -> str:
    """A header with its encoded words (RFC 2047) put together, which `EmailMessage` does not always do."""
    unfolded = "".join(message_from_bytes(raw)[name].splitlines())
    return str(make_header(decode_header(unfolded)))


def _content(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body([kind])
    assert body is not None
    content: str = body.get_content()
    return content
