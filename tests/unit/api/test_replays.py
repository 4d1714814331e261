import datetime as dt
from typing import Any

import pytest

from domain.errors import InvoicelyError
from domain.failures import State
from domain.replays import MOST_PINS, JobState
from handlers import retry_failures
from handlers.api.openapi import document
from infrastructure import wiring
from tests.builders import FAILED_AT
from tests.failing import AT, ID, REPLAYS, failed, numbers, pointers, stored
from tests.fakes import InMemorySources
from tests.gateway import User
from tests.unit.api.conftest import NOW
from tests.world import World


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
