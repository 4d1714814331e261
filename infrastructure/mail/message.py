"""A mail as it travels (RFC 5322, MIME): no value of it can become a header, a recipient or markup."""

from collections.abc import Iterator
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import quote

from domain.checks import email as problems_of_address
from domain.checks import require
from domain.file_names import file_name
from domain.mailing import Attachment, Mail
from infrastructure.mail.html import html_of
from infrastructure.mail.wording import Words, one_line, words_of

# Not every server on the way takes eight bits (RFC 6152): a name or a text in any script goes encoded.
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_SHORT = 60  # characters that need no folding beside the name of their header


def bytes_of(mail: Mail, sender: str) -> bytes:
    """The mail from the seller by way of our address *sender*; answers go to the seller.

    The headers are written here: Python's own lose spaces where they fold a long name, and decode one that
    looks like an encoded word already, so that what was checked is not what is sent.
    """
    words = words_of(mail)
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(mail, words, sender))
    return head.encode("ascii") + _content(mail, words).as_bytes()


def text_of(words: Words) -> str:
    """The mail for who reads no HTML: the same sentences, one paragraph each."""
    return "\n\n".join([words.greeting, *words.paragraphs, f"{words.regards}\n{words.seller}"]) + "\n"


def _headers(mail: Mail, words: Words, sender: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(words.seller, sender)
    yield "To", _address(mail.recipient)
    if words.contact:
        yield "Reply-To", _mailbox(words.seller, words.contact)
    yield "Subject", _encoded(words.subject) or words.subject
    yield "Content-Language", words.language
    yield "Auto-Submitted", "auto-generated"  # nobody's holiday has to be answered (RFC 3834)
    yield "X-Invoicely-Invoice", mail.invoice.id


def _content(mail: Mail, words: Words) -> EmailMessage:
    content = EmailMessage(policy=_SEVEN_BIT)
    content.set_content(text_of(words))
    content.add_alternative(html_of(words), subtype="html")
    for attachment in mail.attachments:
        main, _, sub = attachment.media_type.partition("/")
        content.add_attachment(attachment.content, main, sub, filename=_file(attachment, words))
    return content


def _file(attachment: Attachment, words: Words) -> str:
    return file_name(words.file, one_line(attachment.number), ending=attachment.ending)


def _mailbox(name: str, address: str) -> str:
    return f"{_encoded(name) or _quoted(name)}\r\n <{_address(address)}>"


def _quoted(name: str) -> str:
    return f'"{quote(name)}"'


def _address(address: str) -> str:
    require(problems_of_address("recipient", address))
    return address


def _encoded(text: str) -> str | None:
    """*text* as encoded words (RFC 2047), a few on each line; None where it can go as it is."""
    if text.isascii() and "=?" not in text and len(text) <= _SHORT:
        return None
    return Header(text, "utf-8", header_name="Reply-To").encode(linesep="\r\n")
