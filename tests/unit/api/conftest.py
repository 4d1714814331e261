"""The HTTP API over fakes: two users, and a world that tests fill."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from functools import partial

import pytest

from infrastructure import wiring
from tests.builders import ids
from tests.fakes import InMemoryArchive, Store
from tests.gateway import User
from tests.logs import Log, caught_log
from tests.world import World, in_memory

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    world, archive, new_id = in_memory(store), InMemoryArchive(store), ids()
    for port in fields(World):
        monkeypatch.setattr(wiring, port.name, partial(getattr, world, port.name))
    monkeypatch.setattr(wiring, "archive", lambda: archive)
    monkeypatch.setattr(wiring, "now", lambda: NOW)
    monkeypatch.setattr(wiring, "new_id", new_id)
    return world


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
