import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from domain.identifiers import AccountId
from domain.rates import Permits, TooManyRequestsError
from tests.builders import ADA, BOB
from tests.fakes import InMemoryRates, Store

NOON = dt.datetime(2026, 10, 28, 12, tzinfo=dt.UTC)


def spend(permits: Permits, number: int, *, now: dt.datetime = NOON) -> None:
    for _ in range(number):
        permits.spend(account_id=ADA, now=now)


@pytest.mark.parametrize(("after", "seconds"), [(0, 60), (0.001, 60), (12.5, 48), (59, 1), (59.999, 1)])
def test_who_has_used_up_the_minute_hears_how_long_it_lasts(after: float, seconds: int) -> None:
    permits, now = Permits(InMemoryRates(), limit=3), NOON + dt.timedelta(seconds=after)
    spend(permits, 3, now=now)

    with pytest.raises(TooManyRequestsError, match=f"at most 3 requests a minute.* in {seconds} s") as raised:
        spend(permits, 1, now=now)

    assert raised.value.seconds == seconds


def test_the_next_minute_is_a_new_one() -> None:
    permits = Permits(InMemoryRates(), limit=3)
    spend(permits, 3)
    with pytest.raises(TooManyRequestsError):
        spend(permits, 1)

    spend(permits, 3, now=NOON + dt.timedelta(minutes=1))


def test_permits_of_one_minute_are_worth_nothing_in_the_next() -> None:
    store = Store()
    permits = Permits(InMemoryRates(store), limit=100)
    spend(permits, 1)

    spend(permits, 1, now=NOON + dt.timedelta(minutes=1))

    assert store.calls == {"rates.take": 2}


def test_an_account_that_has_used_up_its_minute_takes_nothing_from_another() -> None:
    permits = Permits(InMemoryRates(), limit=3)
    spend(permits, 3)

    for _ in range(3):
        permits.spend(account_id=BOB, now=NOON)


class ReadAtOnce(dict[AccountId, int]):
    """Lets two threads read before either writes, where nothing holds one of them up."""

    both = Barrier(2)

    def get(self, *arguments: Any) -> Any:
        read = super().get(*arguments)
        with suppress(BrokenBarrierError):
            self.both.wait(timeout=0.2)
        return read


def test_the_last_permit_is_spent_by_one_of_two_threads() -> None:
    permits = Permits(InMemoryRates(), limit=2)
    spend(permits, 1)
    permits._left = ReadAtOnce(permits._left)

    def is_let_through(_: int) -> bool:
        with suppress(TooManyRequestsError):
            spend(permits, 1)
            return True
        return False

    with ThreadPoolExecutor(2) as threads:
        let_through = list(threads.map(is_let_through, range(2)))

    assert sorted(let_through) == [False, True]
