"""Two buckets: documents, and the changes that Lambda gave up.

Of documents, the first one stored under a key stays, and is the one that is served.
"""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.archiving import Archive
from domain.errors import NotFoundError, TryAgainLaterError
from events.publishing import Record
from events.republishing import FailureRecords, NotAFailureRecordError

URL_SECONDS = 300
FAILURES = "aws/lambda/"
_TYPES = {".pdf": "application/pdf", ".xml": "application/xml"}
_THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_MISSING = {
    "NoSuchKey",
    "404",
    "AccessDenied",
}  # S3 says so of a missing key to who may not list


class ArchiveUnavailableError(TryAgainLaterError):
    """The bucket did not answer, or refused for now."""

    code = "archive-unavailable"


class S3Archive:
    """Implements `domain.delivery.Archive`."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._bucket = bucket

    def put(self, *, key: str, content: bytes) -> None:
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=_TYPES[PurePath(key).suffix],
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THERE_ALREADY:
                raise ArchiveUnavailableError("the document could not be stored") from error
        except BotoCoreError as error:
            raise ArchiveUnavailableError("the document could not be stored") from error

    def get(self, *, key: str) -> bytes:
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise NotFoundError(f"there is no document {key}") from error
            raise ArchiveUnavailableError("the document could not be read") from error
        except BotoCoreError as error:
            raise ArchiveUnavailableError("the document could not be read") from error
        return content

    def url(self, *, key: str, filename: str) -> str:
        told = f'attachment; filename="{filename}"'
        asked = {"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": told}
        address: str = self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=URL_SECONDS)
        return address


class S3FailureRecords:
    """Implements `events.republishing.FailureRecords`.

    Lambda stores a batch of the stream that it gave up under aws/lambda/<mapping>/<shard>/YYYY/MM/DD/…, with
    the function's whole event as text in `payload`:
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._bucket = bucket

    def keys(self, *, prefix: str) -> Sequence[str]:
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return [found["Key"] for page in pages for found in page.get("Contents", [])]
        except (BotoCoreError, ClientError) as error:
            raise ArchiveUnavailableError("the bucket of failures could not be listed") from error

    def records(self, *, key: str) -> Sequence[Record]:
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise ArchiveUnavailableError(f"{key} could not be read") from error
        try:
            return _records(content)
        except (KeyError, TypeError, ValueError) as error:
            raise NotAFailureRecordError(f"{key} holds no batch of the stream that Lambda gave up") from error


def _records(content: bytes) -> Sequence[Record]:
    """The records in the payload: text in which the event stands, or the event itself."""
    payload: Any = json.loads(content)["payload"]
    event: Any = json.loads(payload) if isinstance(payload, str) else payload
    records: Any = event["Records"]
    if not isinstance(records, list) or not all("dynamodb" in record for record in records):
        raise ValueError("these are no records of a table's stream")
    return records


_: type[Archive] = S3Archive  # the promises, checked by mypy
__: type[FailureRecords] = S3FailureRecords
