"""Numbers of documents: 1, 2, 3 … in each series, without a hole, with dates that never descend.

pattern ──the day's series──▶ sequence as read ──take──▶ number and date ──chained to the content──▶ stored

Whatever is numbered (an invoice, a credit note) takes its number here, and stores itself, the number and the
sequence in one transaction: a number exists from there on, and none is ever lost.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Protocol

from domain import chain
from domain.documents import InvoiceDocument
from domain.identifiers import AccountId

_SEQUENCE = re.compile(r"\{seq(?::0([1-9]))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """How far a series has come: the last number given, the date it was given on, the end of its hash chain.

    Numbers that were given before there was a chain have none; it begins with the next.
    """

    account_id: AccountId
    series: str
    last: int = 0
    last_issued_on: dt.date | None = None
    chain_sha256: str | None = None

    def next(self, today: dt.date) -> "Sequence":
        """The sequence after one more number, dated today or, if that would descend, like the one before."""
        issued_on = max(today, self.last_issued_on or today)
        return replace(self, last=self.last + 1, last_issued_on=issued_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A number that is being taken: nobody has it before it is stored together with its document.

    `before` is the sequence as it was read, `after` the one that the number leaves behind.
    """

    before: Sequence
    after: Sequence
    number: str
    issued_on: dt.date
    content_sha256: str | None = None

    @classmethod
    def next_of(cls, before: Sequence, *, pattern: str, today: dt.date) -> "Taken":
        """The number that comes after *before*."""
        after = before.next(today)
        issued_on = after.last_issued_on or today
        return cls(
            before=before,
            after=after,
            number=formatted(pattern, after.last, issued_on),
            issued_on=issued_on,
        )

    def chained(self, document: InvoiceDocument) -> "Taken":
        """The number once its document says all that it ever will: linked to the documents before it."""
        place = chain.Place(
            account_id=self.after.account_id, series=self.after.series, position=self.after.last
        )
        content_sha256 = chain.sha256_of(chain.content(document, place))
        link = chain.link(self.before.chain_sha256, content_sha256)
        return replace(self, content_sha256=content_sha256, after=replace(self.after, chain_sha256=link))

    @property
    def chain_sha256(self) -> str | None:
        """The hash of this document and all before it in its series."""
        return self.after.chain_sha256 if self.content_sha256 else None


class Sequences(Protocol):
    """The number series of each account."""

    def sequence(self, *, account_id: AccountId, series: str) -> Sequence:
        """How far the series has come, as of now; a new one has given no number."""
        ...


def take(pattern: str, *, account_id: AccountId, today: dt.date, sequences: Sequences) -> Taken:
    """The next number of the series that *pattern* has *today*, the local date of the seller."""
    before = sequences.sequence(account_id=account_id, series=series_of(pattern, today))
    return Taken.next_of(before, pattern=pattern, today=today)


def series_of(pattern: str, issued_on: dt.date) -> str:
    """The series that a number issued on this day belongs to: the pattern with the year filled in.

    So a pattern with the year starts anew each January, and two patterns that print alike share one series.
    """
    return _SEQUENCE.sub("{seq}", pattern.replace("{year}", f"{issued_on:%Y}"))


def formatted(pattern: str, number: int, issued_on: dt.date) -> str:
    """The number as printed; a number longer than its padding keeps all its digits."""
    dated = pattern.replace("{year}", f"{issued_on:%Y}").replace("{month}", f"{issued_on:%m}")
    return _SEQUENCE.sub(lambda found: str(number).zfill(int(found[1] or 1)), dated)
