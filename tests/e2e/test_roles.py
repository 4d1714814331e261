"""Least privilege, as the cloud enforces it: what each function may do, and what it is refused."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError

from infrastructure.local_cloud.cloud import LocalCloud

KEY = {"PK": {"S": "ACCOUNT#nobody"}, "SK": {"S": "PROFILE"}}
VALUES = {":account": {"S": "ACCOUNT#nobody"}}

REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}

Call = Callable[["Role"], object]


class Role(NamedTuple):
    """What a function can do with the credentials that it runs under."""

    cloud: LocalCloud
    credentials: dict[str, str]

    def client(self, service: str) -> Any:
        here = self.cloud.access.here()
        make: Any = boto3.client
        return make(service, region_name=self.cloud.access.region, **self.credentials, **here)


def item(role: Role, verb: str, **more: object) -> object:
    return getattr(role.client("dynamodb"), verb)(TableName=role.cloud.table, **more)


def query(role: Role, index: str | None = None) -> object:
    partition = {"GSI1": "GSI1PK", "GSI2": "GSI2PK"}.get(index or "", "PK")
    condition = f"{partition} = :account"
    named = {"IndexName": index} if index else {}
    return item(role, "query", KeyConditionExpression=condition, ExpressionAttributeValues=VALUES, **named)


def batch_get(role: Role) -> object:
    return role.client("dynamodb").batch_get_item(RequestItems={role.cloud.table: {"Keys": [KEY]}})


def transaction(role: Role, verb: str, **more: object) -> object:
    action = {verb: {"TableName": role.cloud.table, **more}}
    return role.client("dynamodb").transact_write_items(TransactItems=[action])


def publish(role: Role) -> object:
    entry = {"Id": "1", "Message": "{}"}
    return role.client("sns").publish_batch(TopicArn=role.cloud.topic, PublishBatchRequestEntries=[entry])


def send(role: Role, queue: str) -> object:
    return role.client("sqs").send_message(QueueUrl=role.cloud.queues[queue], MessageBody="{}")


def store(role: Role) -> object:
    return role.client("s3").put_object(Bucket=role.cloud.bucket, Key="roles/test", Body=b"")


def fetch(role: Role) -> object:
    return role.client("s3").get_object(Bucket=role.cloud.bucket, Key="roles/test")


def receive_upload(role: Role) -> object:
    return role.client("s3").put_object(
        Bucket=role.cloud.uploads_bucket, Key="imports/roles/test/work.csv", Body=b""
    )


def fetch_upload(role: Role) -> object:
    return role.client("s3").get_object(Bucket=role.cloud.uploads_bucket, Key="imports/roles/test/work.csv")


def erase(role: Role) -> object:
    return role.client("s3").delete_object(Bucket=role.cloud.bucket, Key="roles/test")


def mail(role: Role) -> object:
    raw = {"Data": b"Subject: test\r\n\r\n"}
    return role.client("ses").send_raw_email(
        Source=role.cloud.sender, Destinations=["roles@example.com"], RawMessage=raw
    )


def invoke(role: Role) -> object:
    return role.client("lambda").invoke(FunctionName=role.cloud.functions["open-invoices"], Payload=b"{}")


def enrol(role: Role) -> object:
    return role.client("cognito-idp").admin_create_user(
        UserPoolId=role.cloud.user_pool, Username="x@example.com"
    )


get = partial(item, verb="get_item", Key=KEY)
scan = partial(item, verb="scan")
delete = partial(item, verb="delete_item", Key=KEY)
put = partial(transaction, verb="Put", Item=KEY)
update = partial(
    transaction,
    verb="Update",
    Key=KEY,
    UpdateExpression="SET PK2 = :account",
    ExpressionAttributeValues=VALUES,
)
query_due, query_billing = partial(query, index="GSI1"), partial(query, index="Billing")
query_failures = partial(query, index="GSI2")
set_aside, count = partial(send, queue="unpublished"), partial(send, queue="counters")

CALLS: dict[str, Call] = {
    "get": get,
    "batch get": batch_get,
    "query": query,
    "query GSI1": query_due,
    "query GSI2": query_failures,
    "query Billing": query_billing,
    "scan": scan,
    "put": put,
    "update": update,
    "delete": delete,
    "publish": publish,
    "set aside": set_aside,
    "send to counters": count,
    "store": store,
    "fetch": fetch,
    "erase": erase,
    "receive an upload": receive_upload,
    "fetch an upload": fetch_upload,
    "mail": mail,
    "invoke": invoke,
    "enrol": enrol,
}
ALLOWED = {
    "publish-changes": {"publish", "set aside"},
    "keep-counters": {"get", "batch get", "put", "update"},
    "open-invoices": {"get", "batch get", "query GSI1", "query GSI2", "query Billing", "put", "delete"},
    "remind-clients": {"get", "query GSI2", "put"},
    "issue-invoices": {"get", "batch get", "query", "query Billing", "put", "update", "delete"},
    "deliver-invoices": {"get", "batch get", "query Billing", "put", "store", "fetch", "mail"},
    "import-work": {"get", "batch get", "query", "put", "fetch an upload"},
    "record-mail-events": {"get", "put"},
    "audit": {"get", "batch get", "query", "query GSI1", "query Billing"},
    "record-failures": {"get", "put"},
    "retry-failures": {
        "get",
        "batch get",
        "query GSI1",
        "put",
        "publish",
        "set aside",
        "send to counters",
        "invoke",
    },
    "authorize": {"get"},
    "api": {
        *("get", "batch get", "query", "query GSI1", "query GSI2", "query Billing", "put", "update"),
        *("fetch", "receive an upload", "fetch an upload"),
    },
}


@pytest.fixture(autouse=True)
def _tidy(deployed: LocalCloud) -> Iterator[None]:
    """Take away what was set aside."""
    yield
    sqs = deployed.access.session().client("sqs", **deployed.access.here())
    sqs.purge_queue(QueueUrl=deployed.queues["unpublished"])


@pytest.mark.parametrize("function", ALLOWED)
def test_a_function_may_do_what_it_does_and_nothing_else(deployed: LocalCloud, function: str) -> None:
    role = role_of(deployed, function)

    allowed = {name for name, call in CALLS.items() if is_allowed(call, role)}

    assert allowed == ALLOWED[function]


def role_of(cloud: LocalCloud, function: str) -> Role:
    session, here = cloud.access.session(), cloud.access.here()
    configuration = session.client("lambda", **here).get_function_configuration(
        FunctionName=cloud.functions[function]
    )
    assumed = session.client("sts", **here).assume_role(
        RoleArn=configuration["Role"], RoleSessionName="test"
    )["Credentials"]
    credentials = {
        "aws_access_key_id": assumed["AccessKeyId"],
        "aws_secret_access_key": assumed["SecretAccessKey"],
        "aws_session_token": assumed["SessionToken"],
    }
    return Role(cloud, credentials)


def is_allowed(call: Call, role: Role) -> bool:
    """Whether the call is refused by nobody; whether it finds anything does not matter."""
    try:
        call(role)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in REFUSALS | {"NoSuchKey"}:
            raise
        return code not in REFUSALS
    return True
