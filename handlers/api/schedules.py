"""`/v1/clients/{id}/schedule`: when a client's invoices are to come, and why."""

from domain.identifiers import known_client
from domain.schedule import MOST_MONTHS, Schedule, explain_schedule
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.queries import Parameter
from handlers.api.requests import Request
from infrastructure import wiring

USUAL_MONTHS = 12


def _months(text: str) -> int:
    """How many months; more than are allowed are refused as such."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_MONTHS:
        raise ValueError(f"must be a number from 1 to {MOST_MONTHS}")
    return int(text)


_MONTHS = Parameter(
    "months",
    _months,
    {"type": "integer", "minimum": 1, "maximum": MOST_MONTHS, "default": USUAL_MONTHS},
    "How many months from today on.",
)


def explain(request: Request) -> Answer:
    """Each invoice to come: its day, the instant it is due, the days it is about, and why so.

    It is calculated from the client as it is now; nothing is stored. A paused or held client is shown as if
    it were made active today, and `remarks` say so.
    """
    client = wiring.clients().get(account_id=request.account_id, client_id=known_client(request.subject))
    return ok(explain_schedule(client, months=request.asked.get("months", USUAL_MONTHS), now=wiring.now()))


OPERATIONS = (
    Operation(
        route="GET /v1/clients/{id}/schedule",
        name="explain_schedule",
        serve=explain,
        summary="Explain when the client's invoices come",
        gives=Schedule,
        query=(_MONTHS,),
    ),
)
