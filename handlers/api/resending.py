"""`…/{id}/resend`: an invoice or a credit note once more, for who knows what became of the mail before."""

from dataclasses import dataclass
from http import HTTPStatus

from domain import checks
from domain.access import Scope
from domain.delivery import Progress, TooManyAttemptsError
from domain.identifiers import CreditNoteId, InvoiceId
from domain.resending import (
    MailMayBeOutError,
    MailUnderWayError,
    NothingToResendError,
    resend_credit_note,
    resend_invoice,
)
from handlers.api.answers import Answer, accepted
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.mails import DeliveryView, of_delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Resending:
    """To whom to mail an invoice or a credit note once more, or else to the client's own address.

    `despite` names the state of the last mail where another one is a risk: it is `sent` or nobody knows
    (`unknown`), the client `complained`, or the mail `bounced` at this very address.
    """

    recipient: str | None = None
    despite: Progress | None = None

    def __post_init__(self) -> None:
        if self.recipient is not None:
            checks.require(checks.email("recipient", self.recipient))


def resend(request: Request) -> Answer:
    """Let an issued invoice be mailed again; where that may be one too many, 409 says so and how to insist.

    The mails before stay visible as `earlier` in the invoice's `delivery`.
    """
    wanted = codec.accept(Resending, request.json())
    delivery = resend_invoice(
        InvoiceId(request.subject),
        account_id=request.account_id,
        recipient=wanted.recipient,
        despite=wanted.despite,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        now=wiring.now(),
    )
    return accepted(of_delivery(delivery), location=f"/v1/invoices/{request.subject}")


def resend_note(request: Request) -> Answer:
    """Let an issued credit note be mailed again, as an invoice is."""
    wanted = codec.accept(Resending, request.json())
    delivery = resend_credit_note(
        CreditNoteId(request.subject),
        account_id=request.account_id,
        recipient=wanted.recipient,
        despite=wanted.despite,
        credit_notes=wiring.credit_notes(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        now=wiring.now(),
    )
    return accepted(of_delivery(delivery), location=f"/v1/credit-notes/{request.subject}")


_REFUSES = (NothingToResendError, MailUnderWayError, MailMayBeOutError, TooManyAttemptsError)
OPERATIONS = (
    Operation(
        route="POST /v1/invoices/{id}/resend",
        name="resend_invoice",
        serve=resend,
        summary="Mail an invoice once more",
        needs=Scope.WRITE,
        takes=Resending,
        gives=DeliveryView,
        status=HTTPStatus.ACCEPTED,
        refuses=_REFUSES,
    ),
    Operation(
        route="POST /v1/credit-notes/{id}/resend",
        name="resend_credit_note",
        serve=resend_note,
        summary="Mail a credit note once more",
        needs=Scope.WRITE,
        takes=Resending,
        gives=DeliveryView,
        status=HTTPStatus.ACCEPTED,
        refuses=_REFUSES,
    ),
)
