"""Which operation answers a request: all of them, and the choice among them.

The gateway lets everything through that its authorizer knows, so that each path is written down once.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from handlers.api import (
    accounts,
    audit,
    billing,
    clients,
    counters,
    credit_notes,
    documentation,
    failures,
    imports,
    invoices,
    payments,
    prepayments,
    resending,
    reviews,
    runs,
    schedules,
    tokens,
    work_entries,
)
from handlers.api.operations import Operation
from handlers.api.refusals import MethodNotAllowedError, NoSuchRouteError

OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *clients.OPERATIONS,
    *billing.OPERATIONS,
    *runs.OPERATIONS,
    *schedules.OPERATIONS,
    *work_entries.OPERATIONS,
    *imports.OPERATIONS,
    *invoices.OPERATIONS,
    *reviews.OPERATIONS,
    *credit_notes.OPERATIONS,
    *payments.OPERATIONS,
    *prepayments.OPERATIONS,
    *resending.OPERATIONS,
    *counters.OPERATIONS,
    *tokens.OPERATIONS,
    *audit.OPERATIONS,
    *failures.OPERATIONS,
    *documentation.OPERATIONS,
)


class Route(NamedTuple):
    """The operation that was chosen, and what stands in the path for its names."""

    operation: Operation
    parameters: Mapping[str, str]


def route(method: str, path: str) -> Route:
    """The operation for this method and path; a path without names is preferred.

    Raises:
        NoSuchRouteError: nothing is reached by this path.
        MethodNotAllowedError: the path is known, but not with this method.
    """
    found = sorted(_leading(path), key=lambda route: len(route.parameters))
    if chosen := next((route for route in found if route.operation.method == method), None):
        return chosen
    if found:
        raise MethodNotAllowedError(method, {route.operation.method for route in found})
    raise NoSuchRouteError(f"there is nothing at {path}")


def _leading(path: str) -> list[Route]:
    """Each operation whose path this is; what stands for a name may be percent-encoded."""
    tried = ((operation, operation.leads(path)) for operation in OPERATIONS)
    return [
        Route(operation, {name: unquote(value) for name, value in parameters.items()})
        for operation, parameters in tried
        if parameters is not None
    ]
