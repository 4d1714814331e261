"""From the account to an issued invoice with the client that was generated from the OpenAPI document.

Run by a test that generates `invoicely_client` first: generated_client.py URL TOKEN.
"""

import datetime as dt
import json
import sys
import time
from http import HTTPStatus
from zoneinfo import ZoneInfo

from invoicely_client import AuthenticatedClient
from invoicely_client.api.account import save_account
from invoicely_client.api.audit import audit_numbering
from invoicely_client.api.clients import add_client, bill_client, change_client, list_clients
from invoicely_client.api.invoices import list_invoices, show_invoice, show_invoice_pdf
from invoicely_client.api.tokens import create_token
from invoicely_client.api.work_entries import edit_work, list_work, log_work
from invoicely_client.models import (
    AccountDetails,
    AccountView,
    Address,
    ClientPage,
    ClientPatch,
    ClientView,
    DeliveryProgress,
    DocumentView,
    InvoicePage,
    InvoiceState,
    InvoiceView,
    ListedInvoiceView,
    NewClient,
    NewInvoice,
    NewTokenView,
    NewWork,
    NumbersView,
    Problem,
    Refusal,
    Scope,
    TokenDetails,
    WorkPage,
    WorkPatch,
    WorkView,
)
from invoicely_client.types import Unset

PATIENCE = 60.0
TODAY = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()


def main(url: str, token: str) -> None:
    program = AuthenticatedClient(url, signed_in(AuthenticatedClient(url, token)))
    client = added(program)
    invoice = bill(program, client.id)
    clients, invoices = list_clients.sync(client=program), list_invoices.sync(client=program, limit=10)
    assert isinstance(clients, ClientPage)
    assert [each.id for each in clients.data] == [client.id]
    assert isinstance(invoices, InvoicePage)
    assert [each.number for each in invoices.data] == [invoice.number]
    numbers = audit_numbering.sync(client=program)
    assert isinstance(numbers, NumbersView)
    assert numbers.clean
    document = show_invoice_pdf.sync(invoice.id, client=program)
    assert isinstance(document, DocumentView)
    told = {"number": invoice.number, "total": invoice.total, "pdf": document.url}
    sys.stdout.write(json.dumps(told | {"refused": refused(program, client.id, url)}))


def signed_in(person: AuthenticatedClient) -> str:
    """The secret of a token for a program, once the account of the person who signed in is set up."""
    berlin = Address(street="Invalidenstraße 1", city="Berlin", country="DE", postal_code="10115")
    details = AccountDetails(
        name="Gen Erated",
        email="gen@example.com",
        currency="EUR",
        time_zone="Europe/Berlin",
        tax_id="DE136695976",
        address=berlin,
    )
    account = save_account.sync(client=person, body=details, if_match="*")
    assert isinstance(account, AccountView)
    assert account.complete
    wanted = TokenDetails(name="Generated", scopes=[Scope.READ, Scope.WRITE])
    made = create_token.sync(client=person, body=wanted)
    assert isinstance(made, NewTokenView)
    assert not isinstance(made.secret, Unset)
    return str(made.secret)


def added(program: AuthenticatedClient) -> ClientView:
    """A client, whose rate was changed and nothing else."""
    acme = NewClient(
        name="Acme SE",
        email="office@acme.example",
        address=Address(street="Main Road 2", city="Dublin", country="IE"),
        hourly_rate="92.50",
        billing_starts_on=TODAY,
    )
    client = add_client.sync(client=program, body=acme)
    assert isinstance(client, ClientView)
    changed = change_client.sync(client.id, client=program, body=ClientPatch(hourly_rate="100"))
    assert isinstance(changed, ClientView)
    assert (changed.hourly_rate, changed.name, changed.email) == ("100", client.name, client.email)
    return changed


def bill(program: AuthenticatedClient, client_id: str) -> InvoiceView:
    """The issued invoice of some work, that is logged twice over with one key, and edited."""
    work = NewWork(client_id=client_id, date=TODAY, description="Concept", minutes=90, tags=["first"])
    logged, again = (log_work.sync(client=program, body=work, idempotency_key="one") for _ in range(2))
    assert isinstance(logged, WorkView)
    assert logged == again
    edited = edit_work.sync(logged.id, client=program, body=WorkPatch(minutes=60), if_match='"1"')
    assert isinstance(edited, WorkView)
    assert (edited.amount, edited.tags) == (10000, ["first"])
    late = edit_work.sync(logged.id, client=program, body=WorkPatch(minutes=30), if_match='"1"')
    assert isinstance(late, Problem)
    assert late.status == HTTPStatus.PRECONDITION_FAILED
    listed = list_work.sync(client=program, client_id=client_id, billed=False)
    assert isinstance(listed, WorkPage)
    assert listed.data == [edited]
    billed = bill_client.sync(client_id, client=program, body=NewInvoice())
    assert isinstance(billed, ListedInvoiceView)
    return issued(program, billed.id)


def issued(program: AuthenticatedClient, invoice_id: str) -> InvoiceView:
    """The invoice, once it is issued and mailed."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        invoice = show_invoice.sync(invoice_id, client=program)
        assert isinstance(invoice, InvoiceView)
        if invoice.delivery.progress is DeliveryProgress.SENT:
            assert invoice.state is InvoiceState.ISSUED
            return invoice
        time.sleep(0.1)
    raise TimeoutError(f"{invoice_id} is not mailed after {PATIENCE:.0f} s")


def refused(program: AuthenticatedClient, client_id: str, url: str) -> list[str]:
    """What is said to wrong work, and to a wrong token."""
    nothing = NewWork(client_id=client_id, date=TODAY, description="Talks", minutes=0)
    problem = log_work.sync(client=program, body=nothing)
    assert isinstance(problem, Problem)
    assert not isinstance(problem.errors, Unset)
    refusal = list_clients.sync(client=AuthenticatedClient(url, "nobody's"))
    assert isinstance(refusal, Refusal)
    return [*(error.pointer for error in problem.errors), refusal.message]


if __name__ == "__main__":
    main(*sys.argv[1:])
