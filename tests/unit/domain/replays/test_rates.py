"""A replay keeps to its rate, queue by queue, and can be stopped."""

import datetime as dt
from decimal import Decimal

import pytest

from domain.errors import InvalidError
from domain.retries import Outcome
from tests.operating import AFTER_SENDING, NOW, Desk, parked
from tests.turns import once


def test_the_queues_come_one_after_the_other_and_each_from_its_oldest_failure_on(desk: Desk) -> None:
    shown = desk.having(parked(1, queue="delivery"), parked(2), parked(3, queue="delivery"), parked(4))

    desk.runner().run(desk.pin(shown).id)

    assert desk.sent() == [2, 4, 1, 3]


@pytest.mark.parametrize(("rate", "few"), [("0.5", 1), ("4", 4), ("1000", 10)])
def test_no_more_are_sent_than_the_rate_allows(desk: Desk, rate: str, few: int) -> None:
    job = desk.pin(desk.having(*map(parked, range(20))), rate=Decimal(rate))

    desk.runner().run(job.id)

    assert desk.store.calls["sources.send"] == 20 / few
    assert sum(desk.waits) == pytest.approx(20 / float(rate))
    assert max(desk.waits) == pytest.approx(few / float(rate))


def test_the_time_that_sending_takes_is_no_time_to_wait(desk: Desk) -> None:
    job = desk.pin(desk.having(*map(parked, range(10))), rate=Decimal(10))

    def take_a_while() -> None:
        desk.now += dt.timedelta(seconds=0.75)

    once(desk.store, AFTER_SENDING, take_a_while)
    desk.runner().run(job.id)

    assert desk.waits == [0.25]


def test_what_is_settled_at_once_keeps_to_the_rate_too(desk: Desk) -> None:
    shown = desk.having(*(parked(number, queue="stream") for number in range(20)))
    desk.sources.outcomes = {failure.id: Outcome.SETTLED for failure in shown}

    desk.runner().run(desk.pin(shown, rate=Decimal(1)).id)

    assert desk.waits == [1] * 20


def test_what_is_skipped_takes_no_time(desk: Desk) -> None:
    shown = desk.having(*map(parked, range(10)))
    job = desk.pin(shown)
    for failure in shown:
        desk.change(failure, lambda known: known.resolved(NOW, actor="counters"))

    desk.runner().run(job.id)

    assert desk.waits == []


def test_a_run_may_have_another_rate(desk: Desk) -> None:
    job = desk.pin(desk.having(parked(1)), rate=Decimal(10))

    replayed = desk.runner().run(job.id, rate=Decimal(2))

    assert (desk.waits, replayed.job.rate) == ([0.5], Decimal(2))


@pytest.mark.parametrize("rate", ["0", "-1", "0.05", "1001", "1.005", "NaN"])
def test_a_rate_out_of_range_is_refused(desk: Desk, rate: str) -> None:
    shown = desk.having(parked(1))
    job = desk.pin(shown)

    with pytest.raises(InvalidError):
        desk.pin(shown, rate=Decimal(rate))
    with pytest.raises(InvalidError):
        desk.runner().run(job.id, rate=Decimal(rate))

    assert len(desk.jobs) == 1
    assert desk.sent() == []


def test_it_tells_how_long_it_will_take(desk: Desk) -> None:
    assert desk.pin(desk.having(*map(parked, range(90))), rate=Decimal("0.5")).minutes == 3
