"""Idempotency-Key: a POST that is sent again is not done again.

    key new ──▶ done, answer kept      key known ──▶ the same answer, Idempotency-Replayed: true
    key of a request that nobody finished ──▶ done with the ids that it had, so nothing is made twice

Kept is what came of the work: successes, and problems of the state that things are in. A request that was
wrong in itself leaves its key free, and one that failed on our side can be sent again at once.
"""

import json
import re
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus

from domain.errors import InvoicelyError
from domain.requests import (
    AnswerNotKeptError,
    KeptAnswer,
    KeyedRequest,
    claim_request,
    request_id,
    settle_request,
)
from handlers.api.answers import Answer
from handlers.api.operations import Serve
from handlers.api.problems import problem
from handlers.api.refusals import BadIdempotencyKeyError
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.observability import cause, logger

HEADER = "idempotency-key"
REPLAYED = {"idempotency-replayed": "true"}

_KEY = re.compile(r"[ -~]{1,255}")
_KEPT_HEADERS = ("content-type", "etag", "location")
_WRONG_IN_ITSELF = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.PRECONDITION_REQUIRED,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def once(request: Request, serve: Serve) -> Answer:
    """What *serve* answers; of a request with a key that was answered before, the same answer again.

    Raises:
        BadIdempotencyKeyError: the key is none.
        KeyReusedError: it was used for something else.
        RequestInProgressError: the request with this key is being worked on.
        AnswerNotKeptError: the request was done, and its answer was too long to be kept.
    """
    if request.method != "POST" or (key := request.header(HEADER)) is None:
        return serve(request)
    wanted = _wanted(request, key)
    claim = claim_request(wanted, now=wiring.now(), requests=wiring.requests())
    if claim.answer:
        return _again(claim.answer)
    answer = _served(replace(request, ids=claim.ids()), serve)
    _settle(claim, answer, request, is_first=claim.seed == wanted.seed)
    return answer


def _wanted(request: Request, key: str) -> KeyedRequest:
    if not _KEY.fullmatch(key):
        raise BadIdempotencyKeyError("the Idempotency-Key must be 1 to 255 printable characters of ASCII")
    return KeyedRequest.new(
        request_id(method=request.method, path=request.path, key=key),
        account_id=request.account_id,
        fingerprint=_fingerprint(request),
        seed=wiring.new_id(),
        now=wiring.now(),
    )


def _fingerprint(request: Request) -> str:
    """Equal for requests that ask the same, however their JSON is spaced and ordered."""
    takes = request.operation and request.operation.takes
    body = request.json() if takes else request.event.get("body")
    asked = [request.method, request.path, request.event.get("rawQueryString"), body]
    return sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _served(request: Request, serve: Serve) -> Answer:
    try:
        return serve(request)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is an answer, which may have to be kept
        return problem(error, request)


def _settle(claim: KeyedRequest, answer: Answer, request: Request, *, is_first: bool) -> None:
    """Keep the answer, or give the key back; where that fails it is logged, for what was done is done."""
    now = wiring.now()
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        settled = claim.given_back(now)
    elif answer.status in _WRONG_IN_ITSELF:
        settled = claim.forgotten(now) if is_first else claim.given_back(now)
    else:
        settled = claim.finished(_kept(answer, request))
    try:
        settle_request(claim, settled, requests=wiring.requests())
    except InvoicelyError as error:
        logger().warning("answer not kept", extra={"request_id": request.id} | cause(error))


def _kept(answer: Answer, request: Request) -> KeptAnswer:
    """The answer as it is kept: without what is shown only once."""
    if answer.body is not None and request.operation and request.operation.secret:
        answer = replace(
            answer, body={name: value for name, value in answer.body.items() if name != "secret"}
        )
    told = answer.to_gateway()
    headers = {name: value for name, value in told["headers"].items() if name in _KEPT_HEADERS}
    return KeptAnswer(status=told["statusCode"], headers=headers, body=told.get("body"))


def _again(kept: KeptAnswer) -> Answer:
    if not kept.is_whole:
        where = f"; look at {kept.headers['location']}" if "location" in kept.headers else ""
        raise AnswerNotKeptError(f"this was done, but its answer was too long to be kept{where}")
    return Answer(status=HTTPStatus(kept.status), text=kept.body, headers={**kept.headers, **REPLAYED})
