"""Counters per client and month, exact whatever is delivered twice, late or in any order.

    state of an entity ──▶ contribution (what it adds, at which version)
    counter := counter + (contribution now − contribution stored), both written in one transaction

The memory is per entity and not per event, so it needs no expiry: an older or equal version adds nothing,
a replay after years adds nothing, and a version that never came is made good by the next one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Protocol

from domain.credit_notes import CreditNote, Progress
from domain.errors import TryAgainLaterError, WillNeverWorkError
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice, State
from domain.paging import Page
from domain.work import WorkEntry

MOST_ACTIONS = 50
MOST_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is counted. Amounts are minor units of the client's currency.

    `entries` and `minutes` count all work; `billable` its price; `unbilled` the part of it that stands on
    no invoice yet. `invoices` and `issued` count what was invoiced, tax included, `paid` what came for it and
    `outstanding` what is still to come, each in the month in which the invoice was issued. `credited` is what
    credit notes took back, tax included, in the month of the credit note. A void invoice counts as none.
    """

    entries: int = 0
    minutes: int = 0
    billable: int = 0
    unbilled: int = 0
    invoices: int = 0
    issued: int = 0
    paid: int = 0
    outstanding: int = 0
    credited: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in TALLIED})

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(**{name: getattr(self, name) - getattr(other, name) for name in TALLIED})

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in TALLIED)


TALLIED = tuple(field.name for field in fields(Tally))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one entity adds to the counter of its client, as of one of its versions.

    `month` is YYYY-MM: of the work's date, or of the day the invoice or the credit note was issued.
    """

    entity_id: str
    account_id: AccountId
    client_id: ClientId
    currency: str
    month: str
    version: int
    tally: Tally

    @classmethod
    def of_work(cls, entry: WorkEntry) -> "Contribution":
        """What a work entry adds; one that was removed adds nothing."""
        tally = Tally(
            entries=1,
            minutes=entry.minutes or 0,
            billable=entry.amount,
            unbilled=entry.amount if entry.is_unbilled else 0,
        )
        return cls(
            entity_id=entry.id,
            account_id=entry.account_id,
            client_id=entry.client_id,
            currency=entry.currency,
            month=f"{entry.date:%Y-%m}",
            version=entry.version,
            tally=Tally() if entry.removed else tally,
        )

    @classmethod
    def of_invoice(cls, invoice: Invoice) -> "Contribution":
        """What an invoice adds; before it is issued nothing, and once it is void nothing any more."""
        issued = Tally(invoices=1, issued=invoice.total, paid=invoice.paid, outstanding=invoice.outstanding)
        return cls(
            entity_id=invoice.id,
            account_id=invoice.account_id,
            client_id=invoice.client_id,
            currency=invoice.currency,
            month=f"{invoice.issued_on or invoice.due_on:%Y-%m}",
            version=invoice.version,
            tally=issued if invoice.state is State.ISSUED else Tally(),
        )

    @classmethod
    def of_credit_note(cls, note: CreditNote) -> "Contribution":
        """What a credit note adds; one that is not issued adds nothing yet."""
        return cls(
            entity_id=note.id,
            account_id=note.account_id,
            client_id=note.client_id,
            currency=note.currency,
            month=f"{note.issued_on or note.opened_at:%Y-%m}",
            version=note.version,
            tally=Tally(credited=note.total) if note.state is Progress.ISSUED else Tally(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A newer contribution, and the one that it takes the place of (None: the entity's first)."""

    now: Contribution
    stored: Contribution | None

    def deltas(self) -> Iterable[tuple[str, Tally]]:
        """What each month's counter moves by."""
        before = self.stored.tally if self.stored else Tally()
        if self.stored is None or self.stored.month == self.now.month:
            yield self.now.month, self.now.tally - before
        else:
            yield self.stored.month, Tally() - before
            yield self.now.month, self.now.tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The counters of one client, by month (YYYY-MM); `revision` says how often they were moved."""

    account_id: AccountId
    client_id: ClientId
    currency: str
    months: Mapping[str, Tally] = field(default_factory=dict)
    revision: int = 0

    @property
    def total(self) -> Tally:
        """All months together."""
        return sum(self.months.values(), Tally())


class LostRaceError(TryAgainLaterError):
    """Somebody else wrote between the reading and the writing; nothing of this was stored."""

    code = "lost-race"


class Counters(Protocol):
    """The counters of each client, with the memory of what was counted."""

    def contributions(self, *, wanted: Sequence[Contribution]) -> Mapping[str, Contribution]:
        """The stored contributions of the same entities, by entity id, as of now and not a moment ago."""
        ...

    def apply(self, *, changes: Sequence[Change]) -> None:
        """Store each contribution and move the counters by its deltas: all of it, or nothing.

        A counter that moves is one revision on. At most `MOST_ACTIONS` items are touched: one for each change
        and one for each client.

        Raises:
            LostRaceError: a stored contribution is not the one in the change any more.
        """
        ...

    def get(self, *, account_id: AccountId, client_id: ClientId) -> Counter | None:
        """The client's counter as of now; None where nothing was ever counted."""
        ...

    def list(self, *, account_id: AccountId) -> Sequence[Counter]:
        """One counter for each client of the account that has any."""
        ...

    def page(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Counter]:
        """Some of these counters, in the order of their clients' ids."""
        ...


class Resetting(Protocol):
    """Sets a counter instead of moving it."""

    def reset(self, *, counter: Counter) -> None:
        """Store the months of *counter* as they are, one revision on.

        Raises:
            LostRaceError: the stored counter is not at the revision of *counter* any more.
        """
        ...


def summed(counters: Iterable[Counter]) -> Mapping[str, Tally]:
    """All months of all clients together, for each currency."""
    sums: dict[str, Tally] = {}
    for counter in counters:
        sums[counter.currency] = sums.get(counter.currency, Tally()) + counter.total
    return dict(sorted(sums.items()))


def keep_counters(contributions: Iterable[Contribution], *, counters: Counters) -> Mapping[str, Exception]:
    """Count the newest state of each entity; answers with what could not be counted, by entity id.

    Raises nothing for the whole batch: what fails is told, the rest is counted.
    """
    waiting = _newest(contributions)
    failed: dict[str, Exception] = {}
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return failed
        waiting = _round(waiting, counters, failed)
    lost = LostRaceError(f"lost the race for the counters {MOST_ROUNDS} times")
    return failed | {contribution.entity_id: lost for contribution in waiting}


def _round(
    waiting: Sequence[Contribution], counters: Counters, failed: dict[str, Exception]
) -> list[Contribution]:
    """Try once; returns those that have to be read again because somebody else was faster."""
    try:
        stored = counters.contributions(wanted=waiting)
    except TryAgainLaterError as error:
        failed |= {now.entity_id: error for now in waiting}
        return []
    except WillNeverWorkError as error:
        return _halved(waiting, failed, error, lambda half: _round(half, counters, failed))
    changes = [Change(now=now, stored=stored.get(now.entity_id)) for now in waiting]
    lost: list[Contribution] = []
    for portion in portions([change for change in changes if _is_newer(change)]):
        lost += _apply(portion, counters, failed)
    return lost


def _apply(portion: Sequence[Change], counters: Counters, failed: dict[str, Exception]) -> list[Contribution]:
    try:
        counters.apply(changes=portion)
    except LostRaceError:
        return [change.now for change in portion]
    except WillNeverWorkError as error:
        return _halved(portion, failed, error, lambda half: _apply(half, counters, failed))
    except Exception as error:  # noqa: BLE001 - one portion's failure must not hold up the others
        failed |= {change.now.entity_id: error for change in portion}
    return []


def _halved(
    many: Sequence[Change] | Sequence[Contribution],
    failed: dict[str, Exception],
    error: Exception,
    retry: Callable[..., list[Contribution]],
) -> list[Contribution]:
    """Find the one that can never be counted; the others that came with it are."""
    match many:
        case [Change(now=alone)] | [Contribution() as alone]:
            failed[alone.entity_id] = error
            return []
    middle = len(many) // 2
    return retry(many[:middle]) + retry(many[middle:])


def _is_newer(change: Change) -> bool:
    return change.stored is None or change.now.version > change.stored.version


def _newest(contributions: Iterable[Contribution]) -> list[Contribution]:
    newest: dict[str, Contribution] = {}
    for contribution in contributions:
        known = newest.get(contribution.entity_id)
        if known is None or contribution.version > known.version:
            newest[contribution.entity_id] = contribution
    return sorted(
        newest.values(),
        key=lambda contribution: (contribution.client_id, contribution.entity_id),
    )


def portions(changes: Sequence[Change]) -> Iterable[Sequence[Change]]:
    """As few transactions as the bound allows; changes come sorted by client."""
    portion: list[Change] = []
    for change in changes:
        clients = {each.now.client_id for each in (*portion, change)}
        if len(portion) + 1 + len(clients) > MOST_ACTIONS:
            yield portion
            portion = []
        portion.append(change)
    if portion:
        yield portion
