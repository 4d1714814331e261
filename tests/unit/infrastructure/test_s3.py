"""The archive of documents, against an S3 in this process."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from domain.errors import NotFoundError, TryAgainLaterError
from events.republishing import NotAFailureRecordError
from infrastructure.s3 import FAILURES, URL_SECONDS, ArchiveUnavailableError, S3Archive, S3FailureRecords
from tests.aws_events import payload

BUCKET = "invoicely-dev-documents"
LOST = f"{FAILURES}mapping/shardId-1/2026/10/31/2026-10-31T08.00.00-1"
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


def test_an_e_invoice_is_served_as_what_it_is(s3: Any) -> None:
    S3Archive(s3, BUCKET).put(key="a/invoices/1.cii.xml", content=b"<x/>")

    assert s3.head_object(Bucket=BUCKET, Key="a/invoices/1.cii.xml")["ContentType"] == "application/xml"


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


def a_failure(payload: object) -> bytes:
    return json.dumps({"DDBStreamBatchInfo": {"batchSize": 1}, "payload": payload}).encode()


def put(s3: Any, key: str, content: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)


@pytest.mark.parametrize("as_text", [True, False])
def test_the_records_that_lambda_gave_up_are_read(s3: Any, as_text: bool) -> None:
    event = payload("dynamodb-stream")
    put(s3, LOST, a_failure(json.dumps(event) if as_text else event))

    assert S3FailureRecords(s3, BUCKET).records(key=LOST) == event["Records"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"no JSON",
        b"[]",
        b"{}",
        a_failure("no JSON"),
        a_failure(None),
        a_failure({}),
        a_failure({"Records": "none"}),
        a_failure({"Records": [{"body": "of a queue"}]}),
        a_failure({"Records": [7]}),
    ],
)
def test_an_object_that_is_none_of_lambda_s_is_told(s3: Any, content: bytes) -> None:
    put(s3, LOST, content)

    with pytest.raises(NotAFailureRecordError, match=LOST):
        S3FailureRecords(s3, BUCKET).records(key=LOST)


def test_all_objects_are_found_whose_key_begins_so(s3: Any) -> None:
    keys = [f"{FAILURES}mapping/shard/{number:04}" for number in range(1005)]
    for key in (*keys, "elsewhere"):
        put(s3, key, b"")

    assert S3FailureRecords(s3, BUCKET).keys(prefix=FAILURES) == keys
    assert S3FailureRecords(s3, BUCKET).keys(prefix=keys[7]) == [keys[7]]
    assert S3FailureRecords(s3, BUCKET).keys(prefix="nothing") == []


@pytest.mark.parametrize("error_code", ["SlowDown", "NoSuchKey"])
def test_a_bucket_of_failures_that_fails_may_work_later(error_code: str) -> None:
    records = S3FailureRecords(Failing(an_error(error_code)), BUCKET)

    with pytest.raises(ArchiveUnavailableError):
        records.records(key=LOST)
    with pytest.raises(ArchiveUnavailableError):
        records.keys(prefix=FAILURES)


class Failing:
    """A client of S3 whose every call fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_object(self, **_: object) -> None:
        raise self._error

    def get_object(self, **_: object) -> None:
        raise self._error

    def get_paginator(self, _: str) -> None:
        raise self._error


def an_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutObject")
