"""How many requests of an account are answered in a minute."""

import datetime as dt

import pytest

from domain.identifiers import AccountId
from domain.rates import Permits
from infrastructure import wiring
from infrastructure.dynamodb.errors import StoreUnavailableError
from tests.fakes import InMemoryRates, Store
from tests.gateway import User
from tests.logs import Log
from tests.problems import problem
from tests.unit.api.conftest import NOW
from tests.world import World

AT = "/v1/clients"


class Unreachable:
    """Implements `domain.rates.Rates` while the store does not answer."""

    def take(self, *, account_id: AccountId, minute: dt.datetime, permits: int) -> int:
        raise StoreUnavailableError("the table did not answer")


@pytest.fixture(autouse=True)
def _three_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    permits = Permits(InMemoryRates(), limit=3)
    monkeypatch.setattr(wiring, "permits", lambda: permits)


def test_who_asks_too_much_is_told_when_to_go_on(
    ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "now", lambda: NOW + dt.timedelta(seconds=18))
    answered = [ada.get(AT).status for _ in range(3)]

    refused = ada.get(AT)

    told = "at most 3 requests a minute are answered; go on in 42 s"
    assert answered == [200, 200, 200]
    assert (refused.status, refused.headers["retry-after"]) == (429, "42")
    assert refused.body == problem(429, "too-many-requests", "Too many requests", told, at=AT)
    assert bob.get(AT).status == 200
    monkeypatch.setattr(wiring, "now", lambda: NOW + dt.timedelta(minutes=1))
    assert ada.get(AT).status == 200


def test_a_request_that_is_refused_is_not_done_and_leaves_its_key_free(store: Store, ada: User) -> None:
    for _ in range(3):
        ada.get(AT)

    assert ada.post(AT, {}, key="k1").status == 429
    assert store.requests == {}


def test_whatever_is_open_to_everybody_is_counted_for_nobody(ada: User) -> None:
    assert [User(None).get("/v1/openapi.json").status for _ in range(5)] == [200] * 5


def test_where_the_store_cannot_be_reached_the_request_goes_on_and_it_is_logged(
    ada: User, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    permits = Permits(Unreachable(), limit=3)
    monkeypatch.setattr(wiring, "permits", lambda: permits)

    assert [ada.get(AT).status for _ in range(5)] == [200] * 5
    warnings = [line for line in log.lines if line["message"] == "request not counted"]
    assert len(warnings) == 5
    assert (warnings[0]["level"], warnings[0]["code"], warnings[0]["account"]) == (
        "WARNING",
        "store-unavailable",
        ada.account_id,
    )


def test_what_leads_nowhere_is_counted_too(ada: User) -> None:
    answered = [ada.get("/v1/nonsense").status, ada.ask("PUT", AT).status, ada.get("/v1/nonsense").status]

    assert answered == [404, 405, 404]
    assert ada.get(AT).status == 429
