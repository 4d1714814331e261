"""Documents in a bucket: the first one stored under a key stays, and is the one that is served."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.delivery import Archive
from domain.errors import NotFoundError, TryAgainLaterError

URL_SECONDS = 300
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
                ContentType="application/pdf",
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


_: type[Archive] = S3Archive  # the promise, checked by mypy
