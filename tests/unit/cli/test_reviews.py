import datetime as dt
from decimal import Decimal

import pytest

from domain.invoices import Invoice
from domain.tax import Tax, TaxCategory
from tests.builders import a_client, a_work_entry, an_account
from tests.terminal import ME, Terminal
from tests.world import World

TODAY = dt.date(2026, 10, 28)
CLIENT = a_client(account_id=ME, review_days=3)


@pytest.fixture
def invoice(world: World) -> Invoice:
    """An invoice of today that waits for a person."""
    world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT))
    return world.issue(world.bill(CLIENT, day=TODAY).id, client=CLIENT, day=TODAY)


def test_holds_an_invoice_and_shows_it(invoicely: Terminal, invoice: Invoice) -> None:
    ended = invoicely("invoices", "review", invoice.id, "hold")

    assert ended.code == 0
    assert ended.out.splitlines()[0] == f"{invoice.id} waits until it is sent or skipped."
    shown = invoicely("invoices", "show", invoice.id).lines
    assert shown[0] == f"No number yet, to Acme GmbH  ({invoice.id}, in review)"
    assert shown[2] == f"  held in review by a person: invoicely invoices review {invoice.id} send|skip"


def test_shows_until_when_an_invoice_is_in_review(invoicely: Terminal, invoice: Invoice) -> None:
    shown, pdf = (invoicely("invoices", verb, invoice.id) for verb in ("show", "pdf"))

    until = "in review until 2026-10-31 13:00 Europe/Berlin, then it is numbered and mailed"
    told = f"{until}; invoicely invoices review {invoice.id} send|hold|skip"
    assert shown.lines[2] == f"  {told}"
    assert (pdf.code, pdf.errors) == (3, [f"error: there is no PDF of {invoice.id}: {told}"])


def test_skips_an_invoice(invoicely: Terminal, invoice: Invoice) -> None:
    assert invoicely("invoices", "review", invoice.id, "skip", "--json").json["state"] == "skipped"
    shown = invoicely("invoices", "show", invoice.id).lines

    assert shown[0] == f"No number yet, to Acme GmbH  ({invoice.id}, skipped)"
    again = f"invoicely invoices review {invoice.id} reopen"
    assert shown[2] == f"  a person skipped it, and it is not made; {again} makes it after all"


def test_mends_a_held_invoice_whose_work_has_a_wrong_tax(invoicely: Terminal, world: World) -> None:
    client = a_client(account_id=ME, tax=Tax(rate=Decimal(19)))
    entry = a_work_entry(client=client, tax=Tax(category=TaxCategory.REVERSE_CHARGE))
    world.having(an_account(id=ME), client, entry)
    held = world.issue(world.bill(client, day=TODAY).id, client=client, day=TODAY)

    shown = invoicely("invoices", "show", held.id).out
    skip, reopen = f"invoicely invoices review {held.id} skip", f"invoicely invoices review {held.id} reopen"
    assert f"    or, where the tax of {entry.id} is wrong, correct it after\n    {skip}\n" in shown
    assert f"    and then: {reopen}\n" in shown

    invoicely(*skip.split()[1:])
    world.issue(held.id, client=client, day=TODAY)
    ended = invoicely(*reopen.split()[1:])
    assert ended.out.splitlines()[0] == f"{held.id} takes its work again, and goes on by itself."


def test_decides_nothing_twice(invoicely: Terminal, invoice: Invoice) -> None:
    invoicely("invoices", "review", invoice.id, "send")

    ended = invoicely("invoices", "review", invoice.id, "hold")

    assert (ended.code, "sealed, not in review" in ended.err) == (5, True)


def test_a_run_ends_the_reviews_that_are_over(invoicely: Terminal, invoice: Invoice) -> None:
    early = invoicely("invoices", "run", "--as-of", "2026-10-31T06:00:00Z")
    late = invoicely("invoices", "run", "--as-of", "2026-10-31T12:00:00Z")

    assert early.out == "Nothing was due.\n"
    assert f"The review of {invoice.id} is over." in late.out


def test_says_how_long_the_invoices_of_a_client_wait(invoicely: Terminal, invoice: Invoice) -> None:
    ended = invoicely("clients", "change", CLIENT.id, "--review-days", "5")

    assert "  5 days of review" in ended.out
