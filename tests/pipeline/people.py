"""Who uses the pipeline here, and what they ask of it over HTTP."""

from typing import Any
from uuid import UUID

from tests.aws_events import Json
from tests.belongings import Belongings
from tests.gateway import User

ADA = User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")
BOB = User("0b0b0b0b-1111-4222-8333-444444444444")
ADAS, BOBS = Belongings("adas"), Belongings("bobs")

ACCOUNT: Json = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_id": "DE136695976",
    "bank": {"holder": "Ada Lovelace", "account_number": "DE02120300000000202051"},
}
CLIENT: Json = {
    "name": "Acme GmbH",
    "email": "billing@acme.example",
    "address": {"street": "Unter den Linden 2", "city": "Berlin", "country": "DE"},
    "hourly_rate": "100",
    "billing_starts_on": "2026-10-01",
    "invoice_day": 31,
}
WORK: Json = {"date": "2026-10-05", "description": "Analytical engine", "minutes": 60}


def somebody(number: int) -> User:
    """One of many users."""
    return User(str(UUID(int=number)))


def open_account(user: User, **said: Any) -> None:
    _asked(user.put("/v1/account", ACCOUNT | said))


def add_client(user: User, **said: Any) -> str:
    """The id of a new client."""
    client_id: str = _asked(user.post("/v1/clients", CLIENT | said))["id"]
    return client_id


def log_work(user: User, client_id: str, **said: Any) -> str:
    """The id of a new work entry."""
    work_id: str = _asked(user.post("/v1/work-entries", WORK | {"client_id": client_id} | said))["id"]
    return work_id


def a_client_of(user: User, **said: Any) -> str:
    """The id of the first client of a new account."""
    open_account(user)
    return add_client(user, **said)


def _asked(response: Any) -> Any:
    assert response.status in {200, 201}, response.body
    return response.body
