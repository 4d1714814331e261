"""Whom the work is done for, and when and how each of them is invoiced.

active ⇄ paused      no invoices while paused; work goes on being logged
active → held        fell too many periods behind: a person looks, then makes it active again
any    → archived    neither invoices nor new work

Its invoice days come after the last one, and after one that a person skips. Those of a pause are passed over,
but for what was due when the pause began. None is left once all days up to the end of billing have their
invoice.
It is one entity, and long for that reason: what decides on an invoice day is read in one place.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from domain import calendar, checks, money
from domain.accounts import Account, known_language
from domain.calendar import LONGEST_MONTH, BillingPeriod, InvoiceDay, Period
from domain.documents import Grouping
from domain.errors import ConflictError
from domain.fates import Fate, MailEvent, Returned
from domain.fields import values
from domain.identifiers import AccountId, ClientId, InvoiceId, client_id, invoice_id
from domain.money import known_currency
from domain.paging import Page
from domain.parties import MOST_TERMS_DAYS, Address, Party
from domain.retainers import Retainer, all_different
from domain.tax import Tax
from domain.totals import Adjustment, Terms, not_too_many
from domain.vat_ids import possible_tax_id

_LARGEST_COIN = 1000
_STEPS = {"1", "2", "25", "5"}
LONGEST_REVIEW = 28
LONGEST_REFERENCE = 100
_ONE_DAY = dt.timedelta(days=1)


class ClientStatus(StrEnum):
    """Whether a client is invoiced."""

    ACTIVE = "active"
    PAUSED = "paused"
    HELD = "held"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDetails:
    """What a person says about a client.

    `hourly_rate` is in major units of `currency`. `billing_starts_on` is the first day whose work is
    invoiced, and the first invoice day comes after it; earlier work is counted, but was billed elsewhere.
    `grouping` says what a line of an invoice stands for; with a `timesheet` it ends in a list of all entries.

    `tax` is on the work that says no other, instead of the account's. `adjustments` are made on each invoice
    as a whole. Where `prices_include_tax`, so do the rates. `round_to`, in major units, is what the amount to
    pay is a multiple of: 0.05 where that is the smallest coin.
    `billing_ends_on` is the last day whose work is invoiced by itself, on the invoice day that comes after.
    `retainers` are what is charged each month whatever was worked. For `review_days` an invoice waits before
    it goes out, so that a person may hold or skip it. `buyer_reference` and `order_reference` are what the
    client wants to find on each invoice: BT-10, a "Leitweg-ID" in Germany, and BT-13 of EN 16931.
    """

    name: str
    email: str
    address: Address
    hourly_rate: Decimal
    currency: str
    time_zone: str
    payment_terms_days: int
    language: str
    billing_starts_on: dt.date
    invoice_day: InvoiceDay = "last"
    billing_period: BillingPeriod = BillingPeriod.SINCE_LAST_INVOICE_DAY
    billing_ends_on: dt.date | None = None
    retainers: tuple[Retainer, ...] = ()
    review_days: int = 0
    tax_id: str | None = None
    tax: Tax | None = None
    grouping: Grouping = Grouping.ENTRY
    timesheet: bool = False
    adjustments: tuple[Adjustment, ...] = ()
    prices_include_tax: bool = False
    round_to: Decimal | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("name", self.name, longest=200),
            checks.email("email", self.email),
            checks.number("hourly_rate", self.hourly_rate, least=0, most=money.HIGHEST_RATE, digits=4),
            known_currency("currency", self.currency),
            checks.time_zone("time_zone", self.time_zone),
            checks.number(
                "payment_terms_days",
                self.payment_terms_days,
                least=0,
                most=MOST_TERMS_DAYS,
            ),
            known_language("language", self.language),
            checks.date("billing_starts_on", self.billing_starts_on),
            _invoice_day("invoice_day", self.invoice_day),
            checks.number("review_days", self.review_days, least=0, most=LONGEST_REVIEW),
            all_different("retainers", self.retainers),
            _end("billing_ends_on", self.billing_ends_on, start=self.billing_starts_on),
            checks.optional_text("tax_id", self.tax_id, longest=50),
            not_too_many("adjustments", self.adjustments),
            _coin("round_to", self.round_to, self.currency),
            checks.optional_text("buyer_reference", self.buyer_reference, longest=LONGEST_REFERENCE),
            checks.optional_text("order_reference", self.order_reference, longest=LONGEST_REFERENCE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(ClientDetails):
    """A client as stored: the local date of its next invoice, and what came before.

    `billed_until` ends the last period that an invoice was opened for. `previous_due_on` closed it, by its
    invoice number `previous_nth` where it had several;
    both are None until then. `resumed_on` is the day on which the last pause ended, and of the days before it
    those in `owed` were due when that pause began. `skipped_on` is the invoice day that a person left out.
    `undeliverable` says why mail to `email` comes back, until that is changed or a later mail arrives, as the
    last one that is known to did `delivered_at`.
    `prepaid`, in minor units, was paid in advance and is on no invoice yet.
    """

    id: ClientId
    account_id: AccountId
    next_due_on: dt.date
    billed_until: dt.date | None = None
    previous_due_on: dt.date | None = None
    previous_nth: int | None = None
    resumed_on: dt.date | None = None
    owed: Period | None = None
    skipped_on: dt.date | None = None
    status: ClientStatus = ClientStatus.ACTIVE
    undeliverable: Returned | None = None
    delivered_at: dt.datetime | None = None
    prepaid: int = 0
    version: int = 1

    @property
    def due_at(self) -> dt.datetime | None:
        """The instant (UTC) of the next invoice; None while none is to be made."""
        if self.status is not ClientStatus.ACTIVE or self.has_ended:
            return None
        return calendar.due_instant(self.next_due_on, self.time_zone)

    @property
    def has_ended(self) -> bool:
        """Whether all days up to the end of billing have had their invoice."""
        return self.billing_ends_on is not None and self.billing_ends_on < self.unbilled_since

    @property
    def last_invoice(self) -> InvoiceId | None:
        """The invoice that closed its last period."""
        return invoice_id(self.id, self.previous_due_on, self.previous_nth) if self.previous_due_on else None

    def next_period(self) -> Period:
        """What the invoice of `next_due_on` is about: all days since the last period, none of them twice."""
        end = calendar.period_end(self.next_due_on, self.billing_period)
        if self.billing_ends_on and not self.has_ended:
            end = min(end, self.billing_ends_on + _ONE_DAY)
        return Period(self.unbilled_since, end)

    def period_until(self, last_day: dt.date) -> Period:
        """What an invoice is about that is made now: all days since the last period, up to this one."""
        return Period(self.unbilled_since, last_day + _ONE_DAY)

    def details(self) -> ClientDetails:
        """The part of the client that a person decides about."""
        return ClientDetails(**values(self, ClientDetails))

    def changed(self, details: ClientDetails) -> "Client":
        """The client with other details; another schedule counts from the last invoice on.

        Raises:
            CurrencyIsFixedError: work is priced in the client's currency when it is logged.
            InvalidError: the tax id is another one, and nobody's; or so is the step that is rounded to.
        """
        if details.tax_id != self.tax_id:
            checks.require(possible_tax_id("tax_id", details.tax_id))
        if details.round_to != self.round_to:
            checks.require(_cash("round_to", details.round_to))
        if details.currency != self.currency:
            raise CurrencyIsFixedError(
                "a client's currency cannot change; add a new client for the other currency"
            )
        moved = replace(self, **values(details, ClientDetails))
        if details.email != self.email:
            moved = replace(moved, undeliverable=None, delivered_at=None)
        if moved.schedule == self.schedule:
            return moved
        return moved.scheduled()

    def told(self, event: MailEvent) -> "Client":
        """The client once it is known what became of a mail, perhaps to an address that it has no more."""
        if event.recipient.casefold() != self.email.casefold():
            return self
        known, delivered_at = self.undeliverable, self.delivered_at
        match event.fate:
            case Fate.DELIVERED:
                delivered_at = max(event.at, delivered_at or event.at)
            case Fate.BOUNCED | Fate.COMPLAINED if event.for_good:
                known = event.returned.or_later(known)
        if known and known.fate is Fate.BOUNCED and delivered_at and delivered_at > known.at:
            known = None
        return replace(self, undeliverable=known, delivered_at=delivered_at)

    def paused(self, at: dt.datetime | None = None) -> "Client":
        """No invoices until it is active again; what is due *at* this instant is still made then."""
        return self._stopped(ClientStatus.PAUSED, at)

    def archived(self, at: dt.datetime | None = None) -> "Client":
        """Neither invoices nor new work; what is due *at* this instant is made once it is active again."""
        return self._stopped(ClientStatus.ARCHIVED, at)

    def skipping(self, day: dt.date) -> "Client":
        """The client without an invoice on *day*, its next invoice day; its work comes on the invoice after.

        Raises:
            NotTheNextInvoiceDayError: no invoice is to come on that day, or another one comes first.
        """
        if day == self.skipped_on:
            return self
        if self.has_ended or self.status is ClientStatus.ARCHIVED or day != self.next_due_on:
            raise NotTheNextInvoiceDayError(self, day)
        return replace(self, skipped_on=day).scheduled()

    def skipping_none(self) -> "Client":
        """The client with an invoice also on the day that was to be skipped."""
        return replace(self, skipped_on=None).scheduled()

    def held(self) -> "Client":
        """Too far behind to go on without a person."""
        return replace(self, status=ClientStatus.HELD)

    def resumed(self, today: dt.date) -> "Client":
        """Invoiced again: after a pause from today or the next invoice day on, after a hold as it was."""
        if self.status in {ClientStatus.ACTIVE, ClientStatus.HELD}:
            return replace(self, status=ClientStatus.ACTIVE)
        return replace(self, status=ClientStatus.ACTIVE, resumed_on=today).scheduled()

    def after_invoice_day(self) -> "Client":
        """The client once the invoice of `next_due_on` has been opened."""
        return self.after_period(self.next_period(), closed_on=self.next_due_on)

    def after_period(self, period: Period, *, closed_on: dt.date, nth: int | None = None) -> "Client":
        """The client once the invoice of *period* has been opened; that day closed it, by its *nth* one."""
        skipped_on = self.skipped_on if self.skipped_on and self.skipped_on > closed_on else None
        closed = replace(self, billed_until=period.end, previous_due_on=closed_on, previous_nth=nth)
        return replace(closed, skipped_on=skipped_on).scheduled()

    def ready_for_work(self) -> None:
        """Raise where no work can be logged any more."""
        if self.status is ClientStatus.ARCHIVED:
            raise ClientIsArchivedError(f"{self.id} is archived; make it active again to log work for it")

    @property
    def schedule(self) -> tuple[object, ...]:
        """What decides on the days of its invoices."""
        return self.invoice_day, self.billing_period, self.billing_starts_on

    @property
    def unbilled_since(self) -> dt.date:
        """The first day of the next period."""
        return max(self.billing_starts_on, self.billed_until or self.billing_starts_on)

    def scheduled(self) -> "Client":
        """Due on the first invoice day to come: after the last one or a skipped one, and none of a pause."""
        since, after = self.unbilled_since, max(self._passed())
        due_on = first_invoice_day(self, after=after, since=since)
        if self.owed and self.resumed_on and self.owed.end <= due_on < self.resumed_on:
            due_on = first_invoice_day(self, after=self.resumed_on - _ONE_DAY, since=since)
        return replace(self, next_due_on=due_on)

    def _passed(self) -> Iterator[dt.date]:
        """Days up to which no invoice day is to come any more."""
        yield self.billing_starts_on
        yield from (day for day in (self.previous_due_on, self.skipped_on) if day)
        if going_on := self.owed.start if self.owed else self.resumed_on:
            yield going_on - _ONE_DAY

    def _stopped(self, status: ClientStatus, at: dt.datetime | None) -> "Client":
        """Not invoiced any more; a client that is not invoiced anyway owes what it did when that began."""
        if at is None or self.status in {ClientStatus.PAUSED, ClientStatus.ARCHIVED}:
            return replace(self, status=status)
        due_until = calendar.due_until(at, self.time_zone)
        is_due = self.next_due_on < due_until and not self.has_ended
        return replace(self, status=status, owed=Period(self.next_due_on, due_until) if is_due else None)

    def charged_tax(self, seller: Account) -> Tax:
        """The tax on its work where the work does not say another."""
        return self.tax or seller.usual_tax()

    def with_prepaid(self, amount: int) -> "Client":
        """The client with so much more, in minor units, paid in advance; less where it is below zero."""
        return replace(self, prepaid=self.prepaid + amount)

    def terms(self) -> Terms:
        """How its invoices are added up."""
        return Terms(
            currency=self.currency,
            adjustments=self.adjustments,
            prices_include_tax=self.prices_include_tax,
            round_to=_minor(self.round_to, self.currency) if self.round_to else 1,
        )

    def as_buyer(self) -> Party:
        """The client as it stands on an invoice."""
        return Party(name=self.name, address=self.address, tax_id=self.tax_id, email=self.email)


class CurrencyIsFixedError(ConflictError):
    """A client's currency was to be changed."""

    code = "currency-is-fixed"


class ClientIsArchivedError(ConflictError):
    """Work was to be logged, or an invoice to be made, for an archived client."""

    code = "client-is-archived"


class NotTheNextInvoiceDayError(ConflictError):
    """A day was to be skipped on which no invoice is to come next."""

    code = "not-the-next-invoice-day"

    def __init__(self, client: Client, day: dt.date) -> None:
        comes = f"the next one is that of {client.next_due_on}" if client.due_at else "none is to come"
        super().__init__(f"{client.id} has no next invoice on {day}: {comes}")


class Clients(Protocol):
    """The clients of each account."""

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Client:
        """Raise `NotFoundError` where there is none."""
        ...

    def add(self, *, client: Client) -> None:
        """Raise `ConflictError` where the id is taken; nothing is stored then."""
        ...

    def update(
        self,
        *,
        account_id: AccountId,
        client_id: ClientId,
        change: Callable[[Client], Client],
    ) -> Client:
        """Store what *change* makes of the client, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        """
        ...

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Client]:
        """The account's clients in the order of their ids, archived ones included."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DueClient:
    """Which client seems to be due, and since when."""

    account_id: AccountId
    client_id: ClientId
    due_at: dt.datetime


class DueClients(Protocol):
    """Finds the clients whose next invoice is due."""

    def due(self, *, until: dt.datetime) -> Iterator[DueClient]:
        """Each client with `due_at` ≤ *until*; may be a moment behind, so read it before acting."""
        ...


def add_client(
    details: ClientDetails,
    *,
    account_id: AccountId,
    clients: Clients,
    new_id: Callable[[], str],
) -> Client:
    """Add a client to the account; its first invoice day comes after `billing_starts_on`.

    A new id is taken only where the same request was begun before; then that client is returned.

    Raises:
        InvalidError: the tax id is nobody's, or no cash comes in steps of what is rounded to.
    """
    checks.require(possible_tax_id("tax_id", details.tax_id), _cash("round_to", details.round_to))
    client = Client(
        **values(details, ClientDetails),
        id=client_id(new_id()),
        account_id=account_id,
        next_due_on=first_invoice_day(
            details, after=details.billing_starts_on, since=details.billing_starts_on
        ),
    )
    try:
        clients.add(client=client)
    except ConflictError:
        return clients.get(account_id=account_id, client_id=client.id)
    return client


def first_invoice_day(details: ClientDetails, *, after: dt.date, since: dt.date) -> dt.date:
    """The first invoice day after *after* whose period ends after *since*."""
    due_on = calendar.first_due_date(after, details.invoice_day)
    while calendar.period_end(due_on, details.billing_period) <= since:
        due_on = calendar.first_due_date(due_on, details.invoice_day)
    return due_on


def _invoice_day(field: str, value: InvoiceDay) -> checks.Found:
    yield from checks.that(
        value == "last" or 1 <= value <= LONGEST_MONTH,
        field,
        code="not-an-invoice-day",
        message='must be a day from 1 to 31, or "last"',
    )


def _coin(field: str, value: Decimal | None, currency: str) -> checks.Found:
    if value is None or currency not in money.DIGITS:
        return
    digits = money.DIGITS[currency]
    yield from checks.number(
        field, value, least=Decimal(1).scaleb(-digits), most=_LARGEST_COIN, digits=digits
    )


def _cash(field: str, value: Decimal | None) -> checks.Found:
    """What coins and notes come in; what was stored before this was asked stays as it is."""
    steps = "must be a coin or note that there is, such as 0.05: 1, 2, 5, 10, 20, 25, 50 …"
    if value is not None:
        digits = "".join(map(str, value.as_tuple().digits)).strip("0")
        yield from checks.that(digits in _STEPS, field, code="no-cash", message=steps)


def _minor(value: Decimal, currency: str) -> int:
    return money.amount(Decimal(1), value, currency=currency)


def _end(field: str, value: dt.date | None, *, start: dt.date) -> checks.Found:
    if value is None:
        return
    yield from checks.date(field, value)
    told = f"must not be before billing starts, which is on {start}"
    yield from checks.that(value >= start, field, code="before-the-start", message=told)
