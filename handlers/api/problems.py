"""What went wrong, as `application/problem+json` (RFC 9457).

`type` is a tag URI (RFC 4151) ending in the error's stable code: a name to compare, not an address to fetch.
"""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from domain.access import ForbiddenError
from domain.errors import ConflictError, InvalidError, NotFoundError, TryAgainLaterError
from domain.rates import TooManyRequestsError
from domain.requests import KeyReusedError, RequestInProgressError
from domain.versions import ChangedMeanwhileError
from handlers.api import refusals
from handlers.api.answers import Answer
from handlers.api.requests import Request
from infrastructure.access import NotSignedInError

TYPES = "tag:invoicely.example,2026:problems/"
INTERNAL = "internal-error"
RETRY_AFTER_SECONDS = 2
MOST_TOLD = 100
"""How many wrong values are told at once."""

_AGAIN = "The same request may succeed in a moment; send it again."
_AGAIN_KEY = "Nobody knows whether it was done. Send it again with the same Idempotency-Key: it is done once."
_AGAIN_POST = "Nobody knows whether it was done. Look first; if it was not, send it again in a moment."

# The first that fits counts; what fits none is a bug of ours.
STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (refusals.MalformedBodyError, HTTPStatus.BAD_REQUEST),
    (refusals.BadQueryError, HTTPStatus.BAD_REQUEST),
    (refusals.BadIdempotencyKeyError, HTTPStatus.BAD_REQUEST),
    (NotSignedInError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (refusals.MethodNotAllowedError, HTTPStatus.METHOD_NOT_ALLOWED),
    (ChangedMeanwhileError, HTTPStatus.PRECONDITION_FAILED),
    (ConflictError, HTTPStatus.CONFLICT),
    (RequestInProgressError, HTTPStatus.CONFLICT),
    (refusals.BodyTooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (refusals.NotJsonError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (KeyReusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (refusals.MatchRequiredError, HTTPStatus.PRECONDITION_REQUIRED),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (TryAgainLaterError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def problem(error: Exception, request: Request) -> Answer:
    """Tell *error* to whom it concerns; nothing of a bug's own words leaves the house."""
    status = status_of(type(error))
    body = _told(error, status, request) | {
        "instance": quote(request.path, safe="/%", errors="replace"),
        "request_id": request.id,
    }
    headers = {"content-type": "application/problem+json", **_headers(error)}
    return Answer(status=status, body=body, headers=headers, failure=error)


def status_of(error: type[Exception]) -> HTTPStatus:
    """The status that errors of this class are answered with."""
    fitting = (status for family, status in STATUSES if issubclass(error, family))
    return next(fitting, HTTPStatus.INTERNAL_SERVER_ERROR)


def code_of(error: type[Exception]) -> str:
    """The code that errors of this class are told by."""
    return str(getattr(error, "code", "error"))


def title_of(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _told(error: Exception, status: HTTPStatus, request: Request) -> dict[str, Any]:
    code, detail = _words(error, status, request)
    told = {
        "type": TYPES + code,
        "title": title_of(code),
        "status": status.value,
        "detail": detail,
    }
    if isinstance(error, InvalidError | refusals.NoSuchClientError | refusals.NoEInvoiceError):
        return told | {"errors": [asdict(each) for each in error.problems[:MOST_TOLD]]}
    return told


def _words(error: Exception, status: HTTPStatus, request: Request) -> tuple[str, str]:
    match error:
        case InvalidError():
            return error.code, f"Nothing was changed; errors names {_how_many(error)} that is wrong."
        case TooManyRequestsError() | RequestInProgressError():
            return error.code, str(error)
        case TryAgainLaterError():
            return TryAgainLaterError.code, _again(request)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return INTERNAL, "Something is wrong on our side; request_id helps us to find out what."
    return code_of(type(error)), str(error)


def _how_many(error: InvalidError) -> str:
    found = len(error.problems)
    return "each value" if found <= MOST_TOLD else f"{MOST_TOLD} of {found} values, each of them one"


def _again(request: Request) -> str:
    if request.method != "POST":
        return _AGAIN
    return _AGAIN_KEY if request.header("idempotency-key") else _AGAIN_POST


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case NotSignedInError():
            return {"www-authenticate": "Bearer"}
        case refusals.MethodNotAllowedError():
            return {"allow": error.allowed}
        case TooManyRequestsError():
            return {"retry-after": str(error.seconds)}
        case TryAgainLaterError():
            return {"retry-after": str(RETRY_AFTER_SECONDS)}
    return {}
