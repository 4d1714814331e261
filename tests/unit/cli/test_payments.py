import datetime as dt

import pytest

from domain.invoices import Invoice
from tests.builders import UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.terminal import ME, Terminal
from tests.world import World

DUE = dt.date(2026, 10, 31)
CLIENT = a_client(account_id=ME)
INVOICE = an_invoice_id()


@pytest.fixture
def issued(world: World) -> Invoice:
    other = a_client(account_id=ME, id=UMBRELLA, name="Umbrella")
    world.having(an_account(id=ME), CLIENT, other, a_work_entry(client=CLIENT))
    world.tick(DUE)
    return world.issue(INVOICE, client=CLIENT, day=DUE)


def test_a_part_is_recorded_and_what_is_left_is_told(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "pay", "2026-0001", "--amount", "25.50", "--on", "2026-10-27")

    assert ended.code == 0
    assert ended.lines[0] == "Recorded 25.50 EUR for 2026-0001: 74.50 EUR is outstanding."
    assert "invoices take-back pay_" in ended.lines[1]


def test_all_that_is_outstanding_is_paid_where_nothing_is_said(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "pay", INVOICE)

    assert ended.lines[0] == "Recorded 100.00 EUR for 2026-0001: it is paid."


def test_too_much_is_told(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "pay", INVOICE, "--amount", "120")

    assert ended.lines[0] == "Recorded 120.00 EUR for 2026-0001: 20.00 EUR came too much."


def test_payments_are_listed_and_taken_back(invoicely: Terminal, issued: Invoice) -> None:
    assert invoicely("invoices", "payments", INVOICE).err == "Nothing came for 2026-0001 yet.\n"
    paid = invoicely("invoices", "pay", INVOICE, "--reference", "Transfer 4711", "--json").json

    back = invoicely("invoices", "take-back", paid["id"])

    assert back.lines == ["Took back 100.00 EUR of 2026-0001: 100.00 EUR is outstanding."]
    listed = invoicely("invoices", "payments", INVOICE).out
    assert ("Transfer 4711" in listed, "-100.00 EUR" in listed) == (True, True)
    assert [each["amount"] for each in invoicely("invoices", "payments", INVOICE, "--json").json] in (
        [10_000, -10_000],
        [-10_000, 10_000],
    )


def test_invoices_are_listed_by_client_state_and_payment(invoicely: Terminal, issued: Invoice) -> None:
    def found(*said: str) -> list[str]:
        return [each["id"] for each in invoicely("invoices", "list", *said, "--json").json]

    assert found("--client", "acme gmbh", "--state", "issued", "--payment", "unpaid") == [INVOICE]
    assert found("--payment", "overdue") == found("--state", "empty") == []
    assert len(found()) == 2


def test_the_list_shows_what_is_outstanding(invoicely: Terminal, issued: Invoice) -> None:
    invoicely("invoices", "pay", INVOICE, "--amount", "40")

    shown = invoicely("invoices", "list", "--state", "issued").out

    assert "60.00 EUR" in shown
    assert "partly paid" in shown


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (("--amount", "x"), 2, "is no amount; give one such as 500 or 1249.50"),
        (("--amount", "1.005"), 2, "more decimal places than EUR"),
        (("--amount", "0"), 2, "error: --amount: must be between 0.01 EUR and 100,000,000,000.00 EUR"),
        (("--amount", "1,50"), 2, "1,50 is no amount; use a point: 1.50"),
        (("--on", "2030-01-01"), 2, "error: --on: must not be after today"),
    ],
)
def test_what_is_no_payment_is_refused(
    invoicely: Terminal, issued: Invoice, said: tuple[str, ...], code: int, told: str
) -> None:
    ended = invoicely("invoices", "pay", INVOICE, *said)

    assert ended.code == code
    assert told in ended.err


def test_what_is_too_much_is_refunded_and_the_refund_taken_back(invoicely: Terminal, issued: Invoice) -> None:
    invoicely("invoices", "pay", INVOICE, "--amount", "120")

    part = invoicely("invoices", "refund", INVOICE, "--amount", "5")
    rest = invoicely("invoices", "refund", INVOICE, "--json").json
    refused = invoicely("invoices", "refund", INVOICE)
    back = invoicely("invoices", "take-back", rest["id"])

    assert part.lines[0] == "Recorded 5.00 EUR of 2026-0001 as refunded: 15.00 EUR came too much."
    assert "invoices take-back pay_" in part.lines[1]
    assert (rest["amount"], refused.code != 0, "nothing of" in refused.err) == (-1_500, True, True)
    assert back.lines == ["Took back 15.00 EUR of 2026-0001: 15.00 EUR came too much."]
    assert "refund" in invoicely("invoices", "payments", INVOICE).out
