"""`/v1/invoices/{id}/credit-notes`, `/v1/credit-notes` and `…/void`: what takes an invoice back."""

from functools import partial
from http import HTTPStatus

from domain.access import Scope
from domain.archiving import Document
from domain.credit_delivery import credit_filename_of
from domain.credit_notes import Correction, CreditNote
from domain.crediting import (
    CreditNoteUnderWayError,
    InvoiceIsCreditedError,
    InvoiceIsVoidError,
    InvoiceNotIssuedError,
    open_credit_note,
)
from domain.delivery import Delivery
from domain.einvoices import Syntax
from domain.identifiers import CreditNoteId, InvoiceId
from domain.voiding import InvoiceIsBookedError, InvoiceIsDeliveredError, void_invoice
from handlers.api import paging, queries
from handlers.api.answers import Answer, accepted, ok
from handlers.api.invoices import SYNTAX, address
from handlers.api.operations import Operation
from handlers.api.refusals import NoDocumentYetError, NoEInvoiceError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.credit_notes import (
    CreditNoteView,
    ListedCreditNoteView,
    of_credit_note,
    of_listed_credit_note,
)
from infrastructure.views.documents import DocumentView
from infrastructure.views.invoices import ListedInvoiceView, of_listed_invoice
from infrastructure.views.work import WorkView, of_work


def credit(request: Request) -> Answer:
    """Take back an issued invoice, or the lines of the work entries that are named.

    The credit note is numbered, printed and mailed by itself. The work can be edited again soon after, and
    comes on the next invoice. With an Idempotency-Key, one credit note is made.
    """
    note = open_credit_note(
        InvoiceId(request.subject),
        codec.accept(Correction, request.json()),
        account_id=request.account_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        credit_notes=wiring.credit_notes(),
        crediting=wiring.crediting(),
        new_id=request.new_id,
    )
    return accepted(of_listed_credit_note(note), location=f"/v1/credit-notes/{note.id}")


def list_(request: Request) -> Answer:
    """The credit notes of an invoice, the oldest first."""
    invoice = wiring.invoices().get(account_id=request.account_id, invoice_id=InvoiceId(request.subject))
    fetch = partial(wiring.credit_notes().of_invoice, account_id=invoice.account_id, invoice_id=invoice.id)
    return paging.listed(request, fetch, of_listed_credit_note)


def show(request: Request) -> Answer:
    """One credit note, with the first lines that it takes back, at most 100; the list has all of them."""
    note = _note(request)
    page = wiring.credit_notes().some_taken_back(note=note, limit=queries.MOST)
    return ok(of_credit_note(note, _delivery(note), page.items))


def list_lines(request: Request) -> Answer:
    """The lines that a credit note takes back, by date, as they stand on the invoice."""
    fetch = partial(wiring.credit_notes().some_taken_back, note=_note(request))
    return paging.listed(request, fetch, of_work)


def show_pdf(request: Request) -> Answer:
    """Where the PDF can be fetched from, for a few minutes, by anybody who has the address."""
    note = _note(request)
    _, pdf = _documented(note)
    return ok(address(pdf, credit_filename_of(note)))


def show_xml(request: Request) -> Answer:
    """Where the XML can be fetched from, for a few minutes, by anybody who has the address."""
    note = _note(request)
    delivery, _ = _documented(note)
    syntax = request.asked.get("syntax", Syntax.CII)
    if not (document := delivery.einvoice(syntax)):
        raise NoEInvoiceError(note.number or note.id, delivery.not_carried)
    return ok(address(document, credit_filename_of(note, f"{syntax}.xml")))


def void(request: Request) -> Answer:
    """Make an invoice void, as long as nothing of it was delivered; it keeps its number, and is never mailed.

    Its work can be edited again soon after, and comes on the next invoice. Once more changes nothing.
    """
    invoice = void_invoice(
        InvoiceId(request.subject),
        account_id=request.account_id,
        invoices=wiring.invoices(),
        deliveries=wiring.deliveries(),
        clients=wiring.clients(),
        voiding=wiring.voiding(),
    )
    return accepted(of_listed_invoice(invoice, now=wiring.now()), location=f"/v1/invoices/{invoice.id}")


def _note(request: Request) -> CreditNote:
    wanted = CreditNoteId(request.subject)
    return wiring.credit_notes().get(account_id=request.account_id, credit_note_id=wanted)


def _delivery(note: CreditNote) -> Delivery:
    return wiring.deliveries().get(account_id=note.account_id, invoice_id=note.id)


def _documented(note: CreditNote) -> tuple[Delivery, Document]:
    delivery = _delivery(note)
    if not delivery.document:
        raise NoDocumentYetError(f"{note.id} is {note.state}; its PDF is made once it is issued")
    return delivery, delivery.document


OPERATIONS = (
    Operation(
        route="POST /v1/invoices/{id}/credit-notes",
        name="credit_invoice",
        serve=credit,
        summary="Take back an invoice, or some of its lines",
        needs=Scope.WRITE,
        takes=Correction,
        gives=ListedCreditNoteView,
        status=HTTPStatus.ACCEPTED,
        refuses=(InvoiceNotIssuedError, InvoiceIsVoidError, InvoiceIsCreditedError, CreditNoteUnderWayError),
    ),
    Operation(
        route="GET /v1/invoices/{id}/credit-notes",
        name="list_credit_notes",
        serve=list_,
        summary="List the credit notes of an invoice",
        gives=ListedCreditNoteView,
        lists=True,
    ),
    Operation(
        route="GET /v1/credit-notes/{id}",
        name="show_credit_note",
        serve=show,
        summary="Show a credit note",
        gives=CreditNoteView,
    ),
    Operation(
        route="GET /v1/credit-notes/{id}/lines",
        name="list_credit_note_lines",
        serve=list_lines,
        summary="List the lines that a credit note takes back",
        gives=WorkView,
        lists=True,
    ),
    Operation(
        route="GET /v1/credit-notes/{id}/pdf",
        name="show_credit_note_pdf",
        serve=show_pdf,
        summary="Say where the credit note's PDF can be fetched",
        gives=DocumentView,
        refuses=(NoDocumentYetError,),
    ),
    Operation(
        route="GET /v1/credit-notes/{id}/xml",
        name="show_credit_note_xml",
        serve=show_xml,
        summary="Say where the credit note's XML can be fetched",
        query=(SYNTAX,),
        gives=DocumentView,
        refuses=(NoDocumentYetError, NoEInvoiceError),
    ),
    Operation(
        route="POST /v1/invoices/{id}/void",
        name="void_invoice",
        serve=void,
        summary="Make an invoice void of which nothing was delivered",
        needs=Scope.WRITE,
        gives=ListedInvoiceView,
        status=HTTPStatus.ACCEPTED,
        refuses=(InvoiceNotIssuedError, InvoiceIsDeliveredError, InvoiceIsBookedError),
    ),
)
