"""What is too much, too long, or not meant to be seen: told, where it stands, and safe to look at."""

import json

import pytest

from handlers.api.app import handler
from tests.builders import a_client, an_account
from tests.gateway import User
from tests.problems import bad_query, invalid
from tests.world import World

ACCOUNT, CLIENTS, WORK = "/v1/account", "/v1/clients", "/v1/work-entries"
SAID = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}
ENTRY = {"client_id": "cli_acme000000000000", "date": "2026-10-05", "description": "Notes", "minutes": 60}


def asked(user: User, path: str, query: str) -> tuple[int, object]:
    """The answer to a GET with this query, exactly as it is written."""
    answer = handler(user.event("GET", path) | {"rawQueryString": query}, None)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize("query", ["limit=5&limit=5", "limit=5&limit=", "limit=5&%6Cimit=6"])
def test_a_parameter_is_given_once(ada: User, query: str) -> None:
    told = bad_query(("/limit", "repeated", "must be given once only"), at=CLIENTS)

    assert asked(ada, CLIENTS, query) == (400, told)


def test_a_value_behind_the_question_mark_has_at_most_two_thousand_characters(ada: User) -> None:
    message = "has 2049 characters; at most 2048 are allowed"

    status, told = asked(ada, CLIENTS, f"cursor={'a' * 2049}")

    assert (status, told) == (400, bad_query(("/cursor", "too-long", message), at=CLIENTS))


@pytest.mark.parametrize("text", ["%00", "a%0Ab", "%C2%85", "%E2%80%AE", "%7F"])
def test_a_value_behind_the_question_mark_is_printable(ada: User, text: str) -> None:
    message = "contains control characters; use printable text only"

    status, told = asked(ada, CLIENTS, f"cursor={text}")

    assert (status, told) == (400, bad_query(("/cursor", "control-character", message), at=CLIENTS))


def test_a_strange_name_behind_the_question_mark_is_told_as_a_json_pointer(ada: User) -> None:
    message = "is not a parameter here; known are limit, cursor"

    status, told = asked(ada, CLIENTS, "a%2Fb~c=1")

    assert (status, told) == (400, bad_query(("/a~1b~0c", "unknown-parameter", message), at=CLIENTS))


def test_a_value_that_is_not_utf_8_is_none_that_is_known(ada: User) -> None:
    assert asked(ada, CLIENTS, "cursor=%FF")[0] == 400


def test_text_is_kept_in_its_composed_form(world: World, ada: User) -> None:
    ada.put(ACCOUNT, SAID | {"name": "Zoe\u0308"})

    assert ada.get(ACCOUNT).body["name"] == "Zo\u00eb"
    assert world.accounts.get(account_id=ada.account_id).name == "Zo\u00eb"


def test_a_change_is_composed_too(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id), a_client(account_id=ada.account_id))

    response = ada.patch(f"{CLIENTS}/{a_client().id}", {"name": "Zoe\u0308"})

    assert response.body["name"] == "Zo\u00eb"


@pytest.mark.parametrize("text", ["a\x00", "a\x1b[2J", "a\x85", "1\u202e2", "a\u2066b", "a\u2028b"])
@pytest.mark.parametrize("place", ["/description", "/project", "/unit", "/tags/1"])
def test_what_steers_a_terminal_or_the_direction_of_writing_is_refused(
    ada: User, text: str, place: str
) -> None:
    said: dict[str, object] = {"tags": ["a", text]} if place == "/tags/1" else {place[1:]: text}
    counted = {name: value for name, value in ENTRY.items() if name != "minutes"}

    response = ada.post(WORK, counted | {"quantity": "1", "unit": "page", "rate": "1"} | said)

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [
        (place, "control-character")
    ]


@pytest.mark.parametrize("place", ["/name", "/tax_id", "/address/street"])
def test_half_a_surrogate_pair_is_no_text(ada: User, place: str) -> None:
    address = SAID["address"] | {"street": "\ud800"}  # type: ignore[operator] # one value of several types
    said = {"address": address} if place == "/address/street" else {place[1:]: "a\ud800"}

    response = ada.put(ACCOUNT, SAID | said, match="*")

    told = (place, "not-text", "holds half a surrogate pair, which is no character")
    assert (response.status, response.body) == (422, invalid(told, at=ACCOUNT))


@pytest.mark.parametrize("name", ["a\x1b[2J", "a\x9b", "a\u202eb", "a\u2066", "a\u2028", "\ud800", "\x7f"])
def test_a_name_that_steers_a_terminal_is_told_without_steering_one(ada: User, name: str) -> None:
    answer = handler(ada.event("PUT", ACCOUNT, json.dumps(SAID | {name: 1}), headers={"if-match": "*"}), None)

    text = answer["body"]
    assert json.loads(text)["errors"][0]["pointer"] == f"/{name}"
    assert text.replace("ä", "").isprintable()


def test_names_are_told_as_json_pointers(ada: User) -> None:
    address = {**SAID["address"], "a/b": 1}  # type: ignore[dict-item] # the values are of several types

    response = ada.put(ACCOUNT, SAID | {"~": 1, "address": address}, match="*")

    pointers = [each["pointer"] for each in response.body["errors"]]
    assert sorted(pointers) == ["/address/a~1b", "/~0"]


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**99])
def test_an_integer_has_at_most_64_bits(ada: User, number: int) -> None:
    response = ada.post(WORK, ENTRY | {"minutes": number})

    told = ("/minutes", "out-of-range", "must be an integer of at most 64 bits")
    assert (response.status, response.body) == (422, invalid(told, at=WORK))


@pytest.mark.parametrize("text", ["9" * 60_000, "0." + "9" * 60_000, "1e999999999", "1_000", "٣"])
def test_a_number_in_text_is_as_long_as_anybody_needs(ada: User, text: str) -> None:
    response = ada.post(WORK, ENTRY | {"rate": text})

    assert response.status == 422
    assert [each["pointer"] for each in response.body["errors"]] == ["/rate"]


def test_an_array_has_at_most_a_hundred_entries(ada: User) -> None:
    response = ada.post(WORK, ENTRY | {"tags": [""] * 10_000})

    told = ("/tags", "too-many", "has 10000 entries; at most 100 are taken")
    assert (response.status, response.body) == (422, invalid(told, at=WORK))


def test_no_more_than_a_hundred_wrong_values_are_told(ada: User) -> None:
    response = ada.post(WORK, ENTRY | {"tags": [[1.5] * 100] * 2})

    assert response.status == 422
    assert len(response.body["errors"]) == 100
    assert response.body["detail"].startswith("Nothing was changed; errors names 100 of 20")
