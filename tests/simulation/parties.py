"""The accounts and clients of a run, and what people change about them while it lasts."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

from domain import calendar
from domain.accounts import Account
from domain.clients import Client
from domain.identifiers import AccountId, client_id
from domain.invoices import Invoice
from domain.prepayments import (
    PrepaymentDetails,
    record_prepayment,
    refund_prepayment,
    take_back_prepayment,
)
from domain.refunds import RefundDetails
from domain.requirements import Place
from domain.retainers import Retainer
from domain.tax import Tax, TaxCategory
from tests.builders import ADA, BOB, a_client, an_account
from tests.simulation.asking import Asking
from tests.simulation.cloud import Cloud

_DAY = 86_400.0
_BEGINNINGS = (dt.date(2026, 10, 1), *[dt.date(2026, 10, 22)] * 3)
_CARE = Retainer(key="care", description="Care", amount=Decimal(50), first_month="2026-10")
_OF_A_CLIENT = "FR40303265045"
_REVERSED = Tax(category=TaxCategory.REVERSE_CHARGE)
_KINDS: Sequence[dict[str, Any]] = (
    {},
    {},
    {},
    {"review_days": 1},
    {"review_days": 1},
    {"review_days": 1},
    {"retainers": (_CARE,)},
    {"tax": _REVERSED},
)
_ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")


class Parties:
    """One or two accounts, with one or two clients."""

    def __init__(self, cloud: Cloud, asking: Asking) -> None:
        self._cloud, self._chance, self._asking = cloud, cloud.chance, asking
        self._accounts = [self._account(number) for number in range(self._chance.random.randint(1, 2))]
        self.clients = [self._client(number) for number in range(self._chance.one_of((1, 2, 2)))]
        cloud.world.having(*self._accounts, *self.clients)
        cloud.watch.look()

    def some_client(self) -> Client:
        """One of them, as it was in the beginning."""
        return self._chance.one_of(self.clients)

    def change_a_client(self) -> None:
        """Another schedule, another rate, or a pause that ends by and by."""
        client, today = self.some_client(), self._cloud.now().date()
        days = self._chance.one_of((5, 20, 31))
        said, change = self._chance.one_of(
            (
                ("gave a client another invoice day", _details(invoice_day=days)),
                ("gave a client another rate", _details(hourly_rate=Decimal("85.50"))),
                ("paused a client", lambda stored: stored.paused(self._cloud.now())),
                ("skipped an invoice day", lambda stored: stored.skipping(stored.next_due_on)),
                ("ended a client's billing", _details(billing_ends_on=today + dt.timedelta(days=days))),
                ("agreed on a retainer", _details(retainers=(_CARE,))),
            )
        )
        self._change(client, change, said)
        later = self._chance.between(0, 10 * _DAY)
        if said == "paused a client":
            self._asking.after(later, partial(self._change, client, lambda stored: stored.resumed(today)))
        if said == "skipped an invoice day" and self._chance.happens(0.3):
            self._asking.after(later, partial(self._change, client, Client.skipping_none))

    def change_the_account(self) -> None:
        """Its numbers begin with the year from now on, or do so no longer."""

        def change(stored: Account) -> Account:
            return replace(
                stored, number_pattern="R{seq}" if "{year}" in stored.number_pattern else "{year}/{seq}"
            )

        self._change_account(self.clients[0].account_id, change)

    def forget_the_tax_id(self) -> None:
        """What the law wants is taken away: invoices with tax are held from now on."""
        self._change_account(self.clients[0].account_id, lambda stored: replace(stored, tax_id=None))

    def give_the_tax_id(self, sealed: Invoice) -> None:
        """Where it lacks, just when the invoice is looked at that needs it."""
        if self._cloud.store.get(Account, sealed.account_id, sealed.account_id).tax_id is None:
            self._change_account(sealed.account_id, _with_tax_id)

    def mend(self, held: Invoice) -> None:
        """Give what an invoice is held for."""
        for place in sorted({each.place for each in held.missing}):
            if place is Place.ACCOUNT:
                self._change_account(held.account_id, _with_tax_id)
            else:
                self._change(held, _details(tax_id=_OF_A_CLIENT), "mended what was missing")

    def prepay(self) -> None:
        """A client pays in advance, and has it back perhaps, or what is left of it."""
        client, world, body = self.some_client(), self._cloud.world, self._cloud.new_id()
        details = PrepaymentDetails(amount=self._chance.one_of((5_000, 300_000)))
        ports: Any = {
            "account_id": client.account_id,
            "clients": world.clients,
            "prepayments": world.prepayments,
        }

        def prepay() -> None:
            ports["now"] = self._cloud.now()
            came, _ = record_prepayment(details, client_id=client.id, new_id=lambda: body, **ports)
            if self._chance.happens(0.3):
                back = partial(take_back_prepayment, came.id, **ports)
                later = self._chance.one_of((0, self._chance.between(0, 10 * _DAY)))
                seen = "somebody took a prepayment back"
                self._asking.after(later, partial(self._asking.once_or_twice, back, name="prepay", seen=seen))
            if self._chance.happens(0.2):
                again, details_back = self._cloud.new_id(), RefundDetails()
                back = partial(
                    refund_prepayment, details_back, client_id=client.id, new_id=lambda: again, **ports
                )
                later, seen = self._chance.between(0, 10 * _DAY), "somebody refunded a prepayment"
                self._asking.after(later, partial(self._asking.once_or_twice, back, name="prepay", seen=seen))

        self._asking.once_or_twice(prepay, name="prepay", seen="somebody paid in advance")

    def _change(
        self, whose: Client | Invoice, change: Callable[[Client], Client], said: str | None = None
    ) -> None:
        client_id = whose.client_id if isinstance(whose, Invoice) else whose.id
        update = partial(
            self._cloud.world.clients.update, account_id=whose.account_id, client_id=client_id, change=change
        )
        self._asking.ask(update, seen=f"somebody {said}" if said else "")

    def _change_account(self, account_id: AccountId, change: Callable[[Account], Account]) -> None:
        update = partial(self._cloud.world.accounts.update, account_id=account_id, change=change)
        self._asking.ask(update)

    def _account(self, number: int) -> Account:
        return an_account_of(
            number,
            self._chance.one_of(("{year}-{seq:04}", "{seq}")),
            tax_id=self._chance.happens(0.9),
            reminders=self._chance.happens(0.4),
        )

    def _client(self, number: int) -> Client:
        behind = self._chance.happens(0.025)
        return client_of(
            number,
            self._accounts[number % len(self._accounts)].id,
            self._chance.one_of((5, 15, 31, "last")),
            dt.date(2025, 9, 1) if behind else self._chance.one_of(_BEGINNINGS),
            self._chance.one_of(("previous_month", "since_last_invoice_day", "since_last_invoice_day")),
            **self._chance.one_of(_KINDS),
        )


def _details(**changes: Any) -> Callable[[Client], Client]:
    return lambda stored: stored.changed(replace(stored.details(), **changes))


def _with_tax_id(stored: Account) -> Account:
    return stored.changed(replace(stored.details(), tax_id=an_account().tax_id))


@cache
def an_account_of(number: int, pattern: str, *, tax_id: bool, reminders: bool) -> Account:
    """One of two accounts."""
    account = an_account(id=(ADA, BOB)[number], number_pattern=pattern)
    return replace(
        account, tax_id=account.tax_id if tax_id else None, reminder_days=(1, 3) if reminders else ()
    )


@cache
def client_of(
    number: int,
    account_id: Any,
    day: Any,
    since: dt.date,
    period: Any,
    *,
    review_days: int = 0,
    retainers: tuple[Retainer, ...] = (),
    tax: Tax | None = None,
) -> Client:
    """One of a few clients: what is equal is made once."""
    return a_client(
        id=client_id(f"{number:016}"),
        account_id=account_id,
        name="Acme",
        invoice_day=day,
        time_zone=_ZONES[number],
        billing_starts_on=since,
        billing_period=calendar.BillingPeriod(period),
        tax=Tax(name="VAT", rate=Decimal(19)) if number == 1 else tax,
        payment_terms_days=2,
        review_days=review_days,
        retainers=retainers,
    )
