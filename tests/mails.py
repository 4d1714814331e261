"""Mails for the tests, and how they are read by who gets them."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

from domain.invoices import Invoice
from domain.mailing import Attachment, Mail, invoice_mail
from infrastructure.mail.message import bytes_of
from tests.builders import an_issued_invoice

SENDER = "invoices@invoicely.example"
PDF = b"%PDF-1.7\r\n\xff\x00 not text"
ATTACHED = (Attachment(number="2026-0001", content=PDF),)


def a_mail(invoice: Invoice | None = None) -> Mail:
    return invoice_mail(
        invoice or an_issued_invoice(), recipient="billing@acme.example", attachments=ATTACHED
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
