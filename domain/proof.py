"""What an audit reads, and what it answers: how much was proven, what still runs, and what is wrong.

stored ──look──▶ Proof ──wrong?──▶ look again, three times at most ──▶ only what was wrong each time
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from domain.clients import Client
from domain.credit_notes import CreditNote, Line
from domain.delivery import Delivery
from domain.failures import Failure
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.reminders import Reminder
from domain.work import WorkEntry

GRACE = dt.timedelta(hours=1)
MOST_LOOKS = 3
MOST_BEHIND = dt.timedelta(days=2)
"""How long after a change it may be told that the stream gave it up: the stream keeps it for a day."""

Stored: TypeAlias = WorkEntry | Invoice | CreditNote | Line | Delivery | Payment | Reminder | Prepayment


class Code(StrEnum):
    """What can be wrong. The names are stable: scripts and alarms read them."""

    COUNTER_DIFFERS = "counter-differs"
    CONTRIBUTION_MISSING = "contribution-missing"
    CONTRIBUTION_BEHIND = "contribution-behind"
    CONTRIBUTION_DIFFERS = "contribution-differs"
    CONTRIBUTION_AHEAD = "contribution-ahead"
    NUMBER_MISSING = "number-missing"
    NUMBER_TWICE = "number-twice"
    NUMBER_DATE_DESCENDS = "number-date-descends"
    NUMBER_WITHOUT_INVOICE = "number-without-invoice"
    NUMBER_DIFFERS = "number-differs"
    SEQUENCE_DIFFERS = "sequence-differs"
    CHAIN_BROKEN = "chain-broken"
    CONTENT_DIFFERS = "content-differs"
    INVOICE_WITHOUT_NUMBER = "invoice-without-number"
    INVOICE_WITH_TWO_NUMBERS = "invoice-with-two-numbers"
    PERIOD_WITHOUT_INVOICE = "period-without-invoice"
    PERIOD_NOT_CONTIGUOUS = "period-not-contiguous"
    INVOICE_OUTSIDE_THE_PERIODS = "invoice-outside-the-periods"
    INVOICE_UNFINISHED = "invoice-unfinished"
    INVOICE_UNSENT = "invoice-unsent"
    HELD_AND_FORGOTTEN = "held-and-forgotten"
    REMINDER_UNSENT = "reminder-unsent"
    CREDIT_NOTE_UNFINISHED = "credit-note-unfinished"
    CREDIT_NOTE_UNSENT = "credit-note-unsent"
    CREDIT_NOTES_DIFFER = "credit-notes-differ"
    CLIENT_OVERDUE = "client-overdue"
    LINES_DIFFER = "lines-differ"
    LINES_WITHOUT_INVOICE = "lines-without-invoice"
    PAYMENTS_DIFFER = "payments-differ"
    PREPAYMENTS_DIFFER = "prepayments-differ"
    SUMS_DIFFER = "sums-differ"
    INVOICE_DAY_DIFFERS = "invoice-day-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: whose it is, its id, month or number (`subject`), and what to do about it.

    `series` is that of a number, where it is one series that is wrong.
    """

    code: Code
    account_id: AccountId
    client_id: ClientId | None = None
    series: str | None = None
    subject: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLook:
    """What a look at one series of numbers saw: how many there are, and the first and the last of them.

    `chain_sha256` is the end of its hash chain: whoever keeps it can prove later that nothing was changed.
    """

    name: str
    numbers: int
    first: str | None = None
    first_issued_on: dt.date | None = None
    last: str | None = None
    last_issued_on: dt.date | None = None
    chain_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was looked at and found right, and what was not.

    `entries` and `invoices` are counted as they stand, `numbers` and `periods` have their invoices; of the
    periods some are `empty` (nothing to charge, or skipped), `held` or `reviewing`. `pending` was written
    within the last hour and is still on its way; `failing` waits in the failure ledger, which knows why. A
    counter that moved while it was read proves nothing yet: it is pending, and its client `moving`. What
    could not be read at all has `failed`, by id.
    """

    clients: int = 0
    entries: int = 0
    invoices: int = 0
    numbers: int = 0
    periods: int = 0
    empty: int = 0
    held: int = 0
    reviewing: int = 0
    pending: int = 0
    failing: int = 0
    moving: tuple[ClientId, ...] = ()
    series: tuple[SeriesLook, ...] = ()
    findings: tuple[Finding, ...] = ()
    failed: tuple[tuple[str, Exception], ...] = ()

    def __add__(self, other: "Proof") -> "Proof":
        return Proof(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def counts(self) -> dict[str, int]:
        """How much of what: everything but the findings and failures themselves."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.type in {int, "int"}}


@dataclass(frozen=True, slots=True)
class Written:
    """Something as stored, and the instant at which that was written."""

    entity: Stored
    at: dt.datetime


class Records(Protocol):
    """Everything that is stored of a client."""

    def client(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Client, dt.datetime]:
        """The client as of now, and when that was written; raise `NotFoundError` where there is none."""
        ...

    def of_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Written]:
        """All work, also removed, and all that is invoiced, credited, mailed and paid, as it is read."""
        ...


class Step(StrEnum):
    """What follows from a change, by the queue that does it."""

    COUNTED = "counters"
    ISSUED = "invoicing"
    MAILED = "delivery"


def may_hold(batch: Failure, at: dt.datetime) -> bool:
    """Whether the failure tells of an object that may hold a change written *at* that instant."""
    try:
        told = json.loads(batch.body)
    except (ValueError, RecursionError):
        return False
    match told:
        case {"bucket": str(), "key": str()}:
            return at <= batch.first_at <= at + MOST_BEHIND
        case _:
            return False


class OpenFailures(Protocol):
    """What waits in the failure ledger, retrying or parked; and what a person has given up there."""

    def of(self, step: Step, *, account_id: AccountId, entity_id: str, version: int, at: dt.datetime) -> bool:
        """Whether what leads to this step waits there, for the step's queue or to be published at all.

        That is this version of it, and no other; but an invoice or credit note is issued once it was opened,
        which is its first version, and as which any version is published again. A batch that the stream gave
        up may hold any change that was written (*at*) within `MOST_BEHIND` before.
        """
        ...

    def is_given_up(self, step: Step, *, account_id: AccountId, entity_id: str, version: int) -> bool:
        """Whether a person has discarded the failure of this very version at this step."""
        ...

    def of_tick(self, *, client_id: ClientId, due_at: dt.datetime) -> bool:
        """Whether this period of the client waits there, or a tick that is going to serve it by itself."""
        ...


def confirmed(look: Callable[[], Proof]) -> Proof:
    """The proof, with those findings only that came up at each of three looks that could show them.

    Reading is no snapshot: while consumers write between two reads, things seem to differ that do not.
    """
    proof = look()
    for _ in range(MOST_LOOKS - 1):
        if not (proof.findings or proof.moving):
            return proof
        before, proof = proof, look()
        proof = replace(proof, findings=tuple(each for each in proof.findings if _may_stay(each, before)))
    return proof


def _may_stay(finding: Finding, before: Proof) -> bool:
    if finding.code is Code.COUNTER_DIFFERS and finding.client_id in before.moving:
        return True
    return _which(finding) in {_which(each) for each in before.findings}


def _which(finding: Finding) -> tuple[Code, str]:
    return finding.code, finding.subject
