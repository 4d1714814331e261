"""`/v1/invoices/{id}/review`: what a person decides about an invoice before it goes out."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from domain.access import Scope
from domain.identifiers import InvoiceId
from domain.reviews import (
    NotInReviewError,
    NotSkippedError,
    hold_invoice,
    reopen_invoice,
    send_now,
    skip_invoice,
)
from handlers.api.answers import Answer, accepted
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.invoices import ListedInvoiceView, of_listed_invoice


class Decision(StrEnum):
    """What becomes of the invoice."""

    SEND = "send"
    HOLD = "hold"
    SKIP = "skip"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """To `send` it now, `hold` it until it is sent or skipped, `skip` it, or `reopen` it after that."""

    decision: Decision


_DECIDE = {
    Decision.SEND: send_now,
    Decision.HOLD: hold_invoice,
    Decision.SKIP: skip_invoice,
    Decision.REOPEN: reopen_invoice,
}


def decide(request: Request) -> Answer:
    """Send an invoice in review now, hold it, or skip it; the rest of it happens by itself.

    An invoice that lacks what the law wants can be skipped, too. The work of a skipped invoice can be edited
    again soon after, and comes on the next one; unless the invoice is reopened, which then takes it again.
    """
    decision = codec.accept(Review, request.json()).decision
    invoice = _DECIDE[decision](
        InvoiceId(request.subject),
        account_id=request.account_id,
        invoices=wiring.invoices(),
        reviews=wiring.reviews(),
    )
    return accepted(of_listed_invoice(invoice, now=wiring.now()), location=f"/v1/invoices/{invoice.id}")


OPERATIONS = (
    Operation(
        route="POST /v1/invoices/{id}/review",
        name="review_invoice",
        serve=decide,
        summary="Send, hold, skip or reopen an invoice",
        needs=Scope.WRITE,
        takes=Review,
        gives=ListedInvoiceView,
        status=HTTPStatus.ACCEPTED,
        refuses=(NotInReviewError, NotSkippedError),
    ),
)
