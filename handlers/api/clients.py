"""`/v1/clients`: whom the work is done for."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Literal

from domain.access import Scope
from domain.accounts import AccountIncompleteError
from domain.calendar import local_date
from domain.clients import (
    Client,
    ClientDetails,
    ClientStatus,
    CurrencyIsFixedError,
    NotTheNextInvoiceDayError,
    add_client,
)
from domain.errors import InvalidError, Problem
from domain.identifiers import known_client
from domain.rescheduling import UnbilledWorkBeforeError, change_client
from domain.versions import ChangedMeanwhileError, require_seen
from handlers.api import accounts, paging
from handlers.api.answers import Answer, created, ok
from handlers.api.operations import Operation
from handlers.api.refusals import NoAccountYetError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.patches import merged
from infrastructure.views.clients import ClientView, of_client

Move = Callable[[Client], Client]

_BESIDE_DETAILS = ("status", "skipped_on")


def add(request: Request) -> Answer:
    """Add a client; what is not said about it is taken over from the account."""
    defaults = _defaults(request)
    details = codec.accept(ClientDetails, defaults | request.json())
    client = add_client(
        details, account_id=request.account_id, clients=wiring.clients(), new_id=request.new_id
    )
    location = f"{request.path}/{client.id}"
    return created(of_client(client), location=location, version=client.version)


def show(request: Request) -> Answer:
    client_id = known_client(request.subject)
    client = wiring.clients().get(account_id=request.account_id, client_id=client_id)
    return ok(of_client(client), version=client.version)


def list_(request: Request) -> Answer:
    fetch = partial(wiring.clients().list, account_id=request.account_id)
    return paging.listed(request, fetch, of_client)


def change(request: Request) -> Answer:
    """Change details, the status, the invoice day to skip, or all of these: all of it or nothing.

    `skipped_on` is the next invoice day, on which none is made then: its work comes on the invoice after, and
    null takes that back. Billing cannot start behind work that waits for an invoice.
    """
    patch = request.json()
    move = _move(patch.pop("status", None))
    skip = _skip(patch)

    seen = request.seen()

    def change(client: Client) -> Client:
        require_seen(client, seen)
        return skip(move(client.changed(_patched(client, patch))))

    client = change_client(
        known_client(request.subject),
        change,
        account_id=request.account_id,
        clients=wiring.clients(),
        collecting=wiring.collecting(),
    )
    return ok(of_client(client), version=client.version)


def _defaults(request: Request) -> dict[str, Any]:
    try:
        return accounts.own(request).client_defaults()
    except AccountIncompleteError as error:
        raise AccountIncompleteError(f"{error}; say it with PUT /v1/account") from error


def _patched(client: Client, patch: Mapping[str, Any]) -> ClientDetails:
    return codec.accept(ClientDetails, merged(codec.encode(client.details()), patch), beside=_BESIDE_DETAILS)


def _move(status: object) -> Move:
    """What becomes of a client that is to have this status; without one it stays as it is."""
    match status:
        case None:
            return lambda client: client
        case ClientStatus.ACTIVE.value:
            return lambda client: client.resumed(local_date(wiring.now(), client.time_zone))
        case ClientStatus.PAUSED.value:
            return lambda client: client.paused(wiring.now())
        case ClientStatus.ARCHIVED.value:
            return lambda client: client.archived(wiring.now())
    raise InvalidError(Problem("/status", "not-a-status", "must be active, paused or archived"))


def _skip(patch: dict[str, Any]) -> Move:
    """What becomes of a client whose next invoice day is to be skipped, or not; taken out of the patch."""
    if "skipped_on" not in patch:
        return lambda client: client
    match patch.pop("skipped_on"):
        case None:
            return Client.skipping_none
        case day:
            wanted = codec.accept(_Skip, {"skipped_on": day}).skipped_on
            return lambda client: client.skipping(wanted)


@dataclass(frozen=True, kw_only=True)
class _Skip:
    skipped_on: dt.date


@dataclass(frozen=True, kw_only=True)
class ClientChange(ClientDetails):
    """What can be changed of a client: its details, whether it is invoiced, and which day is skipped."""

    status: Literal["active", "paused", "archived"] | None = None
    skipped_on: dt.date | None = None


OPERATIONS = (
    Operation(
        route="POST /v1/clients",
        name="add_client",
        serve=add,
        summary="Add a client",
        needs=Scope.WRITE,
        takes=ClientDetails,
        defaults=frozenset({"currency", "time_zone", "payment_terms_days", "language"}),
        gives=ClientView,
        status=HTTPStatus.CREATED,
        refuses=(NoAccountYetError, AccountIncompleteError),
    ),
    Operation(
        route="GET /v1/clients",
        name="list_clients",
        serve=list_,
        summary="List the clients",
        gives=ClientView,
        lists=True,
    ),
    Operation(
        route="GET /v1/clients/{id}",
        name="show_client",
        serve=show,
        summary="Show a client",
        gives=ClientView,
    ),
    Operation(
        route="PATCH /v1/clients/{id}",
        name="change_client",
        serve=change,
        summary="Change a client's details, its status, or both",
        needs=Scope.WRITE,
        takes=ClientChange,
        patches=True,
        gives=ClientView,
        refuses=(
            CurrencyIsFixedError,
            ChangedMeanwhileError,
            NotTheNextInvoiceDayError,
            UnbilledWorkBeforeError,
        ),
    ),
)
