"""Reads the two stacks as data, with the short tags (`!Ref`, `!GetAtt`, …) spelt out as CloudFormation does."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
FUNCTION = "AWS::Serverless::Function"

Properties = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Understands CloudFormation's tags."""


def _intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value = _plain(loader, node)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    match node:
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            return loader.construct_mapping(node, deep=True)
        case _:
            return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _intrinsic)


def read(path: str) -> dict[str, Any]:
    """Read a template as it is written; the caller may change it."""
    return dict(yaml.load((ROOT / path).read_text(encoding="utf-8"), _Loader))  # noqa: S506, a safe loader with tags


class Stack:
    """A template, with SAM's `Globals` spread over its functions."""

    def __init__(self, path: str) -> None:
        self.template = read(path)
        self.resources: dict[str, dict[str, Any]] = self.template["Resources"]
        shared = self.template.get("Globals", {}).get("Function", {})
        for resource in self.resources.values():
            if resource["Type"] == FUNCTION:
                resource["Properties"] = _merged(shared, resource["Properties"])

    def of(self, kind: str) -> dict[str, Properties]:
        """Give the properties of the resources of a type, by logical id."""
        return {name: found["Properties"] for name, found in self.resources.items() if found["Type"] == kind}

    def type_of(self, name: str) -> str:
        return str(self.resources[name]["Type"])


def _merged(shared: object, own: object) -> object:
    if isinstance(shared, dict) and isinstance(own, dict):
        return shared | {key: _merged(shared.get(key), value) for key, value in own.items()}
    return own


@cache
def application() -> Stack:
    return Stack("template.yaml")


@cache
def data() -> Stack:
    return Stack("infrastructure/stacks/data.yaml")


def named(value: object) -> str:
    """Name what a value points at: a logical id, or the data stack's output that is imported."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case {"Fn::ImportValue": {"Fn::Sub": str(export)}}:
            return export.removeprefix("invoicely-${Environment}-")
    raise ValueError(value)


def walk(value: object) -> Iterator[Any]:
    """Go through a value and everything inside it."""
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Feed(NamedTuple):
    """An event source mapping from a queue to a function."""

    queue: str
    function: str
    mapping: Properties


def feeds() -> dict[str, Feed]:
    """List the mappings that read from queues, by logical id."""
    mappings = application().of("AWS::Lambda::EventSourceMapping")
    queues = application().of("AWS::SQS::Queue")
    return {
        name: Feed(named(mapping["EventSourceArn"]), named(mapping["FunctionName"]), mapping)
        for name, mapping in mappings.items()
        if named(mapping["EventSourceArn"]) in queues
    }


def alarms_on(metric: str, name: str) -> list[Properties]:
    """List the alarms that watch a metric of a resource."""
    return [
        alarm
        for alarm in application().of("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric and any(named(each["Value"]) == name for each in alarm["Dimensions"])
    ]
