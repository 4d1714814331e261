"""`/v1/invoices`: what was charged."""

import datetime as dt
from functools import partial

from domain.archiving import Document, address_of
from domain.delivery import Delivery
from domain.einvoices import Syntax
from domain.identifiers import InvoiceId
from domain.invoice_lists import InvoiceFilters, list_invoices
from domain.invoices import Invoice, State
from domain.payments import PaymentState
from domain.printing import filename_of
from handlers.api import paging, queries
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.refusals import NoDocumentYetError, NoEInvoiceError
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.s3 import URL_SECONDS
from infrastructure.views.documents import DocumentView
from infrastructure.views.invoices import InvoiceView, ListedInvoiceView, of_invoice, of_listed_invoice
from infrastructure.views.work import WorkView, of_work

_STATE = queries.one_of("state", State, "Only those that have come this far.")
_PAYMENT = queries.one_of(
    "payment", PaymentState, "Only issued ones that stand like this with their payments."
)
SYNTAX = queries.one_of("syntax", Syntax, "In which language of EN 16931; CII where nothing is said.")
_FILTERED = ("client_id", "state", "payment")


def list_(request: Request) -> Answer:
    """The invoices, the newest first, and how each stands as of now."""
    now = wiring.now()
    wanted = InvoiceFilters(now=now, **{name: request.asked.get(name) for name in _FILTERED})
    fetch = partial(list_invoices, wanted, account_id=request.account_id, invoices=wiring.invoices())
    return paging.listed(request, fetch, partial(of_listed_invoice, now=now))


def show(request: Request) -> Answer:
    """One invoice, with its first 100 lines; the list of its lines has all of them."""
    invoice = _invoice(request)
    delivery = wiring.deliveries().get(account_id=request.account_id, invoice_id=invoice.id)
    page = wiring.invoices().some_lines(invoice=invoice, limit=queries.MOST)
    more = page.next_cursor is not None
    reminders = wiring.reminders().of(invoice=invoice) if invoice.reminders else ()
    told = of_invoice(invoice, delivery, page.items, now=wiring.now(), reminders=reminders, more=more)
    return ok(told)


def list_lines(request: Request) -> Answer:
    """The work that an invoice charges, by date."""
    invoice = _invoice(request)
    fetch = partial(wiring.invoices().some_lines, invoice=invoice)
    return paging.listed(request, fetch, of_work)


def show_pdf(request: Request) -> Answer:
    """Where the PDF can be fetched from, for a few minutes, by anybody who has the address."""
    invoice = _invoice(request)
    _, pdf = _documented(request, invoice)
    return ok(address(pdf, filename_of(invoice)))


def show_xml(request: Request) -> Answer:
    """Where the e-invoice can be fetched from, for a few minutes, by anybody who has the address."""
    invoice = _invoice(request)
    delivery, _ = _documented(request, invoice)
    syntax = request.asked.get("syntax", Syntax.CII)
    if not (document := delivery.einvoice(syntax)):
        raise NoEInvoiceError(invoice.number or invoice.id, delivery.not_carried)
    return ok(address(document, filename_of(invoice, f"{syntax}.xml")))


def _documented(request: Request, invoice: Invoice) -> tuple[Delivery, Document]:
    delivery = wiring.deliveries().get(account_id=request.account_id, invoice_id=invoice.id)
    if not delivery.document:
        comes = (
            "nothing of it is printed" if invoice.state is State.VOID else "its PDF is made once it is issued"
        )
        raise NoDocumentYetError(f"{invoice.id} is {invoice.state}; {comes}")
    return delivery, delivery.document


def address(document: Document, filename: str) -> DocumentView:
    """Where a stored document can be fetched from, under a name."""
    expires_at = wiring.now().replace(microsecond=0) + dt.timedelta(seconds=URL_SECONDS)
    url = address_of(document, archive=wiring.archive(), filename=filename)
    return DocumentView(url=url, expires_at=expires_at)


def _invoice(request: Request) -> Invoice:
    return wiring.invoices().get(account_id=request.account_id, invoice_id=InvoiceId(request.subject))


OPERATIONS = (
    Operation(
        route="GET /v1/invoices",
        name="list_invoices",
        serve=list_,
        summary="List the invoices, the newest first",
        gives=ListedInvoiceView,
        lists=True,
        query=(queries.CLIENT, _STATE, _PAYMENT),
    ),
    Operation(
        route="GET /v1/invoices/{id}",
        name="show_invoice",
        serve=show,
        summary="Show an invoice",
        gives=InvoiceView,
    ),
    Operation(
        route="GET /v1/invoices/{id}/lines",
        name="list_invoice_lines",
        serve=list_lines,
        summary="List the lines of an invoice",
        gives=WorkView,
        lists=True,
    ),
    Operation(
        route="GET /v1/invoices/{id}/pdf",
        name="show_invoice_pdf",
        serve=show_pdf,
        summary="Say where the invoice's PDF can be fetched",
        gives=DocumentView,
        refuses=(NoDocumentYetError,),
    ),
    Operation(
        route="GET /v1/invoices/{id}/xml",
        name="show_invoice_xml",
        serve=show_xml,
        summary="Say where the invoice's XML can be fetched",
        query=(SYNTAX,),
        gives=DocumentView,
        refuses=(NoDocumentYetError, NoEInvoiceError),
    ),
)
