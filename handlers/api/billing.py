"""`/v1/clients/{id}/invoices` and `…/invoice-preview`: an invoice now, and what the next one would be."""

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus

from domain import checks
from domain.access import Scope
from domain.billing import (
    ClientIsHeldError,
    InvoicedTodayError,
    NothingToBillError,
    RegularInvoiceFirstError,
    bill_now,
    preview_invoice,
)
from domain.clients import ClientIsArchivedError
from domain.errors import InvalidError
from domain.identifiers import known_client
from handlers.api import queries
from handlers.api.answers import Answer, accepted, ok
from handlers.api.operations import Operation
from handlers.api.refusals import BadQueryError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.invoices import ListedInvoiceView, of_listed_invoice
from infrastructure.views.previews import PreviewView, of_preview

_UNTIL = queries.day(
    "until", "The last day, included: shows the invoice that could be made today, of the work up to there."
)
_REFUSALS = (ClientIsArchivedError, ClientIsHeldError, RegularInvoiceFirstError, InvoicedTodayError)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """What to bill: all unbilled work up to `until`, included, or up to today where nothing is said."""

    until: dt.date | None = None

    def __post_init__(self) -> None:
        if self.until:
            checks.require(checks.date("until", self.until))


def bill(request: Request) -> Answer:
    """Open an invoice of all unbilled work up to a day; it is numbered, printed and mailed by itself.

    The regular invoice day still comes; its period begins where this one ends. Where all days are billed, it
    is of the last period once more, and takes what was taken back or logged since. A paused client may be
    billed, a held or archived one not.
    """
    wanted = codec.accept(NewInvoice, request.json())
    invoice = bill_now(
        known_client(request.subject),
        account_id=request.account_id,
        until=wanted.until,
        now=wiring.now(),
        clients=wiring.clients(),
        invoices=wiring.invoices(),
        opening=wiring.opening(),
        collecting=wiring.collecting(),
        new_id=request.new_id,
    )
    return accepted(of_listed_invoice(invoice, now=wiring.now()), location=f"/v1/invoices/{invoice.id}")


def preview(request: Request) -> Answer:
    """What the invoice of the next invoice day would be as of now; nothing is stored.

    Entries, net, tax and total are of all the work; of the lines, the first 100 are shown.
    """
    client_id = known_client(request.subject)
    try:
        found = preview_invoice(
            client_id,
            account_id=request.account_id,
            until=request.asked.get("until"),
            now=wiring.now(),
            parties=wiring.parties(),
            invoices=wiring.invoices(),
            collecting=wiring.collecting(),
            known=wiring.known_work(),
        )
    except InvalidError as error:
        raise BadQueryError(*error.problems) from error
    return ok(of_preview(found, most_lines=queries.MOST))


OPERATIONS = (
    Operation(
        route="POST /v1/clients/{id}/invoices",
        name="bill_client",
        serve=bill,
        summary="Bill a client now",
        needs=Scope.WRITE,
        takes=NewInvoice,
        gives=ListedInvoiceView,
        status=HTTPStatus.ACCEPTED,
        refuses=(*_REFUSALS, NothingToBillError),
    ),
    Operation(
        route="GET /v1/clients/{id}/invoice-preview",
        name="preview_invoice",
        serve=preview,
        summary="Show what the next invoice would be",
        gives=PreviewView,
        query=(_UNTIL,),
        refuses=(*_REFUSALS, NothingToBillError),
    ),
)
