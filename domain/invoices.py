"""An invoice: one for each client and period, and what it says once it is issued.

open ──claim work──▶ open ──nothing left──▶ sealed ──number──▶ issued ──credit note──▶ issued, less owed
├── nothing at all ──▶ empty                   │               │└── nothing delivered ──▶ void
│                                              └─lacks something▶ held, and issued once that is mended
└── nothing left ──▶ in review ──its time is over──▶ sealed
                         └── skipped by a person ──▶ skipped, its work released ──reopened──▶ open
"""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain.calendar import Period, due_instant, local_date
from domain.documents import Grouping
from domain.errors import TryAgainLaterError
from domain.identifiers import AccountId, ClientId, CreditNoteId, InvoiceId, invoice_id
from domain.paging import Page
from domain.parties import BankDetails, Party
from domain.requirements import Missing
from domain.tax import Tax
from domain.totals import ROUNDING, Charged, Totals, add_up
from domain.work import WorkEntry

if TYPE_CHECKING:  # types cost no function its cold start
    from domain.accounts import Account
    from domain.clients import Client
    from domain.numbers import Taken


class State(StrEnum):
    """How far an invoice has come."""

    OPEN = "open"
    SEALED = "sealed"
    EMPTY = "empty"
    HELD = "held"
    IN_REVIEW = "in_review"
    SKIPPED = "skipped"
    ISSUED = "issued"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as stored. Amounts are minor units of `currency`.

    It takes all unbilled work from `work_since`, the day the client's billing starts, to before `period_end`,
    also what was typed in late. `entries` and `net`, the sum of its lines, are right at every instant: they
    move in the same transactions that claim the work. `tax` is that of the lines which say no other.
    `previous_due_on` closed the period before this one, if there was one, by its `previous_nth` invoice. This
    one is the `nth` of its day where that had some before; a person asked for it as `requested_as`.
    `issued_on` is a date of `time_zone`, and `rounding` the version of the rules that it was added up by.
    `content_sha256` is the hash of all that an issued invoice says, and `chain_sha256` the one of it and
    all before it in its series. A held invoice lacks what is `missing`.
    `paid` is the sum of its payments and moves with each of them. `issued_version` is the version in which it
    goes out. Of the reminders, which come `reminder_days` after the day of payment, the first `reminders`
    have been. Before it goes out it is in review for `review_days`, until `review_ends_at` or, without that,
    until a person decides.

    Of its entries, `released` were taken back by credit notes that are issued, or because it is void;
    `credited` is what such credit notes come to, and `crediting` is the one under way. `given_back` is what
    they come to beyond what was to be paid: that was paid in advance, and is the client's again. An invoice
    that is void keeps its number and all that it says, but nothing of it is owed.
    """

    id: InvoiceId
    account_id: AccountId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    work_since: dt.date
    previous_due_on: dt.date | None = None
    previous_nth: int | None = None
    nth: int | None = None
    requested_as: str | None = None
    state: State = State.OPEN
    entries: int = 0
    net: int = 0
    tax_amount: int = 0
    total: int = 0
    totals: Totals | None = None
    number: str | None = None
    issued_on: dt.date | None = None
    payment_due_on: dt.date | None = None
    payment_terms_days: int | None = None
    language: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    bank: BankDetails | None = None
    tax: Tax | None = None
    grouping: Grouping = Grouping.ENTRY
    timesheet: bool = False
    time_zone: str | None = None
    rounding: int | None = None
    content_sha256: str | None = None
    chain_sha256: str | None = None
    prices_include_tax: bool = False
    issued_version: int | None = None
    paid: int = 0
    reminder_days: tuple[int, ...] = ()
    reminders: int = 0
    released: int = 0
    credited: int = 0
    given_back: int = 0
    crediting: CreditNoteId | None = None
    missing: tuple[Missing, ...] = ()
    review_days: int = 0
    review_ends_at: dt.datetime | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    version: int = 1

    @classmethod
    def opened(cls, client: "Client") -> "Invoice":
        """The invoice of the client's next period, still without work."""
        return cls.of_period(client.next_period(), client, closed_on=client.next_due_on)

    @classmethod
    def of_period(
        cls, period: Period, client: "Client", *, closed_on: dt.date, nth: int | None = None
    ) -> "Invoice":
        """The invoice of *period*, still without work, and the *nth* of the day that closes it."""
        return cls(
            id=invoice_id(client.id, closed_on, nth),
            account_id=client.account_id,
            client_id=client.id,
            due_on=closed_on,
            period_start=period.start,
            period_end=period.end,
            currency=client.currency,
            previous_due_on=client.previous_due_on,
            previous_nth=client.previous_nth,
            nth=nth,
            work_since=client.billing_starts_on,
            review_days=client.review_days,
        )

    @property
    def period(self) -> Period:
        """The days that it is about."""
        return Period(self.period_start, self.period_end)

    @property
    def previous(self) -> InvoiceId | None:
        """The invoice that closed the period before this one."""
        if self.previous_due_on is None:
            return None
        return invoice_id(self.client_id, self.previous_due_on, self.previous_nth)

    @property
    def is_going_on(self) -> bool:
        """Whether work is still to be put on it, or to be released from it."""
        match self.state:
            case State.VOID:
                return self.released < self.entries
            case State.SKIPPED:
                return self.entries > 0
        return self.state is State.OPEN or self.crediting is not None

    @property
    def last_day(self) -> dt.date:
        """The last day of the period, included."""
        return max(self.period_start, self.period_end - dt.timedelta(days=1))

    @property
    def payable(self) -> int:
        """What is to be paid; 0 until it is known. Where there are no totals yet, nothing was prepaid."""
        return self.totals.payable if self.totals else self.total

    @property
    def outstanding(self) -> int:
        """What is still to be paid, or below 0, refunded; 0 before it is issued and once it is void."""
        owed = self.payable - self.credited + self.given_back
        return owed - self.paid if self.state is State.ISSUED else 0

    @property
    def spent(self) -> int:
        """What it takes off what came in advance, and has not given back; nothing once it is void."""
        return self.totals.prepaid - self.given_back if self.totals and self.state is not State.VOID else 0

    def today(self, now: dt.datetime) -> dt.date:
        """The day that it is where the invoice is from."""
        return local_date(now, self.time_zone or "UTC")

    @property
    def is_credited(self) -> bool:
        """Whether credit notes have taken back all of its lines."""
        return self.state is State.ISSUED and self.released == self.entries

    @property
    def remind_at(self) -> dt.datetime | None:
        """When the next reminder is due; None where none is, be it that all is paid or that all have been."""
        if self.outstanding <= 0:
            return None
        left = self._reminders_at()[self.reminders :]
        return left[0] if left else None

    def reminder_due(self, until: dt.datetime) -> int | None:
        """The number, from 1, of the last reminder that is due by *until*; those before it are left out."""
        if self.remind_at is None or self.remind_at > until:
            return None
        return sum(instant <= until for instant in self._reminders_at())

    def _reminders_at(self) -> Many[dt.datetime]:
        if self.payment_due_on is None:
            return ()
        days = [self.payment_due_on + dt.timedelta(days=late) for late in self.reminder_days]
        return [due_instant(day, self.time_zone or "UTC") for day in days]

    def reminded(self, step: int) -> "Invoice":
        """The invoice once reminder number *step* is recorded."""
        return replace(self, reminders=step)

    def with_claimed(self, entries: Many[WorkEntry]) -> "Invoice":
        """The invoice one claim later."""
        return replace(
            self,
            entries=self.entries + len(entries),
            net=self.net + sum(entry.amount for entry in entries),
            version=self.version + 1,
        )

    def with_paid(self, amount: int) -> "Invoice":
        """The invoice one payment later."""
        return replace(self, paid=self.paid + amount)

    def without(self, entries: Many[WorkEntry]) -> "Invoice":
        """The skipped invoice once these entries are put back."""
        return replace(
            self,
            entries=self.entries - len(entries),
            net=self.net - sum(entry.amount for entry in entries),
            version=self.version + 1,
        )

    def submitted(self, now: dt.datetime) -> "Invoice":
        """The sealed invoice, in review where its client wants that: so many days from now on."""
        if not self.review_days or self.state is not State.SEALED:
            return self
        ends_at = now.replace(microsecond=0) + dt.timedelta(days=self.review_days)
        return replace(self, state=State.IN_REVIEW, review_ends_at=ends_at)

    def approved(self) -> "Invoice":
        """The invoice once its review is over: it goes on to its number."""
        return replace(self, state=State.SEALED, review_ends_at=None, missing=())

    def deferred(self) -> "Invoice":
        """The invoice in a review that a person ends, and no tick."""
        return replace(self, state=State.IN_REVIEW, review_ends_at=None)

    def skipped(self) -> "Invoice":
        """The invoice as one that is not made; its work is still to be put back."""
        return replace(self, state=State.SKIPPED, review_ends_at=None, missing=())

    def reopened(self) -> "Invoice":
        """The skipped invoice as one that is made after all."""
        return replace(self, state=State.OPEN)

    def sealed(self) -> "Invoice":
        """The invoice once no unbilled work is left: from here on its lines never change."""
        return replace(self, state=State.SEALED if self.entries else State.EMPTY)

    def held(self, missing: Many[Missing]) -> "Invoice":
        """The invoice that lacks something; it goes out by itself once that is mended."""
        return replace(self, state=State.HELD, missing=tuple(missing))

    def issued(
        self, taken: "Taken", *, lines: Many[WorkEntry], seller: "Account", buyer: "Client"
    ) -> "Invoice":
        """The invoice with its number, and with everything that it says frozen."""
        return replace(
            self.charged(lines, seller=seller, buyer=buyer),
            state=State.ISSUED,
            missing=(),
            number=taken.number,
            issued_on=taken.issued_on,
            payment_due_on=taken.issued_on + dt.timedelta(days=buyer.payment_terms_days),
            payment_terms_days=buyer.payment_terms_days,
            language=buyer.language,
            seller=seller.as_seller(),
            buyer=buyer.as_buyer(),
            bank=seller.bank,
            time_zone=seller.time_zone,
            rounding=ROUNDING,
            grouping=buyer.grouping,
            timesheet=buyer.timesheet,
            issued_version=self.version + 1,
            reminder_days=seller.reminder_days,
            buyer_reference=buyer.buyer_reference,
            order_reference=buyer.order_reference,
        )

    def chained(self, taken: "Taken") -> "Invoice":
        """The issued invoice with its place in the hash chain."""
        return replace(self, content_sha256=taken.content_sha256, chain_sha256=taken.chain_sha256)

    def charged(self, lines: Many[WorkEntry], *, seller: "Account", buyer: "Client") -> "Invoice":
        """The invoice with the tax on its lines, and what is to be paid: less what was paid in advance."""
        tax, terms = buyer.charged_tax(seller), buyer.terms()
        charged = charges_of(lines, tax)
        prepaid = min(buyer.prepaid, max(0, add_up(charged, terms).payable))
        totals = add_up(charged, replace(terms, prepaid=prepaid))
        return replace(
            self,
            tax=tax,
            prices_include_tax=terms.prices_include_tax,
            tax_amount=totals.tax_amount,
            total=totals.gross,
            totals=totals,
        )

    def being_credited(self, credit_note: CreditNoteId) -> "Invoice":
        """The invoice while this credit note is under way: no other can begin."""
        return replace(self, crediting=credit_note)

    def less(self, *, entries: int, credited: int) -> "Invoice":
        """The invoice once the credit note that was under way is issued."""
        credited += self.credited
        return replace(
            self,
            released=self.released + entries,
            credited=credited,
            given_back=max(0, credited - self.payable),
            crediting=None,
        )

    def void(self) -> "Invoice":
        """The invoice as one that never counted; its number stays."""
        return replace(self, state=State.VOID)

    def with_released(self, entries: int) -> "Invoice":
        """The invoice, which is void, with so many more of its entries released."""
        return replace(self, released=self.released + entries, version=self.version + 1)


def charges_of(lines: Many[WorkEntry], tax: Tax) -> Many[Charged]:
    """What each line costs, and its own tax or else *tax*."""
    return [Charged(amount=line.amount, tax=line.tax or tax) for line in lines]


class InvoiceMovedError(TryAgainLaterError):
    """Another worker changed the invoice, its work or its series first; nothing of this was stored."""

    code = "invoice-moved"


class Invoices(Protocol):
    """The invoices of each account, and the work that they claimed."""

    def get(self, *, account_id: AccountId, invoice_id: InvoiceId) -> Invoice:
        """The invoice as of now; raise `NotFoundError` where there is none."""
        ...

    def lines(self, *, invoice: Invoice) -> Many[WorkEntry]:
        """The work that the invoice claimed, by date."""
        ...

    def some_lines(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[WorkEntry]:
        """Some of these lines, in the same order."""
        ...

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Invoice]:
        """The account's invoices, the newest first: by the day they were issued or, before that, due."""
        ...
