"""Each function runs on the platform we chose, as itself, and starts with nothing but its code."""

import datetime as dt
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from domain.delivery import LONGEST_RUN
from infrastructure.local_cloud.templates import load
from tests.template import cfn

FUNCTIONS = cfn.application().of(cfn.FUNCTION)
LOG_GROUPS = cfn.application().of("AWS::Logs::LogGroup")
each_function = pytest.mark.parametrize("name", FUNCTIONS)


@each_function
def test_a_function_runs_python_3_13_on_arm64_and_is_traced(name: str) -> None:
    function = FUNCTIONS[name]

    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["Tracing"] == "Active"


@each_function
def test_a_function_is_built_by_the_makefile(name: str) -> None:
    assert cfn.application().resources[name]["Metadata"] == {"BuildMethod": "makefile"}


@each_function
def test_the_handler_of_a_function_imports_with_an_empty_environment(name: str) -> None:
    module, _, handler = FUNCTIONS[name]["Handler"].rpartition(".")

    imported = subprocess.run(
        [sys.executable, "-c", f"from {module} import {handler}; assert callable({handler})"],
        cwd=cfn.ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert imported.returncode == 0, imported.stderr


@each_function
def test_a_function_logs_json_to_a_group_of_its_own_name(name: str) -> None:
    group = LOG_GROUPS[cfn.named(FUNCTIONS[name]["LoggingConfig"]["LogGroup"])]

    prefix = "/aws/lambda/"
    assert group["LogGroupName"]["Fn::Sub"] == prefix + FUNCTIONS[name]["FunctionName"]["Fn::Sub"]
    assert FUNCTIONS[name]["LoggingConfig"]["LogFormat"] == "JSON"


@pytest.mark.parametrize("name", LOG_GROUPS)
def test_logs_are_kept_for_as_long_as_the_environment_says(name: str) -> None:
    assert LOG_GROUPS[name]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@each_function
def test_the_log_of_a_function_says_which_one_it_is(name: str) -> None:
    variables = FUNCTIONS[name]["Environment"]["Variables"]
    module = FUNCTIONS[name]["Handler"].removeprefix("handlers.").partition(".")[0]

    assert variables["POWERTOOLS_SERVICE_NAME"] == module


def test_no_two_functions_share_a_role() -> None:
    roles = Counter(cfn.named(function["Role"]) for function in FUNCTIONS.values())

    assert dict.fromkeys(roles, 1) == roles


def test_sam_adds_no_resource_to_those_that_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template = load(cfn.ROOT / "template.yaml")
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    written = set(template["Resources"])

    translated: dict[str, Any] = Translator(None, Parser()).translate(template, parameter_values={})

    assert set(translated["Resources"]) == written


def test_whoever_mails_is_cut_off_well_before_another_takes_its_mail_for_lost() -> None:
    timeout = dt.timedelta(seconds=FUNCTIONS["DeliverInvoices"]["Timeout"])

    assert 2 * timeout < LONGEST_RUN
