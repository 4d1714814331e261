"""The fields of a dataclass, to make another one of them."""

from dataclasses import fields
from typing import Any


def values(thing: object, shape: type) -> dict[str, Any]:
    """The fields of *shape* as *thing* has them."""
    return {field.name: getattr(thing, field.name) for field in fields(shape)}
