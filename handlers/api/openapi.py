"""The OpenAPI 3.1 document of the API, made of its operations and of the shapes that they take and give."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from pydantic import TypeAdapter

from domain.access import ForbiddenError
from domain.errors import InvalidError, InvoicelyError, NotFoundError, TryAgainLaterError
from domain.rates import TooManyRequestsError
from domain.requests import AnswerNotKeptError, KeyReusedError, RequestInProgressError
from handlers.api import examples, problems, refusals
from handlers.api.operations import Operation
from infrastructure.access import NotSignedInError

Json = dict[str, Any]

_TITLE = "Invoicely"
_VERSION = "1.0.0"
_ABOUT = """
Log the work that you do for each client; on a set day of the month each client gets an invoice.

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
_SCHEMA = "#/components/schemas/"
_PROBLEM = "application/problem+json"
_OF_THE_GATEWAY = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_REFUSAL = {
    "type": "object",
    "description": "What is said to whoever has no token (401), or one that is not valid (403).",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
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
_OF_KEYS: tuple[type[Exception], ...] = (
    refusals.BadIdempotencyKeyError,
    KeyReusedError,
    RequestInProgressError,
    AnswerNotKeptError,
)


@cache
def document() -> Json:
    """The whole document; the same object each time, so nobody may change it."""
    from handlers.api.routes import OPERATIONS

    shapes = _Shapes(OPERATIONS)
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        if operation.path != "/docs":
            paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": _VERSION, "description": cleandoc(_ABOUT)},
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(operation) for operation in OPERATIONS)],
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
    }


def problem_types(operation: Operation) -> dict[HTTPStatus, list[type[Exception]]]:
    """The errors that an operation may be answered with, by status."""
    found: dict[HTTPStatus, list[type[Exception]]] = {}
    for error in _refusals(operation):
        known = found.setdefault(problems.status_of(error), [])
        if error not in known:
            known.append(error)
    return dict(sorted(found.items()))


class _Shapes:
    """The JSON Schemas of every shape that operations take and give, by name.

    What is taken may be null where it is optional, and what is given is left out instead: a shape that is
    both has two of them.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        taken = {operation.takes for operation in operations if operation.takes}
        answers = (gives for each in operations for gives in (each.gives, *each.otherwise.values()))
        given = {gives for gives in answers if gives and gives is not dict}
        asked, answered = _schemas(taken, "validation", _asked), _schemas(given, "serialization", _answered)
        views = {name: f"{name}View" for name in asked.keys() & answered if asked[name] != answered[name]}
        self._views = views
        self.components: dict[str, Json] = {"Problem": _problem_schema(), "Refusal": _REFUSAL} | asked
        for name, schema in answered.items():
            self.components[views.get(name, name)] = _renamed(schema, views)

    def given(self, shape: type) -> Json:
        """The schema of an operation's answer."""
        return {"$ref": f"{_SCHEMA}{self._views.get(shape.__name__, shape.__name__)}"}

    def taken(self, operation: Operation, takes: type) -> Json:
        """The schema of an operation's body, which has a name of its own where it differs from the shape."""
        name = takes.__name__
        whole = self.components[name]
        if operation.patches:
            name = f"{name.removesuffix('Details').removesuffix('Change')}Patch"
            self.components[name] = _as_patch(whole)
        elif operation.defaults:
            required = [each for each in whole["required"] if each not in operation.defaults]
            name = f"New{name.removesuffix('Details')}"
            self.components[name] = whole | {"required": required}
        return {"$ref": f"{_SCHEMA}{name}"}

    def referred(self, told: Json) -> dict[str, Json]:
        """The schemas that these paths refer to, in the order of their names."""
        names = set(re.findall(rf"{_SCHEMA}([^'\"]+)", str(told)))
        return {name: self.components[name] for name in sorted(_reached(names, self.components))}


def _schemas(shapes: Iterable[type], mode: Any, finished: Callable[[Json], Json]) -> dict[str, Json]:  # noqa: ANN401 - pydantic's word
    """The schemas of these shapes, and of all that they are made of."""
    adapters: Any = [(shape, mode, TypeAdapter(shape)) for shape in shapes]
    _, made = TypeAdapter.json_schemas(adapters, ref_template=f"{_SCHEMA}{{model}}")
    return {name: _told(finished(schema)) for name, schema in made["$defs"].items()}


def _renamed(schema: Json, names: Mapping[str, str]) -> Json:
    """The schema, where it refers to others by their new names."""
    text = re.sub(
        rf'"{_SCHEMA}([^"]+)"',
        lambda found: f'"{_SCHEMA}{names.get(found[1], found[1])}"',
        json.dumps(schema),
    )
    renamed: Json = json.loads(text)
    return renamed


def _operation(operation: Operation, shapes: _Shapes) -> Json:
    told: Json = {
        "operationId": _operation_id(operation),
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
        if example := examples.of_request(operation):
            content["example"] = example
        contents = {media: content} | ({"application/json": content} if operation.patches else {})
        told["requestBody"] = {"required": True, "content": contents}
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


def _responses(operation: Operation, shapes: _Shapes) -> Json:
    told: dict[str, Json] = {str(operation.status.value): _answer(operation, shapes)}
    for status, gives in operation.otherwise.items():
        other = replace(operation, status=status, gives=gives)
        told[str(status.value)] = _answer(other, shapes)
    for status, errors in problem_types(operation).items():
        codes = [str(getattr(error, "code", "error")) for error in errors]
        content = {_PROBLEM: {"schema": {"$ref": f"{_SCHEMA}Problem"}}}
        if status in _OF_THE_GATEWAY:
            content["application/json"] = {"schema": {"$ref": f"{_SCHEMA}Refusal"}}
        told[str(status.value)] = {
            "description": f"{status.phrase}: {', '.join(f'`{code}`' for code in codes)}",
            "content": content,
            "x-problem-types": [problems.TYPES + code for code in codes],
        }
    return told


def _answer(operation: Operation, shapes: _Shapes) -> Json:
    told: Json = {"description": operation.status.phrase}
    headers = {
        "ETag": (operation.matches or "{id}" in operation.path) and operation.gives and not operation.lists,
        "Location": operation.status in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED},
    }
    if shown := {name: {"schema": {"type": "string"}} for name, is_there in headers.items() if is_there}:
        told["headers"] = shown
    if operation.gives is dict:
        return told | {"content": {"application/json": {"schema": {"type": "object"}}}}
    if operation.gives:
        shape = shapes.given(operation.gives)
        schema = _page_of(shape) if operation.lists else shape
        told["content"] = {"application/json": {"schema": schema}}
    return told


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


def _page_of(shape: Json) -> Json:
    return {
        "type": "object",
        "required": ["data", "has_more"],
        "properties": {
            "data": {"type": "array", "items": shape},
            "has_more": {"type": "boolean"},
            "next_cursor": {"type": "string", "description": "Continues behind the last one."},
        },
    }


def _problem_schema() -> Json:
    entry = {
        "type": "object",
        "required": ["pointer", "code", "message"],
        "properties": {
            "pointer": {"type": "string", "description": "Where it is, as JSON pointer (RFC 6901)."},
            "code": {"type": "string"},
            "message": {"type": "string", "description": "What is wrong, and what would be right."},
        },
    }
    codes = sorted({*_codes(InvoicelyError), "internal-error"})
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "request_id"],
        "properties": {
            "type": {
                "type": "string",
                "description": "A name to compare, not an address to fetch.",
                "examples": [problems.TYPES + code for code in codes],
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "request_id": {"type": "string", "description": "What support needs to find the request."},
            "errors": {"type": "array", "items": entry, "description": "One for each wrong value."},
        },
    }


def _codes(family: type[InvoicelyError]) -> Iterator[str]:
    yield family.code
    for each in family.__subclasses__():
        yield from _codes(each)


def _as_patch(whole: Json) -> Json:
    """A merge patch: whatever is not named stays, and null takes away what may be missing."""
    required = set(whole.get("required", ()))
    properties = {
        name: schema if name in required else _or_null(schema) for name, schema in whole["properties"].items()
    }
    return {name: value for name, value in whole.items() if name != "required"} | {"properties": properties}


def _or_null(schema: Json) -> Json:
    options = schema.get("anyOf", [schema])
    return schema if {"type": "null"} in options else {"anyOf": [*options, {"type": "null"}]}


def _asked(schema: Json) -> Json:
    """Fields that are not known are refused; what is answered may have more of them one day."""
    return schema | ({"additionalProperties": False} if schema.get("type") == "object" else {})


def _answered(schema: Json) -> Json:
    """What there is nothing to say about is left out of an answer, so nothing in it is null."""
    properties: dict[str, Json] = schema.get("properties", {})
    optional = {name for name, each in properties.items() if {"type": "null"} in each.get("anyOf", ())}
    shown = {name: _without_null(each) if name in optional else each for name, each in properties.items()}
    required = [name for name in properties if name not in optional]
    return schema | ({"properties": shown, "required": required} if properties else {})


def _without_null(schema: Json) -> Json:
    options = [option for option in schema["anyOf"] if option != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return rest | (options[0] if len(options) == 1 else {"anyOf": options})


def _told(schema: Json) -> Json:
    """With the docstring as it reads, and without titles that say nothing."""
    told = {name: value for name, value in schema.items() if name != "title"}
    if "description" in told:
        told["description"] = cleandoc(told["description"])
    if "properties" in told:
        told["properties"] = {
            name: {key: value for key, value in each.items() if key != "title"}
            for name, each in told["properties"].items()
        }
    return told


def _reached(names: Iterable[str], definitions: Mapping[str, Json]) -> set[str]:
    """These definitions, and all that they refer to."""
    found: set[str] = set()
    left = [*names]
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left += re.findall(rf"{_SCHEMA}([^'\"]+)", str(definitions[name]))
    return found


def _tag(operation: Operation) -> str:
    return operation.path.removeprefix("/v1/").strip("/").split("/")[0].removesuffix(".json")


def _operation_id(operation: Operation) -> str:
    return operation.serve.__module__.rsplit(".", 1)[-1] + "_" + operation.serve.__name__.strip("_")
