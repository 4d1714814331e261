"""The HTTP API over fakes: two users, and a world that tests fill."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.fakes import Store
from tests.gateway import User
from tests.logs import Log, caught_log
from tests.wired import wired
from tests.world import World

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    return wired(store, monkeypatch, now=NOW)


@pytest.fixture
def log() -> Iterator[Log]:
    """What is logged, as it is logged."""
    with caught_log() as log:
        yield log


@pytest.fixture
def ada(world: World) -> User:
    return User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")


@pytest.fixture
def bob(world: World) -> User:
    return User("0b0b0b0b-1111-4222-8333-444444444444")
