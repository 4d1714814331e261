"""The bucket that files to be imported are uploaded to, by whoever holds a signed address.

The key is made here, from the account and the import alone; the address holds for one key, one size and one
type, and for some minutes. A file is told from any other by its ETag, and read only where it has that one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import TryAgainLaterError
from domain.identifiers import AccountId, ImportId
from domain.imports import NothingUploadedError, UploadChangedError, Uploads

URL_SECONDS = 900
_TYPE = "text/csv"
_MISSING = {"NoSuchKey", "404"}
_CHANGED = {"PreconditionFailed", "412"}


class UploadsUnavailableError(TryAgainLaterError):
    """The bucket did not answer, or refused for now."""

    code = "uploads-unavailable"


class S3Uploads:
    """Implements `domain.imports.Uploads`."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._bucket = bucket

    def address(
        self, *, account_id: AccountId, import_id: ImportId, size: int
    ) -> tuple[str, Mapping[str, str]]:
        asked = self._object(account_id, import_id) | {"ContentLength": size, "ContentType": _TYPE}
        url: str = self._client.generate_presigned_url("put_object", Params=asked, ExpiresIn=URL_SECONDS)
        return url, {"Content-Type": _TYPE, "Content-Length": str(size)}

    def mark(self, *, account_id: AccountId, import_id: ImportId) -> str:
        with _translated(import_id):
            found: str = self._client.head_object(**self._object(account_id, import_id))["ETag"]
        return found

    def get(self, *, account_id: AccountId, import_id: ImportId, content: str) -> bytes:
        with _translated(import_id):
            asked = self._object(account_id, import_id) | {"IfMatch": content}
            found: bytes = self._client.get_object(**asked)["Body"].read()
        return found

    def _object(self, account_id: AccountId, import_id: ImportId) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": f"imports/{account_id}/{import_id}/work.csv"}


@contextmanager
def _translated(import_id: ImportId) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise NothingUploadedError(f"no file of {import_id} is there; upload it first") from error
        if code in _CHANGED:
            raise UploadChangedError(
                f"another file of {import_id} was uploaded after it was started"
            ) from error
        raise UploadsUnavailableError("the uploaded file could not be reached") from error
    except BotoCoreError as error:
        raise UploadsUnavailableError("the uploaded file could not be reached") from error


_: type[Uploads] = S3Uploads  # the promise, checked by mypy
