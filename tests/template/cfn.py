"""Looks into the two stacks: what stands in them, and what points at what."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from infrastructure.local_cloud.templates import load, resources

ROOT = Path(__file__).parents[2]
FUNCTION = "AWS::Serverless::Function"

Properties = dict[str, Any]


class Stack:
    """A template, with SAM's `Globals` spread over its functions."""

    def __init__(self, path: str) -> None:
        self.template = load(ROOT / path)
        self.resources: dict[str, dict[str, Any]] = self.template["Resources"]
        shared = self.template.get("Globals", {}).get("Function", {})
        for _, function in resources(self.template, FUNCTION):
            function["Properties"] = _merged(shared, function["Properties"])

    def of(self, kind: str) -> dict[str, Properties]:
        """Give the properties of the resources of a type, by logical id."""
        return {name: resource["Properties"] for name, resource in resources(self.template, kind)}

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


def default(value: object) -> Any:
    """What a value is where nobody gives its parameter another one."""
    match value:
        case {"Ref": str(name)}:
            return application().template["Parameters"][name]["Default"]
    return value


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


STREAM, INTAKE = "PublishChanges", "RecordFailures"


def feeds() -> dict[str, Feed]:
    """List the mappings from queues that something is done with, by logical id."""
    return {name: feed for name, feed in mapped().items() if feed.function not in {STREAM, INTAKE}}


def intake() -> dict[str, Feed]:
    """List the mappings from dead-letter queues, by logical id."""
    return {name: feed for name, feed in mapped().items() if feed.function == INTAKE}


def mapped() -> dict[str, Feed]:
    """List all mappings, by logical id."""
    mappings = application().of("AWS::Lambda::EventSourceMapping")
    return {
        name: Feed(named(mapping["EventSourceArn"]), named(mapping["FunctionName"]), mapping)
        for name, mapping in mappings.items()
    }


def topic_of(queue: str) -> str | None:
    """Name the topic whose messages a queue gets, or those that could not be put into it."""
    for each in application().of("AWS::SNS::Subscription").values():
        if queue in {named(each["Endpoint"]), named(each["RedrivePolicy"]["deadLetterTargetArn"])}:
            return named(each["TopicArn"])
    return None


def alarms_on(metric: str, name: str) -> list[Properties]:
    """List the alarms that watch a metric of a resource."""
    return [
        alarm
        for alarm in application().of("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric and any(named(each["Value"]) == name for each in alarm["Dimensions"])
    ]
