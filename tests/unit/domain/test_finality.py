"""Issued means frozen: what is changed afterwards shows nowhere, and what was stored first is served."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from domain.accounts import AccountDetails
from domain.archiving import DocumentDiffersError
from domain.audit import audit_numbers
from domain.clients import ClientDetails
from domain.delivering import deliver_invoice
from domain.delivery import Delivery
from domain.documents import Grouping
from domain.einvoices import Syntax
from domain.invoices import Invoice
from domain.parties import BankDetails, Contact
from domain.printing import document_of, frozen_of
from domain.tax import Tax
from domain.timekeeping import edit_work, remove_work
from domain.work import WorkIsInvoicedError
from infrastructure import codec
from infrastructure.einvoice.writer import XmlEInvoices
from infrastructure.views.invoices import of_invoice
from tests.builders import ADA, TOKYO, a_client, a_work_entry, an_account
from tests.exports import exported
from tests.fakes import InMemoryArchive, PlainRenderer, RecordingPostman, Store
from tests.world import NOON, World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
CLIENT = a_client(tax=Tax(rate=Decimal(19)))
ENTRY = a_work_entry(client=CLIENT)


@dataclass
class Issued:
    """An invoice that was issued, and all that is to be seen of it."""

    world: World
    archive: InMemoryArchive
    invoice: Invoice

    def seen(self) -> dict[str, object]:
        """The item, what the API shows, PDF and XML as they would be made now, and an export."""
        invoice = self.world.invoices.get(account_id=ADA, invoice_id=self.invoice.id)
        lines = self.world.invoices.lines(invoice=invoice)
        document = document_of(invoice, lines)
        delivery = Delivery(invoice_id=invoice.id, account_id=ADA)
        now = dt.datetime.combine(OCTOBER_31, NOON)
        return {
            "item": codec.encode(invoice),
            "lines": [codec.encode(line) for line in lines],
            "api": codec.encode(of_invoice(invoice, delivery, lines, now=now)),
            "pdf": PlainRenderer().render(document=document),
            "cii": XmlEInvoices().write(document=document, syntax=Syntax.CII),
            "ubl": XmlEInvoices().write(document=document, syntax=Syntax.UBL),
            "frozen": frozen_of(invoice, lines),
            "export": exported(self.world, self.archive).files,
        }


@pytest.fixture
def issued() -> Issued:
    world = in_memory(Store()).having(an_account(), CLIENT, ENTRY)
    [opened] = world.tick(OCTOBER_31).invoices
    return Issued(world, InMemoryArchive(), world.issue(opened, client=CLIENT, day=OCTOBER_31))


def change_the_client(world: World, change: Callable[[ClientDetails], ClientDetails]) -> None:
    world.clients.update(
        account_id=ADA, client_id=CLIENT.id, change=lambda client: client.changed(change(client.details()))
    )


def change_the_account(world: World, change: Callable[[AccountDetails], AccountDetails]) -> None:
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(change(account.details())))


CLIENTS: dict[str, Any] = {
    "name": "Acne GmbH",
    "email": "somebody@else.example",
    "address": TOKYO,
    "hourly_rate": Decimal(1),
    "time_zone": "Pacific/Kiritimati",
    "payment_terms_days": 90,
    "language": "pl",
    "tax": Tax(rate=Decimal(7)),
    "tax_id": "123",
    "grouping": Grouping.PROJECT,
    "timesheet": True,
    "invoice_day": 15,
    "buyer_reference": "04011000-1234512345-06",
    "order_reference": "4500012345",
}
ACCOUNTS: dict[str, Any] = {
    "name": "Ada King",
    "email": "king@example.com",
    "address": TOKYO,
    "time_zone": "Pacific/Pago_Pago",
    "language": "fr",
    "tax_id": "123",
    "payment_terms_days": 1,
    "bank": BankDetails(holder="Ada King", account_number="FR1420041010050500013M02606"),
    "number_pattern": "R{seq}",
    "credit_note_pattern": "C{seq}",
    "contact": Contact(name="Charles Babbage", telephone="+44 20 7946 0000"),
}


@pytest.mark.parametrize("field", CLIENTS)
def test_a_change_of_the_client_shows_nowhere_on_what_was_issued(issued: Issued, field: str) -> None:
    before = issued.seen()

    change_the_client(issued.world, lambda details: replace(details, **{field: CLIENTS[field]}))

    assert issued.seen() == before
    assert audit_numbers(ADA, books=issued.world.books()).findings == ()


@pytest.mark.parametrize("field", ACCOUNTS)
def test_a_change_of_the_account_shows_nowhere_on_what_was_issued(issued: Issued, field: str) -> None:
    before = issued.seen()

    change_the_account(issued.world, lambda details: replace(details, **{field: ACCOUNTS[field]}))

    assert issued.seen() == before
    assert audit_numbers(ADA, books=issued.world.books()).findings == ()


def test_the_work_on_an_issued_invoice_can_be_neither_edited_nor_removed(issued: Issued) -> None:
    work = issued.world.work

    with pytest.raises(WorkIsInvoicedError):
        edit_work(ENTRY.id, lambda details: replace(details, minutes=1), account_id=ADA, work=work)
    with pytest.raises(WorkIsInvoicedError):
        remove_work(ENTRY.id, account_id=ADA, work=work)


def deliver(issued: Issued, postman: RecordingPostman) -> Delivery:
    return deliver_invoice(
        issued.invoice.id,
        account_id=ADA,
        invoices=issued.world.invoices,
        deliveries=issued.world.deliveries,
        archive=issued.archive,
        renderer=PlainRenderer(),
        einvoices=XmlEInvoices(),
        postman=postman,
        now=dt.datetime.combine(OCTOBER_31, NOON),
    )


def test_what_was_stored_and_is_other_bytes_now_is_mailed_to_nobody(issued: Issued) -> None:
    """Its hash was recorded when it was stored; then the file was changed, and it is mailed once more."""
    postman = RecordingPostman()
    delivery = deliver(issued, postman)
    assert delivery.document
    now = dt.datetime.combine(OCTOBER_31, NOON)
    issued.world.deliveries.update(
        account_id=ADA,
        invoice_id=issued.invoice.id,
        change=lambda each: each.again("billing@acme.example", now),
    )
    other = InMemoryArchive()
    other.put(key=delivery.document.key, content=b"%PDF of somebody else")

    with pytest.raises(DocumentDiffersError, match=r"its hash differs$"):
        deliver(replace(issued, archive=other), postman)

    assert len(postman) == 1
