import datetime as dt
import json
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import quote

import pytest

from domain.access import Caller, Scope
from domain.errors import InvoicelyError
from domain.failures import Action, Failure, Kind, State
from domain.replays import MOST_PINS, JobState
from domain.retries import QUEUES
from handlers import retry_failures
from handlers.api import requests
from handlers.api.failures import QueueName
from handlers.api.openapi import document
from infrastructure import wiring
from tests.builders import FAILED_AT, a_failure
from tests.fakes import InMemorySources
from tests.gateway import User
from tests.unit.api.conftest import NOW
from tests.world import World

ALL, REPLAYS = "/v1/failures", "/v1/failures/replays"
ID = f"counters:{1:032x}"
AT = f"{ALL}/{ID}"
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


def test_a_failure_is_sent_again_by_the_timer_and_not_by_the_api(world: World, ada: User) -> None:
    failed(world, ada)

    response = ada.post(f"{AT}/replay", {})
    sources = wiring.sources()
    assert isinstance(sources, InMemorySources)
    before = len(sources)
    retry_failures.handler({"time": "2026-10-28T09:11:00Z"}, None)

    assert (response.status, before, ID in sources) == (202, 0, True)
    assert response.body["state"] == "waiting"
    done = ada.get(response.headers["location"])
    assert (done.status, done.body["state"], done.body["counts"]) == (200, "done", {"sent": 1})
    assert done.body["failures"] == [{"id": ID, "fate": "sent"}]
    assert [each["actor"] for each in done.body["history"]] == ["account, signed in"] * 3
    told = stored(world).history[-1]
    assert (told.actor, told.action, told.note) == ("account, signed in", "replayed", done.body["id"])


def test_what_is_closed_is_not_sent_again(world: World, ada: User) -> None:
    failed(world, ada, state=State.RESOLVED, closed_at=FAILED_AT)

    response = ada.post(f"{AT}/replay", {})

    assert (response.status, response.body["type"].rpartition("/")[2]) == (409, "failure-closed")


def test_a_replay_of_many_is_a_dry_run_unless_it_is_said_otherwise(
    world: World, ada: User, bob: User
) -> None:
    for number in range(7):
        failed(world, ada, number, last_at=FAILED_AT + dt.timedelta(seconds=number))
    failed(world, ada, 8, queue="delivery", last_at=FAILED_AT + dt.timedelta(seconds=8))
    failed(world, bob, 9)

    response = ada.post(REPLAYS, {})

    assert response.status == 200
    told = response.body
    assert (told["dry_run"], told["count"], told["more"]) == (True, 8, False)
    assert told["queues"] == {"counters": 7, "delivery": 1}
    assert told["states"] == {"parked": 8}
    assert [(each["count"], each["first_at"]) for each in told["causes"]] == [(8, "2026-11-01T08:30:00Z")]
    assert numbers(told["first"]) == [0, 1, 2, 3, 4]
    assert world.replay_jobs.for_the_timer(limit=9) == []


def test_a_replay_of_many_sends_exactly_what_was_asked_for(world: World, ada: User, bob: User) -> None:
    failed(world, ada, 1)
    failed(world, ada, 2, queue="delivery")
    failed(world, bob, 3)

    response = ada.post(REPLAYS, {"queue": "counters", "dry_run": False})

    assert response.status == 202
    assert response.headers["location"] == f"{REPLAYS}/{response.body['id']}"
    assert [each["id"] for each in response.body["failures"]] == [ID]
    [job] = world.replay_jobs.for_the_timer(limit=9)
    assert (job.account_id, job.asked, job.actor) == (ada.account_id, "queue counters", "account, signed in")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"queue": "delivery"}, 1),
        ({"state": "retrying"}, 1),
        ({"state": "parked"}, 2),
        ({"cause": "another"}, 0),
        ({"since": "2026-11-01T09:00:02Z"}, 2),
        ({"until": "2026-11-01T09:00:02+00:00"}, 2),
        ({"queue": None, "state": None, "cause": None, "since": None, "until": None}, 3),
    ],
)
def test_what_is_sent_again_can_be_chosen(
    world: World, ada: User, said: dict[str, object], expected: int
) -> None:
    at = [FAILED_AT + dt.timedelta(seconds=number) for number in range(5)]
    failed(world, ada, 1, last_at=at[1])
    failed(world, ada, 2, last_at=at[2], queue="delivery")
    failed(world, ada, 3, last_at=at[3], state=State.RETRYING, next_at=at[4])
    failed(world, ada, 4, last_at=at[4], state=State.RESOLVED, closed_at=at[4])

    assert ada.post(REPLAYS, said).body["count"] == expected


def test_where_nothing_matches_a_dry_run_says_so_and_a_replay_is_refused(ada: User) -> None:
    dry, wet = ada.post(REPLAYS, {}), ada.post(REPLAYS, {"dry_run": False})

    assert (dry.status, dry.body["count"]) == (200, 0)
    assert (wet.status, wet.body["type"].rpartition("/")[2]) == (409, "nothing-to-replay")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"queue": "elsewhere"}, "/queue"),
        ({"state": "resolved"}, "/state"),
        ({"cause": ""}, "/cause"),
        ({"cause": "x" * 201}, "/cause"),
        ({"since": "2026-11-01T09:00:00"}, "/since"),
        ({"until": "0001-01-01T00:00:00Z"}, "/until"),
        ({"dry_run": "no"}, "/dry_run"),
        ({"account_id": "acc_bob"}, "/account_id"),
    ],
)
def test_what_cannot_be_sent_again_is_told(ada: User, body: dict[str, object], wrong: str) -> None:
    response = ada.post(REPLAYS, body)

    assert (response.status, pointers(response)) == (422, [wrong])


def test_an_owner_stops_a_replay_and_what_was_not_sent_stays(world: World, ada: User) -> None:
    failure = failed(world, ada)
    at = ada.post(f"{AT}/replay", {}).headers["location"]

    stopped = [ada.delete(at).status for _ in range(2)]
    retry_failures.handler({"time": "2026-10-28T09:11:00Z"}, None)

    assert stopped == [204, 204]
    assert ada.get(at).body["state"] == JobState.CANCELLED
    assert stored(world) == failure


def test_what_is_done_is_not_stopped(world: World, ada: User) -> None:
    failed(world, ada)
    at = ada.post(f"{AT}/replay", {}).headers["location"]
    retry_failures.handler({"time": "2026-10-28T09:11:00Z"}, None)

    assert ada.delete(at).status == 409


def test_a_long_replay_is_shown_whole(world: World, ada: User) -> None:
    for number in range(MOST_PINS + 1):
        failed(world, ada, number)

    response = ada.post(REPLAYS, {"dry_run": False})

    assert len(ada.get(response.headers["location"]).body["failures"]) == MOST_PINS + 1


def test_a_replay_that_cannot_be_carried_on_is_told_after_all_else_was_done(
    world: World, ada: User, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(world, ada)
    job_id = ada.post(f"{AT}/replay", {}).body["id"]

    def broken(**_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(world.replay_jobs, "part", broken)
    with pytest.raises(retry_failures.RetriesIncompleteError):
        retry_failures.handler({"time": "2026-10-28T09:11:00Z"}, None)

    [line] = [line for line in log.lines if line["message"] == "failures retried"]
    assert (line["turns"], line["failed"][0]["replay"], line["failed"][0]["error"]) == (
        0,
        job_id,
        "BrokenError",
    )


def test_where_no_replay_can_be_looked_up_the_retries_are_done_all_the_same(
    world: World, ada: User, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(world, ada, state=State.RETRYING, next_at=NOW)

    def broken(**_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(world.replay_jobs, "for_the_timer", broken)
    with pytest.raises(retry_failures.RetriesIncompleteError):
        retry_failures.handler({"time": "2026-10-28T09:11:00Z"}, None)

    [line] = [line for line in log.lines if line["message"] == "failures retried"]
    assert (line["sent"], line["turns"], line["failed"][0]["replay"]) == (1, 0, "every")


class BrokenError(InvoicelyError):
    """Something is broken."""


def test_the_document_tells_both_answers_of_a_replay() -> None:
    answers = document()["paths"][REPLAYS]["post"]["responses"]
    shapes = {status: answers[status]["content"]["application/json"]["schema"] for status in ("200", "202")}

    names = {status: shape["$ref"].rpartition("/")[2] for status, shape in shapes.items()}
    assert names == {"200": "ReplayPreviewView", "202": "ReplayView"}


def test_every_queue_can_be_named() -> None:
    assert get_args(QueueName) == QUEUES


def test_a_failure_of_no_account_is_nobody_s(world: World, ada: User) -> None:
    failure = failed(world, ada)
    world.ledger.update(failure_id=failure.id, change=lambda _: replace(failure, account_id=None))

    assert ada.get(AT).status == 404
    assert listed(ada.get(ALL)) == []
