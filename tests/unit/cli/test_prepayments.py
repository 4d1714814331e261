import pytest

from tests.builders import a_client, an_account
from tests.terminal import ME, Terminal
from tests.world import World


@pytest.fixture(autouse=True)
def _acme(world: World) -> None:
    world.having(an_account(id=ME), a_client(account_id=ME))


def test_what_came_in_advance_is_recorded_and_what_is_left_is_told(invoicely: Terminal) -> None:
    invoicely("clients", "prepay", "Acme GmbH", "10")

    ended = invoicely("clients", "prepay", "acme gmbh", "40.50", "--on", "2026-10-27")

    assert ended.lines[0].startswith("Recorded 40.50 EUR from Acme GmbH in advance  (pre_")
    assert ended.lines[1] == "  50.50 EUR is left for the next invoice"


def test_it_is_listed_and_taken_back(invoicely: Terminal) -> None:
    assert invoicely("clients", "prepayments", "Acme GmbH").err == "Acme GmbH has paid nothing in advance.\n"
    prepayment = invoicely("clients", "prepay", "Acme GmbH", "40", "--json").json["id"]

    back = invoicely("clients", "take-back", prepayment)

    assert back.lines == ["Took back 40.00 EUR from Acme GmbH.", "  0.00 EUR is left for the next invoice"]
    listed = invoicely("clients", "prepayments", "Acme GmbH", "--json").json
    assert sorted(each["amount"] for each in listed) == [-4_000, 4_000]


def test_a_fraction_that_the_currency_has_not_is_refused(invoicely: Terminal) -> None:
    ended = invoicely("clients", "prepay", "Acme GmbH", "1.005")

    assert (ended.code, "more decimal places than EUR" in ended.err) == (2, True)


def test_an_amount_is_never_below_nothing(invoicely: Terminal) -> None:
    minus, nothing = (invoicely("clients", "prepay", "Acme GmbH", amount) for amount in ("-5", "0"))

    told = "-5 is no option, and no amount is below 0: leave out the minus"
    assert (minus.code, told in minus.err) == (2, True)
    assert nothing.err.startswith("error: AMOUNT: must be between 0.01 EUR and")


def test_no_more_is_refunded_than_is_left(invoicely: Terminal) -> None:
    invoicely("clients", "prepay", "Acme GmbH", "40")

    ended = invoicely("clients", "refund", "Acme GmbH", "--amount", "41")

    assert (ended.code, ended.err.startswith("error: no more than 40.00 EUR of what")) == (5, True)


def test_what_is_left_is_refunded_and_the_refund_taken_back(invoicely: Terminal) -> None:
    invoicely("clients", "prepay", "Acme GmbH", "40")

    ended = invoicely("clients", "refund", "Acme GmbH", "--amount", "15", "--reference", "Transfer 4712")

    assert ended.lines[0].startswith("Recorded 15.00 EUR as refunded to Acme GmbH  (pre_")
    assert ended.lines[1] == "  25.00 EUR is left for the next invoice"
    refund = ended.lines[0].rpartition("(")[2].removesuffix(")")
    back = invoicely("clients", "take-back", refund)
    assert back.lines[0] == "Took back 15.00 EUR of the refund to Acme GmbH."
    assert "refund" in invoicely("clients", "prepayments", "Acme GmbH").out
