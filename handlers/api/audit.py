"""`/v1/audit`: whether what was done is right."""

from domain.audit import audit_numbers
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import views, wiring


def show_numbering(request: Request) -> Answer:
    """Prove that each series of numbers is 1 to n with dates that never descend, each on one invoice.

    Each number has a hash of all that its invoice says and of all numbers before it. That these follow from
    each other is proven here; the daily audit proves within 35 days that each invoice still says the same.

    What is wrong with one series stands there; what concerns several of them, or an invoice, beside them.
    """
    return ok(views.of_numbers(audit_numbers(request.account_id, books=wiring.books(), contents=False)))


OPERATIONS = (
    Operation(
        route="GET /v1/audit/numbering",
        name="audit_numbering",
        serve=show_numbering,
        summary="Audit the numbers of the invoices",
        gives=views.NumbersView,
    ),
)
