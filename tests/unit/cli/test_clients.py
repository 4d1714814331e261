import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from domain.calendar import BillingPeriod
from domain.clients import ClientStatus
from domain.documents import Grouping
from domain.fates import Fate, Returned
from domain.identifiers import client_id
from domain.retainers import Retainer
from domain.tax import Tax
from domain.totals import Adjustment
from tests.builders import ACME, UMBRELLA, a_client, an_account
from tests.terminal import ME, Terminal
from tests.world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def acme(world: World) -> World:
    """An account with one client, Acme GmbH."""
    return world.having(an_account(id=ME), a_client(account_id=ME))


def test_adds_a_client_that_takes_over_what_is_not_said(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    place = ("--street", "Hauptstr. 1", "--city", "Wien", "--country", "AT")
    when = ("--invoice-day", "last", "--billing-starts-on", "2026-10-01")
    ended = invoicely(
        *("clients", "add", "--name", "Neu", "--email", "neu@example.com", "--hourly-rate", "92.50"),
        *(*place, *when, "--tax-name", "USt.", "--tax-rate", "20", "--json"),
    )

    [client] = world.clients.list(account_id=ME).items
    assert ended.code == 0
    assert ended.json["id"] == client.id
    assert ended.json["due_at"] == "2026-10-31T07:00:00Z"
    assert (client.currency, client.time_zone, client.invoice_day) == ("EUR", "Europe/Berlin", "last")
    assert client.tax
    assert (client.tax.name, str(client.tax.rate)) == ("USt.", "20")


@pytest.mark.parametrize("name", ["suessmilch", "hudson", "midori"])
def test_adds_the_clients_of_the_examples(invoicely: Terminal, world: World, name: str) -> None:
    world.having(an_account(id=ME))

    assert invoicely("clients", "add", "--from", ROOT / f"examples/clients/{name}.toml").code == 0


def test_adds_no_client_without_an_account(invoicely: Terminal) -> None:
    assert invoicely("clients", "add", "--name", "Neu").code == 3


def test_tells_by_flag_what_is_wrong_with_a_client(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    example = ROOT / "examples/clients/hudson.toml"
    ended = invoicely("clients", "add", "--from", example, "--hourly-rate", "-1", "--invoice-day", "32")

    assert ended.code == 2
    assert [line.split(":")[1].strip() for line in ended.errors] == ["--hourly-rate", "--invoice-day"]


def test_tells_by_flag_what_an_address_needs(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    ended = invoicely("clients", "add", "--name", "Neu", "--email", "neu@example.com", "--hourly-rate", "90")

    assert "error: --street, --city, --country: field required" in ended.errors


@pytest.mark.parametrize(
    ("flag", "value", "told"),
    [
        ("--billing-starts-on", "01.10.2026", "01.10.2026 is no date; give one such as 2026-10-31"),
        ("--grouping", "week", "error: --grouping: must be one of entry, day, project"),
        ("--round-to", "0.07", "error: --round-to: must be a coin or note that there is"),
    ],
)
def test_says_what_would_be_right(invoicely: Terminal, acme: World, flag: str, value: str, told: str) -> None:
    ended = invoicely("clients", "change", ACME, flag, value)

    assert (ended.code, len(ended.errors), told in ended.err) == (2, 1, True)


@pytest.mark.parametrize("said", ["Acme", "acme gmhb", "ACME GMBH & Co."])
def test_suggests_the_name_that_is_like_what_was_said(invoicely: Terminal, acme: World, said: str) -> None:
    ended = invoicely("clients", "show", said)

    assert ended.errors == [f'error: there is no client "{said}"; did you mean Acme GmbH?']


def test_suggests_no_name_that_is_another(invoicely: Terminal, acme: World) -> None:
    assert "invoicely clients list shows them" in invoicely("clients", "show", "Umbrella").err


def test_lists_clients_by_name_and_the_archived_last(invoicely: Terminal, acme: World) -> None:
    gone = a_client(account_id=ME, id=UMBRELLA, name="Aperture", status=ClientStatus.ARCHIVED)
    other = a_client(account_id=ME, id=client_id("zed0000000000000"), name="みどり文庫")
    acme.having(gone, other)

    shown, plain = invoicely("clients", "list"), invoicely("clients", "list", "--json").json

    assert [client["name"] for client in plain] == ["Acme GmbH", "みどり文庫", "Aperture"]
    assert [line.split("  ")[0] for line in shown.lines[2:]] == ["Acme GmbH", "みどり文庫", "Aperture"]


def test_lists_a_client_whose_mail_comes_back_as_one(invoicely: Terminal, world: World) -> None:
    at = dt.datetime(2026, 10, 31, 9, tzinfo=dt.UTC)
    returned = Returned(fate=Fate.BOUNCED, recipient="billing@acme.example", reason="unknown", at=at)
    world.having(an_account(id=ME), a_client(account_id=ME, undeliverable=returned))

    assert invoicely("clients", "list").lines[2].endswith("active, mail comes back")


def test_says_so_where_there_are_no_clients(invoicely: Terminal) -> None:
    shown, plain = invoicely("clients", "list"), invoicely("clients", "list", "--json")

    assert (shown.code, shown.out, "invoicely clients add" in shown.err) == (0, "", True)
    assert plain.json == []


@pytest.mark.parametrize("said", [ACME, "Acme GmbH", "acme  gmbh"])
def test_finds_a_client_by_id_or_name(invoicely: Terminal, acme: World, said: str) -> None:
    assert invoicely("clients", "show", said, "--json").json["id"] == ACME


@pytest.mark.parametrize("said", ["Acme", "cli_0000000000000000", "cli_1"])
def test_a_client_that_is_not_there_is_not_found(invoicely: Terminal, acme: World, said: str) -> None:
    ended = invoicely("clients", "show", said)

    assert (ended.code, len(ended.errors)) == (3, 1)


def test_asks_which_of_two_clients_with_one_name_is_meant(invoicely: Terminal, acme: World) -> None:
    acme.having(a_client(account_id=ME, id=UMBRELLA, name="ACME GmbH"))

    ended = invoicely("clients", "show", "acme gmbh")

    assert ended.code == 3
    assert ACME in ended.err
    assert UMBRELLA in ended.err


def test_changes_only_what_is_given(invoicely: Terminal, acme: World) -> None:
    ended = invoicely(
        "clients", "change", ACME, "--hourly-rate", "120", "--invoice-day", "15", "--city", "Ulm"
    )

    client = acme.clients.get(account_id=ME, client_id=ACME)
    assert ended.code == 0
    assert (str(client.hourly_rate), client.invoice_day, client.address.city) == ("120", 15, "Ulm")
    assert (client.name, client.next_due_on) == ("Acme GmbH", dt.date(2026, 10, 15))


def test_a_currency_cannot_change(invoicely: Terminal, acme: World) -> None:
    assert invoicely("clients", "change", ACME, "--currency", "USD").code == 5


@pytest.mark.parametrize(
    ("verb", "status"), [("pause", ClientStatus.PAUSED), ("archive", ClientStatus.ARCHIVED)]
)
def test_a_client_is_stopped_and_resumed(
    invoicely: Terminal, acme: World, verb: str, status: ClientStatus
) -> None:
    stopped = invoicely("clients", verb, ACME)
    after = acme.clients.get(account_id=ME, client_id=ACME).status
    resumed = invoicely("clients", "resume", ACME, "--json").json

    assert (after, stopped.lines[-1]) == (
        status,
        "  invoice day 31 · no invoices · billing starts on 2026-10-01",
    )
    assert (resumed["status"], resumed["next_due_on"]) == ("active", "2026-10-31")


def test_changes_how_a_client_is_charged(invoicely: Terminal, acme: World) -> None:
    ended = invoicely(
        *(
            "clients",
            "change",
            ACME,
            "--prices-include-tax",
            "--round-to",
            "0.05",
            "--adjustment",
            "-3% early",
        ),
        *("--tax-category", "K", "--tax-rate", "0", "--tax-reason", "Art. 138"),
    )

    client = acme.clients.get(account_id=ME, client_id=ACME)
    assert (ended.code, client.prices_include_tax, str(client.round_to)) == (0, True, "0.05")
    assert [(each.reason, str(each.percent)) for each in client.adjustments] == [("early", "3")]
    assert "no tax, category K: Art. 138" in ended.out


def test_says_what_a_client_refers_to_until_that_is_taken_away(invoicely: Terminal, acme: World) -> None:
    said = ("--buyer-reference", "04011000-06", "--order-reference", "4500012345")
    ended = invoicely("clients", "change", ACME, *said)

    assert ended.lines[-1] == "  reference 04011000-06 · order 4500012345"
    assert invoicely("clients", "change", ACME, "--clear", "buyer_reference").lines[-1] == (
        "  order 4500012345"
    )
    assert acme.clients.get(account_id=ME, client_id=ACME).buyer_reference is None


def test_shows_all_that_is_set_of_a_client(invoicely: Terminal, acme: World) -> None:
    retainer = Retainer(key="care", description="Support", amount=Decimal(500), first_month="2026-11")
    client = a_client(
        account_id=ME,
        name="Everything",
        id=UMBRELLA,
        tax_id="DE136695976",
        prices_include_tax=True,
        round_to=Decimal("0.05"),
        adjustments=(
            Adjustment(reason="loyal", percent=Decimal(3)),
            Adjustment(reason="travel", amount=Decimal(25), is_charge=True),
        ),
        grouping=Grouping.DAY,
        timesheet=True,
        billing_period=BillingPeriod.PREVIOUS_MONTH,
        review_days=2,
        retainers=(retainer,),
        prepaid=40_00,
    )
    acme.having(client)

    assert invoicely("clients", "show", "everything").lines == [
        f"Everything  ({UMBRELLA}, active)",
        "  billing@acme.example · Invalidenstrasse 1, 10115 Berlin, DE · tax id DE136695976",
        "  100.00 EUR an hour, the tax included · no tax of its own; the account's: no tax, category O",
        "  allowance of 3 % on each invoice: loyal",
        "  charge of 25.00 EUR on each invoice: travel",
        "  14 days to pay · en · Europe/Berlin · one line a day · with timesheet · pays in steps of 0.05 EUR",
        "  40.00 EUR paid in advance, for the next invoice",
        "  invoice day 31 · next invoice 2026-11-30 · billing starts on 2026-10-01 · for the month before",
        "  2 days of review",
        "  retainer care: 500.00 EUR a month from 2026-11 · Support",
    ]


def test_names_the_tax_that_a_client_has_from_the_account(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME, tax=Tax(name="USt.", rate=Decimal(19))), a_client(account_id=ME))

    assert "no tax of its own; the account's: USt. 19 %" in invoicely("clients", "show", ACME).out
