from collections.abc import Callable

import pytest

from domain.errors import WillNeverWorkError
from infrastructure.context import correlation_id
from infrastructure.dynamodb.errors import StoreUnavailableError
from tests.fakes import Moment, Store
from tests.fakes.store import Step
from tests.gateway import REQUEST_ID, User
from tests.logs import Log
from tests.problems import problem

AT = "/v1/account"
OURS = "Something is wrong on our side; request_id helps us to find out what."


def raising(error: Exception) -> Callable[[Step], None]:
    def hook(step: Step) -> None:
        if step.moment is Moment.BEFORE:
            raise error

    return hook


@pytest.mark.parametrize("error", [ValueError("Ada owes 12.50"), WillNeverWorkError("Ada owes 12.50")])
def test_a_bug_is_told_without_its_own_words(store: Store, ada: User, log: Log, error: Exception) -> None:
    store.hook = raising(error)

    response = ada.get(AT)

    assert response.status == 500
    assert response.body == problem(500, "internal-error", "Internal error", OURS, at=AT)
    assert len(log.lines) == 1
    assert "12.50" not in log.text


def test_what_may_succeed_later_says_when(store: Store, ada: User) -> None:
    store.hook = raising(StoreUnavailableError("the table is throttled: ProvisionedThroughputExceeded"))

    response = ada.get(AT)

    told = "The same request may succeed in a moment; send it again."
    assert response.status == 503
    assert response.body == problem(503, "try-again-later", "Try again later", told, at=AT)
    assert response.headers == {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "retry-after": "2",
    }


@pytest.mark.parametrize("sub", [None, ""])
def test_without_a_user_there_is_nothing_to_see(ada: User, sub: str | None) -> None:
    response = User(sub).get(AT)

    told = "the authorizer names no account; sign in again"
    assert response.status == 401
    assert response.body == problem(401, "not-signed-in", "Not signed in", told, at=AT)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/invoices/inv_1/pdf/more", "/v1/clients//", "/V1/clients"])
def test_a_path_that_leads_nowhere_is_not_found(ada: User, path: str) -> None:
    response = ada.get(path)

    told = f"there is nothing at {path}"
    assert response.status == 404
    assert response.body == problem(404, "no-such-route", "No such route", told, at=path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/clients", "GET, POST"),
        ("PUT", "/v1/clients/cli_1", "GET, PATCH"),
        ("PUT", "/v1/work-entries/wrk_1", "DELETE, GET, PATCH"),
        ("POST", "/v1/invoices/inv_1/pdf", "GET"),
        ("PATCH", "/v1/account", "GET, PUT"),
    ],
)
def test_a_path_that_knows_other_methods_names_them(ada: User, method: str, path: str, allowed: str) -> None:
    response = ada.ask(method, path)

    told = f"{method} does nothing here; {allowed} would"
    assert (response.status, response.headers["allow"]) == (405, allowed)
    assert response.body == problem(405, "method-not-allowed", "Method not allowed", told, at=path)


def test_the_path_in_a_problem_is_a_uri(ada: User) -> None:
    response = ada.get("/v1/clients/a b\u00e9")

    assert response.body["instance"] == "/v1/clients/a%20b%C3%A9"


def test_all_that_a_request_writes_carries_its_id(store: Store, ada: User) -> None:
    seen = set()
    store.hook = lambda _: seen.add(correlation_id())

    ada.get(AT)

    assert seen == {REQUEST_ID}
    assert correlation_id() is None


def test_a_request_leaves_one_line_with_ids_only(ada: User, log: Log) -> None:
    ada.get("/v1/clients/cli_nobody0000000000", name="Ada")

    [line] = log.lines
    assert line == {
        **{name: line[name] for name in ("level", "location", "timestamp", "service", "milliseconds")},
        "message": "request done",
        "request_id": REQUEST_ID,
        "method": "GET",
        "route": "GET /v1/clients/{id}",
        "status": 400,
        "account": ada.account_id,
        "error": "BadQueryError",
        "code": "bad-query",
        "at": line["at"],
    }


def test_a_request_of_nobody_is_logged_without_an_account(ada: User, log: Log) -> None:
    User(None).get(AT)

    [line] = log.lines
    assert "account" not in line
    assert (line["status"], line["code"]) == (401, "not-signed-in")


def test_a_bug_is_logged_as_an_error_with_its_type_and_place(store: Store, ada: User, log: Log) -> None:
    store.hook = raising(ValueError("Ada owes 12.50"))

    ada.get(AT)

    [line] = log.lines
    assert (line["level"], line["status"], line["error"]) == ("ERROR", 500, "ValueError")
    assert line["at"].startswith("domain.accounts:")
