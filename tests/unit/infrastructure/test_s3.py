"""The archive of documents, against an S3 in this process."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from domain.errors import NotFoundError, TryAgainLaterError
from infrastructure.s3 import URL_SECONDS, ArchiveUnavailableError, S3Archive

BUCKET = "invoicely-dev-documents"
KEY = "acc_ada/invoices/inv_acme00000000000020261031.pdf"


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        config = Config(signature_version="s3v4", region_name="eu-west-1")
        s3 = boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test", config=config)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield s3


def test_a_document_is_stored_and_read_again(s3: Any) -> None:
    archive = S3Archive(s3, BUCKET)

    archive.put(key=KEY, content=b"%PDF-1.7")

    assert archive.get(key=KEY) == b"%PDF-1.7"
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["ContentType"] == "application/pdf"


def test_the_first_document_stays(s3: Any) -> None:
    archive = S3Archive(s3, BUCKET)
    archive.put(key=KEY, content=b"first")

    archive.put(key=KEY, content=b"second")

    assert archive.get(key=KEY) == b"first"


def test_a_document_that_is_not_there_is_not_found(s3: Any) -> None:
    with pytest.raises(NotFoundError, match=KEY):
        S3Archive(s3, BUCKET).get(key=KEY)


def test_an_address_works_for_five_minutes_and_names_the_file(s3: Any) -> None:
    address = urlsplit(S3Archive(s3, BUCKET).url(key=KEY, filename="invoice-2026-0001.pdf"))

    query = parse_qs(address.query)
    assert address.path.endswith(KEY)
    assert query["X-Amz-Expires"] == [str(URL_SECONDS)] == ["300"]
    assert query["response-content-disposition"] == ['attachment; filename="invoice-2026-0001.pdf"']
    assert "X-Amz-Signature" in query


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_a_document_that_somebody_else_stored_meanwhile_is_as_good(code: str) -> None:
    S3Archive(Failing(an_error(code)), BUCKET).put(key=KEY, content=b"second")


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_s3_says_in_two_ways_that_a_document_is_not_there(code: str) -> None:
    with pytest.raises(NotFoundError):
        S3Archive(Failing(an_error(code)), BUCKET).get(key=KEY)


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "NoSuchBucket"])
@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda archive: archive.put(key=KEY, content=b""), id="put"),
        pytest.param(lambda archive: archive.get(key=KEY), id="get"),
    ],
)
def test_a_bucket_that_fails_may_work_later(code: str, use: Callable[[S3Archive], object]) -> None:
    for error in (an_error(code), ReadTimeoutError(endpoint_url="https://s3")):
        with pytest.raises(ArchiveUnavailableError) as caught:
            use(S3Archive(Failing(error), BUCKET))

        assert isinstance(caught.value, TryAgainLaterError)
        assert caught.value.__cause__ is error


class Failing:
    """A client of S3 whose every call fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_object(self, **_: object) -> None:
        raise self._error

    def get_object(self, **_: object) -> None:
        raise self._error


def an_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutObject")
