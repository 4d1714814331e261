"""`/v1/invoice-previews`: the coming run of all clients, and what became of it."""

from functools import partial

from domain.calendar import local_date
from domain.errors import NotFoundError, Problem
from domain.outcomes import ForeseenRun, compare_clients
from domain.previewing import Foreseeing, preview_clients
from handlers.api import paging, queries
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.refusals import NoSuchClientError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.previews import ComparisonView, ForeseenClientView, of_foreseen

_AS_OF = queries.day("as_of", "The last day whose invoices are foreseen; without it, today.")


def preview(request: Request) -> Answer:
    """For each client, the invoices that ticks up to the end of that day would make of what is there now.

    Nothing is stored. Each client's unbilled work is read for it: ask for fewer at once where that is much.
    """
    seller = wiring.accounts().get(account_id=request.account_id)
    as_of = request.asked.get("as_of") or local_date(wiring.now(), seller.time_zone)
    reading = Foreseeing(
        seller=seller,
        clients=wiring.clients(),
        invoices=wiring.invoices(),
        collecting=wiring.collecting(),
        known=wiring.known_work(),
    )
    return paging.listed(request, partial(preview_clients, as_of, reading=reading), of_foreseen)


def compare(request: Request) -> Answer:
    """Tell what became of the invoices that were foreseen: send back what the preview answered, as `clients`.

    It is the `same`, `differs` in what is `changed`, is `missing`, or one came `unforeseen`. Nothing
    is stored.
    """
    foreseen = codec.accept(ForeseenRun, request.json())
    try:
        differences = compare_clients(
            foreseen,
            account_id=request.account_id,
            clients=wiring.clients(),
            invoices=wiring.invoices(),
        )
    except NotFoundError as error:
        raise NoSuchClientError(Problem("/clients", error.code, str(error))) from error
    return ok(ComparisonView(differences=differences))


OPERATIONS = (
    Operation(
        route="GET /v1/invoice-previews",
        name="preview_invoices",
        serve=preview,
        summary="Foresee the coming invoices of all clients",
        gives=ForeseenClientView,
        lists=True,
        query=(_AS_OF,),
    ),
    Operation(
        route="POST /v1/invoice-previews/comparison",
        name="compare_invoices",
        serve=compare,
        summary="Compare what was foreseen with what was made",
        takes=ForeseenRun,
        gives=ComparisonView,
        refuses=(NoSuchClientError,),
    ),
)
