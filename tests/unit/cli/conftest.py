"""`invoicely` over fakes."""

import datetime as dt

import pytest

from tests.fakes import Store
from tests.ledgers import three_failures
from tests.terminal import ME, Terminal
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
def failed(world: World) -> World:
    """A world with three failures of two causes."""
    return three_failures(world)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing."""
    for name in ("ENVIRONMENT", "HOME", "ACCOUNT", "ACTOR"):
        monkeypatch.delenv(f"INVOICELY_{name}", raising=False)
    monkeypatch.delenv("TABLE_NAME", raising=False)


@pytest.fixture
def invoicely(
    world: World, nowhere: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """A terminal where settings and account are given, so that commands look for no environment."""
    monkeypatch.setenv("TABLE_NAME", "table")
    monkeypatch.setenv("INVOICELY_ACCOUNT", ME)
    return Terminal(capsys)
