"""JSON merge patch (RFC 7396): what is sent replaces, null takes away, all else stays."""

from collections.abc import Mapping
from typing import Any


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """*target* with *patch* applied.

    A null for what is not there stays a null, so that a misspelt name is told and not passed over.
    """
    result = dict(target)
    for name, value in patch.items():
        if value is None and name in result:
            del result[name]
        elif isinstance(value, Mapping):
            inner = result.get(name)
            result[name] = merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[name] = value
    return result
