from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from domain.errors import NotFoundError
from infrastructure import aws, discovery


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client: Any = boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", lambda _: client)
    with Stubber(client) as stubber:
        yield stubber


def test_finds_an_environment_by_the_outputs_of_its_stacks(cloudformation: Stubber) -> None:
    data = {
        "TableName": "table",
        "DocumentsBucketName": "bucket",
        "FailuresBucketName": "failures",
        "UploadsBucketName": "uploads",
    }
    application = {"ChangesTopicArn": "topic", "UnpublishedQueueUrl": "unpublished"}
    sources = {"SourceQueueUrls": '{"counters": "url"}', "SourceFunctions": '{"tick": "name"}'}
    stands(cloudformation, "invoicely-data-dev", data | {"UserPoolId": "pool"})
    stands(cloudformation, "invoicely-dev", application | sources)

    assert discovery.variables("dev") == {
        "INVOICELY_ENVIRONMENT": "dev",
        "TABLE_NAME": "table",
        "DOCUMENTS_BUCKET": "bucket",
        "UPLOADS_BUCKET": "uploads",
        "FAILURES_BUCKET": "failures",
        "TOPIC_ARN": "topic",
        "UNPUBLISHED_QUEUE_URL": "unpublished",
        "SOURCE_QUEUE_URLS": '{"counters": "url"}',
        "SOURCE_FUNCTIONS": '{"tick": "name"}',
    }


def test_the_data_are_found_also_without_the_application(cloudformation: Stubber) -> None:
    stands(cloudformation, "invoicely-data-dev", {"TableName": "table"})
    cloudformation.add_client_error("describe_stacks", "ValidationError", "invoicely-dev does not exist")

    assert discovery.variables("dev") == {"INVOICELY_ENVIRONMENT": "dev", "TABLE_NAME": "table"}


def stands(cloudformation: Stubber, name: str, outputs: dict[str, str]) -> None:
    stack = {
        "StackName": name,
        "CreationTime": 0,
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }
    cloudformation.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": name})


def test_an_environment_that_is_not_deployed_is_not_found(cloudformation: Stubber) -> None:
    told = "Stack with id invoicely-data-dev does not exist"
    cloudformation.add_client_error("describe_stacks", "ValidationError", told)

    with pytest.raises(NotFoundError, match="no stack invoicely-data-dev in eu-west-1"):
        discovery.variables("dev")


def test_other_refusals_are_told_as_they_are(cloudformation: Stubber) -> None:
    cloudformation.add_client_error("describe_stacks", "AccessDenied", "not you")

    with pytest.raises(ClientError, match="not you"):
        discovery.variables("dev")


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client: Any = boto3.client(
        "lambda", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", lambda _: client)
    with Stubber(client) as stubber:
        yield stubber


def test_a_function_is_run_with_its_own_settings_and_nobody_elses_credentials(functions: Stubber) -> None:
    variables = {"TABLE_NAME": "table", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    described = {"FunctionName": "invoicely-dev-authorize", "Environment": {"Variables": variables}}
    functions.add_response(
        "get_function_configuration", described, {"FunctionName": "invoicely-dev-authorize"}
    )

    assert discovery.settings_of("dev", "authorize") == {"TABLE_NAME": "table"}


def test_a_function_that_is_not_deployed_is_told(functions: Stubber) -> None:
    functions.add_client_error("get_function_configuration", "ResourceNotFoundException")

    with pytest.raises(NotFoundError, match="no function invoicely-dev-api; deploy the application first"):
        discovery.settings_of("dev", "api")
