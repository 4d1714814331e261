"""What passes the two filters of the pipeline, in as much of their languages as the template speaks.

Anything else is refused loudly: a filter that is not understood would let everything pass, or nothing.

- https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
- https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Json = Mapping[str, Any]


def passes_criteria(record: Json, criteria: Json) -> bool:
    """Whether a record passes the `FilterCriteria` of an event source mapping: one of its patterns."""
    return any(_matches(record, json.loads(each["Pattern"])) for each in criteria["Filters"])


def passes_policy(attributes: Mapping[str, str], policy: Mapping[str, Any]) -> bool:
    """Whether a message with these attributes passes a subscription's `FilterPolicy`: all of its names."""
    return all(_is_one_of(attributes.get(name), accepted) for name, accepted in policy.items())


def _matches(value: Any, pattern: Any) -> bool:
    match pattern:
        case {}:
            return all(
                isinstance(value, Mapping) and _matches(value.get(name), inner)
                for name, inner in pattern.items()
            )
        case list():
            return _is_one_of(value, pattern)
    raise NotImplementedError(f"a pattern such as {pattern!r}")


def _is_one_of(value: object, accepted: Iterable[object]) -> bool:
    return sum(_is(value, each) for each in accepted) > 0  # none is left unread


def _is(value: object, accepted: object) -> bool:
    match accepted:
        case str():
            return value == accepted
        case {"prefix": str(prefix), **more} if not more:
            return isinstance(value, str) and value.startswith(prefix)
    raise NotImplementedError(f"a condition such as {accepted!r}")
