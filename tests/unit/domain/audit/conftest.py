import pytest

from tests.fakes import Store
from tests.lived import LATER, NOVEMBER_30, a_month, bill, count
from tests.world import World, in_memory


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    return a_month(in_memory(store))


@pytest.fixture
def second(world: World) -> World:
    """A world in which November has gone by too."""
    world.having(*LATER)
    bill(world, NOVEMBER_30)
    count(world)
    return world
