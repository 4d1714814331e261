"""The authorizer over fakes, and an issuer whose keys it knows."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handlers.authorize import handler
from infrastructure import wiring
from infrastructure.key_sets import KeySet
from infrastructure.openid import SignIns
from tests.aws_events import payload
from tests.fakes import Store
from tests.issuers import ADDRESS, AUDIENCE, ISSUER, Issuer
from tests.logs import Log, caught_log
from tests.wired import wired
from tests.world import World

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)

Authorize = Callable[[str], dict[str, Any]]


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return wired(Store(), monkeypatch, now=NOW)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    issuer = Issuer()
    keys = KeySet(ADDRESS, fetch=issuer.fetch, clock=clock)
    sign_ins = SignIns(issuer=ISSUER, audience=AUDIENCE, keys=keys)
    monkeypatch.setattr(wiring, "sign_ins", lambda: sign_ins)
    return issuer


@pytest.fixture
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


@pytest.fixture
def authorize(issuer: Issuer) -> Authorize:
    """Ask the authorizer as API Gateway does, which hands over the `Authorization` header."""

    def asked(header: str) -> dict[str, Any]:
        event = payload("authorizer")
        event["headers"]["authorization"] = header
        return handler(event | {"identitySource": [header]}, None)

    return asked
