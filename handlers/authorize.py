"""API Gateway → who asks, and what they may do → API Gateway, before any function of ours is called for it.

A personal token is looked up by its id; anything else has to be a token of the OpenID Connect issuer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from typing import Any

from domain.access import Caller, RefusedError
from domain.tokens import PREFIX, authenticate
from infrastructure import access, wiring
from infrastructure.observability import logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    try:
        caller = _caller(event["identitySource"][0])
    except RefusedError as error:
        request = event["requestContext"]["requestId"]
        logger().info("request refused", extra={"request_id": request, "reason": error.reason})
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": access.context_of(caller)}


def _caller(header: str) -> Caller:
    presented = access.bearer(header)
    if presented.startswith(PREFIX):
        return authenticate(presented, tokens=wiring.tokens(), now=wiring.now())
    return wiring.sign_ins().caller(presented)
