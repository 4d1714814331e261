"""A request as API Gateway hands it over: HTTP API, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.identifiers import AccountId
from handlers.api import bodies
from infrastructure.access import account_of


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and for whom; the account is the signed-in user's and comes from nowhere else."""

    event: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self._context["requestId"])

    @property
    def route(self) -> str:
        """The route that the gateway chose, such as `GET /v1/clients/{id}`."""
        return str(self.event["routeKey"])

    @property
    def method(self) -> str:
        return str(self._context["http"]["method"])

    @property
    def path(self) -> str:
        return str(self.event["rawPath"])

    @property
    def account_id(self) -> AccountId:
        """Raise `NotSignedInError` where the gateway has verified no token."""
        return account_of(self._context.get("authorizer", {}).get("jwt", {}).get("claims", {}))

    @property
    def subject(self) -> str:
        """The id in the path."""
        return str(self.event["pathParameters"]["id"])

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises what `bodies.read` raises."""
        headers = {name.lower(): value for name, value in self.event.get("headers", {}).items()}
        encoded = bool(self.event.get("isBase64Encoded"))
        return bodies.read(self.event.get("body") or "", encoded=encoded, media=headers.get("content-type"))

    @property
    def _context(self) -> Mapping[str, Any]:
        context: Mapping[str, Any] = self.event["requestContext"]
        return context
