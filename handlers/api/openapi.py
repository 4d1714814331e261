"""The OpenAPI 3.1 document of the API, made of its operations and of the shapes that they take and give."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from inspect import cleandoc

from domain.access import ForbiddenError
from domain.errors import InvalidError, NotFoundError, TryAgainLaterError
from domain.rates import TooManyRequestsError
from domain.requests import AnswerNotKeptError, KeyReusedError, RequestInProgressError
from handlers.api import examples, problems, refusals
from handlers.api.operations import Operation
from handlers.api.shapes import REFERENCE, Json, Shapes
from infrastructure.access import NotSignedInError
from infrastructure.views import own_failures as owner_views
from infrastructure.views.accounts import AccountView
from infrastructure.views.clients import ClientView
from infrastructure.views.work import WorkView

_TITLE = "Invoicely"
_VERSION = "1.0.0"
_ABOUT = """
Log the work that you do for each client; on a set day of the month each client gets an invoice.

Each request bears `Authorization: Bearer …`: the token of a sign-in, or a personal API token, which may do
what its scopes say. Whoever signs in for the first time has an account; `PUT /v1/account` says who sends the
invoices, and from there on clients can be added and work logged.

Amounts are integers in the minor unit of the `currency` beside them (cents of EUR, yen of JPY); prices,
rates and quantities are decimals in text, so that they stay exact; days are `2026-10-31`, instants RFC 3339
in UTC. What there is nothing to say about is left out. Fields that are not known are refused. What went
wrong comes as `application/problem+json` (RFC 9457); its `type` ends in a stable code, and `errors` names
each wrong value.

Lists come in parts: send `next_cursor` as `cursor` until `has_more` is false. A change may say with
`If-Match` which version it is of: the `ETag` of the answer that was read before.

A POST may bear an `Idempotency-Key`, such as a new UUID. Sent again with it, within two days, the same
request is answered the same and nothing is done twice: `Idempotency-Replayed` says so. Who asks too much is
answered 429, and `Retry-After` says in how many seconds to go on.
"""
_TAGS = {
    "account": "Who sends the invoices.",
    "clients": "Whom the work is done for, and an invoice for one of them now.",
    "work-entries": "The work that was done.",
    "imports": "Work from another program's export, by upload.",
    "invoices": "What was charged, line by line and as a PDF.",
    "credit-notes": "What was taken back of them.",
    "payments": "What came for them.",
    "prepayments": "What clients paid in advance.",
    "invoice-previews": "The coming invoices of all clients, and what became of them.",
    "counters": "What was worked and invoiced, for each client and month.",
    "totals": "The same over all clients, for each currency.",
    "failures": "What could not be processed, and sending it again.",
    "tokens": "Personal API tokens, for programs.",
    "audit": "Whether the numbers of the invoices are right.",
    "openapi": "This description.",
}
_PROBLEM = "application/problem+json"
_OF_THE_GATEWAY = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_REFUSAL = {
    "type": "object",
    "description": "What is said to whoever has no token (401), or one that is not valid (403).",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
# The gateway answers in its own words before it asks us, and a generated client reads both by one media type.
_REFUSED = {"anyOf": [{"$ref": f"{REFERENCE}Problem"}, {"$ref": f"{REFERENCE}Refusal"}]}
_WRONG_VALUE = {
    "type": "object",
    "description": "A value that is wrong.",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "Where it is, as JSON pointer (RFC 6901)."},
        "code": {"type": "string"},
        "message": {"type": "string", "description": "What is wrong, and what would be right."},
    },
}
_VERSIONED = {
    AccountView,
    ClientView,
    WorkView,
    owner_views.FailureView,
    owner_views.ReplayView,
}
_WITH_ID = re.compile(r"{(\w+)}")

_ANY: tuple[type[Exception], ...] = (refusals.BadQueryError, TryAgainLaterError)
_SIGNED: tuple[type[Exception], ...] = (NotSignedInError, ForbiddenError)
_OF_BODIES: tuple[type[Exception], ...] = (
    refusals.MalformedBodyError,
    refusals.BodyTooLargeError,
    refusals.NotJsonError,
    InvalidError,
)
_OF_PATHS: tuple[type[Exception], ...] = (refusals.NoSuchRouteError, refusals.MethodNotAllowedError)
_OF_KEYS: tuple[type[Exception], ...] = (
    refusals.BadIdempotencyKeyError,
    KeyReusedError,
    RequestInProgressError,
    AnswerNotKeptError,
)


@cache
def document() -> Json:
    """The whole document; the same object each time, so nobody may change it."""
    from handlers.api.routes import operations

    shown = [operation for operation in operations() if operation.path != "/docs"]
    others = {"Problem": _problem_schema(), "Refusal": _REFUSAL, "WrongValue": _WRONG_VALUE}
    shapes = Shapes(shown, others)
    paths: dict[str, Json] = {}
    for operation in shown:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": _VERSION, "description": cleandoc(_ABOUT)},
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a sign-in, or a personal API token.",
                }
            },
            "schemas": shapes.referred(paths),
        },
        "x-problem-types": _told_problems(shown),
    }


def _told_problems(operations: Iterable[Operation]) -> list[Json]:
    """Each type of problem once, by its status: what it is called, and what it means."""
    everywhere = {error for operation in operations for error in _refusals(operation)} | {*_OF_PATHS}
    by_code = {problems.code_of(error): error for error in everywhere}
    told = [
        _told_problem(code, problems.status_of(error), cleandoc(error.__doc__ or "").split("\n\n")[0])
        for code, error in by_code.items()
    ]
    ours = "Something is wrong on our side; it is logged under the `request_id`."
    told.append(_told_problem(problems.INTERNAL, HTTPStatus.INTERNAL_SERVER_ERROR, ours))
    return sorted(told, key=lambda each: (each["status"], each["type"]))


def _told_problem(code: str, status: HTTPStatus, told: str) -> Json:
    title = problems.title_of(code)
    return {"type": problems.TYPES + code, "title": title, "status": status.value, "description": told}


def problem_types(operation: Operation) -> dict[HTTPStatus, list[type[Exception]]]:
    """The errors that an operation may be answered with, by status."""
    found: dict[HTTPStatus, list[type[Exception]]] = {}
    for error in _refusals(operation):
        known = found.setdefault(problems.status_of(error), [])
        if error not in known:
            known.append(error)
    return dict(sorted(found.items()))


def _operation(operation: Operation, shapes: Shapes) -> Json:
    told: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [_tag(operation)],
        "responses": _responses(operation, shapes),
        "security": [{"bearer": []}] if operation.needs else [],
    }
    if about := cleandoc(operation.serve.__doc__ or ""):
        told["description"] = about
    if operation.needs:
        told["x-scope"] = operation.needs.value
    if parameters := [*_parameters(operation)]:
        told["parameters"] = parameters
    if operation.takes:
        media = "application/merge-patch+json" if operation.patches else "application/json"
        content: Json = {"schema": shapes.taken(operation, operation.takes)}
        content |= _shown(examples.of_request(operation))
        told["requestBody"] = {"required": True, "content": {media: content}}
    return told


def _parameters(operation: Operation) -> Iterator[Json]:
    for name in _WITH_ID.findall(operation.path):
        described = {"schema": {"type": "string"}, "description": f"The {name} of the thing that is meant."}
        yield {"name": name, "in": "path", "required": True} | described
    for parameter in operation.parameters:
        described = {"schema": dict(parameter.schema), "description": parameter.told}
        yield {"name": parameter.name, "in": "query", "required": False} | described
    if operation.method == "POST":
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
            "description": "The same key again, within two days: the same answer, and nothing done twice.",
        }
    if operation.matches or any("Meanwhile" in error.__name__ for error in operation.refuses):
        told = "The ETag of what was read before, or `*` for whatever is there."
        yield {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": f"{told} Needed where there is something to overwrite."
            if operation.matches
            else told,
        }


def _responses(operation: Operation, shapes: Shapes) -> Json:
    answers = {operation.status: operation.gives, **operation.otherwise}
    told = {str(status.value): _answer(operation, status, gives, shapes) for status, gives in answers.items()}
    for status, errors in problem_types(operation).items():
        codes = [problems.code_of(error) for error in errors]
        content: Json = {_PROBLEM: {"schema": {"$ref": f"{REFERENCE}Problem"}}}
        if status in _OF_THE_GATEWAY:
            content = {_PROBLEM: {"schema": _REFUSED}, "application/json": {"schema": _REFUSED}}
        told[str(status.value)] = {
            "description": f"{status.phrase}: {', '.join(f'`{code}`' for code in codes)}",
            "content": content,
            "x-problem-types": [problems.TYPES + code for code in codes],
        }
    return told


def _answer(operation: Operation, status: HTTPStatus, gives: type | None, shapes: Shapes) -> Json:
    told: Json = {"description": status.phrase}
    headers = {
        "ETag": gives in _VERSIONED and not operation.lists and status is not HTTPStatus.ACCEPTED,
        "Location": status in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED},
    }
    if shown := {name: {"schema": {"type": "string"}} for name, is_there in headers.items() if is_there}:
        told["headers"] = shown
    if gives is dict:
        return told | {"content": {"application/json": {"schema": {"type": "object"}}}}
    if gives:
        content = {"schema": shapes.given(operation, gives)} | _shown(examples.of_answer(operation, status))
        told["content"] = {"application/json": content}
    return told


def _shown(example: Json | None) -> Json:
    return {"example": example} if example else {}


def _refusals(operation: Operation) -> Iterator[type[Exception]]:
    yield from _ANY
    if operation.needs:
        yield from _SIGNED
        yield TooManyRequestsError
    if operation.method == "POST":
        yield from _OF_KEYS
    if operation.takes:
        yield from _OF_BODIES
    if "{" in operation.path:
        yield NotFoundError
    if operation.matches:
        yield refusals.MatchRequiredError
    yield from operation.refuses


def _problem_schema() -> Json:
    entry = {"$ref": f"{REFERENCE}WrongValue"}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "request_id"],
        "properties": {
            "type": {"type": "string", "description": "A name to compare, not an address to fetch."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "request_id": {"type": "string", "description": "What support needs to find the request."},
            "errors": {"type": "array", "items": entry, "description": "One for each wrong value."},
        },
        "example": examples.PROBLEM,
    }


def _tag(operation: Operation) -> str:
    return operation.path.removeprefix("/v1/").strip("/").split("/")[0].removesuffix(".json")
