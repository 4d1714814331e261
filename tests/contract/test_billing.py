"""An invoice that a person asks for, and what the next one would be, over every store."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.billing import InvoicedTodayError, NothingToBillError
from domain.clients import Client
from domain.invoices import Invoice, State
from domain.tax import Tax
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.world import World

OCTOBER_20, OCTOBER_31 = dt.date(2026, 10, 20), dt.date(2026, 10, 31)
CLIENT = a_client(tax=Tax(name="VAT", rate=Decimal(19)))
WORK = [
    a_work_entry(f"{number:016}", date=dt.date(2026, 10, 5 * number), minutes=number)
    for number in range(1, 5)
]
AMOUNTS = ("currency", "entries", "net", "tax_amount", "total")


@pytest.fixture
def billed(world: World) -> World:
    """A world with one client and work on 5, 10, 15 and 20 October."""
    return world.having(an_account(), CLIENT, *WORK)


def stored(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def told(invoice: Invoice) -> dict[str, object]:
    """What a preview and the invoice made afterwards have to agree about."""
    names = (*AMOUNTS, "due_on", "period_start", "period_end", "tax")
    return {name: getattr(invoice, name) for name in names}


def test_an_invoice_that_is_asked_for_is_issued_like_any_other(billed: World) -> None:
    opened = billed.bill(CLIENT, day=OCTOBER_20, until=dt.date(2026, 10, 10))

    issued = billed.issue(opened.id, client=CLIENT, day=OCTOBER_20)

    assert (issued.state, issued.number, issued.entries) == (State.ISSUED, "2026-0001", 2)
    assert stored(billed) == replace(
        CLIENT, billed_until=dt.date(2026, 10, 11), previous_due_on=OCTOBER_20, version=2
    )


def test_what_is_refused_is_not_stored(billed: World) -> None:
    billed.bill(CLIENT, day=OCTOBER_20)
    before = stored(billed)

    with pytest.raises(InvoicedTodayError):
        billed.bill(CLIENT, day=OCTOBER_20)
    with pytest.raises(NothingToBillError):
        billed.bill(CLIENT, day=OCTOBER_31 - dt.timedelta(days=1), until=OCTOBER_20 - dt.timedelta(days=1))

    assert stored(billed) == before
    assert len(billed.invoices.list(account_id=ADA).items) == 1


def test_what_was_taken_back_is_billed_again_on_the_same_day_with_lines_of_its_own(billed: World) -> None:
    first = billed.issue(billed.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    note = billed.credit(first)
    billed.finish(note.id, account_id=ADA, day=OCTOBER_20)

    second = billed.issue(billed.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    note = billed.credit(second, body="2" * 16)
    billed.finish(note.id, account_id=ADA, day=OCTOBER_20)
    third = billed.issue(billed.bill(CLIENT, day=OCTOBER_20).id, client=CLIENT, day=OCTOBER_20)
    billed.pay(second, day=OCTOBER_20, amount=1)

    lines = [billed.crediting.lines(invoice=each) for each in (first, second, third)]
    assert [third.id, third.entries] == [f"{first.id}03", first.entries]
    assert [{line.entry.invoice_id for line in each} for each in lines] == [
        {first.id},
        {second.id},
        {third.id},
    ]
    assert [{line.released_by is None for line in each} for each in lines] == [{False}, {False}, {True}]
    assert billed.payments.list(invoice=first).items == billed.payments.list(invoice=third).items == ()
    assert len(billed.invoices.list(account_id=ADA).items) == 3


@pytest.mark.parametrize("until", [dt.date(2026, 10, 5), dt.date(2026, 10, 12), OCTOBER_20])
def test_a_preview_says_what_the_invoice_says_that_is_made_afterwards(billed: World, until: dt.date) -> None:
    preview = billed.preview(CLIENT, day=OCTOBER_20, until=until)

    opened = billed.bill(CLIENT, day=OCTOBER_20, until=until)
    issued = billed.issue(opened.id, client=CLIENT, day=OCTOBER_20)

    assert told(preview.invoice) == told(issued)
    assert [line.id for line in preview.lines] == [line.id for line in billed.invoices.lines(invoice=issued)]


def test_a_preview_of_the_next_invoice_day_says_what_its_invoice_says(billed: World) -> None:
    billed.having(a_work_entry("next000000000000", date=OCTOBER_31))

    preview = billed.preview(CLIENT, day=OCTOBER_20)

    billed.tick(OCTOBER_31)
    issued = billed.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)
    assert told(preview.invoice) == told(issued)
    assert (preview.invoice.entries, preview.invoice.number) == (4, None)


def test_a_preview_stores_nothing(billed: World) -> None:
    billed.preview(CLIENT, day=OCTOBER_20)
    billed.preview(CLIENT, day=OCTOBER_20, until=OCTOBER_20)

    assert stored(billed) == CLIENT
    assert billed.invoices.list(account_id=ADA).items == ()
    assert [billed.work.get(account_id=ADA, work_id=entry.id) for entry in WORK] == WORK


def test_a_preview_leaves_out_what_an_earlier_invoice_is_still_going_to_take(billed: World) -> None:
    """The invoice of October is open; what it collects now does not come on November's."""
    november = a_work_entry("november00000000", date=dt.date(2026, 11, 3))
    billed.having(november).tick(OCTOBER_31)

    before = billed.preview(CLIENT, day=dt.date(2026, 11, 4))
    billed.issue(an_invoice_id(), client=CLIENT, day=OCTOBER_31)
    late = a_work_entry("late000000000000", date=dt.date(2026, 10, 6))
    billed.having(late)
    after = billed.preview(CLIENT, day=dt.date(2026, 11, 4))

    assert [line.id for line in before.lines] == [november.id]
    assert [line.id for line in after.lines] == [late.id, november.id]
    assert before.invoice.entries == 1
