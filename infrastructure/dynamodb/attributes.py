"""Plain JSON values ⇄ DynamoDB's attribute values. Numbers are integers only: decimals and dates are text."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]


def to_item(plain: Mapping[str, Any]) -> Item:
    """An item of *plain*; values that are None are left out."""
    return {name: to_attribute(value) for name, value in plain.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of *item*."""
    return {name: from_attribute(value) for name, value in item.items()}


def to_attribute(value: object) -> dict[str, Any]:
    """One attribute value. Raises TypeError for what no item of ours holds, floats among it."""
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": str(value)}
        case Mapping():
            return {"M": to_item(value)}
        case list() | tuple():
            return {"L": [to_attribute(each) for each in value]}
        case _:
            raise TypeError(f"no attribute holds a {type(value).__name__}")


def from_attribute(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the values of JSON
    """The plain value of one attribute."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "S" | "BOOL":
            return value
        case "M":
            return from_item(value)
        case "L":
            return [from_attribute(each) for each in value]
        case _:
            raise TypeError(f"no item of ours holds an attribute of type {kind}")
