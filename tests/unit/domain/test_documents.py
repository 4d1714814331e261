import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.documents import DocumentLine, InvoiceDocument
from domain.invoices import State
from domain.invoicing import numbered
from domain.numbers import Sequence, Taken
from domain.parties import Contact
from domain.printing import NotIssuedError, document_of, filename_of
from domain.tax import Tax
from domain.totals import Subtotal, Totals
from tests.builders import ADA, BANK, a_client, a_work_entry, an_account, an_invoice, an_issued_invoice

VAT = Tax(rate=Decimal(19))
OCTOBER_31 = dt.date(2026, 10, 31)
DESIGN = DocumentLine(
    date=dt.date(2026, 10, 5),
    description="Design",
    project="Website",
    quantity=Decimal("1.5000"),
    unit="hour",
    unit_price=Decimal(100),
    amount=150_00,
    net=150_00,
    tax=VAT,
)


def test_a_document_says_what_the_invoice_and_its_lines_say() -> None:
    client = a_client(tax=VAT)
    work = a_work_entry(client=client, minutes=90, description="Design", project="Website")

    document = document_of(an_issued_invoice(client, total=150_00), [work])

    assert document == InvoiceDocument(
        number="2026-0001",
        issued_on=OCTOBER_31,
        due_on=dt.date(2026, 11, 14),
        period_start=dt.date(2026, 10, 1),
        period_end=dt.date(2026, 10, 30),
        language="en",
        currency="EUR",
        seller=an_account().as_seller(),
        buyer=client.as_buyer(),
        lines=(DESIGN,),
        totals=Totals(lines=150_00, subtotals=(Subtotal(tax=VAT, net=150_00, tax_amount=28_50),)),
        payment_terms_days=14,
        bank=BANK,
        time_zone="Europe/Berlin",
        rounding=1,
    )


def test_a_document_says_what_the_client_refers_to_and_whom_it_asks() -> None:
    client = a_client(buyer_reference="04011000-1234512345-06", order_reference="4500012345")
    contact = Contact(name="Charles Babbage", telephone="+44 20 7946 0000")
    sealed = an_invoice(client, state=State.SEALED, entries=1)
    taken = Taken.next_of(Sequence(account_id=ADA, series="{seq}"), pattern="{seq}", today=OCTOBER_31)
    lines = [a_work_entry(client=client)]
    issued, _ = numbered(sealed, taken, lines=lines, seller=an_account(contact=contact), buyer=client)

    document = document_of(issued, lines)

    assert document.buyer_reference == "04011000-1234512345-06"
    assert document.order_reference == "4500012345"
    assert document.seller.contact == contact


def test_lines_stand_in_the_order_of_their_dates() -> None:
    work = [a_work_entry(date=dt.date(2026, 10, day)) for day in (1, 2, 3)]

    document = document_of(an_issued_invoice(), work)

    assert [line.date.day for line in document.lines] == [1, 2, 3]


@pytest.mark.parametrize("state", [State.OPEN, State.SEALED, State.EMPTY])
def test_there_is_no_document_before_the_invoice_has_its_number(state: State) -> None:
    with pytest.raises(NotIssuedError):
        document_of(an_invoice(state=state), [])


@pytest.mark.parametrize(
    "missing", ["number", "issued_on", "payment_due_on", "seller", "buyer", "tax", "totals"]
)
def test_there_is_no_document_of_half_an_invoice(missing: str) -> None:
    half: dict[str, Any] = {missing: None}

    with pytest.raises(NotIssuedError):
        document_of(replace(an_issued_invoice(), **half), [])


def test_a_period_that_ends_where_it_starts_has_its_first_day_as_its_last() -> None:
    invoice = an_invoice(period_start=OCTOBER_31, period_end=OCTOBER_31)

    assert invoice.last_day == OCTOBER_31


@pytest.mark.parametrize(
    ("number", "filename"),
    [
        ("2026-0001", "invoice-2026-0001.pdf"),
        ("INV/2026/10 7", "invoice-INV-2026-10-7.pdf"),
        (None, f"invoice-{an_invoice().id}.pdf"),
    ],
)
def test_a_file_is_named_after_the_invoice_number(number: str | None, filename: str) -> None:
    assert filename_of(replace(an_issued_invoice(), number=number)) == filename
