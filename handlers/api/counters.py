"""`/v1/counters`: how much work and how many invoices there are, by client and month."""

from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import views, wiring


def show(request: Request) -> Answer:
    return ok(views.of_counters(wiring.counters().list(account_id=request.account_id)))


OPERATIONS = (
    Operation(
        route="GET /v1/counters",
        serve=show,
        summary="Show what is counted, by client and month",
        gives=views.CountersView,
    ),
)
