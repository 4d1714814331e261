"""The OpenAPI document: whole, true, and good enough to write a client from."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from domain.errors import InvoicelyError
from domain.identifiers import client_id
from handlers.api import refusals
from handlers.api.openapi import document
from handlers.api.routes import operations
from tests.builders import UMBRELLA, a_client, a_failure, a_work_entry, an_account
from tests.gateway import User
from tests.world import World

NOBODY = User(None)
TOLD = {
    f"{method.upper()} {path}": told
    for path, methods in document()["paths"].items()
    for method, told in methods.items()
}
SCHEMAS = document()["components"]["schemas"]
PROBLEM_TYPES = document()["x-problem-types"]
CHANGES = [operation for operation in operations() if operation.takes]


def test_every_operation_is_told() -> None:
    assert {operation.route for operation in operations()} == TOLD.keys() | {"GET /docs"}


def test_operations_are_told_apart_by_name() -> None:
    names = [told["operationId"] for told in TOLD.values()]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)+", name)] == []


def test_each_part_of_the_api_is_told_in_words_and_in_an_order() -> None:
    tags = document()["tags"]

    assert [tag["name"] for tag in tags][:5] == ["account", "clients", "work-entries", "imports", "invoices"]
    assert {tag["name"] for tag in tags} == {tag for told in TOLD.values() for tag in told["tags"]}
    assert all(tag["description"] for tag in tags)


def schemas_in(told: Any) -> Iterator[Any]:
    """Whatever looks like a schema, at any depth."""
    if isinstance(told, dict):
        yield told
    for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from schemas_in(each)


def test_every_shape_has_a_name_that_says_of_what_it_is() -> None:
    unnamed = [each for each in schemas_in(document()["paths"]) if "properties" in each]

    assert unnamed == []
    assert [name for name in SCHEMAS if "_" in name] == []
    assert SCHEMAS.keys().isdisjoint({"State", "Kind", "Code", "Failure", "Result", "Counts"})


def test_a_choice_among_words_has_a_name() -> None:
    choices = [
        (name, field, option)
        for name, schema in SCHEMAS.items()
        for field, each in schema.get("properties", {}).items()
        for option in each.get("anyOf", ())
        if "enum" in option
    ]

    assert {name for name, _, _ in choices} == {"ClientPatch", "Replaying"}
    assert [option["title"] for _, _, option in choices] == [field for _, field, _ in choices]


def test_whoever_sends_a_number_with_a_point_sends_text() -> None:
    bodies = [name for name, schema in SCHEMAS.items() if schema.get("additionalProperties") is False]

    assert {"NewWork", "WorkPatch", "NewClient", "Tax"} <= set(bodies)
    assert [name for name in bodies if '"number"' in json.dumps(SCHEMAS[name])] == []


def test_what_a_patch_does_not_name_has_no_other_value() -> None:
    patches = {name: schema for name, schema in SCHEMAS.items() if name.endswith("Patch")}

    assert patches.keys() == {"ClientPatch", "WorkPatch"}
    assert '"default"' in json.dumps(SCHEMAS["NewWork"])
    assert '"default"' not in json.dumps(patches)


def test_every_type_of_problem_is_listed_once_with_what_it_means() -> None:
    types = [each["type"] for each in PROBLEM_TYPES]
    named = {name for told in schemas_in(TOLD) for name in told.get("x-problem-types", ())}
    own = {
        f"tag:invoicely.example,2026:problems/{each.code}"
        for each in vars(refusals).values()
        if isinstance(each, type)
        and issubclass(each, InvoicelyError)
        and each.__module__ == refusals.__name__
    }

    assert len(set(types)) == len(types)
    assert named | own <= set(types)
    assert [each["status"] for each in PROBLEM_TYPES] == sorted(each["status"] for each in PROBLEM_TYPES)
    assert [
        each for each in PROBLEM_TYPES if not re.fullmatch(r"[A-Z][^\n]{15,}\.", each["description"])
    ] == []


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.route)
def test_an_operation_says_in_words_what_it_does(operation: Any) -> None:
    assert re.fullmatch(r"[A-Z].{5,79}[^.]", operation.summary)


def test_everything_that_is_referred_to_is_there() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document())))

    assert names == document()["components"]["schemas"].keys()


@pytest.mark.parametrize("route", TOLD)
def test_whatever_can_be_refused_is_told(route: str) -> None:
    operation = next(each for each in operations() if each.route == route)

    answers = TOLD[route]["responses"]

    assert str(operation.status.value) in answers
    assert "503" in answers
    assert ("401" in answers) == ("403" in answers) == (operation.needs is not None)
    assert ("404" in answers) or "{" not in route
    for status, answer in answers.items():
        if status >= "400":
            assert answer["x-problem-types"]
            assert answer["content"]["application/problem+json"]


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.route)
def test_a_body_has_an_example(operation: Any) -> None:
    for content in TOLD[operation.route]["requestBody"]["content"].values():
        assert content["example"]


def given() -> Iterator[Any]:
    """Each answer with a body, by its route and status, but for the document itself."""
    for route, told in TOLD.items():
        for status, answer in told["responses"].items():
            if status < "400" and "content" in answer and route != "GET /v1/openapi.json":
                yield pytest.param(answer["content"]["application/json"], id=f"{route} {status}")


def is_valid(value: object, schema: object) -> bool:
    """Whether the value is of this shape, and has nothing beside it."""
    closed = {
        name: ({"additionalProperties": False} if "properties" in each else {}) | each
        for name, each in SCHEMAS.items()
    }
    return Draft202012Validator({"allOf": [schema], "components": {"schemas": closed}}).is_valid(value)


@pytest.mark.parametrize("content", [*given()])
def test_the_example_of_an_answer_is_of_its_shape(content: Any) -> None:
    assert is_valid(content["example"], content["schema"])
    assert not is_valid(content["example"] | {"more": 1}, content["schema"])


def test_the_example_of_a_problem_is_one_that_is_listed() -> None:
    schema = SCHEMAS["Problem"]

    assert is_valid(schema["example"], schema)
    assert schema["example"]["type"] in [each["type"] for each in PROBLEM_TYPES]


def test_anybody_may_read_how_the_api_is_used() -> None:
    response = NOBODY.get("/v1/openapi.json")

    assert response.status == 200
    assert response.body == document()


@pytest.mark.parametrize("route", TOLD)
def test_what_the_gateway_refuses_is_told_in_its_words(route: str) -> None:
    told = {status for status, answer in TOLD[route]["responses"].items() if status >= "400"}

    plain = {status for status in told if "application/json" in TOLD[route]["responses"][status]["content"]}

    assert plain == told & {"401", "403"}


def test_what_was_made_has_an_address() -> None:
    answers = [answer for told in TOLD.values() for answer in told["responses"].items()]

    for status, answer in answers:
        assert ("Location" in answer.get("headers", {})) == (status in {"201", "202"})


def test_what_is_under_way_has_no_version_yet() -> None:
    accepted = [told["responses"]["202"] for told in TOLD.values() if "202" in told["responses"]]

    assert len(accepted) >= 5
    assert [answer for answer in accepted if "ETag" in answer["headers"]] == []


def test_an_answer_is_never_null() -> None:
    schemas = document()["components"]["schemas"]

    shown = {name: schema for name, schema in schemas.items() if name.endswith("View")}
    assert {"ClientView", "WorkView", "InvoiceView", "AccountView", "AddressView"} <= shown.keys()
    for schema in shown.values():
        assert '"null"' not in json.dumps(schema)


class Links(HTMLParser):
    """The page's ids, and what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in {"href", "src"} and value:
                self.targets.add(value)


@pytest.fixture(scope="module")
def page() -> str:
    return str(NOBODY.get("/docs").body)


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    links = Links()
    links.feed(page)

    assert links.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert {target for target in links.targets if not target.startswith("#")} == {"v1/openapi.json"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_has_what_its_links_lead_to(page: str) -> None:
    links = Links()
    links.feed(page)

    assert {target[1:] for target in links.targets if target.startswith("#")} <= set(links.ids)
    assert len(set(links.ids)) == len(links.ids)


def test_the_page_tells_of_every_operation(page: str) -> None:
    for told in TOLD.values():
        assert f"id='{told['operationId']}'" in page


def test_the_page_tells_what_each_problem_means(page: str) -> None:
    for each in PROBLEM_TYPES:
        assert f"id='problem-{each['type'].rpartition('/')[2]}'" in page


def test_the_page_goes_from_the_sign_in_to_the_account_first(page: str) -> None:
    places = [page.index(f"id='{tag['name']}'") for tag in document()["tags"]]

    assert places == sorted(places)
    assert page.index("id=start>") < page.index("id=conventions>") < places[0]
    assert "Authorization: Bearer" in page


def requests(**named: str) -> Iterator[tuple[str, str]]:
    """Each route that takes a body, and the path to send its example to: with the id of what it names."""
    for operation in CHANGES:
        thing = operation.path.split("/")[2].replace("-", "_")
        yield operation.route, operation.path.replace("{id}", named.get(thing, ""))


def test_the_examples_are_taken(world: World, ada: User) -> None:
    acme = a_client(account_id=ada.account_id)
    entry = a_work_entry(client=acme)
    failure = a_failure(account_id=ada.account_id)
    other = a_client(account_id=ada.account_id, id=UMBRELLA)
    world.having(an_account(id=ada.account_id), acme, entry, other, a_work_entry(client=other))
    world.ledger.update(failure_id=failure.id, change=lambda _: failure)
    invoice = world.bill(other, day=dt.date(2026, 10, 20))
    issued = world.issue(invoice.id, client=other, day=dt.date(2026, 10, 20))
    world.pay(issued, day=dt.date(2026, 10, 20), amount=20_000)

    slow = a_client(account_id=ada.account_id, id=client_id("slow000000000000"), review_days=3)
    world.having(slow, a_work_entry(client=slow))
    waiting = world.bill(slow, day=dt.date(2026, 10, 20))
    world.issue(waiting.id, client=slow, day=dt.date(2026, 10, 20))

    back = a_client(account_id=ada.account_id, id=client_id("back000000000000"))
    world.having(back, a_work_entry(client=back))
    billed = world.bill(back, day=dt.date(2026, 10, 20))
    note = world.credit(world.issue(billed.id, client=back, day=dt.date(2026, 10, 20)))
    world.finish(note.id, account_id=ada.account_id, day=dt.date(2026, 10, 20))

    named = {"clients": acme.id, "work_entries": entry.id, "failures": failure.id, "invoices": invoice.id}
    named["credit_notes"] = note.id
    for route, invoiced in requests(**named):
        path = invoiced.replace(invoice.id, waiting.id) if route.endswith("/review") else invoiced
        [*_, content] = TOLD[route]["requestBody"]["content"].values()
        example = json.dumps(content["example"]).replace("cli_06f3k9q2m4x7v1ta", acme.id)
        response = ada.ask(route.split()[0], path, example, headers={"if-match": "*"})
        assert str(response.status) in TOLD[route]["responses"], (route, response.body)
        assert response.status < 300, (route, response.body)
        promised = TOLD[route]["responses"][str(response.status)]
        assert is_valid(response.body, promised["content"]["application/json"]["schema"]), route
        assert ("ETag" in promised.get("headers", {})) == ("etag" in response.headers), route
