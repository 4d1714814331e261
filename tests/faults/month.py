"""A month that somebody works through while things break: clients, work, edits, removals, ticks."""

import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random

from domain.calendar import due_instant, first_due_date
from domain.clients import Client
from domain.identifiers import AccountId, WorkId, client_id
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkIsInvoicedError
from infrastructure import wiring
from infrastructure.local_cloud import functions
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.functions import FunctionFailedError
from tests.builders import a_client, an_account, some_work

INVOICE_DAYS = (15, 25, 31)
LAST_DAY = dt.date(2026, 10, 31)
END = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
"""All work is invoiced by a tick of this instant."""

_PAUSE = 0.1


class Month:
    """One account's October: what it does goes to the table directly, what follows has to pass the faults."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.account_id = AccountId(f"acc_{secrets.token_hex(16)}")
        self._random = Random(1)  # noqa: S311 - chance, repeatable
        self._entries: list[WorkId] = []
        wiring.accounts().add(account=an_account(id=self.account_id))
        self.clients = [self._add_client(day) for day in INVOICE_DAYS]

    def play(self, seconds: float, *, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Work on, so long; the invoice days of October come while it goes on."""
        started = time.monotonic()
        ticks = self._ticks()
        while (passed := time.monotonic() - started) < seconds:
            self._work_on()
            meanwhile()
            if passed > seconds / 4:
                self.tick(next(ticks))
            time.sleep(_PAUSE)

    def tick(self, at: dt.datetime) -> bool:
        """What the schedule does. Where it fails, the next tick does its work too."""
        with suppress(FunctionFailedError):
            functions.invoke(self.cloud, "open-invoices", {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}"})
            return True
        return False

    def due_days(self, client: Client) -> Iterator[dt.date]:
        """The invoice days that a tick at the end has opened."""
        day = first_due_date(client.billing_starts_on, client.invoice_day)
        while due_instant(day, client.time_zone) <= END:
            yield day
            day = first_due_date(day, client.invoice_day)

    def _ticks(self) -> Iterator[dt.datetime]:
        for day in INVOICE_DAYS:
            yield dt.datetime(2026, 10, day, 8, tzinfo=dt.UTC)
        while True:
            yield dt.datetime(2026, 10, INVOICE_DAYS[-1], 8, 15, tzinfo=dt.UTC)

    def _add_client(self, day: int) -> Client:
        body = secrets.token_hex(8)
        name = f"Client of the {day}th"
        client = a_client(
            id=client_id(body),
            account_id=self.account_id,
            name=name,
            email=f"{body}@client.example",
            invoice_day=day,
        )
        wiring.clients().add(client=client)
        return client

    def _work_on(self) -> None:
        """Log an entry; now and then edit one, also into another month, or take one back."""
        details = some_work(date=self._day(), minutes=self._random.randint(1, 480))
        client = self._random.choice(self.clients)
        entry = log_work(
            details,
            account_id=self.account_id,
            client_id=client.id,
            clients=wiring.clients(),
            work=wiring.work(),
            new_id=wiring.new_id,
        )
        self._entries.append(entry.id)
        with suppress(WorkIsInvoicedError):
            if len(self._entries) % 3 == 0:
                self._edit(self._random.choice(self._entries))
        with suppress(WorkIsInvoicedError):
            if len(self._entries) % 7 == 0:
                gone = self._entries.pop(self._random.randrange(len(self._entries)))
                remove_work(gone, account_id=self.account_id, work=wiring.work())

    def _edit(self, work_id: WorkId) -> None:
        day, minutes = self._day(), self._random.randint(1, 480)
        edit_work(
            work_id,
            lambda details: replace(details, date=day, minutes=minutes),
            account_id=self.account_id,
            work=wiring.work(),
        )

    def _day(self) -> dt.date:
        return dt.date(2026, 10, self._random.randint(1, LAST_DAY.day))
