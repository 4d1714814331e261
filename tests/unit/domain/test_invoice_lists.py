import datetime as dt
from typing import Any

import pytest

from domain.invoice_lists import InvoiceFilters, list_invoices
from domain.invoices import State
from domain.payments import PaymentState
from tests.builders import ACME, ADA, UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Store
from tests.world import World, in_memory

OCTOBER_31, NOVEMBER_30 = dt.date(2026, 10, 31), dt.date(2026, 11, 30)
OCTOBER, NOVEMBER = an_invoice_id(), an_invoice_id(due_on=NOVEMBER_30)
OTHER = an_invoice_id(UMBRELLA, NOVEMBER_30)
EMPTY = an_invoice_id(UMBRELLA)


@pytest.fixture
def world() -> World:
    """October's invoice is overdue, November's paid; another client has had nothing in October."""
    other = a_client(id=UMBRELLA)
    work = [a_work_entry("o" * 16), a_work_entry("n" * 16, date=dt.date(2026, 11, 5))]
    theirs = a_work_entry("t" * 16, client=other, date=dt.date(2026, 11, 6))
    world = in_memory(Store()).having(an_account(), a_client(), other, *work, theirs)
    for day in (OCTOBER_31, NOVEMBER_30):
        for invoice in world.issue_all(world.tick(day).invoices, client=a_client(), day=day):
            if invoice.id == NOVEMBER:
                world.pay(invoice, day=day)
    return world


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, {OCTOBER, NOVEMBER, OTHER, EMPTY}),
        ({"client_id": ACME}, {OCTOBER, NOVEMBER}),
        ({"state": State.EMPTY}, {EMPTY}),
        ({"state": State.ISSUED, "client_id": UMBRELLA}, {OTHER}),
        ({"payment": PaymentState.OVERDUE}, {OCTOBER}),
        ({"payment": PaymentState.UNPAID}, {OTHER}),
        ({"payment": PaymentState.PAID, "client_id": UMBRELLA}, set()),
    ],
)
def test_all_that_is_said_is_so_of_what_is_found(world: World, said: dict[str, Any], found: set[str]) -> None:
    wanted = InvoiceFilters(now=dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC), **said)

    page = list_invoices(wanted, account_id=ADA, invoices=world.invoices)

    assert {invoice.id for invoice in page.items} == found


def test_a_page_holds_as_many_as_were_asked_for(world: World) -> None:
    wanted = InvoiceFilters(now=dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC), client_id=ACME)

    first = list_invoices(wanted, account_id=ADA, invoices=world.invoices, limit=1)
    rest = list_invoices(wanted, account_id=ADA, invoices=world.invoices, limit=1, cursor=first.next_cursor)

    assert [invoice.id for invoice in (*first.items, *rest.items)] == [NOVEMBER, OCTOBER]
