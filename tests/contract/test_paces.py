from domain.failures import failure_id
from domain.pace import FASTEST, Pace
from tests.world import World

COUNTERS = Pace(queue="counters", allowed=75)


def test_a_queue_that_never_had_a_pace_has_the_fastest(world: World) -> None:
    assert world.paces.get(queue="counters") == Pace(queue="counters", allowed=FASTEST, sample=())


def test_the_pace_that_was_put_last_counts(world: World) -> None:
    world.paces.put(pace=COUNTERS.having([failure_id("counters", "e1"), failure_id("counters", "e2")]))
    world.paces.put(pace=COUNTERS.having([]))

    assert world.paces.get(queue="counters") == COUNTERS


def test_a_sample_comes_back_in_order(world: World) -> None:
    sent = [failure_id("counters", str(number)) for number in range(9)]

    world.paces.put(pace=COUNTERS.having(sent))

    assert world.paces.get(queue="counters").sample == tuple(sent)


def test_each_queue_has_its_own(world: World) -> None:
    world.paces.put(pace=COUNTERS)

    assert world.paces.get(queue="delivery") == Pace(queue="delivery")
