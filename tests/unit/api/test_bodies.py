import json

import pytest

from handlers.api.app import handler
from tests.gateway import User
from tests.problems import problem

AT = "/v1/account"
SAID = {
    "name": "Zażółć Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}
LARGEST = 64 * 1024
JSON = "the body is not JSON: "


def malformed(detail: str) -> dict[str, object]:
    return problem(400, "malformed-body", "Malformed body", detail, at=AT)


@pytest.mark.parametrize(
    "media",
    [
        None,
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
        "text/json",
    ],
)
def test_the_body_is_json_whatever_kind_of_json_it_says_it_is(ada: User, media: str | None) -> None:
    response = ada.ask("PUT", AT, json.dumps(SAID), media=media)

    assert (response.status, response.body["name"]) == (200, "Zażółć Lovelace")


def test_a_body_that_the_gateway_took_for_binary_is_decoded(ada: User) -> None:
    response = ada.ask("PUT", AT, json.dumps(SAID, ensure_ascii=False).encode())

    assert (response.status, response.body["name"]) == (200, "Zażółć Lovelace")


def test_a_body_of_another_kind_is_refused(ada: User) -> None:
    response = ada.ask("PUT", AT, "name=Ada", media="application/x-www-form-urlencoded")

    told = "the body is application/x-www-form-urlencoded; send application/json"
    assert response.status == 415
    assert response.body == problem(415, "not-json", "Not json", told, at=AT)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (" ", "Expecting value: line 1 column 2 (char 1)"),
        ('{"name": }', "Expecting value: line 1 column 10 (char 9)"),
        ('{"name": "a", "name": "b"}', "a name stands twice in one object"),
        ('{"rate": NaN}', "NaN is not a number of JSON"),
        ('{"rate": -Infinity}', "-Infinity is not a number of JSON"),
        (b'{"name": "\xff"}', "it is not UTF-8"),
        ("[" * 30_000, "it is nested deeper than 8 levels"),
    ],
)
def test_a_body_that_is_not_json_is_refused(ada: User, body: str | bytes | None, told: str) -> None:
    response = ada.ask("PUT", AT, body)

    assert (response.status, response.body) == (400, malformed(JSON + told))


@pytest.mark.parametrize("body", [None, ""], ids=["none", "empty"])
def test_a_body_that_is_missing_is_told(ada: User, body: str | None) -> None:
    response = ada.ask("PUT", AT, body)

    told = "the body is empty; send a JSON object, {} where there is nothing to say"
    assert (response.status, response.body) == (400, malformed(told))


@pytest.mark.parametrize("body", ["null", "[]", '"name"', "1"])
def test_a_body_that_is_no_object_is_refused(ada: User, body: str) -> None:
    response = ada.ask("PUT", AT, body)

    told = 'the body must be a JSON object: {"name": value, ...}'
    assert (response.status, response.body) == (400, malformed(told))


def test_a_number_with_too_many_digits_is_refused(ada: User) -> None:
    response = ada.ask("PUT", AT, f'{{"payment_terms_days": {"9" * 5000}}}')

    told = JSON + "a number has 5000 digits; send at most 100"
    assert (response.status, response.body) == (400, malformed(told))


def test_a_body_may_be_nested_eight_deep_and_no_deeper(ada: User) -> None:
    deep = ada.ask("PUT", AT, '{"a":' * 8 + "1" + "}" * 8)
    deeper = ada.ask("PUT", AT, '{"a":' * 9 + "1" + "}" * 9)

    assert deep.status == 422
    assert (deeper.status, deeper.body) == (400, malformed("the body is nested deeper than 8 levels"))


@pytest.mark.parametrize("padding", [" ", "ł"])
def test_a_body_has_at_most_64_kilobytes(ada: User, padding: str) -> None:
    text = json.dumps(SAID)
    filled = text[:-1] + " " * (LARGEST - len(text)) + "}"

    assert ada.ask("PUT", AT, filled).status == 200
    assert ada.ask("PUT", AT, filled.encode(), headers={"if-match": "*"}).status == 200
    for larger in (filled + padding, (filled + padding).encode()):
        response = ada.ask("PUT", AT, larger)

        told = f"the body has {LARGEST + len(padding.encode())} bytes; at most {LARGEST} are taken"
        assert response.status == 413
        assert response.body == problem(413, "body-too-large", "Body too large", told, at=AT)


@pytest.mark.parametrize("number", ["14.0", "1e1", "0.1", "1e999"])
def test_a_number_with_a_point_never_slips_through(ada: User, number: str) -> None:
    response = ada.ask("PUT", AT, json.dumps(SAID)[:-1] + f', "payment_terms_days": {number}}}')

    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.body["errors"]] == [
        ("/payment_terms_days", "float")
    ]


def test_half_a_surrogate_pair_comes_back_as_the_escape_that_it_was(ada: User) -> None:
    answer = handler(ada.event("PUT", AT, json.dumps(SAID | {"\ud800": 1})), None)

    assert answer["body"].encode()
    assert json.loads(answer["body"])["errors"][0]["pointer"] == "/\ud800"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_terms_days", True),
        ("payment_terms_days", "14"),
        ("name", 1),
        ("tax_id", False),
        ("address", ["Berlin"]),
        ("bank", "DE02120300000000202051"),
    ],
)
def test_a_value_has_the_type_that_json_gives_it(ada: User, field: str, value: object) -> None:
    response = ada.put(AT, SAID | {field: value})

    assert response.status == 422
    assert [each["pointer"] for each in response.body["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("date", 86400), ("date", "2026-10-05T00:00:00Z"), ("billable", "yes"), ("billable", 1)],
)
def test_a_value_is_not_guessed_from_another(ada: User, field: str, value: object) -> None:
    work = {"client_id": "cli_acme000000000000", "date": "2026-10-05", "description": "Notes", "minutes": 60}

    response = ada.post("/v1/work-entries", work | {field: value})

    assert response.status == 422
    assert [each["pointer"] for each in response.body["errors"]] == [f"/{field}"]
