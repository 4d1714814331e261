"""A world of fakes behind `infrastructure.wiring`, so that handlers find it there."""

import datetime as dt
from functools import partial

import pytest

from domain.rates import Permits
from infrastructure import wiring
from tests.builders import ids
from tests.fakes import InMemoryArchive, InMemoryRates, InMemorySources, Store
from tests.world import World, in_memory


def wired(store: Store, monkeypatch: pytest.MonkeyPatch, *, now: dt.datetime) -> World:
    """A world over *store* in which it is always *now*."""
    world, archive, new_id = in_memory(store), InMemoryArchive(store), ids()
    sources = InMemorySources(store)
    for port in World.ports():
        monkeypatch.setattr(wiring, port, partial(getattr, world, port))
    monkeypatch.setattr(wiring, "books", world.books)
    monkeypatch.setattr(wiring, "archive", lambda: archive)
    monkeypatch.setattr(wiring, "sources", lambda: sources)
    monkeypatch.setattr(wiring, "now", lambda: now)
    monkeypatch.setattr(wiring, "new_id", new_id)
    permits = Permits(InMemoryRates(), limit=10**9)
    monkeypatch.setattr(wiring, "permits", lambda: permits)
    return world
