import datetime as dt
import json
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import quote

import pytest

from domain.access import Caller, Scope
from domain.failures import Action, State
from domain.retries import QUEUES
from handlers.api import requests
from handlers.api.failures import QueueName
from tests.builders import FAILED_AT
from tests.failing import ALL, AT, ID, REPLAYS, failed, listed, pointers, stored
from tests.gateway import User
from tests.unit.api.conftest import NOW
from tests.world import World

LISTED = {
    "id": ID,
    "queue": "counters",
    "state": "parked",
    "kind": "permanent",
    "cause": {
        "id": "nnn",
        "error": "StoreUnavailableError",
        "message": "",
        "code": "store-unavailable",
    },
    "event_type": "invoicely.work.logged.v1",
    "attempts": 8,
    "replays": 0,
    "first_at": "2026-11-01T08:30:00Z",
    "last_at": "2026-11-01T09:00:00Z",
}


def test_an_owner_lists_what_failed_without_what_it_is_about(world: World, ada: User) -> None:
    failure = failed(world, ada)

    cause = LISTED["cause"] | {"id": failure.cause.id}  # type: ignore[operator] # a dict
    assert ada.get(ALL).body == {"data": [LISTED | {"cause": cause}], "has_more": False}


def test_a_failure_is_shown_with_its_message_and_what_was_done_with_it(world: World, ada: User) -> None:
    failure = failed(
        world,
        ada,
        original="{}",
        history=(Action(at=FAILED_AT, actor="retry_failures", action="replayed", note="again"),),
    )

    response = ada.get(AT)

    assert (response.status, response.headers["etag"]) == (200, '"1"')
    assert response.body["body"] == failure.body
    assert response.body["original"] == "{}"
    assert response.body["history"] == [
        {"at": "2026-11-01T09:00:00Z", "actor": "retry_failures", "action": "replayed", "note": "again"}
    ]


def test_an_operator_has_no_name_in_what_an_owner_sees(world: World, ada: User) -> None:
    people = ("root", "accountant", "account, signed in", "account, token tok_1", "counters")
    failed(world, ada, history=tuple(Action(at=FAILED_AT, actor=each, action="edited") for each in people))

    actors = [each["actor"] for each in ada.get(AT).body["history"]]

    assert actors == ["operator", "operator", "account, signed in", "account, token tok_1", "counters"]


def test_nothing_of_the_program_s_own_lines_is_shown(world: World, ada: User) -> None:
    failed(world, ada)

    assert set(ada.get(AT).body["cause"]) == {"id", "error", "message", "code"}


@pytest.mark.parametrize("path", [AT, f"{ALL}/{quote(ID, safe='')}", f"{ALL}/counters%3a{1:032x}"])
def test_the_colon_of_an_id_may_be_encoded(world: World, ada: User, path: str) -> None:
    failed(world, ada)

    assert ada.get(path).body["id"] == ID


@pytest.mark.parametrize(
    "what", ["counters:1", "replays", "x" * 2_000, "counters:%00", "counters:" + "1" * 1_500]
)
def test_what_there_is_not_is_not_found(ada: User, what: str) -> None:
    assert ada.get(f"{ALL}/{what}").status == 404
    assert ada.post(f"{ALL}/{what}/replay", {}).status == 404
    assert ada.post(f"{ALL}/{what}/discard", {"reason": "a test"}).status == 404
    assert ada.get(f"{REPLAYS}/{what}").status == 404
    assert ada.delete(f"{REPLAYS}/{what}").status == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"queue": "delivery"}, [2]),
        ({"state": "retrying"}, [3]),
        ({"state": "parked"}, [1, 2]),
        ({"state": "resolved"}, [4]),
        ({"state": "discarded"}, []),
        ({"cause": "StoreUnavailableError"}, [1, 2, 3]),
        ({"cause": "store-unavailable"}, [1, 2, 3]),
        ({"cause": "another"}, []),
        ({"since": "2026-11-01T09:00:02Z"}, [2, 3]),
        ({"until": "2026-11-01T10:00:02+01:00"}, [1, 2]),
        ({"since": "2026-11-01T09:00:02.5Z", "until": "2026-11-01T09:00:03Z", "state": "retrying"}, [3]),
    ],
)
def test_a_list_is_of_what_is_asked_for(
    world: World, ada: User, bob: User, query: dict[str, str], expected: list[int]
) -> None:
    at = [FAILED_AT + dt.timedelta(seconds=number) for number in range(5)]
    failed(world, ada, 1, last_at=at[1])
    failed(world, ada, 2, last_at=at[2], queue="delivery")
    failed(world, ada, 3, last_at=at[3], state=State.RETRYING, next_at=at[4])
    failed(world, ada, 4, last_at=at[4], state=State.RESOLVED, closed_at=at[4])
    failed(world, bob, 5, last_at=at[4])

    assert listed(ada.get(ALL, **query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"queue": "elsewhere"},
        {"state": "open"},
        {"cause": ""},
        {"cause": "x" * 201},
        {"since": "2026-11-01"},
        {"since": "2026-11-01T09:00:00"},
        {"since": "2026-13-01T09:00:00Z"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"account": "acc_bob"},
    ],
)
def test_what_a_list_cannot_be_asked_for_is_told(ada: User, query: dict[str, str]) -> None:
    response = ada.get(ALL, **query)

    assert response.status == 400
    [error] = response.body["errors"]
    assert error["pointer"] == f"/{next(iter(query))}"
    assert error["message"].startswith(("must ", "has ", "is not a parameter"))


def test_a_long_list_comes_in_parts_of_which_each_belongs_to_its_filters(world: World, ada: User) -> None:
    for number in range(5):
        failed(world, ada, number, last_at=FAILED_AT + dt.timedelta(seconds=number))
    seen = list[int]()
    query: dict[str, Any] = {"limit": 2}
    while True:
        response = ada.get(ALL, **query)
        seen += listed(response)
        if not response.body["has_more"]:
            break
        query["cursor"] = response.body["next_cursor"]

    assert seen == [0, 1, 2, 3, 4]
    assert ada.get(ALL, **query, queue="counters").status == 400


def test_an_owner_gives_a_failure_up_and_it_is_told_who_did(world: World, ada: User) -> None:
    failed(world, ada)

    response = ada.post(f"{AT}/discard", {"reason": "The client was a test"})

    assert (response.status, response.body["state"], response.body["reason"]) == (
        200,
        "discarded",
        "The client was a test",
    )
    told = stored(world).history[-1]
    assert (told.at, told.actor, told.action) == (NOW, "account, signed in", "discarded")
    assert ada.post(f"{AT}/discard", {"reason": "again"}).status == 409


def test_a_token_that_acts_is_named(world: World, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    failed(world, ada)
    caller = Caller(account_id=ada.account_id, token_id="tok_1")
    monkeypatch.setattr(requests, "caller_of", lambda _: caller)

    ada.post(f"{AT}/discard", {"reason": "a test"})

    assert stored(world).history[-1].actor == "account, token tok_1"


@pytest.mark.parametrize("scopes", [{Scope.READ}, {Scope.READ, Scope.WRITE}])
def test_who_may_not_operate_looks_and_does_nothing(
    world: World, ada: User, monkeypatch: pytest.MonkeyPatch, scopes: set[Scope]
) -> None:
    failure = failed(world, ada)
    caller = Caller(account_id=ada.account_id, scopes=frozenset(scopes))
    monkeypatch.setattr(requests, "caller_of", lambda _: caller)

    asked = [
        ada.get(ALL),
        ada.get(AT),
        ada.post(f"{AT}/discard", {"reason": "a test"}),
        ada.post(f"{AT}/replay", {}),
        ada.post(REPLAYS, {}),
        ada.delete(f"{REPLAYS}/rpl_0000000000000001"),
    ]

    assert [each.status for each in asked] == [200, 200, 403, 403, 403, 403]
    assert stored(world) == failure


@pytest.mark.parametrize("action", ["discard", "replay"])
def test_who_has_seen_another_version_does_nothing(world: World, ada: User, action: str) -> None:
    failure = failed(world, ada)
    body = json.dumps({"reason": "a test"})

    stale = ada.ask("POST", f"{AT}/{action}", body, headers={"if-match": '"7"'})
    before = stored(world)
    current = ada.ask("POST", f"{AT}/{action}", body, headers={"if-match": '"1"'})

    assert (stale.status, before) == (412, failure)
    assert current.status < 300


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 501}, {"reason": 7}])
def test_there_has_to_be_a_reason(world: World, ada: User, body: dict[str, object]) -> None:
    failure = failed(world, ada)

    response = ada.post(f"{AT}/discard", body)

    assert (response.status, pointers(response)) == (422, ["/reason"])
    assert stored(world) == failure


def test_every_queue_can_be_named() -> None:
    assert get_args(QueueName) == QUEUES


def test_a_failure_of_no_account_is_nobody_s(world: World, ada: User) -> None:
    failure = failed(world, ada)
    world.ledger.update(failure_id=failure.id, change=lambda _: replace(failure, account_id=None))

    assert ada.get(AT).status == 404
    assert listed(ada.get(ALL)) == []
