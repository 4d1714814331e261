import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId
from domain.requests import (
    LEASE,
    MOST_KEPT,
    KeptAnswer,
    KeyedRequest,
    RequestInProgressError,
    claim_request,
    request_id,
)
from tests.builders import ADA, BOB
from tests.contract.watched import Watched
from tests.turns import take_turns
from tests.world import World

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
ID = request_id(method="POST", path="/v1/clients", key="k1")
HEADERS = {"content-type": "application/json", "location": "/v1/clients/cli_1"}
ANSWER = KeptAnswer(status=201, headers=HEADERS, body='{"id": "cli_1", "name": "Żółw 🐢"}')


def a_request(*, account_id: AccountId = ADA, fingerprint: str = "f1", seed: str = "1" * 16) -> KeyedRequest:
    return KeyedRequest.new(ID, account_id=account_id, fingerprint=fingerprint, seed=seed, now=NOW)


def test_a_request_comes_back_as_it_was_stored(world: World) -> None:
    world.requests.add(request=a_request())

    assert world.requests.get(account_id=ADA, request_id=ID) == a_request()


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        KeptAnswer(status=204),
        KeptAnswer(status=409, body="{}"),
        KeptAnswer(status=201, body="ł" * (MOST_KEPT // 2)),
        KeptAnswer(status=201, headers=HEADERS, body="ł" * MOST_KEPT).kept(),
    ],
    ids=["created", "nothing", "problem", "long", "too long"],
)
def test_an_answer_comes_back_to_the_last_byte(world: World, answer: KeptAnswer) -> None:
    request = a_request()
    world.requests.add(request=request)

    finished = world.requests.replace(read=request, by=request.finished(answer))

    assert finished == replace(request, answer=answer, version=2)
    assert world.requests.get(account_id=ADA, request_id=ID) == finished


def test_a_request_of_another_account_is_not_there(world: World) -> None:
    world.requests.add(request=a_request())
    world.requests.add(request=a_request(account_id=BOB, seed="2" * 16))

    assert world.requests.get(account_id=ADA, request_id=ID).seed == "1" * 16
    with pytest.raises(NotFoundError):
        world.requests.get(account_id=AccountId("acc_eve"), request_id=ID)


def test_a_key_is_taken_once(world: World) -> None:
    world.requests.add(request=a_request())

    with pytest.raises(ConflictError):
        world.requests.add(request=a_request(seed="2" * 16))

    assert world.requests.get(account_id=ADA, request_id=ID) == a_request()


def test_who_read_before_somebody_else_wrote_writes_nothing(world: World) -> None:
    read = a_request()
    world.requests.add(request=read)
    finished = world.requests.replace(read=read, by=read.finished(ANSWER))

    with pytest.raises(ConflictError):
        world.requests.replace(read=read, by=read.given_back(NOW))

    assert world.requests.get(account_id=ADA, request_id=ID) == finished


def test_what_was_never_stored_cannot_be_replaced(world: World) -> None:
    with pytest.raises(ConflictError):
        world.requests.replace(read=a_request(), by=a_request())


def test_a_new_key_costs_one_call_and_its_answer_one_more(dynamodb: World, watched: Watched) -> None:
    claim = claim_request(a_request(), now=NOW, requests=dynamodb.requests)
    dynamodb.requests.replace(read=claim, by=claim.finished(ANSWER))

    assert watched.calls == {"transact_write_items": 2}


def test_the_table_forgets_a_request_after_two_days(dynamodb: World, watched: Watched) -> None:
    dynamodb.requests.add(request=a_request())

    (action,) = watched.asked[0]["TransactItems"]
    forgotten = int((NOW + dt.timedelta(hours=48)).timestamp())
    assert action["Put"]["Item"]["expires_at"] == {"N": str(forgotten)}
    assert action["Put"]["Item"]["type"] == {"S": "REQUEST"}


@pytest.mark.parametrize("schedule", [[0, 1, 2] * 9, [2, 1, 0] * 9, [0, 0, 1, 1, 2, 2] * 5, [5, 3, 1] * 9])
@pytest.mark.parametrize("is_dead", [False, True], ids=["new", "left by a dead worker"])
def test_of_eight_workers_one_claims_a_request(
    dynamodb: World, watched: Watched, schedule: list[int], is_dead: bool
) -> None:
    now = NOW
    if is_dead:
        dynamodb.requests.add(request=a_request(seed="d" * 16))
        now += LEASE
    claims: list[KeyedRequest] = []

    def claiming(number: int) -> Callable[[], None]:
        def work() -> None:
            wanted = KeyedRequest.new(ID, account_id=ADA, fingerprint="f1", seed=f"{number:016}", now=now)
            claims.append(claim_request(wanted, now=now, requests=dynamodb.requests))

        return work

    errors = take_turns(watched, schedule, *map(claiming, range(8)))

    [claim] = claims
    assert sum(isinstance(error, RequestInProgressError) for error in errors) == 7
    assert dynamodb.requests.get(account_id=ADA, request_id=ID) == claim
    assert (claim.seed == "d" * 16) is is_dead
