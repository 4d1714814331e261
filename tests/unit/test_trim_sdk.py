"""A function's package has what botocore needs for the services that functions ask, and nothing of others."""

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from scripts.trim_sdk import SERVICES, trim

ROOT = Path(__file__).parents[2]
ONLY_OF_THE_COMMAND_LINE = {"cloudformation"}
FULL = Path(botocore.__file__).parent / "data"
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-4", "cn-north-1", "us-gov-west-1")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What botocore knows, trimmed; of what no function asks, there was ec2."""
    copy = tmp_path_factory.mktemp("package") / "data"
    wanted = {*SERVICES, "sts", "ec2"}
    shutil.copytree(
        FULL, copy, ignore=lambda directory, names: set(names) - wanted if directory == str(FULL) else ()
    )
    for file in FULL.glob("*.json"):
        shutil.copy(file, copy)
    trim(copy)
    return copy


@cache
def session_of(data: Path) -> Session:
    session = Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session


def client_of(service: str, region: str, data: Path) -> Any:
    return session_of(data).create_client(
        service, region_name=region, aws_access_key_id="none", aws_secret_access_key="none"
    )


def test_every_service_that_a_function_asks_is_kept_and_no_other() -> None:
    code = "".join(file.read_text() for file in (ROOT / "infrastructure").rglob("*.py"))

    asked = set(re.findall(r'aws\.client\("(\w+)"\)', code))

    assert asked - ONLY_OF_THE_COMMAND_LINE == set(SERVICES)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", SERVICES)
def test_clients_speak_to_the_same_endpoints_in_every_partition(
    service: str, region: str, data: Path
) -> None:
    full, trimmed = (client_of(service, region, each) for each in (FULL, data))

    assert trimmed.meta.endpoint_url == full.meta.endpoint_url
    assert trimmed.meta.config.signature_version == full.meta.config.signature_version
    assert trimmed._request_signer.region_name == full._request_signer.region_name
    assert trimmed.meta.service_model.operation_names == full.meta.service_model.operation_names


def test_what_no_function_asks_is_gone(data: Path) -> None:
    kept = {each.name for each in data.iterdir() if each.is_dir()}

    assert kept == {*SERVICES, "sts"}
    assert (data / "endpoints.json").stat().st_size < (FULL / "endpoints.json").stat().st_size / 20
