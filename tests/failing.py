"""Failures of an account, and what its owner reads of them over the API."""

from typing import Any

from domain.failures import Failure, Kind
from tests.builders import a_failure
from tests.gateway import User
from tests.world import World

ALL, REPLAYS = "/v1/failures", "/v1/failures/replays"
ID = f"counters:{1:032x}"
AT = f"{ALL}/{ID}"


def failed(world: World, user: User, number: int = 1, **changes: Any) -> Failure:
    """A failure of the user that waits for a person."""
    failure = a_failure(number, **({"account_id": user.account_id, "kind": Kind.PERMANENT} | changes))
    return world.ledger.update(failure_id=failure.id, change=lambda _: failure)


def stored(world: World, number: int = 1) -> Failure:
    return world.ledger.get(failure_id=a_failure(number).id)


def numbers(failures: Any) -> list[int]:
    return [int(failure["id"].partition(":")[2], 16) for failure in failures]


def listed(response: Any) -> list[int]:
    return numbers(response.body["data"])


def pointers(response: Any) -> list[str]:
    return [error["pointer"] for error in response.body["errors"]]
