"""The JSON Schemas of what operations take and give, by name: the `components` of the OpenAPI document."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from inspect import cleandoc
from typing import Any

from pydantic import TypeAdapter

from handlers.api.operations import Operation

Json = dict[str, Any]

REFERENCE = "#/components/schemas/"

# A module tells what is meant by `State`, and the document has no modules.
_NAMES = {
    "Code": "FindingCode",
    "Counts": "ImportCounts",
    "Failure": "ImportFailure",
    "Fate": "ReplayFate",
    "Format": "ImportFormat",
    "Kind": "FailureKind",
    "Result": "ImportResult",
    "RowResult": "ImportRowView",
    "domain__credit_notes__Progress": "CreditNoteState",
    "domain__delivery__Progress": "DeliveryProgress",
    "domain__failures__State": "FailureState",
    "domain__imports__State": "ImportState",
    "domain__invoices__State": "InvoiceState",
}


class Shapes:
    """The JSON Schemas of every shape that operations take and give, by name.

    What is taken may be null where it is optional, and what is given is left out instead: a shape that is
    both has two of them.
    """

    def __init__(self, operations: Iterable[Operation], others: Mapping[str, Json]) -> None:
        taken = {operation.takes for operation in operations if operation.takes}
        answers = (gives for each in operations for gives in (each.gives, *each.otherwise.values()))
        given = {gives for gives in answers if gives and gives is not dict}
        asked, answered = _schemas(taken, "validation", _asked), _schemas(given, "serialization", _answered)
        self._views = {
            name: f"{name}View" for name in asked.keys() & answered if asked[name] != answered[name]
        }
        self.components: dict[str, Json] = {**others} | asked
        for name, schema in answered.items():
            self.components[self._views.get(name, name)] = _renamed(schema, self._views)

    def given(self, operation: Operation, gives: type) -> Json:
        """The schema of an operation's answer; that of a page has a name of its own."""
        named = _NAMES.get(gives.__name__, gives.__name__)
        shape = {"$ref": f"{REFERENCE}{self._views.get(named, named)}"}
        if not operation.lists:
            return shape
        name = f"{named.removeprefix('Listed').removesuffix('View')}Page"
        self.components[name] = _page_of(shape)
        return {"$ref": f"{REFERENCE}{name}"}

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
        return {"$ref": f"{REFERENCE}{name}"}

    def referred(self, told: Json) -> dict[str, Json]:
        """The schemas that these paths refer to, in the order of their names."""
        names = set(re.findall(rf"{REFERENCE}([^'\"]+)", str(told)))
        return {name: self.components[name] for name in sorted(_reached(names, self.components))}


def _schemas(shapes: Iterable[type], mode: Any, finished: Callable[[Json], Json]) -> dict[str, Json]:  # noqa: ANN401 - pydantic's word
    """The schemas of these shapes, and of all that they are made of."""
    adapters: Any = [(shape, mode, TypeAdapter(shape)) for shape in shapes]
    _, made = TypeAdapter.json_schemas(adapters, ref_template=f"{REFERENCE}{{model}}")
    return {
        _NAMES.get(name, name): _renamed(_told(finished(schema)), _NAMES)
        for name, schema in made["$defs"].items()
    }


def _renamed(schema: Json, names: Mapping[str, str]) -> Json:
    """The schema, where it refers to others by their new names."""
    text = re.sub(
        rf'"{REFERENCE}([^"]+)"',
        lambda found: f'"{REFERENCE}{names.get(found[1], found[1])}"',
        json.dumps(schema),
    )
    renamed: Json = json.loads(text)
    return renamed


def _page_of(shape: Json) -> Json:
    return {
        "type": "object",
        "description": "A part of a list.",
        "required": ["data", "has_more"],
        "properties": {
            "data": {"type": "array", "items": shape},
            "has_more": {"type": "boolean", "description": "Whether there is more behind the last one."},
            "next_cursor": {"type": "string", "description": "What to send as `cursor` to go on."},
        },
    }


def _as_patch(whole: Json) -> Json:
    """A merge patch: whatever is not named stays, and null takes away what may be missing."""
    required = set(whole.get("required", ()))
    properties = {
        name: _without_default(schema if name in required else _or_null(schema))
        for name, schema in whole["properties"].items()
    }
    return {name: value for name, value in whole.items() if name != "required"} | {"properties": properties}


def _or_null(schema: Json) -> Json:
    options = schema.get("anyOf", [_without_default(schema)])
    return schema if {"type": "null"} in options else {"anyOf": [*options, {"type": "null"}]}


def _without_default(schema: Json) -> Json:
    return {name: value for name, value in schema.items() if name != "default"}


def _asked(schema: Json) -> Json:
    """Fields that are not known are refused; what is answered may have more of them one day."""
    if schema.get("type") != "object":
        return schema
    properties = {name: _exact(each) for name, each in schema["properties"].items()}
    return schema | {"additionalProperties": False, "properties": properties}


def _exact(schema: Json) -> Json:
    """A number with a point is sent as text, so that it stays exact."""
    if "anyOf" not in schema:
        return schema
    options = [{"type": "integer"} if each == {"type": "number"} else each for each in schema["anyOf"]]
    return schema | {"anyOf": options}


def _answered(schema: Json) -> Json:
    """What there is nothing to say about is left out of an answer, so nothing in it is null."""
    properties: dict[str, Json] = schema.get("properties", {})
    optional = {name for name, each in properties.items() if {"type": "null"} in each.get("anyOf", ())}
    shown = {
        name: _without_null(each) if name in optional else _without_default(each)
        for name, each in properties.items()
    }
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
            name: _named(name, {key: value for key, value in each.items() if key != "title"})
            for name, each in told["properties"].items()
        }
    return told


def _named(name: str, schema: Json) -> Json:
    """With a title for a choice among words: generated clients name by it what has no name of its own."""
    if "anyOf" not in schema:
        return schema
    options = [each | ({"title": name} if "enum" in each else {}) for each in schema["anyOf"]]
    return schema | {"anyOf": options}


def _reached(names: Iterable[str], definitions: Mapping[str, Json]) -> set[str]:
    """These definitions, and all that they refer to."""
    found: set[str] = set()
    left = [*names]
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left += re.findall(rf"{REFERENCE}([^'\"]+)", str(definitions[name]))
    return found
