"""Finds the mail of an invoice in the mailbox of the local cloud."""

from email import message_from_bytes, policy
from pathlib import Path


def mail_with(mailbox: Path, recipient: str, document: bytes) -> bytes | None:
    """The mail to *recipient* to which exactly this document is attached; None while there is none."""
    for path in sorted(mailbox.glob("*.eml")):
        content = path.read_bytes()
        mail = message_from_bytes(content, policy=policy.default)
        attached = [part.get_content() for part in mail.iter_attachments()]
        if recipient in str(mail["To"]) and document in attached:
            return content
    return None
