"""The table and two buckets in this process, as `infrastructure/stacks/data.yaml` has them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, Final

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from infrastructure import aws, settings, wiring
from tests.quick_moto import copied, quickly
from tests.template import cfn

REGION: Final = "eu-west-1"
TABLE, BUCKET, UPLOADS = "invoicely-dev", "invoicely-dev-documents", "invoicely-dev-uploads"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "TABLE_NAME": TABLE,
    "DOCUMENTS_BUCKET": BUCKET,
    "REQUESTS_PER_MINUTE": "1000000",
    "UPLOADS_BUCKET": UPLOADS,
}
_KEPT = (
    "AttributeDefinitions",
    "KeySchema",
    "LocalSecondaryIndexes",
    "GlobalSecondaryIndexes",
    "BillingMode",
)


@contextmanager
def standing() -> Iterator[None]:
    """Within, they stand and are empty; the wiring is made anew. The environment has to be `ENVIRONMENT`."""
    with mock_aws(), quickly():
        table = cfn.data().of("AWS::DynamoDB::Table")["Table"]
        kept: dict[str, Any] = {name: table[name] for name in _KEPT}
        kept["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
        client("dynamodb").create_table(TableName=TABLE, **kept)
        where: Any = {"LocationConstraint": REGION}
        for bucket in (BUCKET, UPLOADS):
            client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        forget(aws, settings, wiring)
        yield
    forget(aws, settings, wiring)


def remembered() -> Callable[[], None]:
    """What makes the table again what it is now, in this test and in any other."""
    now = copied(_tables()[TABLE])

    def restore() -> None:
        _tables()[TABLE] = copied(now)

    return restore


def _tables() -> dict[str, Table]:
    tables: dict[str, Table] = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    return tables


@cache
def client(service: str) -> Any:
    """A client that serves all tests of a process; made within, since that takes longer than most tests."""
    made: Any = boto3.Session(region_name=REGION).client(service)  # type: ignore[call-overload] # any service
    return made


def forget(*modules: ModuleType) -> None:
    """Empty what the functions of *modules* keep."""
    for module in modules:
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()
