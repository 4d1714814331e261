"""Which operation answers a request: all of them, and the choice among them.

The gateway lets everything through that its authorizer knows, so that each path is written down once.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple
from urllib.parse import unquote

from handlers.api.operations import Operation
from handlers.api.refusals import MethodNotAllowedError, NoSuchRouteError

# By how their paths begin: a request costs its cold start only the modules up to the one that answers it.
_MODULES: Mapping[str, tuple[str, ...]] = {
    "/v1/account": ("accounts",),
    "/v1/clients": ("clients", "billing", "schedules", "prepayments"),
    "/v1/invoice-previews": ("runs",),
    "/v1/work-entries": ("work_entries",),
    "/v1/imports": ("imports",),
    "/v1/invoices": ("invoices", "reviews", "credit_notes", "payments", "resending"),
    "/v1/credit-notes": ("credit_notes", "resending"),
    "/v1/payments": ("payments",),
    "/v1/prepayments": ("prepayments",),
    "/v1/counters": ("counters",),
    "/v1/totals": ("counters",),
    "/v1/tokens": ("tokens",),
    "/v1/audit": ("audit",),
    "/v1/failures": ("failures",),
    "/v1/openapi.json": ("documentation",),
    "/docs": ("documentation",),
}


class Route(NamedTuple):
    """The operation that was chosen, and what stands in the path for its names."""

    operation: Operation
    parameters: Mapping[str, str]


@cache
def operations() -> tuple[Operation, ...]:
    """All that can be asked."""
    modules = dict.fromkeys(module for modules in _MODULES.values() for module in modules)
    return tuple(operation for module in modules for operation in operations_of(module))


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
    """Each operation whose path this is, all of one module; those behind it are not even loaded."""
    beginning = "/".join(path.split("/")[:3])
    for module in _MODULES.get(beginning, ()):
        if found := list(_matching(path, operations_of(module))):
            return found
    return []


def _matching(path: str, operations: Iterable[Operation]) -> Iterator[Route]:
    """Those whose path this is; what stands for a name may be percent-encoded."""
    for operation in operations:
        parameters = operation.leads(path)
        if parameters is not None:
            yield Route(operation, {name: unquote(value) for name, value in parameters.items()})


def operations_of(module: str) -> tuple[Operation, ...]:
    """What can be asked of one module of this package."""
    found: tuple[Operation, ...] = import_module(f"handlers.api.{module}").OPERATIONS
    return found
