"""Files to be imported, against an S3 in this process."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from domain.errors import TryAgainLaterError
from domain.identifiers import import_id
from domain.imports import NothingUploadedError, UploadChangedError
from infrastructure.uploads import URL_SECONDS, S3Uploads
from tests.builders import ADA

BUCKET = "invoicely-dev-uploads"
FIRST = import_id("1" * 16)
KEY = f"imports/{ADA}/{FIRST}/work.csv"


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        config = Config(signature_version="s3v4", region_name="eu-west-1")
        s3 = boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test", config=config)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield s3


def test_an_address_takes_one_size_and_one_type_at_one_place_for_some_minutes(s3: Any) -> None:
    url, headers = S3Uploads(s3, BUCKET).address(account_id=ADA, import_id=FIRST, size=42)

    address = urlsplit(url)
    query = parse_qs(address.query)
    assert address.path.endswith(KEY)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert query["X-Amz-Expires"] == [str(URL_SECONDS)]
    assert headers == {"Content-Type": "text/csv", "Content-Length": "42"}
    assert URL_SECONDS <= 900


class Failing:
    """Implements what we use of boto3's client, and fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def head_object(self, **_: object) -> Any:
        raise self._error

    def get_object(self, **_: object) -> Any:
        raise self._error


def refusal(code: str, status: int) -> ClientError:
    told: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "GetObject")


def mark(uploads: S3Uploads) -> object:
    return uploads.mark(account_id=ADA, import_id=FIRST)


def get(uploads: S3Uploads) -> object:
    return uploads.get(account_id=ADA, import_id=FIRST, content='"mark"')


@pytest.mark.parametrize("call", [mark, get])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal("404", 404), NothingUploadedError),
        (refusal("NoSuchKey", 404), NothingUploadedError),
        (refusal("PreconditionFailed", 412), UploadChangedError),
        (refusal("SlowDown", 503), TryAgainLaterError),
        (refusal("AccessDenied", 403), TryAgainLaterError),
        (refusal("403", 403), TryAgainLaterError),
        (refusal("NoSuchBucket", 404), TryAgainLaterError),
        (ReadTimeoutError(endpoint_url="https://s3"), TryAgainLaterError),
    ],
)
def test_only_a_file_that_is_missing_or_another_is_a_lost_cause(
    call: Callable[[S3Uploads], object], error: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told):
        call(S3Uploads(Failing(error), BUCKET))


def test_a_body_that_breaks_off_is_tried_again(s3: Any) -> None:
    class Broken(Failing):
        def get_object(self, **_: object) -> Any:
            return {"Body": self}

        def read(self) -> bytes:
            raise self._error

    with pytest.raises(TryAgainLaterError):
        get(S3Uploads(Broken(ReadTimeoutError(endpoint_url="https://s3")), BUCKET))
