"""Examples for the OpenAPI document; tests send them and get the answers that are promised."""

from typing import Any

from handlers.api.operations import Operation

_ADDRESS = {"street": "Invalidenstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
_ACCOUNT = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": _ADDRESS,
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "language": "de",
}
_CLIENT = {
    "name": "Acme SE",
    "email": "office@acme.example",
    "address": {"street": "Main Road 2", "city": "Dublin", "country": "IE"},
    "hourly_rate": "92.50",
    "billing_starts_on": "2026-10-01",
    "invoice_day": "last",
}
_WORK = {
    "client_id": "cli_06f3k9q2m4x7v1ta",
    "date": "2026-10-05",
    "description": "Analytical engine, notes on the diagrams",
    "minutes": 90,
    "project": "Engine",
}

_REQUESTS: dict[str, Any] = {
    "PUT /v1/account": _ACCOUNT,
    "POST /v1/clients": _CLIENT,
    "PATCH /v1/clients/{id}": {"hourly_rate": "95", "status": "paused"},
    "POST /v1/clients/{id}/invoices": {"until": "2026-10-20"},
    "POST /v1/work-entries": _WORK,
    "POST /v1/tokens": {"name": "Nightly import", "scopes": ["read", "write"]},
    "POST /v1/failures/{id}/discard": {"reason": "The client was a test"},
    "POST /v1/failures/replays": {"queue": "delivery", "cause": "mail-refused", "dry_run": True},
    "PATCH /v1/work-entries/{id}": {"minutes": 60, "project": None},
    "POST /v1/imports": {"filename": "toggl-october-2026.csv", "size": 24117, "format": "toggl"},
}


def of_request(operation: Operation) -> Any:  # noqa: ANN401 - any JSON
    """The body of an operation's request; None where there is no example."""
    return _REQUESTS.get(operation.route)
