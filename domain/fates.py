"""What becomes of a mail once it is handed over, as the mail service tells it: late, twice, in any order."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from domain.identifiers import AccountId, DocumentId, InvoiceId, ReminderId


class Fate(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """That a mail to *recipient* came back or was not wanted, and why.

    What came back `for_good` comes back again; else the mailbox was full, say, or its server away for long.
    """

    fate: Fate
    recipient: str
    reason: str
    at: dt.datetime
    for_good: bool = True

    def or_worse(self, other: "Returned | None") -> "Returned":
        """The graver, whichever was heard of first: a complaint, then what is for good, then the earlier."""
        return max((self, other or self), key=Returned._weight)

    def or_later(self, other: "Returned | None") -> "Returned":
        """The graver; of two bounces the later, which alone tells whether a mail got there since."""
        if other and self.fate is other.fate is Fate.BOUNCED:
            return max(self, other, key=lambda each: (each.at, each.reason))
        return self.or_worse(other)

    def _weight(self) -> tuple[bool, bool, float, str]:
        return self.fate is Fate.COMPLAINED, self.for_good, -self.at.timestamp(), self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """One thing that is told of a mail about an invoice.

    `delivery_id` and `attempt` say which attempt of which delivery it was, or `reminder_id` which reminder.
    """

    fate: Fate
    account_id: AccountId
    invoice_id: InvoiceId
    message_id: str
    recipient: str
    at: dt.datetime
    delivery_id: DocumentId | None = None
    attempt: int = 1
    reminder_id: ReminderId | None = None
    reason: str = ""
    for_good: bool = False

    @property
    def returned(self) -> Returned:
        """The same, of a mail that came back."""
        return Returned(
            fate=self.fate, recipient=self.recipient, reason=self.reason, at=self.at, for_good=self.for_good
        )
