import pytest

from domain.failures import failure_id
from domain.pace import FASTEST, MOST_SAMPLED, SLOWEST, Pace

SENT = tuple(failure_id("counters", str(number)) for number in range(10))


@pytest.mark.parametrize(
    ("still_open", "allowed"),
    [(0, 200), (5, 200), (6, 50), (10, 50)],
)
def test_is_halved_while_most_of_what_went_out_is_not_dealt_with_and_doubled_after(
    still_open: int, allowed: int
) -> None:
    pace = Pace(queue="counters", allowed=100, sample=SENT)

    assert pace.after(still_open=still_open).allowed == allowed


def test_is_never_faster_than_twenty_a_second_and_never_stands_still() -> None:
    fast = Pace(queue="counters", sample=SENT)
    slow = Pace(queue="counters", allowed=SLOWEST, sample=SENT)

    assert fast.allowed == fast.after(still_open=0).allowed == FASTEST == 20 * 60
    assert slow.after(still_open=10).allowed == SLOWEST


def test_stays_as_it_is_where_nothing_went_out() -> None:
    pace = Pace(queue="counters", allowed=100)

    assert pace.after(still_open=0) == pace


def test_remembers_some_of_what_went_out() -> None:
    sent = [failure_id("counters", str(number)) for number in range(MOST_SAMPLED + 1)]

    assert Pace(queue="counters").having(sent).sample == tuple(sent[:MOST_SAMPLED])
