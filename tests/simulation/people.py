"""Who does what and when: users log work and bill it, the schedule ticks, and somebody sends nonsense."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from domain import calendar
from domain.billing import bill_now
from domain.clients import Client
from domain.identifiers import WorkId
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkDetails
from tests.builders import ids, some_work
from tests.simulation.asking import Asking
from tests.simulation.chance import Fault
from tests.simulation.clerks import Clerks
from tests.simulation.cloud import BEGIN, Cloud
from tests.simulation.operators import Operators
from tests.simulation.parties import Parties
from tests.simulation.queues import served

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_LENGTHS = (14 * _DAY, 14 * _DAY, 14 * _DAY, 28 * _DAY, 43 * _DAY)
_DATES = tuple(dt.date(2026, 10, 2) + dt.timedelta(days=9 * number) for number in range(6))

_FUTURE = json.dumps({"type": "invoicely.work.logged.v2", "id": "from the future"})
_POISON = ("this is no event", "[]", json.dumps({"type": "invoicely.work.logged.v1"}), _FUTURE)
_BROKEN: dict[str, Any] = {
    "PK": {"S": "ACCOUNT#acc_ada#CLIENT#cli_0000000000000001"},
    "SK": {"S": "WORK#broken"},
    "type": {"S": "WORK"},
}


class People:
    """Whoever acts upon the pipeline from outside."""

    def __init__(self, cloud: Cloud) -> None:
        self.length = cloud.chance.one_of(_LENGTHS)
        self.last_tick = BEGIN
        end = cloud.now() + dt.timedelta(seconds=self.length)
        self._dates = [date for date in _DATES if date <= end.date()]
        self.poison: set[str] = set()
        """The invoices that somebody asked for, whether they were made or refused."""
        self._cloud = cloud
        self._chance = cloud.chance
        self._asking = Asking(cloud)
        self._parties = Parties(cloud, self._asking)
        self._clients = self._parties.clients
        self.clerks = Clerks(cloud, self._asking, self._parties, self.tick)
        self.operators = Operators(cloud)
        self._ids = {client.id: ids() for client in self._clients}
        self._logged: list[tuple[Client, WorkId]] = []
        cloud.while_collecting = self._meddle
        self._due = [(day, client) for client in self._clients for day in self._due_days(client)]
        self._plan()

    def tick(self, instant: dt.datetime) -> None:
        """What the schedule does."""
        self.last_tick = max(self.last_tick, instant)
        self._cloud.tick({"time": instant.isoformat().replace("+00:00", "Z")})

    def _due_days(self, client: Client) -> list[float]:
        """The instants at which the client's invoices are due, as long as the workload lasts."""
        due: list[float] = []
        day = client.next_due_on
        while (instant := _seconds(calendar.due_instant(day, client.time_zone))) < self.length:
            if instant > 0:
                due.append(instant)
            day = calendar.first_due_date(day, client.invoice_day)
        return due

    def _many(self, least: int, most: int) -> int:
        return self._chance.random.randint(least, most)

    def _plan(self) -> None:
        for _ in range(self._many(1, 2)):
            self._sit_down(self._some_instant(), self._chance.one_of(self._clients), self._dates)
        for due, client in self._due:
            self._plan_ticks(due)
            if (done := self._dates_until(due)) and self._chance.happens(0.5):
                before = due - self._chance.between(0, 2 * _DAY)
                self._sit_down(self._chance.one_of((before, self._around(due))), client, done)
        if self._chance.happens(0.25):
            self._asking.at(self._some_instant(), self._parties.change_a_client)
        if self._chance.happens(0.1):
            self._asking.at(self._some_instant(), self._parties.forget_the_tax_id)
        if self._chance.happens(0.25):
            self._asking.at(self._some_instant(), self._parties.prepay)
        if self._chance.happens(0.3):
            self._plan_an_invoice(self._chance.one_of(self._clients))
        if self._due and self._chance.happens(0.8):
            due, _ = self._chance.one_of(self._due)
            self._asking.at(due + _HOUR, self._parties.change_the_account)
        self._plan_trouble()

    def _dates_until(self, instant: float) -> list[dt.date]:
        date = self._cloud.instant(instant).date()
        return [each for each in self._dates if each < date]

    def _sit_down(self, instant: float, client: Client, dates: Sequence[dt.date]) -> None:
        """Somebody logs a few things, one right after the other."""
        for _ in range(self._many(1, 2)):
            self._asking.at(instant, partial(self._log, client, dates))
            instant += self._chance.between(0, 2)

    def _plan_trouble(self) -> None:
        for _ in range(2):
            if self._chance.draws(Fault.POISON, times=10):
                self._asking.at(self._some_instant(), self._poison)
        if self._chance.draws(Fault.BROKEN_ITEM, times=20):
            self._asking.at(self._some_instant(), self._break_an_item)
        if self._chance.happens(0.4):
            self._asking.at(self._chance.between(0, self.length), self.operators.replay)
        if self._chance.happens(0.4):
            self._asking.at(self._chance.between(0, self.length), self.operators.ask)
        for service in ("store", "sns", "postman", "archive"):
            if self._chance.draws(Fault.OUTAGE, times=10):
                begin = self._some_instant()
                hours = self._chance.one_of((1, 24, 24) if service == "sns" else (0.05, 1, 3))
                self._cloud.outages[service] = begin, begin + hours * _HOUR

    def _plan_ticks(self, due: float) -> None:
        for later, probability in ((0.0, 1.0), (15 * _MINUTE, 0.2), (_DAY, 0.1)):
            if self._chance.happens(probability) and not self._chance.strikes(Fault.LOST_TICK, times=15):
                instant = BEGIN + dt.timedelta(seconds=due + later)
                for _ in range(2 if self._chance.strikes(Fault.DOUBLE_TICK, times=30) else 1):
                    self._asking.at(due + later + self._chance.between(0, 0.3), partial(self.tick, instant))

    def _some_instant(self) -> float:
        """Any, or one at which invoices are being made."""
        if self._due and self._chance.happens(0.6):
            due, _ = self._chance.one_of(self._due)
            return self._around(due)
        return self._chance.between(0, self.length)

    def _around(self, due: float) -> float:
        return due + self._chance.between(-3, 3)

    def _soon(self) -> float:
        return self._cloud.scheduler.now + self._chance.between(0, 3)

    def _some_work(self, dates: Sequence[dt.date]) -> WorkDetails:
        return work_of(self._chance.one_of(dates), billable=self._chance.happens(0.85))

    def _log(self, client: Client, dates: Sequence[dt.date]) -> None:
        details, cloud = self._some_work(dates), self._cloud

        def log() -> None:
            entry = log_work(
                details,
                account_id=client.account_id,
                client_id=client.id,
                clients=cloud.world.clients,
                work=cloud.world.work,
                new_id=self._ids[client.id],
            )
            self._logged.append((client, entry.id))
            self._plan_what_follows(client, entry.id)

        self._asking.ask(log)

    def _plan_what_follows(self, client: Client, work_id: WorkId) -> None:
        """An entry is edited or removed now and then, sometimes by two at once."""
        for _ in range(self._chance.one_of((0, 0, 0, 1, 1, 2))):
            instant = self._soon() if self._chance.happens(0.5) else self._some_instant()
            self._asking.at(instant, lambda: self._edit(client, work_id))
            if self._chance.happens(0.2):
                self._asking.at(instant, lambda: self._edit(client, work_id))
        if self._chance.happens(0.2):
            self._asking.at(self._some_instant(), lambda: self._remove(client, work_id))

    def _meddle(self) -> None:
        """Somebody changes work, or comes with more of it, just while an invoice is looking for it."""
        if not self._logged or not self._chance.is_stormy or not self._chance.happens(0.4):
            return
        client, work_id = self._chance.one_of(self._logged)
        act: Callable[[], None] = self._chance.one_of(
            (
                lambda: self._edit(client, work_id),
                lambda: self._remove(client, work_id),
                lambda: self._log(client, self._dates),
            )
        )
        self._cloud.scheduler.after(0, act)

    def _edit(self, client: Client, work_id: WorkId) -> None:
        details, work = self._some_work(self._dates), self._cloud.world.work

        def edit() -> None:
            edit_work(work_id, lambda _: details, account_id=client.account_id, work=work)

        self._asking.ask(edit)

    def _remove(self, client: Client, work_id: WorkId) -> None:
        work = self._cloud.world.work
        self._asking.ask(lambda: remove_work(work_id, account_id=client.account_id, work=work))

    def _plan_an_invoice(self, client: Client) -> None:
        """Somebody logs work and bills it, on any day or just when its invoice day comes."""
        instant = self._some_instant() if self._chance.happens(0.3) else self._chance.between(0, self.length)
        if done := self._dates_until(instant):
            self._sit_down(instant - _MINUTE, client, done)
        self._asking.at(instant, partial(self._bill, client))

    def _bill(self, client: Client) -> None:
        """Somebody wants an invoice now, of the work up to today or up to a few days ago."""
        world, days = self._cloud.world, dt.timedelta(days=self._chance.one_of((0, 0, 4)))
        body = self._cloud.new_id()

        def bill() -> None:
            now = self._cloud.now()
            today = calendar.local_date(now, client.time_zone)
            invoice = bill_now(
                client.id,
                account_id=client.account_id,
                until=today - days,
                now=now,
                clients=world.clients,
                invoices=world.invoices,
                opening=world.opening,
                collecting=world.collecting,
                new_id=lambda: body,
            )
            self._chance.seen["somebody billed again on a day"] += invoice.nth is not None
            self._chance.seen["somebody billed"] += 1

        for _ in range(2 if self._chance.happens(0.3) else 1):
            self._asking.ask(bill, name="bill_now")

    def _poison(self) -> None:
        """Nonsense in one of the queues."""
        queue = self._chance.one_of([told.name for told in served()])
        body = self._chance.one_of(_POISON)
        self.poison.add(body)
        if body == _FUTURE:
            self._cloud.scheduler.after(
                self._chance.between(0, _HOUR), partial(self.operators.give_up, queue, body)
            )
        self._chance.struck[Fault.POISON] += 1
        self._cloud.queues[queue].send(body)

    def _break_an_item(self) -> None:
        self._chance.struck[Fault.BROKEN_ITEM] += 1
        self._cloud.stream.break_by_hand(_BROKEN)


def _seconds(instant: dt.datetime) -> float:
    return (instant - BEGIN).total_seconds()


@cache
def work_of(date: dt.date, *, billable: bool) -> WorkDetails:
    """One of a few pieces of work."""
    return some_work(date=date, minutes=date.month * 30 + date.day, billable=billable, description="Work")
