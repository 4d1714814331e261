import datetime as dt
from dataclasses import replace

import pytest

from domain.errors import TryAgainLaterError
from domain.identifiers import reminder_id
from domain.invoices import Invoice
from tests.builders import ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.terminal import ME, Terminal
from tests.world import World

DUE = dt.date(2026, 10, 31)
CLIENT = a_client(account_id=ME)
INVOICE = an_invoice_id()
REMINDER = reminder_id(INVOICE, 1)


@pytest.fixture
def unpaid(world: World) -> Invoice:
    """To be paid by 14 November, and reminded of 7 and 21 days later."""
    world.having(replace(an_account(id=ME), reminder_days=(7, 21)), CLIENT, a_work_entry(client=CLIENT))
    world.tick(DUE)
    return world.issue(INVOICE, client=CLIENT, day=DUE)


def test_what_is_due_is_recorded_once(invoicely: Terminal, unpaid: Invoice, world: World) -> None:
    ended = invoicely("invoices", "remind", "--as-of", "2026-11-21")
    again = invoicely("invoices", "remind", "--as-of", "2026-11-21")

    assert (ended.code, again.code) == (0, 0)
    assert ended.lines[0] == f"Reminder 1 of {INVOICE} is recorded; its mail goes out by itself."
    assert again.lines == ["Nothing was due."]
    assert world.reminders.get(account_id=ME, reminder_id=REMINDER).days == 7


def test_programs_are_told_of_what_was_recorded(invoicely: Terminal, unpaid: Invoice) -> None:
    ended = invoicely("invoices", "remind", "--as-of", "2026-11-21T07:00:00Z", "--json")

    assert ended.json == {"reminders": [REMINDER], "failed": []}


@pytest.mark.parametrize("instant", ["2026-11-20", "2026-11-21T06:59:59Z"])
def test_nothing_is_recorded_before_it_is_due(invoicely: Terminal, unpaid: Invoice, instant: str) -> None:
    ended = invoicely("invoices", "remind", "--as-of", instant)

    assert (ended.code, ended.lines) == (0, ["Nothing was due."])


def test_the_invoices_of_other_accounts_are_left_alone(invoicely: Terminal, world: World) -> None:
    other = a_client(account_id=ADA)
    world.having(replace(an_account(), reminder_days=(7,)), an_account(id=ME))
    world.having(other, a_work_entry(client=other))
    world.tick(DUE)
    world.issue(INVOICE, client=other, day=DUE)

    ended = invoicely("invoices", "remind", "--as-of", "2026-11-21")

    assert ended.lines == ["Nothing was due."]
    assert world.remind(dt.date(2026, 11, 21)).reminders == (REMINDER,)


def test_tells_what_failed(invoicely: Terminal, unpaid: Invoice, store: Store) -> None:
    def fail(step: Step) -> None:
        if step == Step("reminders.record", Moment.BEFORE, commits=True):
            raise TryAgainLaterError("throttled")

    store.hook = fail
    ended = invoicely("invoices", "remind", "--as-of", "2026-11-21")

    assert (ended.code, ended.lines) == (1, [f"{INVOICE} failed: TryAgainLaterError: throttled."])
