import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.billing import InvoicedTodayError, NothingToBillError, RegularInvoiceFirstError
from domain.clients import ClientIsArchivedError, ClientStatus
from domain.errors import InvalidError
from domain.tax import Tax
from tests.builders import a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.world import World, in_memory

OCTOBER_20, OCTOBER_31 = dt.date(2026, 10, 20), dt.date(2026, 10, 31)
ONE_DAY = dt.timedelta(days=1)
CLIENT = a_client(tax=Tax(name="VAT", rate=Decimal(19)))


def having(**changes: object) -> World:
    """A world with a client and one hour of work for it."""
    world = in_memory(Store()).having(an_account(), a_work_entry())
    return world.having(replace(CLIENT, **changes))  # type: ignore[arg-type] # any of its fields


def test_the_next_invoice_is_that_of_the_next_invoice_day() -> None:
    preview = having().preview(CLIENT, day=OCTOBER_20)

    invoice = preview.invoice
    assert (invoice.due_on, invoice.period_start, invoice.period_end) == (
        OCTOBER_31,
        dt.date(2026, 10, 1),
        OCTOBER_31,
    )
    assert (invoice.entries, invoice.net, invoice.tax_amount, invoice.total) == (1, 100_00, 19_00, 119_00)
    assert (invoice.number, [line.date for line in preview.lines]) == (None, [dt.date(2026, 10, 5)])


def test_without_work_the_next_invoice_is_over_nothing() -> None:
    preview = in_memory(Store()).having(an_account(), CLIENT).preview(CLIENT, day=OCTOBER_20)

    assert (preview.invoice.entries, preview.invoice.total, preview.lines) == (0, 0, [])


def test_it_says_what_the_invoice_would_be_held_for() -> None:
    world = in_memory(Store()).having(an_account(tax_id=None), CLIENT, a_work_entry())

    assert [each.code for each in world.preview(CLIENT, day=OCTOBER_20).missing] == ["seller-tax-id"]


def test_over_nothing_it_lacks_nothing() -> None:
    world = in_memory(Store()).having(an_account(tax_id=None), CLIENT)

    assert list(world.preview(CLIENT, day=OCTOBER_20).missing) == []


def test_with_a_last_day_it_is_the_one_that_could_be_made_now() -> None:
    invoice = having().preview(CLIENT, day=OCTOBER_20, until=dt.date(2026, 10, 7)).invoice

    assert (invoice.due_on, invoice.period_end, invoice.entries) == (OCTOBER_20, dt.date(2026, 10, 8), 1)


def test_with_a_last_day_it_is_refused_where_that_one_would_be() -> None:
    world = having()

    with pytest.raises(InvalidError):
        world.preview(CLIENT, day=OCTOBER_20, until=OCTOBER_20 + ONE_DAY)
    with pytest.raises(NothingToBillError):
        world.preview(CLIENT, day=OCTOBER_20, until=dt.date(2026, 9, 30))
    with pytest.raises(RegularInvoiceFirstError):
        world.preview(CLIENT, day=OCTOBER_31, until=OCTOBER_31)
    world.bill(CLIENT, day=OCTOBER_20)
    with pytest.raises(InvoicedTodayError):
        world.preview(CLIENT, day=OCTOBER_20, until=OCTOBER_20)


@pytest.mark.parametrize("status", [ClientStatus.PAUSED, ClientStatus.HELD])
def test_it_is_shown_also_while_none_is_made(status: ClientStatus) -> None:
    assert having(status=status).preview(CLIENT, day=OCTOBER_20).invoice.due_on == OCTOBER_31


def test_an_archived_client_has_no_next_invoice() -> None:
    with pytest.raises(ClientIsArchivedError):
        having(status=ClientStatus.ARCHIVED).preview(CLIENT, day=OCTOBER_20)
