"""A request as API Gateway hands it over: HTTP API, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from domain.access import Caller
from domain.identifiers import AccountId
from handlers.api import bodies, queries, versions
from handlers.api.operations import Operation
from infrastructure import wiring
from infrastructure.access import caller_of


@dataclass(frozen=True)
class Request:
    """What is asked, and by whom; the account is the caller's and comes from nowhere else.

    `operation` is what the router chose, None until then, and `parameters` what stands in the path for the
    names of its route. `ids` makes the ids of a request that bears an Idempotency-Key.
    """

    event: Mapping[str, Any]
    operation: Operation | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    ids: Callable[[], str] | None = None

    @property
    def id(self) -> str:
        return str(self._context["requestId"])

    @property
    def route(self) -> str:
        """The route of the operation, such as `GET /v1/clients/{id}`."""
        return self.operation.route if self.operation else "none"

    @property
    def method(self) -> str:
        return str(self._context["http"]["method"])

    @property
    def path(self) -> str:
        return str(self.event["rawPath"])

    @cached_property
    def caller(self) -> Caller:
        """Raise `NotSignedInError` where the authorizer let nobody through."""
        return caller_of(self._context.get("authorizer", {}))

    @property
    def account_id(self) -> AccountId:
        """Raise as `caller`."""
        return self.caller.account_id

    @property
    def subject(self) -> str:
        """The id in the path."""
        return self.parameters["id"]

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the `?`; raises what `queries.parsed` raises."""
        return queries.parsed(self.event.get("rawQueryString") or "")

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """What stands behind the `?`, each parameter of the operation as its value.

        Raises:
            BadQueryError: with a problem for each wrong or unknown parameter.
        """
        return queries.read(self.query, self.operation.parameters if self.operation else ())

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.event.get("headers", {}).items()}

    def header(self, name: str) -> str | None:
        """A header by its name in lower case."""
        return self._headers.get(name)

    def seen(self) -> int | None:
        """The version that has to be the current one, as `If-Match` says; None where any will do.

        Raises:
            MatchRequiredError: there is no `If-Match`, and the operation asks for one.
        """
        return versions.seen(self.header("if-match"), required=self.operation and self.operation.matches)

    def new_id(self) -> str:
        """Sixteen characters for what this request makes; the same ones when it is taken up again."""
        return self.ids() if self.ids else wiring.new_id()

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises what `bodies.read` raises."""
        encoded = bool(self.event.get("isBase64Encoded"))
        return bodies.read(self.event.get("body") or "", encoded=encoded, media=self.header("content-type"))

    @property
    def _context(self) -> Mapping[str, Any]:
        context: Mapping[str, Any] = self.event["requestContext"]
        return context
