import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from botocore.exceptions import ConnectionClosedError

from domain.errors import TryAgainLaterError
from domain.rates import AT_ONCE, Permits, TooManyRequestsError
from tests.builders import ADA, BOB
from tests.contract.watched import Watched
from tests.fakes import InMemoryRates
from tests.turns import take_turns
from tests.world import World

MINUTE = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
NOW = MINUTE + dt.timedelta(seconds=12, milliseconds=345)


def passed(permits: Permits, *, requests: int, now: dt.datetime = NOW) -> int:
    """How many of so many requests are let through."""
    return sum(is_let_through(permits, now) for _ in range(requests))


def is_let_through(permits: Permits, now: dt.datetime) -> bool:
    with suppress(TooManyRequestsError):
        permits.spend(account_id=ADA, now=now)
        return True
    return False


def test_what_is_taken_adds_up(world: World) -> None:
    taken = [world.rates.take(account_id=ADA, minute=MINUTE, permits=permits) for permits in (10, 1, 5)]

    assert taken == [10, 11, 16]


def test_each_account_and_each_minute_is_counted_by_itself(world: World) -> None:
    world.rates.take(account_id=ADA, minute=MINUTE, permits=10)

    assert world.rates.take(account_id=BOB, minute=MINUTE, permits=1) == 1
    assert world.rates.take(account_id=ADA, minute=MINUTE + dt.timedelta(minutes=1), permits=2) == 2


@pytest.mark.parametrize("limit", [1, 9, 10, 25, 60])
def test_several_processes_let_through_what_is_allowed_and_no_more(world: World, limit: int) -> None:
    processes = [Permits(world.rates, limit=limit) for _ in range(3)]

    assert sum(passed(process, requests=30) for process in processes) == min(limit, 3 * 30)
    assert passed(processes[0], requests=1) == 0


@pytest.mark.parametrize("schedule", [[0, 1, 2] * 30, [7, 6, 5] * 30, [0] * 90, [1, 1, 3, 0, 0, 5] * 15])
def test_eight_workers_never_get_more_than_the_limit(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    let_through: list[int] = []

    def asking(permits: Permits) -> Callable[[], None]:
        return lambda: let_through.append(passed(permits, requests=40))

    errors = take_turns(watched, schedule, *(asking(Permits(dynamodb.rates, limit=37)) for _ in range(8)))

    assert errors == [None] * 8
    assert sum(let_through) == 37


def test_eight_threads_of_one_process_never_get_more_than_the_limit() -> None:
    permits = Permits(InMemoryRates(), limit=137)

    with ThreadPoolExecutor(8) as threads:
        let_through = list(threads.map(lambda _: is_let_through(permits, NOW), range(400)))

    assert sum(let_through) == 137


def test_ten_requests_cost_one_call_and_those_that_are_refused_none(
    dynamodb: World, watched: Watched
) -> None:
    permits = Permits(dynamodb.rates, limit=20)

    assert passed(permits, requests=20) == 20
    assert watched.calls == {"update_item": 2}
    assert passed(permits, requests=50) == 0
    assert watched.calls == {"update_item": 3}


def test_the_table_forgets_a_minute_within_the_hour(dynamodb: World, watched: Watched) -> None:
    dynamodb.rates.take(account_id=ADA, minute=MINUTE, permits=AT_ONCE)

    values = watched.asked[0]["ExpressionAttributeValues"]
    assert values[":expires_at"] == {"N": str(int((MINUTE + dt.timedelta(hours=1)).timestamp()))}
    assert values[":kind"] == {"S": "RATE"}


def test_a_store_that_cannot_be_reached_says_that_it_may_be_later(dynamodb: World, watched: Watched) -> None:
    def unreachable(_: object) -> None:
        raise ConnectionClosedError(endpoint_url="https://dynamodb")

    watched.hook = unreachable

    with pytest.raises(TryAgainLaterError):
        Permits(dynamodb.rates, limit=20).spend(account_id=ADA, now=NOW)
