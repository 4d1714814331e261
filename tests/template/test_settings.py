"""A function is given the settings that its wiring reads, no fewer and no more."""

import ast
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from domain.retries import QUEUES
from tests.template import cfn

FUNCTIONS = cfn.application().of(cfn.FUNCTION)


def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((cfn.ROOT / module).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


WIRING = functions_of("infrastructure/wiring.py")
SETTINGS = functions_of("infrastructure/settings.py")


def used_of(module: str, tree: ast.AST) -> set[str]:
    """What a piece of code uses as `module.name`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == module
    }


@cache
def read_by(port: str) -> frozenset[str]:
    """The environment variables that a function of the wiring reads, itself or through others."""
    others = {node.id for node in ast.walk(WIRING[port]) if isinstance(node, ast.Name)} & WIRING.keys()
    own = {
        node.value
        for name in used_of("settings", WIRING[port])
        for node in ast.walk(SETTINGS[name])
        if isinstance(node, ast.Constant) and str(node.value).isupper()
    }
    return frozenset(map(str, own)).union(*map(read_by, others))


def sources_of(handler: str) -> Iterable[Path]:
    module = cfn.ROOT / handler.rpartition(".")[0].replace(".", "/")
    return module.parent.glob("*.py") if module.parent.name != "handlers" else [module.with_suffix(".py")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gets_exactly_the_settings_that_it_reads(name: str) -> None:
    sources = [source.read_text(encoding="utf-8") for source in sources_of(FUNCTIONS[name]["Handler"])]
    ports = set().union(*(used_of("wiring", ast.parse(source)) for source in sources))

    given = FUNCTIONS[name]["Environment"]["Variables"].keys() - {"POWERTOOLS_SERVICE_NAME"}
    assert given == set().union(*map(read_by, ports))


def test_failures_of_every_queue_have_a_way_back() -> None:
    given = FUNCTIONS["RetryFailures"]["Environment"]["Variables"]

    queues, functions = (
        json.loads(given[name]["Fn::Sub"]) for name in ("SOURCE_QUEUE_URLS", "SOURCE_FUNCTIONS")
    )
    assert {*queues, *functions, "stream"} == set(QUEUES)
    assert {f"invoicely-${{Environment}}-{name}": logical for name, logical in queues.items()} == {
        queue["QueueName"]["Fn::Sub"]: f"${{{logical}}}"
        for logical, queue in cfn.application().of("AWS::SQS::Queue").items()
        if logical in {feed.queue for feed in cfn.feeds().values()}
    }


def test_the_command_line_finds_the_same_ways_back() -> None:
    given = FUNCTIONS["RetryFailures"]["Environment"]["Variables"]
    outputs = cfn.application().template["Outputs"]

    assert outputs["SourceQueueUrls"]["Value"] == given["SOURCE_QUEUE_URLS"]
    assert outputs["SourceFunctions"]["Value"] == given["SOURCE_FUNCTIONS"]
