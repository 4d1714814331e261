"""API Gateway → use case → answer; whatever goes wrong becomes a problem in JSON (see `problems`)."""

import time
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from handlers.api import idempotency, rates
from handlers.api.answers import Answer
from handlers.api.problems import problem
from handlers.api.refusals import MethodNotAllowedError, NoSuchRouteError
from handlers.api.requests import Request
from handlers.api.routes import Route, route
from infrastructure.access import NotSignedInError
from infrastructure.context import correlation
from infrastructure.observability import cause, logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    began = time.perf_counter()
    request = Request(event)
    with correlation(request.id):
        request, answer = _answer(request)
    _log(request, answer, seconds=time.perf_counter() - began)
    return answer.to_gateway()


def _answer(request: Request) -> tuple[Request, Answer]:
    """The answer, and the request with the operation that was chosen for it."""
    try:
        operation, parameters = _routed(request)
        request = replace(request, operation=operation, parameters=parameters)
        if operation.needs:
            rates.spend(request)
            if operation.person:
                request.caller.require_sign_in()
            request.caller.require(operation.needs)
        _ = request.asked  # refuses what nobody knows, also where nothing may be asked
        return request, idempotency.once(request, operation.serve)
    except Exception as error:  # noqa: BLE001 - the edge of the program: whoever asked gets an answer
        return request, problem(error, request)


def _routed(request: Request) -> Route:
    """Where the request leads; one that leads nowhere is counted as any other."""
    try:
        return route(request.method, request.path)
    except (NoSuchRouteError, MethodNotAllowedError):
        rates.spend(request)
        raise


def _log(request: Request, answer: Answer, *, seconds: float) -> None:
    """One line for each request: the route and not the path, and nothing of what was asked or answered."""
    told: dict[str, Any] = {
        "request_id": request.id,
        "method": request.method,
        "route": request.route,
        "status": answer.status.value,
        "milliseconds": round(seconds * 1000),
    }
    with suppress(NotSignedInError):
        told["account"] = request.account_id
    if answer.failure:
        told |= cause(answer.failure)
    is_ours = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    log = logger().error if is_ours else logger().info
    log("request done", extra=told)
