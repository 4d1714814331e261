"""`/v1/counters` and `/v1/totals`: how much work and how many invoices there are."""

from functools import partial

from handlers.api import paging
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.views.counters import CounterView, TotalsView, of_counter, of_totals


def list_(request: Request) -> Answer:
    """What is counted for each client, in all and by month: work by its day, invoices by that of issue."""
    fetch = partial(wiring.counters().page, account_id=request.account_id)
    return paging.listed(request, fetch, of_counter)


def show_totals(request: Request) -> Answer:
    """All clients and months together, for each currency; archived clients are among them."""
    return ok(of_totals(wiring.counters().list(account_id=request.account_id)))


OPERATIONS = (
    Operation(
        route="GET /v1/counters",
        name="list_counters",
        serve=list_,
        summary="List what is counted, by client and month",
        gives=CounterView,
        lists=True,
    ),
    Operation(
        route="GET /v1/totals",
        name="show_totals",
        serve=show_totals,
        summary="Show what is counted in all, by currency",
        gives=TotalsView,
    ),
)
