"""Idempotency-Key: whoever sends a request again, for whatever reason, gets one effect and one answer.

It is long since each way in which a request can meet its repetition is a case of the same promise.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain.clients import Client
from domain.errors import InvalidError
from domain.requests import LEASE, MOST_KEPT
from domain.work import WorkEntry
from handlers.api import queries, routes
from handlers.api.answers import Answer, created
from handlers.api.app import handler
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.dynamodb.errors import StoreUnavailableError
from tests.builders import a_client, an_account
from tests.fakes import Moment, Step, Store
from tests.gateway import Response, User
from tests.logs import Log
from tests.problems import problem
from tests.turns import Crash
from tests.unit.api.conftest import NOW
from tests.wired import wired
from tests.world import World

CLIENTS, WORK = "/v1/clients", "/v1/work-entries"
ACME = {
    "name": "Acme",
    "email": "billing@acme.example",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "hourly_rate": "100",
    "billing_starts_on": "2026-10-01",
}
KEY = {"idempotency-key": "k1"}
WHERE = "cli_acme000000000000"
ENTRY = {"client_id": WHERE, "date": "2026-10-05", "description": "Analytical engine", "minutes": 60}
MADE: Mapping[str, tuple[dict[str, Any], Callable[[Store], int]]] = {
    CLIENTS: (ACME, lambda store: sum(client.name == "Acme" for client in store.all(Client))),
    WORK: (ENTRY, lambda store: len(store.all(WorkEntry))),
}
each_path = pytest.mark.parametrize("path", MADE)


@pytest.fixture(autouse=True)
def _opened(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id), a_client(account_id=ada.account_id))


def send(user: User, path: str, body: object = None, *, key: str | None = "k1") -> Response:
    return user.post(path, body or MADE[path][0], key=key)


def again(response: Response) -> Response:
    """The answer as it is replayed."""
    return response._replace(headers=response.headers | {"idempotency-replayed": "true"})


def later(monkeypatch: pytest.MonkeyPatch, by: dt.timedelta) -> None:
    monkeypatch.setattr(wiring, "now", lambda: NOW + by)


@each_path
def test_a_request_that_is_sent_again_is_answered_the_same_and_done_once(
    store: Store, ada: User, path: str
) -> None:
    first = send(ada, path)

    assert (first.status, "idempotency-replayed" in first.headers) == (201, False)
    assert [send(ada, path) for _ in range(3)] == [again(first)] * 3
    assert MADE[path][1](store) == 1


def test_the_answer_comes_again_byte_for_byte_also_when_the_thing_was_changed(ada: User) -> None:
    event = ada.event("POST", CLIENTS, json.dumps(ACME | {"name": "Żółw"}), headers=KEY)
    first = handler(event, None)
    client_id = ada.get(CLIENTS).body["data"][0]["id"]
    ada.patch(f"{CLIENTS}/{client_id}", {"name": "Żółw 🐢"})

    second = handler(event, None)

    assert first["statusCode"] == 201
    assert second == first | {"headers": first["headers"] | {"idempotency-replayed": "true"}}


@each_path
def test_without_a_key_each_request_is_another_and_costs_no_call_more(
    store: Store, ada: User, path: str
) -> None:
    send(ada, path, key=None)
    send(ada, path, key=None)

    assert MADE[path][1](store) == 2
    assert [call for call in store.calls if call.startswith("requests.")] == []


def test_a_key_is_for_one_path_of_one_account(store: Store, world: World, ada: User, bob: User) -> None:
    world.having(an_account(id=bob.account_id))

    statuses = [send(ada, CLIENTS).status, send(ada, WORK).status, send(bob, CLIENTS).status]

    assert statuses == [201, 201, 201]
    assert len(ada.get(CLIENTS).body["data"]) == 2
    assert len(bob.get(CLIENTS).body["data"]) == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "schlüssel", "a\tb", "a\x7f", "\n"])
def test_a_key_is_at_most_255_printable_characters(store: Store, ada: User, key: str) -> None:
    response = send(ada, CLIENTS, key=key)

    told = "the Idempotency-Key must be 1 to 255 printable characters of ASCII"
    assert response.status == 400
    assert response.body == problem(400, "bad-idempotency-key", "Bad idempotency key", told, at=CLIENTS)
    assert MADE[CLIENTS][1](store) == 0


@pytest.mark.parametrize("key", [" ", "a" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~!"])
def test_any_printable_key_is_taken(ada: User, key: str) -> None:
    assert send(ada, CLIENTS, key=key).status == 201


def test_a_key_that_was_used_for_another_request_is_refused(store: Store, ada: User) -> None:
    send(ada, CLIENTS)

    response = send(ada, CLIENTS, ACME | {"name": "Umbrella"})

    told = "this key was used for another request; send each request with its own key"
    assert response.status == 422
    assert response.body == problem(422, "idempotency-key-reused", "Idempotency key reused", told, at=CLIENTS)
    assert len(store.all(Client)) == 2


def test_the_same_request_may_be_written_in_another_way(ada: User) -> None:
    first = send(ada, CLIENTS)

    spaced = ada.ask("POST", CLIENTS, _spaced(ACME), headers=KEY)

    assert spaced == again(first)


def _spaced(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(sorted(body.items(), reverse=True)), indent=4)


def test_another_query_is_another_request(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = Operation(
        route="POST /v1/things",
        name="make_thing",
        serve=lambda _: created({}),
        summary="Make a thing",
        query=(queries.day("on", "When it is made."),),
    )
    _serve(operation, monkeypatch)

    def send(day: str) -> int:
        return ada.ask("POST", "/v1/things", headers=KEY, query={"on": day}).status

    assert [send("2026-10-05"), send("2026-10-06"), send("2026-10-05")] == [201, 422, 201]


def test_while_a_request_is_being_done_the_same_one_is_told_to_wait(
    store: Store, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Response] = []

    def hook(step: Step) -> None:
        if step.call == "clients.add" and step.moment is Moment.BEFORE:
            store.hook = lambda _: None
            meanwhile.append(send(ada, CLIENTS))

    store.hook = hook
    first = send(ada, CLIENTS)

    [other] = meanwhile
    told = "the request with this key is being worked on"
    assert (other.status, other.headers["retry-after"]) == (409, "2")
    assert other.body == problem(409, "request-in-progress", "Request in progress", told, at=CLIENTS)
    assert send(ada, CLIENTS) == again(first)


@pytest.mark.parametrize(
    ("body", "status"),
    [(ENTRY | {"minutes": 0}, 422), (ENTRY | {"mood": "good"}, 422), ({"minutes": 1.5}, 422)],
)
def test_a_request_that_was_wrong_in_itself_leaves_its_key_free(
    store: Store, ada: User, body: dict[str, Any], status: int
) -> None:
    refused = send(ada, WORK, body)

    corrected = send(ada, WORK)

    assert (refused.status, corrected.status) == (status, 201)
    assert "idempotency-replayed" not in corrected.headers
    assert send(ada, WORK) == again(corrected)


@pytest.mark.parametrize(
    ("body", "media", "status"), [("{", "application/json", 400), ("{}", "text/csv", 415)]
)
def test_a_body_that_cannot_be_read_claims_no_key(
    store: Store, ada: User, body: str, media: str, status: int
) -> None:
    response = ada.ask("POST", CLIENTS, body, media=media, headers=KEY)

    assert (response.status, store.requests) == (status, {})


def test_what_the_state_of_things_forbade_is_answered_the_same_again(world: World, ada: User) -> None:
    world.clients.update(account_id=ada.account_id, client_id=a_client().id, change=Client.archived)
    refused = send(ada, WORK)
    world.clients.update(account_id=ada.account_id, client_id=a_client().id, change=Client.paused)

    assert (refused.status, refused.body["title"]) == (409, "Client is archived")
    assert send(ada, WORK) == again(refused)
    assert send(ada, WORK, key="k2").status == 201


def test_what_is_named_in_the_body_and_not_there_is_answered_the_same_again(ada: User) -> None:
    nowhere = ENTRY | {"client_id": "cli_nobody0000000000"}

    refused = send(ada, WORK, nowhere)

    assert refused.status == 404
    assert send(ada, WORK, nowhere) == again(refused)


@pytest.mark.parametrize("call", ["accounts.get", "clients.add"])
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("error", [StoreUnavailableError("throttled"), ZeroDivisionError("a bug")])
def test_what_failed_on_our_side_can_be_sent_again_at_once(
    store: Store, ada: User, call: str, moment: Moment, error: Exception
) -> None:
    def hook(step: Step) -> None:
        if (step.call, step.moment) == (call, moment):
            store.hook = lambda _: None
            raise error

    store.hook = hook
    failed = send(ada, CLIENTS)
    first = send(ada, CLIENTS)

    assert (failed.status // 100, first.status) == (5, 201)
    assert MADE[CLIENTS][1](store) == 1
    assert send(ada, CLIENTS) == again(first)


def test_what_may_have_been_done_says_that_the_key_makes_it_safe(store: Store, ada: User) -> None:
    def hook(step: Step) -> None:
        if step.call == "clients.add":
            raise StoreUnavailableError("throttled")

    store.hook = hook

    told = "Nobody knows whether it was done. Send it again with the same Idempotency-Key: it is done once."
    assert send(ada, CLIENTS).body["detail"] == told
    assert send(ada, CLIENTS, key=None).body["detail"].startswith("Nobody knows whether it was done. Look")


def a_new_world(monkeypatch: pytest.MonkeyPatch) -> tuple[Store, User]:
    """A store with an account and a client in it, and whose it is."""
    store, user = Store(), User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")
    wired(store, monkeypatch, now=NOW).having(
        an_account(id=user.account_id), a_client(account_id=user.account_id)
    )
    return store, user


STEPS = 8
"""The sides of four calls: the key claimed, what is needed read, the thing added, the answer kept."""


@each_path
def test_a_request_with_a_key_is_four_calls(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store, user = a_new_world(monkeypatch)
    steps: list[Step] = []
    store.hook = steps.append

    send(user, path)

    calls = [step.call for step in steps if step.moment is Moment.BEFORE]
    assert (len(steps), calls[0], calls[-1]) == (STEPS, "requests.add", "requests.replace")
    assert calls[-2] in {"clients.add", "work.add"}


@each_path
@pytest.mark.parametrize("number", range(STEPS))
def test_a_function_that_dies_anywhere_leaves_a_request_that_is_done_once(
    path: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, user = a_new_world(monkeypatch)
    left = iter(range(STEPS))

    def die(_: Step) -> None:
        if next(left) == number:
            store.hook = lambda _: None
            raise Crash

    store.hook = die
    with pytest.raises(Crash):
        send(user, path)
    at_once = send(user, path)
    later(monkeypatch, LEASE)
    response = send(user, path)

    is_claimed, is_kept = number > 0, number == STEPS - 1
    assert at_once.status == (409 if is_claimed and not is_kept else 201)
    assert (response.status, MADE[path][1](store)) == (201, 1)
    assert send(user, path) == again(response)


@each_path
def test_eight_that_send_a_request_at_once_have_one_effect_and_equal_answers(
    store: Store, ada: User, path: str
) -> None:
    def sent(_: int) -> Response:
        while (response := send(ada, path)).status == 409:
            pass
        return response

    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(sent, range(8)))

    assert MADE[path][1](store) == 1
    assert {response.status for response in responses} == {201}
    assert all(response.body == responses[0].body for response in responses)
    assert sum("idempotency-replayed" not in response.headers for response in responses) == 1


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(store: Store, ada: User, log: Log) -> None:
    def hook(step: Step) -> None:
        if step.call == "requests.replace" and step.moment is Moment.BEFORE:
            raise StoreUnavailableError("throttled")

    store.hook = hook
    response = send(ada, CLIENTS)

    assert response.status == 201
    [warning, _] = log.lines
    assert (warning["message"], warning["level"], warning["code"]) == (
        "answer not kept",
        "WARNING",
        "store-unavailable",
    )


def test_a_key_that_cannot_be_claimed_has_nothing_done(store: Store, ada: User) -> None:
    def hook(step: Step) -> None:
        if step.call == "requests.add":
            raise StoreUnavailableError("throttled")

    store.hook = hook

    assert send(ada, CLIENTS).status == 503
    assert MADE[CLIENTS][1](store) == 0


def test_other_methods_take_no_notice_of_a_key(store: Store, ada: User) -> None:
    for _ in range(2):
        response = ada.ask("GET", CLIENTS, headers={"idempotency-key": "schlüssel"})
        assert (response.status, "idempotency-replayed" in response.headers) == (200, False)

    assert store.requests == {}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Answer]]:
    """An operation `POST /v1/things` that gives these answers, one each time."""
    answers: list[Answer] = []
    operation = Operation(
        route="POST /v1/things",
        name="make_thing",
        serve=lambda _: answers.pop(0),
        summary="Make a thing",
        secret=True,
    )
    _serve(operation, monkeypatch)
    yield answers
    assert answers == []


def test_a_secret_is_shown_once_and_kept_nowhere(store: Store, ada: User, served: list[Answer]) -> None:
    served.append(created({"id": "tok_1", "secret": "hunter2"}, location="/v1/things/tok_1"))

    first = ada.post("/v1/things", {}, key="k1")
    second = ada.post("/v1/things", {}, key="k1")

    assert first.body == {"id": "tok_1", "secret": "hunter2"}
    assert (second.body, second.headers["location"]) == ({"id": "tok_1"}, "/v1/things/tok_1")
    assert "hunter2" not in repr(store.requests)


def test_the_secret_of_a_token_does_not_come_again(store: Store, ada: User) -> None:
    said = {"name": "Laptop", "scopes": ["read"]}

    first = ada.post("/v1/tokens", said, key="k1")
    second = ada.post("/v1/tokens", said, key="k1")

    shown = {name: value for name, value in first.body.items() if name != "secret"}
    assert (second.status, second.body) == (201, shown)
    assert first.body["secret"].rpartition("_")[2] not in repr(store.requests)


@pytest.mark.parametrize("location", ["/v1/things/1", None])
def test_an_answer_too_long_to_be_kept_is_told_to_be_lost(
    ada: User, served: list[Answer], location: str | None
) -> None:
    served.append(created({"text": "ł" * MOST_KEPT}, location=location))

    first = ada.post("/v1/things", {}, key="k1")
    second = ada.post("/v1/things", {}, key="k1")

    where = f"; look at {location}" if location else ""
    told = f"this was done, but its answer was too long to be kept{where}"
    assert first.status == 201
    assert second.status == 409
    assert second.body == problem(409, "answer-not-kept", "Answer not kept", told, at="/v1/things")


def test_an_answer_of_64_kilobytes_is_kept_whole(ada: User, served: list[Answer]) -> None:
    served.append(created({"text": "ł" * 32 * 1024}))

    first = ada.post("/v1/things", {}, key="k1")

    assert ada.post("/v1/things", {}, key="k1") == again(first)


def test_what_may_have_been_done_keeps_its_ids_also_when_it_is_refused_later(
    store: Store, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    outcomes: list[Exception] = [StoreUnavailableError("throttled"), InvalidError(), InvalidError()]

    def serve(request: Request) -> Answer:
        seen.append(request.new_id())
        raise outcomes.pop(0)

    operation = Operation(route="POST /v1/things", name="make_thing", serve=serve, summary="Make a thing")
    _serve(operation, monkeypatch)

    statuses = [ada.post("/v1/things", {}, key="k1").status for _ in range(3)]

    assert statuses == [503, 422, 422]
    assert len(set(seen)) == 1


def _serve(operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve this operation alone."""
    monkeypatch.setattr(routes, "_leading", lambda path: [*routes._matching(path, [operation])])
