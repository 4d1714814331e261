"""Finds what a deployed environment calls its table, queues and so on, by the outputs of its two stacks."""

from typing import Any

from domain.errors import NotFoundError
from infrastructure import aws

OUTPUTS = {
    "TableName": "TABLE_NAME",
    "DocumentsBucketName": "DOCUMENTS_BUCKET",
    "FailuresBucketName": "FAILURES_BUCKET",
    "UploadsBucketName": "UPLOADS_BUCKET",
    "ChangesTopicArn": "TOPIC_ARN",
    "UnpublishedQueueUrl": "UNPUBLISHED_QUEUE_URL",
    "SourceQueueUrls": "SOURCE_QUEUE_URLS",
    "SourceFunctions": "SOURCE_FUNCTIONS",
}


def variables(environment: str) -> dict[str, str]:
    """The environment variables with which our settings mean the deployed *environment* (dev, prod).

    The data can stand without the application: what only that one has is then left out.

    Raises:
        NotFoundError: nothing is deployed under that name, in this region of this AWS account.
    """
    cloudformation = aws.client("cloudformation")
    stack = f"invoicely-data-{environment}"
    if (outputs := _outputs(cloudformation, stack)) is None:
        region = cloudformation.meta.region_name
        raise NotFoundError(f"there is no stack {stack} in {region}; deploy it first")
    outputs |= _outputs(cloudformation, f"invoicely-{environment}") or {}
    known = {variable: outputs[key] for key, variable in OUTPUTS.items() if key in outputs}
    return {"INVOICELY_ENVIRONMENT": environment} | known


def settings_of(environment: str, function: str) -> dict[str, str]:
    """The environment variables of a deployed function, such as `authorize`: its code runs with them.

    Raises:
        NotFoundError: there is no such function in that environment.
    """
    name = f"invoicely-{environment}-{function}"
    functions = aws.client("lambda")
    try:
        configuration = functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException as error:
        raise NotFoundError(f"there is no function {name}; deploy the application first") from error
    settings: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return {variable: value for variable, value in settings.items() if not variable.startswith("AWS_")}


def _outputs(cloudformation: Any, stack: str) -> dict[str, str] | None:  # noqa: ANN401 - boto3 makes its classes at run time
    """What a stack tells about itself; None where it does not stand."""
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
