"""`/v1/work-entries`: the work that was done."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.accounts import values
from domain.calendar import month_before
from domain.errors import InvalidError, NotFoundError, Problem
from domain.identifiers import WorkId, known_client
from domain.work import WorkDetails, edit_work, log_work, remove_work
from handlers.api import paging, queries
from handlers.api.answers import Answer, created, done, ok
from handlers.api.refusals import BadQueryError, NoSuchClientError
from handlers.api.requests import Request
from infrastructure import codec, views, wiring
from infrastructure.patches import merged

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
            new_id=wiring.new_id,
        )
    except NotFoundError as error:
        raise NoSuchClientError(Problem("/client_id", error.code, str(error))) from error
    return created(views.of_work(entry))


def list_(request: Request) -> Answer:
    """The work between two days, both included: where nothing is said, from the start of last month on."""
    wanted = paging.asked(request, since=queries.date, until=queries.date, client_id=queries.client)
    since, until = _range(wanted)
    fetch = partial(wiring.work().list, account_id=request.account_id, since=since, until=until)
    if client_id := wanted.get("client_id"):
        fetch = partial(paging.chosen, fetch, lambda entry: entry.client_id == client_id)
    return paging.listed(request, wanted, fetch, views.of_work)


def edit(request: Request) -> Answer:
    if "client_id" in (patch := request.json()):
        raise InvalidError(_FIXED)
    entry = edit_work(
        WorkId(request.subject), partial(_patched, patch), account_id=request.account_id, work=wiring.work()
    )
    return ok(views.of_work(entry))


def remove(request: Request) -> Answer:
    remove_work(WorkId(request.subject), account_id=request.account_id, work=wiring.work())
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
