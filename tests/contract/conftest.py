"""Every suite runs twice: against the fakes, and against the adapters over a table in this process."""

from collections.abc import Iterator

import pytest

from infrastructure.retrying import without_waiting
from tests import data_stack
from tests.contract.tables import over
from tests.contract.watched import Watched
from tests.fakes import Store
from tests.world import World, in_memory


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, socket_disabled: None) -> Iterator[None]:
    """What the adapters find around them; retries do not wait."""
    for name, value in data_stack.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with without_waiting():
        yield


@pytest.fixture
def watched(environment: None) -> Iterator[Watched]:
    """The client of an empty table."""
    with data_stack.standing():
        yield Watched(data_stack.client("dynamodb"))


@pytest.fixture
def dynamodb(watched: Watched) -> World:
    return over(watched)


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    """All ports over one store."""
    if request.param == "memory":
        return in_memory(Store())
    over_the_table: World = request.getfixturevalue("dynamodb")
    return over_the_table
