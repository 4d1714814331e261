"""The accounts and clients of a run, and what people change about them while it lasts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

from domain import calendar
from domain.accounts import Account
from domain.clients import Client
from domain.identifiers import client_id
from domain.tax import Tax
from tests.builders import ADA, BOB, a_client, an_account
from tests.simulation.asking import Asking
from tests.simulation.cloud import Cloud

_DAY = 86_400.0
_BEGINNINGS = (dt.date(2026, 10, 1), *[dt.date(2026, 10, 22)] * 3)
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
        client = self.some_client()
        days = self._chance.one_of((5, 20, 31))
        change = self._chance.one_of(
            (
                lambda stored: stored.changed(replace(stored.details(), invoice_day=days)),
                lambda stored: stored.changed(replace(stored.details(), hourly_rate=Decimal("85.50"))),
                self._pause,
            )
        )
        self._change(client, change)
        if change == self._pause:
            today = self._cloud.now().date()
            later = self._chance.between(0, 10 * _DAY)
            self._asking.after(later, partial(self._change, client, lambda stored: stored.resumed(today)))

    def change_the_account(self) -> None:
        """Its numbers begin with the year from now on, or do so no longer."""

        def change(stored: Account) -> Account:
            return replace(
                stored, number_pattern="R{seq}" if "{year}" in stored.number_pattern else "{year}/{seq}"
            )

        account_id, accounts = self.clients[0].account_id, self._cloud.world.accounts
        self._asking.ask(partial(accounts.update, account_id=account_id, change=change))

    def _pause(self, stored: Client) -> Client:
        return stored.paused()

    def _change(self, client: Client, change: Callable[[Client], Client]) -> None:
        clients = self._cloud.world.clients
        self._asking.ask(
            partial(clients.update, account_id=client.account_id, client_id=client.id, change=change)
        )

    def _account(self, number: int) -> Account:
        return an_account_of(number, self._chance.one_of(("{year}-{seq:04}", "{seq}")))

    def _client(self, number: int) -> Client:
        behind = self._chance.happens(0.025)
        return client_of(
            number,
            self._accounts[number % len(self._accounts)].id,
            self._chance.one_of((5, 15, 31, "last")),
            dt.date(2025, 9, 1) if behind else self._chance.one_of(_BEGINNINGS),
            self._chance.one_of(("previous_month", "since_last_invoice_day", "since_last_invoice_day")),
        )


@cache
def an_account_of(number: int, pattern: str) -> Account:
    """One of two accounts."""
    return an_account(id=(ADA, BOB)[number], number_pattern=pattern)


@cache
def client_of(number: int, account_id: Any, day: Any, since: dt.date, period: Any) -> Client:
    """One of a few clients: what is equal is made once."""
    return a_client(
        id=client_id(f"{number:016}"),
        account_id=account_id,
        name="Acme",
        invoice_day=day,
        time_zone=_ZONES[number],
        billing_starts_on=since,
        billing_period=calendar.BillingPeriod(period),
        tax=Tax(name="VAT", rate=Decimal(19)) if number == 1 else None,
    )
