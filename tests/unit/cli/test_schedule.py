import pytest

from tests.builders import a_client, an_account
from tests.terminal import ME, Terminal
from tests.world import World


@pytest.fixture
def acme(world: World) -> World:
    """An account with one client, Acme GmbH; today is 28 October."""
    return world.having(an_account(id=ME), a_client(account_id=ME))


def test_explains_when_invoices_come(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("schedule", "explain", "acme gmbh", "--months", "5")

    assert ended.code == 0
    assert ended.out.splitlines()[:5] == [
        "Sat 2026-10-31  for 2026-10-01 to 2026-10-30",
        "    day 31 of the month",
        "    08:00 in Europe/Berlin (UTC+0100) is 07:00 UTC",
        "    billing starts on 2026-10-01",
        "    up to the day before the invoice day",
    ]
    assert "    day 31, but February 2027 has 28 days" in ended.out.splitlines()


def test_explains_it_to_programs(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("schedule", "explain", "Acme GmbH", "--json")

    assert [each["due_on"] for each in ended.json["days"]][:2] == ["2026-10-31", "2026-11-30"]


def test_says_why_no_invoice_comes(invoicely: Terminal, acme: World) -> None:
    invoicely("clients", "archive", "Acme GmbH")

    ended = invoicely("schedule", "explain", "Acme GmbH", "--months", "1")

    assert ended.out.splitlines() == [
        "Mind: it is archived: no invoice is made.",
        "No invoice comes up to 2026-11-28.",
    ]


def test_skips_the_next_invoice_day_and_takes_that_back(invoicely: Terminal, acme: World) -> None:
    skipped = invoicely("clients", "skip", "Acme GmbH")
    undone = invoicely("clients", "skip", "Acme GmbH", "--undo", "--json")

    assert "next invoice 2026-11-30 · 2026-10-31 is skipped" in skipped.out
    assert undone.json["next_due_on"] == "2026-10-31"


def test_ends_the_billing_and_lets_it_go_on(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("clients", "change", "Acme GmbH", "--billing-ends-on", "2027-03-15")
    going_on = invoicely("clients", "change", "Acme GmbH", "--clear", "billing_ends_on")

    assert "billing ends on 2027-03-15" in ended.out
    assert "billing ends" not in going_on.out


def test_charges_a_fixed_amount_each_month_and_ends_it(invoicely: Terminal, acme: World) -> None:
    given = ("--description", "Support", "--amount", "500", "--first-month", "2026-11")
    added = invoicely("clients", "retain", "Acme GmbH", "support", *given)
    ended = invoicely("clients", "retain", "Acme GmbH", "support", "--last-month", "2027-03", "--json")

    assert "  retainer support: 500.00 EUR a month from 2026-11 · Support" in added.out
    assert ended.json["retainers"] == [
        {
            "key": "support",
            "description": "Support",
            "amount": "500",
            "first_month": "2026-11",
            "last_month": "2027-03",
        }
    ]


def test_a_retainer_that_lacks_something_is_refused_by_its_flag(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("clients", "retain", "Acme GmbH", "support", "--amount", "500")

    assert ended.code == 2
    assert "--description" in ended.err
    assert "--first-month" in ended.err
