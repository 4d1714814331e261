"""Every route of the HTTP API; template.yaml has the same ones, and the gateway chooses among them."""

import re
from collections.abc import Callable, Mapping

from handlers.api import accounts, clients, counters, invoices, work_entries
from handlers.api.answers import Answer
from handlers.api.refusals import MethodNotAllowedError, NoSuchRouteError
from handlers.api.requests import Request

Serve = Callable[[Request], Answer]

ROUTES: Mapping[str, Serve] = {
    "POST /v1/clients": clients.add,
    "GET /v1/clients": clients.list_,
    "GET /v1/clients/{id}": clients.show,
    "PATCH /v1/clients/{id}": clients.change,
    "POST /v1/work-entries": work_entries.log,
    "GET /v1/work-entries": work_entries.list_,
    "PATCH /v1/work-entries/{id}": work_entries.edit,
    "DELETE /v1/work-entries/{id}": work_entries.remove,
    "GET /v1/invoices": invoices.list_,
    "GET /v1/invoices/{id}": invoices.show,
    "GET /v1/invoices/{id}/pdf": invoices.show_pdf,
    "GET /v1/counters": counters.show,
    "GET /v1/account": accounts.show,
    "PUT /v1/account": accounts.save,
}


def serve(request: Request) -> Answer:
    """Answer a request by its route.

    Raises:
        NoSuchRouteError: nothing is reached by this path.
        MethodNotAllowedError: the path is known, but not with this method.
    """
    if (found := ROUTES.get(request.route)) is not None:
        return found(request)
    if methods := {route.split()[0] for route in ROUTES if _leads(route.split()[1], request.path)}:
        raise MethodNotAllowedError(request.method, methods)
    raise NoSuchRouteError(f"there is nothing at {request.path}")


def _leads(pattern: str, path: str) -> bool:
    """Whether the path of a route is this path, whatever stands for the id."""
    return re.fullmatch(pattern.replace("{id}", "[^/]+"), path) is not None
