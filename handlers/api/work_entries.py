"""`/v1/work-entries`: the work that was done."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from domain.access import Scope
from domain.calendar import month_before
from domain.clients import ClientIsArchivedError
from domain.errors import InvalidError, NotFoundError, Problem
from domain.fields import values
from domain.identifiers import WorkId, client_of_work, known_client
from domain.timekeeping import edit_work, log_work, remove_work
from domain.versions import ChangedMeanwhileError
from domain.work import WorkDetails, WorkIsInvoicedError
from domain.work_lists import WorkFilters, list_work
from handlers.api import paging, queries
from handlers.api.answers import Answer, created, done, ok
from handlers.api.operations import Operation
from handlers.api.refusals import BadQueryError, NoSuchClientError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.patches import merged
from infrastructure.views.work import WorkView, of_work

_AHEAD = dt.timedelta(days=366)
_FIXED = Problem(
    "/client_id", "work-cannot-move", "cannot change; remove the work and log it for the other client"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork(WorkDetails):
    """A piece of work, and for whom it was done."""

    client_id: str


def log(request: Request) -> Answer:
    new = codec.accept(NewWork, request.json())
    try:
        entry = log_work(
            WorkDetails(**values(new, WorkDetails)),
            account_id=request.account_id,
            client_id=known_client(new.client_id),
            clients=wiring.clients(),
            work=wiring.work(),
            new_id=request.new_id,
        )
    except NotFoundError as error:
        raise NoSuchClientError(Problem("/client_id", error.code, str(error))) from error
    location = f"{request.path}/{entry.id}"
    return created(of_work(entry), location=location, version=entry.version)


def show(request: Request) -> Answer:
    work_id = WorkId(request.subject)
    client_of_work(work_id)
    entry = wiring.work().get(account_id=request.account_id, work_id=work_id)
    if entry.removed:
        raise NotFoundError(f"there is no work entry {work_id}")
    return ok(of_work(entry), version=entry.version)


def list_(request: Request) -> Answer:
    """The work between two days, both included: where nothing is said, from the start of last month on."""
    wanted = request.asked
    since, until = _range(wanted)
    filters = WorkFilters(
        since=since,
        until=until,
        client_id=wanted.get("client_id"),
        project=wanted.get("project"),
        billed=wanted.get("billed"),
    )
    fetch = partial(list_work, filters, account_id=request.account_id, work=wiring.work())
    return paging.listed(request, fetch, of_work)


def edit(request: Request) -> Answer:
    if "client_id" in (patch := request.json()):
        raise InvalidError(_FIXED)
    entry = edit_work(
        WorkId(request.subject),
        partial(_patched, patch),
        account_id=request.account_id,
        work=wiring.work(),
        seen=request.seen(),
    )
    return ok(of_work(entry), version=entry.version)


def remove(request: Request) -> Answer:
    remove_work(
        WorkId(request.subject), account_id=request.account_id, work=wiring.work(), seen=request.seen()
    )
    return done()


def _patched(patch: Mapping[str, Any], details: WorkDetails) -> WorkDetails:
    return codec.accept(WorkDetails, merged(codec.encode(details), patch))


def _range(wanted: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    today = wiring.now().date()
    since, until = wanted.get("since"), wanted.get("until")
    until = until or max(today, since or today) + _AHEAD
    since = since or month_before(min(today, until)).start
    if since > until:
        raise BadQueryError(Problem("/since", "after-until", f"must not be after until, which is {until}"))
    return since, until


OPERATIONS = (
    Operation(
        route="POST /v1/work-entries",
        name="log_work",
        serve=log,
        summary="Log work",
        needs=Scope.WRITE,
        takes=NewWork,
        gives=WorkView,
        status=HTTPStatus.CREATED,
        refuses=(NoSuchClientError, ClientIsArchivedError),
    ),
    Operation(
        route="GET /v1/work-entries",
        name="list_work",
        serve=list_,
        summary="List the work between two days",
        gives=WorkView,
        lists=True,
        query=(
            queries.day("since", "The first day; the first of last month where nothing is said."),
            queries.day("until", "The last day, included; a year ahead where nothing is said."),
            queries.CLIENT,
            queries.PROJECT,
            queries.BILLED,
        ),
    ),
    Operation(
        route="GET /v1/work-entries/{id}",
        name="show_work",
        serve=show,
        summary="Show a piece of work",
        gives=WorkView,
    ),
    Operation(
        route="PATCH /v1/work-entries/{id}",
        name="edit_work",
        serve=edit,
        summary="Edit work that no invoice has",
        needs=Scope.WRITE,
        takes=WorkDetails,
        patches=True,
        gives=WorkView,
        refuses=(WorkIsInvoicedError, ChangedMeanwhileError),
    ),
    Operation(
        route="DELETE /v1/work-entries/{id}",
        name="remove_work",
        serve=remove,
        summary="Take back work that no invoice has; once more changes nothing",
        needs=Scope.WRITE,
        status=HTTPStatus.NO_CONTENT,
        refuses=(WorkIsInvoicedError, ChangedMeanwhileError),
    ),
)
