"""An issued invoice on its way to its client, and never twice without being told (see `delivering`).

pending ──document stored──▶ pending ──start──▶ sending ──sent──▶ sent
   ▲                                               ├── refused: nothing left us ──▶ pending
   └───────────────────────────────────────────────┘
                                                   └── no word how it ended ──▶ unknown, a person decides
sending · unknown ──the mail service tells of it──▶ sent ──came back──▶ bounced · complained
any but sending ──a person wants it once more──▶ pending, one attempt later
pending ──invoice made void──▶ stopped

As long as the run that sends may still be at it, its end is open and another run comes back later.
"""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.archiving import Document, Documents
from domain.einvoices import Syntax
from domain.errors import ConflictError, Problem, TryAgainLaterError, WillNeverWorkError
from domain.fates import Fate, MailEvent, Returned
from domain.identifiers import AccountId, DocumentId

LONGEST_RUN = dt.timedelta(seconds=270)
"""No run lasts longer: what one began to send before that was given up, or its word was lost."""


MOST_ATTEMPTS = 20
"""So often a person may have one thing mailed."""


class Progress(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    STOPPED = "stopped"


OUT = frozenset({Progress.SENT, Progress.BOUNCED, Progress.COMPLAINED})
"""The mail was certainly handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One mail, the first or a later one, and what became of it as far as it was told.

    `delivered_at` is when the recipient's server took it.
    """

    number: int
    progress: Progress
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    returned: Returned | None = None

    def sent(self, message_id: str) -> "Attempt":
        """Handed over; what was told of it before stays true."""
        progress = self.progress if self.progress in OUT else Progress.SENT
        return replace(self, progress=progress, message_id=message_id)

    def told(self, event: MailEvent) -> "Attempt":
        """The same once *event* is known: in whatever order events come, and however often."""
        known = replace(self, message_id=self.message_id or event.message_id)
        match event.fate:
            case Fate.DELIVERED:
                at = min(event.at, self.delivered_at or event.at)
                known = replace(known, delivered_at=at)
            case Fate.BOUNCED | Fate.COMPLAINED:
                known = replace(known, returned=event.returned.or_worse(self.returned))
            case Fate.SENT:
                pass
        return replace(known, progress=known.ended_as())

    def ended_as(self) -> Progress:
        """How it went, once it is out: who answers what was delivered, but not for good, is a machine."""
        if self.returned is None or (self.delivered_at and not self.returned.for_good):
            return Progress.SENT
        return Progress.COMPLAINED if self.returned.fate is Fate.COMPLAINED else Progress.BOUNCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far an invoice or credit note has come on its way to the client. Version 0 has never been stored.

    `started_at` is when the last attempt to mail it began; attempts from before that was kept have none.
    `document` is the PDF; `cii` and `ubl` are the e-invoice, and `not_carried` says why there is none. What
    was delivered before there were e-invoices has neither. `attempt` counts the mails that people
    wanted, and `earlier` are those before the current one.
    """

    invoice_id: DocumentId
    account_id: AccountId
    progress: Progress = Progress.PENDING
    document: Document | None = None
    cii: Document | None = None
    ubl: Document | None = None
    not_carried: tuple[Problem, ...] = ()
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    attempt: int = 1
    delivered_at: dt.datetime | None = None
    returned: Returned | None = None
    earlier: tuple[Attempt, ...] = ()
    version: int = 0

    @property
    def current(self) -> Attempt:
        """The attempt that counts."""
        return Attempt(
            number=self.attempt,
            progress=self.progress,
            recipient=self.recipient,
            message_id=self.message_id,
            started_at=self.started_at,
            delivered_at=self.delivered_at,
            returned=self.returned,
        )

    @property
    def is_out(self) -> bool:
        """Whether the mail was certainly handed over."""
        return self.progress in OUT

    @property
    def is_over(self) -> bool:
        """Whether no run has anything to mail: it is out, or its invoice is void."""
        return self.is_out or self.progress is Progress.STOPPED

    def documented(self, documents: Documents) -> "Delivery":
        """The delivery once its documents are stored; the first ones are kept."""
        if self.document:
            return self
        return replace(
            self,
            document=documents.pdf,
            cii=documents.cii,
            ubl=documents.ubl,
            not_carried=documents.not_carried,
        )

    def einvoice(self, syntax: Syntax) -> Document | None:
        """The e-invoice in one of its languages, where there is one."""
        return self.cii if syntax is Syntax.CII else self.ubl

    def start(self, recipient: str, now: dt.datetime) -> "Delivery":
        """About to hand the mail over, to *recipient* unless a person named another.

        One that is out, or stopped, stays.

        Raises:
            DeliveryUnderWayError: another run may still be handing it over.
            DeliveryUnknownError: an earlier attempt began and never said how it ended.
        """
        if self.is_over:
            return self
        if self.is_under_way(now):
            raise DeliveryUnderWayError(
                f"{self.invoice_id} is being mailed; how that ends is known later",
                seconds=math.ceil((self._given_up_at() - now).total_seconds()),
            )
        if self.progress is not Progress.PENDING:
            raise DeliveryUnknownError(
                f"{self.invoice_id} may have been mailed already; mailing again needs a person"
            )
        to = self.recipient if self.recipient and self.attempt > 1 else recipient
        return replace(self, progress=Progress.SENDING, recipient=to, started_at=now)

    def is_under_way(self, now: dt.datetime) -> bool:
        """Whether a run may still be handing the mail over."""
        return self.progress is Progress.SENDING and now < self._given_up_at()

    def _given_up_at(self) -> dt.datetime:
        return self.started_at + LONGEST_RUN if self.started_at else dt.datetime.min.replace(tzinfo=dt.UTC)

    def sent(self, message_id: str, attempt: int | None = None) -> "Delivery":
        """Handed over, with the mail's message id; a person may have begun another *attempt* meanwhile."""
        return self.having(attempt or self.attempt, lambda each: each.sent(message_id))

    def refused(self, attempt: int | None = None) -> "Delivery":
        """Certainly not handed over: another run cannot make it two."""
        if self.progress is not Progress.SENDING or (attempt or self.attempt) != self.attempt:
            return self
        return replace(self, progress=Progress.PENDING)

    def told(self, event: MailEvent) -> "Delivery":
        """The same once *event* is known of one of its mails; one that was never begun has none."""
        return self.having(event.attempt, lambda each: each.told(event)) if self.version else self

    def again(self, recipient: str, now: dt.datetime) -> "Delivery":
        """To be mailed to *recipient*, because a person wants that; what became of the last mail is kept.

        Where that was asked for already and is still to come, it stays as it is.

        Raises:
            TooManyAttemptsError: it was mailed as often as it may be.
        """
        if self.progress is Progress.PENDING and self.recipient == recipient and self.started_at is None:
            return self
        if self.attempt >= MOST_ATTEMPTS:
            raise TooManyAttemptsError(f"{self.invoice_id} was mailed {self.attempt} times; that is enough")
        begun = () if self.progress is Progress.PENDING else (self.unknown(now).current,)
        return replace(
            self,
            progress=Progress.PENDING,
            recipient=recipient,
            message_id=None,
            started_at=None,
            attempt=self.attempt + 1,
            delivered_at=None,
            returned=None,
            earlier=(*self.earlier, *begun),
        )

    def having(self, number: int, change: Callable[[Attempt], Attempt]) -> "Delivery":
        """The delivery with one of its attempts changed."""
        earlier = tuple(change(each) if each.number == number else each for each in self.earlier)
        after = change(self.current) if number == self.attempt else self.current
        return replace(
            self,
            progress=after.progress,
            message_id=after.message_id,
            delivered_at=after.delivered_at,
            returned=after.returned,
            earlier=earlier,
        )

    def stopped(self) -> "Delivery":
        """Never to be mailed: its invoice is void."""
        return replace(self, progress=Progress.STOPPED)

    def unknown(self, now: dt.datetime) -> "Delivery":
        """Nobody can say whether the mail went out, unless a run may still be at it."""
        if self.progress is not Progress.SENDING or self.is_under_way(now):
            return self
        return replace(self, progress=Progress.UNKNOWN)


class DeliveryUnderWayError(TryAgainLaterError):
    """Another run may still be handing the mail over: it says how that ends, or time does."""

    code = "delivery-under-way"


class TooManyAttemptsError(ConflictError):
    """A document was mailed as often as it may be."""

    code = "too-many-attempts"


class DeliveryUnknownError(WillNeverWorkError):
    """An earlier attempt began and never said how it ended; mailing again could send it twice."""

    code = "delivery-unknown"


class Deliveries(Protocol):
    """The delivery of each invoice; one that was never touched is pending."""

    def get(self, *, account_id: AccountId, invoice_id: DocumentId) -> Delivery: ...

    def update(
        self,
        *,
        account_id: AccountId,
        invoice_id: DocumentId,
        change: Callable[[Delivery], Delivery],
    ) -> Delivery:
        """Store what *change* makes of the current state, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        """
        ...
