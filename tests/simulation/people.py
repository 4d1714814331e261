"""Who does what and when: users, the schedule, an operator, and whoever sends nonsense."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

from botocore.exceptions import ClientError

from domain import calendar
from domain.accounts import Account
from domain.billing import bill_now
from domain.clients import Client
from domain.errors import InvoicelyError, TryAgainLaterError
from domain.failures import MOST_REPLAYS, Failure
from domain.failures import State as FailureState
from domain.identifiers import AccountId, InvoiceId, JobId, WorkId, client_id, invoice_id
from domain.invoices import Invoice, State
from domain.own_failures import select_failures
from domain.own_replays import ask_for_replay
from domain.payments import PaymentDetails, record_payment, take_back
from domain.replaying import Runner
from domain.replays import WELL, JobState, pin_replay
from domain.tax import Tax
from domain.triage import Filters, find_failures
from domain.work import WorkDetails, WorkIsInvoicedError, edit_work, log_work, remove_work
from infrastructure import wiring
from tests.builders import ADA, BOB, a_client, an_account, ids, some_work
from tests.simulation.chance import Fault
from tests.simulation.cloud import BEGIN, Cloud
from tests.simulation.queues import consumed
from tests.simulation.scheduler import Crash, Worker

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_LENGTHS = (14 * _DAY, 14 * _DAY, 14 * _DAY, 28 * _DAY, 28 * _DAY, 43 * _DAY)
_DATES = tuple(dt.date(2026, 10, 2) + dt.timedelta(days=9 * number) for number in range(6))
_BEGINNINGS = (dt.date(2026, 10, 1), *[dt.date(2026, 10, 22)] * 3)
_ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")
_OPERATOR = "the operator"

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
        self.replayed: set[JobId] = set()
        self.asked: set[InvoiceId] = set()
        """The invoices that somebody asked for, whether they were made or refused."""
        self._cloud = cloud
        self._chance = cloud.chance
        accounts = [an_account_of(*self._some_account(number)) for number in range(self._many(1, 2))]
        self._clients = [self._client(number, accounts) for number in range(self._chance.one_of((1, 2, 2)))]
        self._ids = {client.id: ids() for client in self._clients}
        cloud.world.having(*accounts, *self._clients)
        cloud.watch.look()
        self._logged: list[tuple[Client, WorkId]] = []
        cloud.while_collecting = self._meddle
        self._due = [(day, client) for client in self._clients for day in self._due_days(client)]
        self._plan()

    def _some_account(self, number: int) -> tuple[int, str]:
        return number, self._chance.one_of(("{year}-{seq:04}", "{seq}"))

    def tick(self, instant: dt.datetime) -> None:
        """What the schedule does."""
        self.last_tick = max(self.last_tick, instant)
        self._cloud.tick({"time": instant.isoformat().replace("+00:00", "Z")})

    def replay(self) -> None:
        """What a person does weeks later: whatever waits for one is shown, pinned, and sent again."""
        if any(each.state is FailureState.PARKED for each in self._cloud.store.failures.values()):
            self._cloud.request(self._pin, name="operator")

    def _pin(self, worker: Worker) -> None:
        cloud, jobs = self._cloud, self._cloud.world.replay_jobs
        with suppress(InvoicelyError, Crash):
            parked = find_failures(Filters(states=(FailureState.PARKED,)), ledger=cloud.world.ledger)
            shown = [failure for failure in parked if failure.replays < MOST_REPLAYS]
            job = pin_replay(
                shown, asked="parked", jobs=jobs, now=cloud.now(), actor=_OPERATOR, new_id=cloud.new_id
            )
            for _ in range(2 if self._chance.happens(0.3) else 1):
                self._carry_out(job.id, self._chance.between(0, 1))
        cloud.watch.ended("operator", None, worker)

    def ask(self) -> None:
        """What an owner does over HTTP: whatever waits for a person is sent again, by the timer."""
        account_id = self._chance.one_of(self._clients).account_id
        own = [each for each in self._cloud.store.failures.values() if each.account_id == account_id]
        if any(each.state is FailureState.PARKED for each in own):
            self._cloud.request(partial(self._ask, account_id), name="operator")

    def _ask(self, account_id: AccountId, worker: Worker) -> None:
        cloud = self._cloud
        filters = Filters(account_id=account_id, states=(FailureState.PARKED,))
        with suppress(InvoicelyError, Crash):
            found = select_failures(filters, account_id=account_id, ledger=cloud.world.ledger)
            ask_for_replay(
                found.failures,
                asked="parked",
                account_id=account_id,
                jobs=cloud.world.replay_jobs,
                now=cloud.now(),
                actor="account, signed in",
                new_id=cloud.new_id,
            )
            self._chance.seen["an owner replayed what failed"] += 1
        cloud.watch.ended("operator", None, worker)
        cloud.arrange_retries()

    def _carry_out(self, job_id: JobId, seconds: float) -> None:
        """Run a job in a while; whoever sees it die, or stop, runs it again."""
        run = partial(self._run, job_id)
        self._cloud.scheduler.after(seconds, lambda: self._cloud.request(run, name="operator"))

    def _run(self, job_id: JobId, worker: Worker) -> None:
        cloud = self._cloud
        runner = Runner(
            jobs=cloud.world.replay_jobs,
            ledger=cloud.world.ledger,
            sources=wiring.sources(),
            now=cloud.now,
            pause=partial(cloud.scheduler.pause, worker),
            actor=_OPERATOR,
            progress=lambda _: None,
        )
        with suppress(InvoicelyError, ClientError, Crash):
            replayed = runner.run(job_id)
            if replayed.job.state is JobState.DONE and job_id not in self.replayed:
                self.replayed.add(job_id)
                self._chance.struck[Fault.WEEKS_LATER] += sum(replayed.counts[fate] for fate in WELL)
        if cloud.store.replays[job_id].state is not JobState.DONE:
            self._chance.seen["a replay was resumed"] += 1
            self._carry_out(job_id, self._chance.between(0, 10 * _HOUR))
        cloud.watch.ended("operator", None, worker)

    def _discard(self, failure: Failure, worker: Worker) -> None:
        """Give up what no code will ever read."""

        def change(known: Failure | None) -> Failure:
            assert known is not None
            return known.discarded(self._cloud.now(), actor=_OPERATOR, reason="nonsense")

        with suppress(InvoicelyError, Crash):
            self._cloud.world.ledger.update(failure_id=failure.id, change=change)
        self._cloud.watch.ended("operator", None, worker)

    def _give_up(self, queue: str, body: str) -> None:
        """Discard an event that is newer than the code, once the ledger has it: no deployment comes here."""
        failures = [each for each in self._cloud.store.failures.values() if each.queue == queue]
        known = [failure for failure in failures if failure.body == body]
        left = [failure for failure in known if failure.is_open]
        for failure in left:
            self._cloud.request(partial(self._discard, failure), name="operator")
        queues = self._cloud.queues.values()
        is_on_its_way = any(each.body == body for held in queues for each in held.messages.values())
        if left or is_on_its_way or not known:
            self._cloud.scheduler.after(_HOUR, partial(self._give_up, queue, body))

    def _client(self, number: int, accounts: Sequence[Account]) -> Client:
        behind = self._chance.happens(0.025)
        return client_of(
            number,
            accounts[number % len(accounts)].id,
            self._chance.one_of((5, 15, 31, "last")),
            dt.date(2025, 9, 1) if behind else self._chance.one_of(_BEGINNINGS),
            self._chance.one_of(("previous_month", "since_last_invoice_day", "since_last_invoice_day")),
        )

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
        for _ in range(self._many(1, 3)):
            self._sit_down(self._some_instant(), self._chance.one_of(self._clients), self._dates)
        for due, client in self._due:
            self._plan_ticks(due)
            if (done := self._dates_until(due)) and self._chance.happens(0.6):
                before = due - self._chance.between(0, 2 * _DAY)
                self._sit_down(self._chance.one_of((before, self._around(due))), client, done)
        if self._chance.happens(0.25):
            self._at(self._some_instant(), self._change_a_client)
        if self._chance.happens(0.3):
            self._plan_an_invoice(self._chance.one_of(self._clients))
        if self._due and self._chance.happens(0.7):
            due, _ = self._chance.one_of(self._due)
            self._at(due + _HOUR, self._change_the_account)
        self._plan_payments()
        self._plan_trouble()

    def _dates_until(self, instant: float) -> list[dt.date]:
        date = self._cloud.instant(instant).date()
        return [each for each in self._dates if each < date]

    def _sit_down(self, instant: float, client: Client, dates: Sequence[dt.date]) -> None:
        """Somebody logs a few things, one right after the other."""
        for _ in range(self._many(1, 2)):
            self._at(instant, partial(self._log, client, dates))
            instant += self._chance.between(0, 2)

    def _plan_trouble(self) -> None:
        for _ in range(2):
            if self._chance.draws(Fault.POISON, times=10):
                self._at(self._some_instant(), self._poison)
        if self._chance.draws(Fault.BROKEN_ITEM, times=20):
            self._at(self._some_instant(), self._break_an_item)
        if self._chance.happens(0.4):
            self._at(self._chance.between(0, self.length), self.replay)
        if self._chance.happens(0.4):
            self._at(self._chance.between(0, self.length), self.ask)
        for service in ("store", "sns", "postman", "archive"):
            if self._chance.draws(Fault.OUTAGE, times=10):
                begin = self._some_instant()
                hours = self._chance.one_of((1, 24, 24) if service == "sns" else (0.05, 1, 3))
                self._cloud.outages[service] = begin, begin + hours * _HOUR

    def _plan_ticks(self, due: float) -> None:
        for later, probability in ((0.0, 1.0), (15 * _MINUTE, 0.3), (_DAY, 0.2)):
            if self._chance.happens(probability) and not self._chance.strikes(Fault.LOST_TICK, times=15):
                instant = BEGIN + dt.timedelta(seconds=due + later)
                for _ in range(2 if self._chance.strikes(Fault.DOUBLE_TICK, times=30) else 1):
                    self._at(due + later + self._chance.between(0, 0.3), partial(self.tick, instant))

    def _at(self, instant: float, act: Callable[[], None]) -> None:
        self._cloud.scheduler.at(max(instant, self._cloud.scheduler.now), act)

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

        self._request(log)

    def _plan_what_follows(self, client: Client, work_id: WorkId) -> None:
        """An entry is edited or removed now and then, sometimes by two at once."""
        for _ in range(self._chance.one_of((0, 0, 0, 1, 1, 2))):
            instant = self._soon() if self._chance.happens(0.5) else self._some_instant()
            self._at(instant, lambda: self._edit(client, work_id))
            if self._chance.happens(0.2):
                self._at(instant, lambda: self._edit(client, work_id))
        if self._chance.happens(0.2):
            self._at(self._some_instant(), lambda: self._remove(client, work_id))

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

        self._request(edit)

    def _remove(self, client: Client, work_id: WorkId) -> None:
        work = self._cloud.world.work
        self._request(lambda: remove_work(work_id, account_id=client.account_id, work=work))

    def _plan_an_invoice(self, client: Client) -> None:
        """Somebody logs work and bills it, on any day or just when its invoice day comes."""
        instant = self._some_instant() if self._chance.happens(0.3) else self._chance.between(0, self.length)
        if done := self._dates_until(instant):
            self._sit_down(instant - _MINUTE, client, done)
        self._at(instant, partial(self._bill, client))

    def _bill(self, client: Client) -> None:
        """Somebody wants an invoice now, of the work up to today or up to a few days ago."""
        world, days = self._cloud.world, dt.timedelta(days=self._chance.one_of((0, 0, 4)))

        def bill() -> None:
            now = self._cloud.now()
            today = calendar.local_date(now, client.time_zone)
            self.asked.add(invoice_id(client.id, today))
            bill_now(
                client.id,
                account_id=client.account_id,
                until=today - days,
                now=now,
                clients=world.clients,
                opening=world.opening,
                collecting=world.collecting,
            )
            self._chance.seen["somebody billed"] += 1

        for _ in range(2 if self._chance.happens(0.3) else 1):
            self._request(bill, name="bill_now")

    def _plan_payments(self) -> None:
        """What was issued is paid, in parts, twice, or too much; some of it is taken back."""
        for number in range(self._many(0, 3)):
            self._at(
                self._some_instant() + self._chance.between(0, _HOUR), partial(self._pay, f"{number:016}")
            )

    def _pay(self, body: str) -> None:
        world = self._cloud.world
        issued = [each for each in self._cloud.store.all(Invoice) if each.state is State.ISSUED]
        if not issued:
            return
        invoice, details = (
            self._chance.one_of(issued),
            self._chance.one_of((PaymentDetails(), PaymentDetails(amount=700))),
        )
        ports: Any = {
            "account_id": invoice.account_id,
            "invoices": world.invoices,
            "payments": world.payments,
        }

        def pay() -> None:
            ports["now"] = self._cloud.now()
            payment, _ = record_payment(details, invoice_id=invoice.id, new_id=lambda: body, **ports)
            self._chance.seen["somebody paid"] += 1
            if self._chance.happens(0.2):
                self._request(lambda: _done(take_back(payment.id, **ports)), name="pay")

        for _ in range(2 if self._chance.happens(0.3) else 1):
            self._request(pay, name="pay")

    def _change_a_client(self) -> None:
        client, clients = self._chance.one_of(self._clients), self._cloud.world.clients
        today = self._cloud.now().date()
        days = self._chance.one_of((5, 20, 31))
        change = self._chance.one_of(
            (
                lambda stored: stored.changed(replace(stored.details(), invoice_day=days)),
                lambda stored: stored.changed(replace(stored.details(), hourly_rate=Decimal("85.50"))),
                Client.paused,
            )
        )

        def update(how: Callable[[Client], Client]) -> Callable[[], None]:
            return lambda: self._request(
                lambda: _done(clients.update(account_id=client.account_id, client_id=client.id, change=how))
            )

        update(change)()
        if change is Client.paused:
            later = self._cloud.scheduler.now + self._chance.between(0, 10 * _DAY)
            self._at(later, update(lambda stored: stored.resumed(today)))

    def _change_the_account(self) -> None:
        """Its numbers begin with the year from now on, or do so no longer."""

        def change(stored: Account) -> Account:
            return replace(
                stored, number_pattern="R{seq}" if "{year}" in stored.number_pattern else "{year}/{seq}"
            )

        account_id, accounts = self._clients[0].account_id, self._cloud.world.accounts
        self._request(lambda: _done(accounts.update(account_id=account_id, change=change)))

    def _poison(self) -> None:
        """Nonsense in one of the queues."""
        queue = self._chance.one_of([told.name for told in consumed()])
        body = self._chance.one_of(_POISON)
        self.poison.add(body)
        if body == _FUTURE:
            self._cloud.scheduler.after(self._chance.between(0, _HOUR), partial(self._give_up, queue, body))
        self._chance.struck[Fault.POISON] += 1
        self._cloud.queues[queue].send(body)

    def _break_an_item(self) -> None:
        self._chance.struck[Fault.BROKEN_ITEM] += 1
        self._cloud.stream.break_by_hand(_BROKEN)

    def _request(self, work: Callable[[], None], *, again: bool = True, name: str = "request") -> None:
        """Somebody asks for something over HTTP, and once again where they are told to."""

        def run(worker: Worker) -> None:
            try:
                work()
            except TryAgainLaterError:
                if again:
                    self._at(
                        self._cloud.scheduler.now + self._chance.between(0, 5),
                        lambda: self._request(work, again=False, name=name),
                    )
            except WorkIsInvoicedError:
                self._chance.seen["an edit came too late"] += 1
            except (InvoicelyError, Crash):
                pass
            self._cloud.watch.ended(name, None, worker)

        self._cloud.request(run, name=name)


def _seconds(instant: dt.datetime) -> float:
    return (instant - BEGIN).total_seconds()


def _done(_: object) -> None:
    """Let a value go."""


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


@cache
def work_of(date: dt.date, *, billable: bool) -> WorkDetails:
    """One of a few pieces of work."""
    return some_work(date=date, minutes=date.month * 30 + date.day, billable=billable, description="Work")
