"""The OpenAPI document: whole, true, and good enough to write a client from."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from handlers.api.openapi import document
from handlers.api.routes import OPERATIONS
from tests.builders import a_client, a_failure, a_work_entry, an_account
from tests.gateway import User
from tests.world import World

NOBODY = User(None)
TOLD = {
    f"{method.upper()} {path}": told
    for path, methods in document()["paths"].items()
    for method, told in methods.items()
}
CHANGES = [operation for operation in OPERATIONS if operation.takes]


def test_every_operation_is_told() -> None:
    assert {operation.route for operation in OPERATIONS} == TOLD.keys() | {"GET /docs"}


def test_operations_are_told_apart_by_name() -> None:
    names = [told["operationId"] for told in TOLD.values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.route)
def test_an_operation_says_in_words_what_it_does(operation: Any) -> None:
    assert re.fullmatch(r"[A-Z].{5,79}[^.]", operation.summary)


def test_everything_that_is_referred_to_is_there() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document())))

    assert names == document()["components"]["schemas"].keys()


@pytest.mark.parametrize("route", TOLD)
def test_whatever_can_be_refused_is_told(route: str) -> None:
    operation = next(each for each in OPERATIONS if each.route == route)

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


def requests(client_id: str, work_id: str, failure_id: str) -> Iterator[tuple[str, str]]:
    """Each route that takes a body, and the path to send its example to."""
    named = {"clients": client_id, "work-entries": work_id, "failures": failure_id}
    for operation in CHANGES:
        thing = operation.path.split("/")[2]
        yield operation.route, operation.path.replace("{id}", named.get(thing, ""))


def test_the_examples_are_taken(world: World, ada: User) -> None:
    acme = a_client(account_id=ada.account_id)
    entry = a_work_entry(client=acme)
    failure = a_failure(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), acme, entry)
    world.ledger.update(failure_id=failure.id, change=lambda _: failure)

    for route, path in requests(acme.id, entry.id, failure.id):
        [*_, content] = TOLD[route]["requestBody"]["content"].values()
        example = json.dumps(content["example"]).replace("cli_06f3k9q2m4x7v1ta", acme.id)
        response = ada.ask(route.split()[0], path, example, headers={"if-match": "*"})
        assert str(response.status) in TOLD[route]["responses"], (route, response.body)
        assert response.status < 300, (route, response.body)
