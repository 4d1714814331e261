"""What SES publishes of our mails: one JSON object for each thing that happens to one.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

Which mail it is about stands in the tags that we gave it, and not only in its id, which nobody has noted
where an answer of SES got lost.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from domain.errors import WillNeverWorkError
from domain.fates import Fate, MailEvent
from domain.identifiers import AccountId, InvoiceId, ReminderId, the_document
from domain.mailing import Mail
from infrastructure.mail.wording import one_line

Json = Mapping[str, Any]

_VALIDATION = "Successfully validated SNS topic"  # what SES says, in plain text, when it is given a topic
_FATES = {
    "Send": Fate.SENT,
    "Delivery": Fate.DELIVERED,
    "Bounce": Fate.BOUNCED,
    "Reject": Fate.BOUNCED,
    "Complaint": Fate.COMPLAINED,
}
_PERMANENT = "Permanent"
_LONGEST_REASON = 300
_LONGEST_WORD = 998  # of a line in a mail (RFC 5322, 2.1.1): no id or address is longer


class UnreadableMailEventError(WillNeverWorkError):
    """The message is nothing that SES tells of a mail."""

    code = "unreadable-mail-event"


def tags_of(mail: Mail) -> dict[str, str]:
    """What comes back with each event of a mail; SES takes letters, digits, `_` and `-` in it."""
    tags = {"account": mail.invoice.account_id, "invoice": mail.invoice.id}
    if mail.reminder_id:
        return tags | {"reminder": mail.reminder_id}
    if mail.delivery_id is None:
        return tags
    return tags | {"delivery": mail.delivery_id, "attempt": str(mail.attempt)}


def read(body: str) -> MailEvent | None:
    """What *body* tells; None where that is of no concern: another kind of event, or a mail that is not ours.

    Raises:
        UnreadableMailEventError: it is not what SES says.
    """
    if body.startswith(_VALIDATION):
        return None
    try:
        told = json.loads(body)
        fate = _FATES.get(told["eventType"])
        tags = {name: values[0] for name, values in told["mail"].get("tags", {}).items()}
        return _event(fate, told, tags) if fate and "invoice" in tags else None
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableMailEventError(f"this is no event of a mail: {type(error).__name__}") from error


def _event(fate: Fate, told: Json, tags: Mapping[str, str]) -> MailEvent:
    mail, detail = told["mail"], told.get(told["eventType"].lower(), {})
    delivery, reminder = tags.get("delivery"), tags.get("reminder")
    return MailEvent(
        fate=fate,
        account_id=AccountId(_word(tags["account"])),
        invoice_id=InvoiceId(_word(tags["invoice"])),
        message_id=_word(mail["messageId"]),
        recipient=_word(mail["destination"][0]),
        at=_instant(detail.get("timestamp", mail["timestamp"])),
        delivery_id=the_document(_word(delivery)) if delivery else None,
        attempt=int(tags.get("attempt", 1)),
        reminder_id=ReminderId(_word(reminder)) if reminder else None,
        reason=_reason(told["eventType"], detail),
        for_good=told["eventType"] == "Complaint" or detail.get("bounceType") == _PERMANENT,
    )


def _instant(text: str) -> dt.datetime:
    """SES says the offset; without one, nobody could tell which of two events came first."""
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(dt.UTC)


def _word(value: object) -> str:
    """What is stored as it is: of another kind, it could be stored and never be read again."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST_WORD:
        raise ValueError(type(value))
    return value


def _reason(kind: str, detail: Json) -> str:
    """Why, in the words of SES and of the server that refused the mail."""
    match kind:
        case "Bounce":
            said = [each.get("diagnosticCode", "") for each in detail["bouncedRecipients"]]
            parts = [f"{detail['bounceType']}, {detail['bounceSubType']}", *said[:1]]
        case "Complaint":
            parts = [detail.get("complaintFeedbackType") or detail.get("complaintSubType") or "complaint"]
        case "Reject":
            parts = [detail["reason"]]
        case _:
            parts = []
    return one_line(": ".join(filter(None, parts)))[:_LONGEST_REASON]
