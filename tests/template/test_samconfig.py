"""`sam` knows how to deploy both stacks of every environment."""

import tomllib
from typing import Any

import pytest

from tests.template import cfn

SETTINGS = tomllib.loads((cfn.ROOT / "samconfig.toml").read_text(encoding="utf-8"))
ENVIRONMENTS = cfn.application().template["Parameters"]["Environment"]["AllowedValues"]
each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def deployment(settings: str) -> tuple[dict[str, Any], dict[str, str]]:
    deploy = SETTINGS[settings]["deploy"]["parameters"]
    return deploy, dict(each.split("=") for each in deploy["parameter_overrides"].split())


def required(stack: cfn.Stack) -> set[str]:
    return {name for name, parameter in stack.template["Parameters"].items() if "Default" not in parameter}


def test_no_environment_is_unknown_to_the_templates() -> None:
    assert {each for each in SETTINGS if each != "version"} == {
        environment + stack for environment in ENVIRONMENTS for stack in ("", "-data")
    }
    assert cfn.data().template["Parameters"]["Environment"]["AllowedValues"] == ENVIRONMENTS


@each_environment
def test_the_application_of_an_environment_gets_the_parameters_that_it_has(environment: str) -> None:
    deploy, given = deployment(environment)

    assert deploy["stack_name"] == f"invoicely-{environment}"
    assert given["Environment"] == environment
    assert required(cfn.application()) <= given.keys() <= cfn.application().template["Parameters"].keys()


@each_environment
def test_the_data_of_an_environment_get_the_parameters_that_they_have(environment: str) -> None:
    deploy, given = deployment(f"{environment}-data")

    assert deploy["stack_name"] == f"invoicely-data-{environment}"
    assert (cfn.ROOT / deploy["template_file"]).name == "data.yaml"
    assert given["Environment"] == environment
    assert required(cfn.data()) <= given.keys() <= cfn.data().template["Parameters"].keys()


@each_environment
def test_data_are_unprotected_on_the_local_cloud_only(environment: str) -> None:
    _, given = deployment(f"{environment}-data")

    assert given["DeletionProtection"] == ("false" if environment == "local" else "true")
