"""Reads CloudFormation's YAML: `!Ref Table` becomes `{"Ref": "Table"}`, `!GetAtt Table.Arn` a list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Template: TypeAlias = dict[str, Any]
Resource: TypeAlias = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """Knows CloudFormation's tags, and no dates: 2012-10-17 is the version of a language."""


def load(path: Path) -> Template:
    """Read a template."""
    template: Template = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - derives from the safe one
    return template


def resources(template: Template, kind: str) -> Iterator[tuple[str, Resource]]:
    """Find the resources of one type, each with its logical name."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource


def _intrinsic(loader: yaml.CSafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            raise TypeError(f"YAML has no {node!r}")
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _intrinsic)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
