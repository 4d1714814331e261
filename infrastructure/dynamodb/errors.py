"""The SDK's errors as the house knows them: to retry, lost to somebody else, or never to work.

A cancelled transaction has one reason for each action, and they can be mixed: throttling outweighs all,
since trying again at once would make it worse; then a value that can never be stored; then a lost condition.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import TryAgainLaterError, WillNeverWorkError

_THROTTLED = {
    "ThrottlingException",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "LimitExceededException",
}
_CONFLICT = {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_NEVER = {"ValidationError", "ValidationException", "ItemCollectionSizeLimitExceeded"}
_LOST = {"ConditionalCheckFailed", "ConditionalCheckFailedException"}


class StoreUnavailableError(TryAgainLaterError):
    """The table did not answer, or refused for now."""

    code = "store-unavailable"


class StoreThrottledError(StoreUnavailableError):
    """The table is asked for more than it takes just now; nothing was stored."""

    code = "store-throttled"


class StoreConflictError(StoreUnavailableError):
    """Another transaction was under way on one of the items; nothing was stored."""

    code = "store-conflict"


class LostConditionError(TryAgainLaterError):
    """A condition did not hold: somebody else wrote first; nothing was stored."""

    code = "lost-condition"


class RejectedByStoreError(WillNeverWorkError):
    """The table can never store this."""

    code = "rejected-by-store"


@contextmanager
def translated() -> Iterator[None]:
    """What the SDK raises inside becomes one of the errors above, at once."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise StoreUnavailableError(f"the table did not answer: {type(error).__name__}") from error


def _translate(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons") or []  # type: ignore[assignment] # the stubs know no cancellation
    codes = {reason.get("Code", "None") for reason in reasons} or {code}
    if codes & _THROTTLED:
        return StoreThrottledError(f"the table is throttled: {code}")
    if codes & _NEVER:
        return RejectedByStoreError(f"the table refuses this: {error}")
    if codes & _LOST:
        return LostConditionError("somebody else wrote first")
    if codes & _CONFLICT:
        return StoreConflictError("another transaction is under way")
    return StoreUnavailableError(f"the table answered {code}")
