"""The work that was done: what it was, how much of it, and what it costs.

logged ──edit──▶ logged ──claimed by an invoice──▶ fixed ──released by a credit note──▶ logged
   └───remove──▶ removed (kept with its last version, counted and billed no more)
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from domain import checks, money
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.fields import values
from domain.identifiers import (
    AccountId,
    ClientId,
    ImportId,
    InvoiceId,
    WorkId,
    invoice_id,
)
from domain.paging import Page
from domain.tax import Tax
from domain.totals import Adjustment, Applied, not_too_many

HOUR = "hour"
_MINUTES_PER_HOUR = 60
_MINUTES_PER_DAY = 24 * _MINUTES_PER_HOUR
_HOUR_DIGITS = 4
_MOST_QUANTITY = Decimal(10) ** 6
_MOST_TAGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDetails:
    """What a person says about a piece of work: a duration in minutes, or a quantity of some unit.

    `rate` is the price of one hour or one unit, in major units of the client's currency; without it, time
    is priced at the client's hourly rate of the moment it is logged. `tax` is instead of the client's;
    `adjustments` are allowances and charges on this piece alone.
    """

    date: dt.date
    description: str
    minutes: int | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    rate: Decimal | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    billable: bool = True
    tax: Tax | None = None
    adjustments: tuple[Adjustment, ...] = ()

    def __post_init__(self) -> None:
        checks.require(
            checks.date("date", self.date),
            checks.text("description", self.description, longest=2000, lines=True),
            checks.optional_text("project", self.project, longest=200),
            *self._how_much(),
            *self._rate(),
            checks.that(
                len(self.tags) <= _MOST_TAGS,
                "tags",
                code="too-many",
                message="at most 20 tags",
            ),
            *(checks.text(f"tags/{index}", tag, longest=50) for index, tag in enumerate(self.tags)),
            not_too_many("adjustments", self.adjustments),
        )

    def _how_much(self) -> tuple[checks.Found, ...]:
        if self.minutes is not None:
            both = self.quantity is not None or self.unit is not None
            return (
                checks.number("minutes", self.minutes, least=1, most=_MINUTES_PER_DAY),
                checks.that(
                    not both,
                    "quantity",
                    code="both",
                    message="give minutes, or quantity and unit, not both",
                ),
            )
        if self.quantity is None or self.unit is None:
            told = "give the duration in minutes, or a quantity and its unit"
            return (checks.that(None, "minutes", code="missing", message=told),)
        return (
            checks.number(
                "quantity",
                self.quantity,
                least=Decimal("0.0001"),
                most=_MOST_QUANTITY,
                digits=_HOUR_DIGITS,
            ),
            checks.text("unit", self.unit, longest=30),
        )

    def _rate(self) -> tuple[checks.Found, ...]:
        if self.rate is not None:
            return (checks.number("rate", self.rate, least=0, most=money.HIGHEST_RATE, digits=4),)
        told = "a quantity needs the price of one unit; only time has the client's hourly rate"
        return (
            checks.that(
                self.quantity is None or self.minutes is not None or not self.billable,
                "rate",
                code="missing",
                message=told,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEntry(WorkDetails):
    """A piece of work as stored. `hourly_rate` is the client's when it was logged.

    `import_id` is the import that took it, where one did: by it an import knows its own again.
    """

    id: WorkId
    account_id: AccountId
    client_id: ClientId
    currency: str
    hourly_rate: Decimal
    invoiced_on: dt.date | None = None
    invoiced_nth: int | None = None
    import_id: ImportId | None = None
    removed: bool = False
    version: int = 1

    @property
    def billed_quantity(self) -> Decimal:
        """The quantity that is printed and multiplied: hours to four places, or the units."""
        if self.quantity is not None:
            return self.quantity
        return money.round_half_up(Decimal(self.minutes or 0) / _MINUTES_PER_HOUR, digits=_HOUR_DIGITS)

    @property
    def billed_unit(self) -> str:
        """What is counted: hours, or the entry's own unit."""
        return self.unit or HOUR

    @property
    def unit_price(self) -> Decimal:
        """The price of one hour or unit in major units."""
        return self.hourly_rate if self.rate is None else self.rate

    @property
    def amount(self) -> int:
        """What the entry costs the client, in minor units; nothing where it is not billable."""
        return self._gross() + sum(each.signed for each in self.applied) if self.billable else 0

    @property
    def applied(self) -> tuple[Applied, ...]:
        """Its allowances and charges, each of the quantity at its price."""
        base = self._gross()
        return tuple(each.applied(base, currency=self.currency) for each in self.adjustments)

    @property
    def invoice_id(self) -> InvoiceId | None:
        """The invoice that claimed the entry."""
        return invoice_id(self.client_id, self.invoiced_on, self.invoiced_nth) if self.invoiced_on else None

    @property
    def is_unbilled(self) -> bool:
        """Whether an invoice is still to take it."""
        return self.billable and not self.removed and self.invoiced_on is None

    def details(self) -> WorkDetails:
        """The part of the entry that a person decides about."""
        return WorkDetails(**values(self, WorkDetails))

    def editable(self) -> WorkDetails:
        """The details, while they can be changed; raises as `edited`."""
        return self._open().details()

    def edited(self, details: WorkDetails) -> "WorkEntry":
        """The entry with other details.

        Raises:
            WorkIsInvoicedError: an invoice has claimed it.
            NotFoundError: it has been removed.
            InvalidError: its allowances take more off than it costs.
        """
        return replace(self._open(), **values(details, WorkDetails)).priced()

    def taken_back(self) -> "WorkEntry":
        """The entry as removed; raises like `edited`, but a removed one stays as it is."""
        return self if self.removed else replace(self._open(), removed=True)

    def taken_again(self, anew: "WorkEntry", *, after: "WorkEntry") -> "WorkEntry":
        """The entry as another import took it *anew*, where it still is as *after* was: removed.

        Raises:
            ConflictError: it is there, or yet another import was faster.
        """
        if not self.removed or self.import_id != after.import_id:
            raise ConflictError(f"there is a work entry {self.id} already")
        return replace(anew, version=self.version)

    def claimed(self, invoiced_on: dt.date, nth: int | None = None) -> "WorkEntry":
        """The entry as a line of the invoice, of its day the *nth*, whose period *invoiced_on* closes."""
        return replace(self._open(), invoiced_on=invoiced_on, invoiced_nth=nth)

    def priced(self) -> "WorkEntry":
        """The entry, where it costs at least nothing.

        Raises:
            InvalidError: its allowances take more off than it costs.
        """
        if self.amount < 0:
            told = "take more off than the work costs"
            raise InvalidError(Problem("/adjustments", "below-nothing", told))
        return self

    def _gross(self) -> int:
        return money.amount(self.billed_quantity, self.unit_price, currency=self.currency)

    def released(self) -> "WorkEntry":
        """The entry once its invoice is void, skipped, or has a credit note: as before the claim."""
        return replace(self, invoiced_on=None, invoiced_nth=None)

    def _open(self) -> "WorkEntry":
        if self.removed:
            raise NotFoundError(f"there is no work entry {self.id}")
        if self.invoice_id:
            raise WorkIsInvoicedError(self.id, self.invoice_id)
        return self


class WorkIsInvoicedError(ConflictError):
    """The entry stands on an invoice, so it can be neither edited nor removed."""

    code = "work-already-invoiced"

    def __init__(self, work: WorkId, invoice: InvoiceId) -> None:
        super().__init__(f"{work} stands on invoice {invoice}: it can be neither edited nor removed")
        self.invoice_id = invoice


class WorkEntries(Protocol):
    """The work entries of each account."""

    def get(self, *, account_id: AccountId, work_id: WorkId) -> WorkEntry:
        """Raise `NotFoundError` where there is none."""
        ...

    def add(self, *, entry: WorkEntry) -> None:
        """Raise `ConflictError` where the id is taken; nothing is stored then."""
        ...

    def update(
        self,
        *,
        account_id: AccountId,
        work_id: WorkId,
        change: Callable[[WorkEntry], WorkEntry],
    ) -> WorkEntry:
        """Store what *change* makes of the entry, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        A change that changes nothing is not stored.
        """
        ...

    def list(
        self,
        *,
        account_id: AccountId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        """The account's entries with since ≤ date ≤ until that are not removed, by date."""
        ...

    def unbilled(
        self,
        *,
        account_id: AccountId,
        client_id: ClientId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        """Those of the client that an invoice is still to take, by date; its other work costs nothing."""
        ...


class KnownWork(Protocol):
    """Which work there is already."""

    def among(self, *, account_id: AccountId, work_ids: Sequence[WorkId]) -> Mapping[WorkId, WorkEntry]:
        """Those of at most 100 entries that exist, removed ones too, as of now."""
        ...
