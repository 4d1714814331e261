"""A step that asks more of the table than it takes just now is tried again, for as long as that may last."""

import pytest
from botocore.exceptions import ClientError

from infrastructure.dynamodb.errors import StoreThrottledError
from tests import long_work
from tests.contract.watched import Watched
from tests.fakes import Moment, Step
from tests.long_work import LongWork
from tests.world import World

THROTTLED = ClientError(
    {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": [{"Code": "None"}, {"Code": "ThrottlingError"}],
    },
    "TransactWriteItems",
)


def throttle(watched: Watched, times: int) -> list[ClientError]:
    """Let the table refuse the next writes; what it has left to refuse them with."""
    left = [THROTTLED] * times

    def hook(step: Step) -> None:
        if left and step.commits and step.moment is Moment.BEFORE:
            raise left.pop()

    watched.hook = hook
    return left


@pytest.mark.parametrize("work", long_work.ALL.values(), ids=long_work.ALL.keys())
def test_a_step_that_is_throttled_eleven_times_is_done_all_the_same(
    dynamodb: World, watched: Watched, work: LongWork
) -> None:
    run = work.prepare(dynamodb, 2)
    left = throttle(watched, 11)

    done = run(dynamodb)

    assert not left
    assert run(dynamodb) == done


def test_a_table_that_takes_nothing_at_all_is_left_alone_after_twelve_attempts(
    dynamodb: World, watched: Watched
) -> None:
    run = long_work.ALL["issuing"].prepare(dynamodb, 2)
    left = throttle(watched, 99)

    with pytest.raises(StoreThrottledError):
        run(dynamodb)

    assert len(left) == 99 - 12
