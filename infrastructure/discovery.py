"""Finds what a deployed environment calls its table, bucket and so on, by the outputs of its data stack."""

from domain.errors import NotFoundError
from infrastructure import aws

OUTPUTS = {"TableName": "TABLE_NAME", "DocumentsBucketName": "DOCUMENTS_BUCKET"}


def variables(environment: str) -> dict[str, str]:
    """The environment variables with which our settings mean the deployed *environment* (dev, prod).

    Raises:
        NotFoundError: nothing is deployed under that name, in this region of this AWS account.
    """
    cloudformation = aws.client("cloudformation")
    stack = f"invoicely-data-{environment}"
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        region = cloudformation.meta.region_name
        raise NotFoundError(f"there is no stack {stack} in {region}; deploy it first") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    known = {variable: outputs[key] for key, variable in OUTPUTS.items()}
    return {"INVOICELY_ENVIRONMENT": environment} | known
