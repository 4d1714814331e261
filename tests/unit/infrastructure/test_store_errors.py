"""What the table's refusals mean to whoever wrote: try again, lost to somebody else, or never."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from domain.errors import TryAgainLaterError, WillNeverWorkError
from infrastructure.dynamodb.errors import (
    LostConditionError,
    RejectedByStoreError,
    StoreConflictError,
    StoreThrottledError,
    StoreUnavailableError,
    translated,
)

CANCELLED = "TransactionCanceledException"
URL = "https://dynamodb.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("ProvisionedThroughputExceededException", StoreThrottledError),
        ("ThrottlingException", StoreThrottledError),
        ("RequestLimitExceeded", StoreThrottledError),
        ("InternalServerError", StoreUnavailableError),
        ("AccessDeniedException", StoreUnavailableError),
        ("ResourceNotFoundException", StoreUnavailableError),
        ("ConditionalCheckFailedException", LostConditionError),
        ("TransactionConflictException", StoreConflictError),
        ("TransactionInProgressException", StoreConflictError),
        ("ValidationException", RejectedByStoreError),
    ],
)
def test_an_error_of_the_table_is_one_of_ours(code: str, family: type[Exception]) -> None:
    with pytest.raises(family) as caught, translated():
        raise an_error(code)

    assert type(caught.value) is family
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize(
    ("reasons", "family"),
    [
        (["ConditionalCheckFailed"], LostConditionError),
        (["None", "ConditionalCheckFailed"], LostConditionError),
        (["TransactionConflict", "None"], StoreConflictError),
        (["ConditionalCheckFailed", "TransactionConflict"], LostConditionError),
        (["ConditionalCheckFailed", "ValidationError"], RejectedByStoreError),
        (["ItemCollectionSizeLimitExceeded"], RejectedByStoreError),
        (["ValidationError", "ThrottlingError"], StoreThrottledError),
        (["ConditionalCheckFailed", "ProvisionedThroughputExceeded"], StoreThrottledError),
        (["None", "None"], StoreUnavailableError),
    ],
)
def test_the_gravest_of_all_reasons_of_a_cancelled_transaction_decides(
    reasons: list[str], family: type[Exception]
) -> None:
    with pytest.raises(family) as caught, translated():
        raise an_error(CANCELLED, CancellationReasons=[{"Code": reason} for reason in reasons])

    assert type(caught.value) is family


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL),
    ],
)
def test_a_table_that_does_not_answer_may_answer_later(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError, match=type(error).__name__), translated():
        raise error


def test_what_is_no_error_of_the_table_passes() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError


def test_only_what_is_refused_for_ever_will_never_work() -> None:
    for family in (StoreUnavailableError, StoreConflictError, LostConditionError):
        assert issubclass(family, TryAgainLaterError)
    assert issubclass(RejectedByStoreError, WillNeverWorkError)


def an_error(code: str, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": ""}, **more}
    return ClientError(response, "TransactWriteItems")
