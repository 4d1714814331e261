"""Several clients at once over the real adapters, mixed at each call to the table: what is promised holds.

two edits of one version              one wins, the other is told that it came too late
eight that send a POST with one key   one effect, and equal answers once all were answered
one that dies within a POST           the same request again makes nothing twice
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

import pytest

from domain.rates import Permits
from domain.requests import LEASE
from handlers.api.openapi import document
from infrastructure import aws, wiring
from infrastructure.dynamodb.table import Table
from tests.belongings import Belongings
from tests.contract.watched import Watched
from tests.data_stack import TABLE
from tests.fakes import InMemoryRates
from tests.gateway import Response, User
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, ADAS, BOB, BOBS
from tests.turns import Crash, take_turns

COMPARED = "/v1/invoice-previews/comparison"  # has a body, but changes nothing
POSTS = [
    f"POST {path}" for path, methods in document()["paths"].items() if "post" in methods and path != COMPARED
]
each_post = pytest.mark.parametrize("route", POSTS)
CLIENTS = 8
MOST_CALLS = 20


@pytest.fixture
def watched(belongings: Callable[[], None], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What all of them reach the table by."""
    clock.now = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
    watched, permits = Watched(aws.client("dynamodb")), Permits(InMemoryRates(), limit=10**9)
    monkeypatch.setattr(wiring, "table", lambda: Table(watched, TABLE, wiring.now))
    monkeypatch.setattr(wiring, "permits", lambda: permits)
    return watched


def posted(user: User, route: str, belongings: Belongings) -> Response:
    """The answer to an operation's example, with a key."""
    body = belongings.example(route)
    body = {"dry_run": False} if "dry_run" in body else body
    path = belongings.path(route.split()[1])
    return user.ask("POST", path, json.dumps(body) if body else None, headers={"idempotency-key": "k1"})


def stored() -> Counter[str]:
    """What lies in the table but for what is kept of requests: how often each kind in each version.

    The version of a token is left out: one whose making is taken up again gets another secret.
    """
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    items = [item for page in pages for item in page["Items"] if item["type"]["S"] != "REQUEST"]
    versions = ({} if item["type"]["S"] == "TOKEN" else item.get("version", {}) for item in items)
    return Counter(f"{item['type']['S']} {version}" for item, version in zip(items, versions, strict=True))


def effect(act: Callable[[], object]) -> Mapping[str, int]:
    """How many more, or fewer, there are of each after the act."""
    before = stored()
    act()
    after = stored()
    return {kind: after[kind] - before[kind] for kind in before | after if after[kind] != before[kind]}


def shown(response: Response) -> Any:
    """The answer but for what is shown only once."""
    return response.status, {name: each for name, each in response.body.items() if name != "secret"}


def is_under_way(response: Response) -> bool:
    return str(response.body.get("type")).endswith(":problems/request-in-progress")


@each_post
@pytest.mark.parametrize("seed", range(3))
def test_eight_that_send_a_request_at_once_have_one_effect_and_equal_answers(
    watched: Watched, route: str, seed: int
) -> None:
    answers: list[Response] = []
    schedule = Random(seed).choices(range(CLIENTS), k=200)  # noqa: S311 - chance, repeatable

    def ask() -> None:
        answers.append(posted(ADA, route, ADAS))

    def all_at_once() -> None:
        assert take_turns(watched, schedule, *[ask] * CLIENTS) == [None] * CLIENTS

    usual = effect(lambda: posted(BOB, route, BOBS))
    mixed = effect(all_at_once)
    settled = [posted(ADA, route, ADAS) if is_under_way(answer) else answer for answer in answers]

    assert usual
    assert mixed == usual
    assert len(answers) == CLIENTS
    assert 200 <= settled[0].status < 300
    assert [shown(answer) for answer in settled] == [shown(settled[0])] * CLIENTS
    assert sum("idempotency-replayed" not in answer.headers for answer in settled) == 1


class Sender:
    """Ada, who sends the request of an operation, and has everything that it needs."""

    def __init__(self, route: str) -> None:
        self._route = route
        self.answers: list[Response] = []

    def send(self) -> None:
        self.answers.append(posted(ADA, self._route, ADAS))

    def die_and_send_again(self, watched: Watched, clock: Clock, turn: int) -> None:
        """Die before this call to the table, where there are so many; then send the same twice."""
        [error] = take_turns(watched, [], self.send, crashes=frozenset([turn]))
        assert isinstance(error, Crash) == (self.answers == [])
        watched.hook = lambda _: None
        clock.now += LEASE
        self.send()
        self.send()


def conflicts(route: str) -> set[str]:
    """What an operation may be refused for as things are, but for what is said of keys."""
    method, path = route.split()
    refused = document()["paths"][path][method.lower()]["responses"]["409"]
    codes = {each.rpartition("/")[2] for each in refused["x-problem-types"]}
    return codes - {"request-in-progress", "answer-not-kept"}


@each_post
def test_who_dies_within_a_request_leaves_one_that_is_done_once(
    watched: Watched, belongings: Callable[[], None], clock: Clock, route: str
) -> None:
    """Where it had been done, the same request is told so, by its answer or by what stands in its way now."""
    usual = effect(Sender(route).send)
    for turn in range(MOST_CALLS):
        belongings()
        sender = Sender(route)

        assert effect(partial(sender.die_and_send_again, watched, clock, turn)) == usual
        *first, again, once_more = sender.answers
        assert shown(again) == shown(once_more)
        assert again.status < 300 or again.body["type"].rpartition("/")[2] in conflicts(route)
        if first:
            assert turn > 3
            assert first[0].status < 300
            return
    raise AssertionError(f"{route} makes more calls than {MOST_CALLS}")


Edit = Callable[[Belongings, str], tuple[str, str, dict[str, Any]]]


def _account(belongings: Belongings, word: str) -> tuple[str, str, dict[str, Any]]:
    return "PUT", "/v1/account", belongings.example("PUT /v1/account") | {"name": word}


def _client(belongings: Belongings, word: str) -> tuple[str, str, dict[str, Any]]:
    return "PATCH", f"/v1/clients/{belongings.client}", {"name": word}


def _work(belongings: Belongings, word: str) -> tuple[str, str, dict[str, Any]]:
    return "PATCH", f"/v1/work-entries/{belongings.work}", {"description": word}


def _taken_back(belongings: Belongings, _: str) -> tuple[str, str, dict[str, Any]]:
    return "DELETE", f"/v1/work-entries/{belongings.work}", {}


def _discarded(belongings: Belongings, word: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", f"/v1/failures/{belongings.failure}/discard", {"reason": word}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_account, _account),
        (_client, _client),
        (_work, _work),
        (_work, _taken_back),
        (_taken_back, _work),
        (_discarded, _discarded),
    ],
    ids=["account", "client", "work", "work and removal", "removal and work", "failure"],
)
@pytest.mark.parametrize("schedule", [[0, 1] * 20, [1, 0] * 20, [0, 0, 1, 1] * 10, [0, 1, 1, 0] * 10])
def test_of_two_edits_of_one_version_one_wins_and_the_other_is_told(
    watched: Watched, one: Edit, other: Edit, schedule: list[int]
) -> None:
    _, path, _ = one(ADAS, "first")
    etag = ADA.get(path.removesuffix("/discard")).headers["etag"]
    answers: dict[str, int] = {}

    def edit(which: Edit, word: str) -> None:
        method, path, body = which(ADAS, word)
        answers[word] = ADA.ask(method, path, json.dumps(body), headers={"if-match": etag}).status

    written = effect(
        lambda: take_turns(watched, schedule, partial(edit, one, "first"), partial(edit, other, "second"))
    )

    assert sum(status < 300 for status in answers.values()) == 1
    assert sum(status in {412, 404} for status in answers.values()) == 1
    assert sorted(written.values()) == [-1, 1]
    assert sum(written.values()) == 0
