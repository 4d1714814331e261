"""What ministack 1.5.33 leaves out of a stack without a word, done by calls after it is deployed."""

from collections.abc import Iterator

from infrastructure.local_cloud.cloud import Access, LocalCloud
from infrastructure.local_cloud.templates import Template, resources


def mend(access: Access, data: Template, cloud: LocalCloud) -> Iterator[str]:
    """Make the cloud what the templates say; each line tells what was mended."""
    yield from _table(access, data, cloud)
    yield _verify(access, cloud.sender)


def _table(access: Access, data: Template, cloud: LocalCloud) -> Iterator[str]:
    """Switch on what CloudFormation drops: expiry and point-in-time recovery."""
    dynamodb = access.session().client("dynamodb", **access.here())
    [(_, table)] = resources(data, "AWS::DynamoDB::Table")
    expiry = table["Properties"]["TimeToLiveSpecification"]
    current = dynamodb.describe_time_to_live(TableName=cloud.table)["TimeToLiveDescription"]
    if current["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(TableName=cloud.table, TimeToLiveSpecification=expiry)
        yield f"expiry by {expiry['AttributeName']} switched on by a call"
    dynamodb.update_continuous_backups(
        TableName=cloud.table,
        PointInTimeRecoverySpecification=table["Properties"]["PointInTimeRecoverySpecification"],
    )
    yield "point-in-time recovery switched on by a call"


def _verify(access: Access, sender: str) -> str:
    """Verify the sender, for which on AWS its owner follows a link or sets DNS records."""
    access.session().client("ses", **access.here()).verify_email_identity(EmailAddress=sender)
    return f"sender {sender} verified"
