"""`/v1/audit`: whether what was done is right."""

from functools import partial

from domain import issued
from domain.audit import audit_numbers
from domain.exporting import Sources
from handlers.api import paging, queries
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.views.audit import IssuedView, NumbersView, of_issued, of_numbers


def show_numbering(request: Request) -> Answer:
    """Prove that each series of numbers is 1 to n with dates that never descend, each on one invoice.

    Each number has a hash of all that its invoice says and of all numbers before it. That these follow from
    each other is proven here; the daily audit proves within 35 days that each invoice still says the same.

    What is wrong with one series stands there; what concerns several of them, or an invoice, beside them.
    """
    return ok(of_numbers(audit_numbers(request.account_id, books=wiring.books(), contents=False)))


def list_issued(request: Request) -> Answer:
    """All that was issued, with what proves it: what `invoicely audit export` writes into one file.

    Series by series, in the order of the numbers. The files can be fetched for a few minutes, by anybody who
    has their addresses. A page may hold fewer than `limit` where invoices are long.
    """
    sources = Sources(
        register=wiring.register(),
        invoices=wiring.invoices(),
        credit_notes=wiring.credit_notes(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
    )
    fetch = partial(
        issued.list_issued,
        account_id=request.account_id,
        year=request.asked.get("year"),
        sources=sources,
    )
    return paging.listed(request, fetch, partial(of_issued, archive=sources.archive))


OPERATIONS = (
    Operation(
        route="GET /v1/audit/export",
        name="list_issued",
        serve=list_issued,
        summary="List all that was issued, with what proves it",
        gives=IssuedView,
        lists=True,
        query=(
            queries.Parameter(
                "year",
                queries.year,
                {"type": "integer", "minimum": 1, "maximum": 9999},
                "issued in this year",
            ),
        ),
    ),
    Operation(
        route="GET /v1/audit/numbering",
        name="audit_numbering",
        serve=show_numbering,
        summary="Audit the numbers of the invoices",
        gives=NumbersView,
    ),
)
