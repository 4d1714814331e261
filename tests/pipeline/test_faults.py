"""Whatever comes twice, late, in any order or half-way, the counters are a recount and nothing is doubled."""

import datetime as dt
from collections.abc import Callable, Collection
from random import Random

import pytest
from botocore.exceptions import ReadTimeoutError

from domain.delivery import Delivery, Progress
from domain.failures import State as Outcome
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from infrastructure import wiring
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, a_client_of, add_client, log_work, somebody
from tests.pipeline.sdk_faults import CrashError
from tests.pipeline.stored import all_of, failures, mails
from tests.recount import recount, shown

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

WRITES = {"TransactWriteItems", "PublishBatch", "PutObject", "SendRawEmail"}

Interruption = Callable[[str], None]


@pytest.mark.parametrize("seed", range(2))
def test_duplicates_in_any_order_change_nothing(clock: Clock, seed: int) -> None:
    cloud = Cloud(seed=seed, duplicates=0.5, shuffled=True)

    play_a_month(cloud, clock)

    assert_that_all_is_well(cloud)
    assert len(mails()) == 2


@pytest.mark.parametrize("seed", range(2))
def test_lost_answers_change_nothing(clock: Clock, seed: int) -> None:
    lost = now_and_then(answer_lost, seed)
    cloud = Cloud(seed=seed, duplicates=0.2, shuffled=True, after=lost, clock=clock)

    play_a_month(cloud, clock)

    assert_that_all_is_well(cloud)


@pytest.mark.parametrize("seed", range(2))
def test_crashes_change_nothing(clock: Clock, seed: int) -> None:
    cloud = Cloud(seed=seed, duplicates=0.2, shuffled=True, after=now_and_then(crash, seed), clock=clock)

    play_a_month(cloud, clock)

    assert_that_all_is_well(cloud)


def test_a_crash_after_any_single_write_is_made_good(clock: Clock) -> None:
    """Each user's month crashes one write later than the one before, until a month goes through."""
    crashes = Countdown(crash, WRITES)
    cloud = Cloud(after=crashes, clock=clock)
    number = 0
    while crashes.hit:
        user, number = somebody(number), number + 1
        log_work(user, a_client_of(user))
        crashes.in_calls(number)
        cloud.run()
        cloud.tick(clock.now)
        cloud.run()

    assert number > 15
    assert [invoice.state for invoice in all_of(Invoice)] == [State.ISSUED] * number
    unsure = [each.progress for each in all_of(Delivery) if each.progress is not Progress.SENT]
    assert unsure == [Progress.UNKNOWN] * 2  # it crashed just before and just after the mail was handed over
    assert [(failure.queue, failure.state) for failure in failures()] == [("delivery", Outcome.PARKED)] * 2
    assert len(mails()) == number - 1


def test_a_mail_whose_answer_is_lost_is_not_sent_again_and_a_person_is_told(clock: Clock) -> None:
    cloud = Cloud(after=on("SendRawEmail", answer_lost), clock=clock)

    log_work(ADA, a_client_of(ADA))
    cloud.tick(clock.now)
    cloud.run()  # two minutes pass before each attempt but the first

    assert len(mails()) == 1
    assert [delivery.progress for delivery in all_of(Delivery)] == [Progress.UNKNOWN]
    [failure] = failures()
    assert (failure.queue, failure.state, failure.attempts) == ("delivery", Outcome.PARKED, 4)
    assert failure.cause.error == "DeliveryUnknownError"


def test_an_unpublished_change_is_published_again_and_nothing_before_it(clock: Clock) -> None:
    refusals = Countdown(answer_lost, ["PublishBatch"])
    cloud = Cloud(after=refusals)
    acme = a_client_of(ADA)
    for _ in range(25):
        log_work(ADA, acme)
    refusals.in_calls(2)

    cloud.run()

    assert cloud.published.count("invoicely.work.logged.v1") == 25 + 10
    [counter] = wiring.counters().list(account_id=ADA.account_id)
    assert counter.total.entries == 25


def play_a_month(cloud: Cloud, clock: Clock) -> None:
    """Two clients; entries that are logged, moved to another month, removed; a tick for each and one more."""
    acme = a_client_of(ADA)
    hudson = add_client(ADA, invoice_day=25, currency="USD")
    for day in range(1, 13):
        month = "09" if day % 2 else "10"
        entry = log_work(ADA, acme if day % 3 else hudson, date=f"2026-{month}-{day:02}", minutes=day)
        if day % 2:
            ADA.patch(f"/v1/work-entries/{entry}", {"minutes": 100 + day, "date": f"2026-10-{day:02}"})
        if day % 4 == 0:
            ADA.delete(f"/v1/work-entries/{entry}")
        if day % 5 == 0:
            cloud.run()
    for day in (25, 28, 31, 31):
        clock.now = dt.datetime(2026, 10, day, 8, 15, tzinfo=dt.UTC)
        cloud.tick(clock.now)
        cloud.run()


def assert_that_all_is_well(cloud: Cloud) -> None:
    work, invoices = all_of(WorkEntry), all_of(Invoice)
    assert shown(wiring.counters().list(account_id=ADA.account_id)) == recount(work, invoices)
    assert sorted(str(invoice.number) for invoice in invoices) == ["2026-0001", "2026-0002"]
    assert all(entry.invoiced_on for entry in work if not entry.removed)
    numbers = [mail["Subject"].split()[1] for mail in mails()]
    assert len(numbers) == len(set(numbers))
    unsure = [each for each in all_of(Delivery) if each.progress is not Progress.SENT]
    assert all(each.progress is Progress.UNKNOWN for each in unsure)
    assert {name: queue.dead for name, queue in cloud.queues.items() if queue.dead} == {}
    parked = [failure for failure in failures() if failure.is_open]
    assert [failure.queue for failure in parked] == ["delivery"] * len(unsure)


def answer_lost() -> None:
    raise ReadTimeoutError(endpoint_url="https://eu-west-1.amazonaws.com")


def crash() -> None:
    raise CrashError


def now_and_then(fault: Callable[[], None], seed: int) -> Interruption:
    """At one write in eight."""
    random = Random(seed)  # noqa: S311 - chance, repeatable
    return lambda called: fault() if called in WRITES and random.random() < 1 / 8 else None


def on(operation: str, fault: Callable[[], None]) -> Interruption:
    """Every call of one operation."""
    return lambda called: fault() if called == operation else None


class Countdown:
    """Strikes once, after so many calls of some operations; `hit` tells whether it did."""

    def __init__(self, fault: Callable[[], None], operations: Collection[str]) -> None:
        self._fault, self._operations, self._left = fault, operations, 0
        self.hit = True

    def in_calls(self, number: int) -> None:
        self._left, self.hit = number, False

    def __call__(self, operation: str) -> None:
        if self._left and operation in self._operations:
            self._left -= 1
            if not self._left:
                self.hit = True
                self._fault()
