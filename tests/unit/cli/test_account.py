import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.parties import Contact
from tests.builders import an_account
from tests.fakes import Step, Store
from tests.terminal import ME, Terminal
from tests.world import World

ROOT = Path(__file__).parents[3]

PLACE = ["--street", "Ritterstr. 1", "--city", "Berlin", "--country", "DE"]
WHO = ["--name", "Ada", "--email", "ada@example.com", "--currency", "EUR", "--time-zone", "Europe/Berlin"]


def test_an_account_that_was_never_set_is_not_found(invoicely: Terminal) -> None:
    ended = invoicely("account", "show")

    opens = "invoicely account set --from examples/account.toml opens one"
    assert (ended.code, ended.out) == (3, "")
    assert ended.errors == [f"error: there is no account yet: {opens}"]


def test_opens_an_account_by_flags(invoicely: Terminal, world: World) -> None:
    ended = invoicely("account", "set", *WHO, *PLACE, "--json")

    account = world.accounts.get(account_id=ME)
    assert (ended.code, ended.json["id"]) == (0, ME)
    assert account.address
    assert (account.name, account.address.city, account.time_zone) == ("Ada", "Berlin", "Europe/Berlin")


def test_opens_an_account_from_a_file_and_lets_flags_win(invoicely: Terminal, world: World) -> None:
    ended = invoicely("account", "set", "--from", ROOT / "examples/account.toml", "--city", "Potsdam")

    account = world.accounts.get(account_id=ME)
    assert ended.code == 0
    assert account.address
    assert (account.name, account.address.city) == ("Nele Brandt Software", "Potsdam")
    assert account.address.street == "Schönhauser Allee 44"


def test_changes_only_what_is_given(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME, tax_id="DE1"))

    invoicely("account", "set", "--payment-terms-days", "30", "--clear", "tax_id", "--bank-name", "GLS")

    account = world.accounts.get(account_id=ME)
    before = an_account(id=ME)
    assert (account.payment_terms_days, account.tax_id, account.name) == (30, None, before.name)
    assert account.bank
    assert before.bank
    assert (account.bank.bank_name, account.bank.holder) == ("GLS", before.bank.holder)


def test_names_whom_clients_ask_and_takes_it_away(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    said = ("--contact-name", "Nele Brandt", "--telephone", "+49 30 1234567")
    ended = invoicely("account", "set", *said)

    assert world.accounts.get(account_id=ME).contact == Contact(
        name="Nele Brandt", telephone="+49 30 1234567"
    )
    assert "  contact Nele Brandt · +49 30 1234567" in ended.lines
    assert invoicely("account", "set", "--telephone", "none").errors[0].split(":")[1].strip() == "--telephone"
    assert invoicely("account", "set", "--clear", "contact").code == 0
    assert world.accounts.get(account_id=ME).contact is None


def test_shows_the_account(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    shown, plain = invoicely("account", "show"), invoicely("account", "show", "--json").json

    assert shown.lines == [
        f"Ada Lovelace  ({ME})",
        "  ada@example.com · Invalidenstrasse 1, 10115 Berlin, DE",
        "  EUR · Europe/Berlin · en · 14 days to pay",
        "  invoices {year}-{seq:04} · credit notes CN-{year}-{seq:04}",
        "  tax id DE136695976 · no tax, category O",
        "  bank DE02120300000000202051 · BYLADEM1001 · Ada Lovelace",
        "  no reminders",
    ]
    assert plain["address"]["city"] == "Berlin"


def test_tells_by_flag_what_is_missing_or_wrong(invoicely: Terminal, world: World) -> None:
    ended = invoicely("account", "set", *PLACE[:-1], "Germany", "--name", "Ada", "--currency", "EURO")

    assert ended.code == 2
    assert sorted(line.split(":")[1].strip() for line in ended.errors) == [
        "--country",
        "--email",
        "--time-zone",
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.toml", "name = ", "a.toml is no TOML: it cannot be read from its end on"),
        ("a.md", "# Hello\n\nname is Ada", "a.md is no TOML: it cannot be read from line 3 on"),
        ("a.json", "{", "a.json is no JSON: it cannot be read from line 1 on"),
        ("a.json", "[1]", "must hold one object"),
        ("a.toml", b"\xff", "a.toml is no TOML: it is not UTF-8"),
        ("a.toml", "a = " + "[" * 5000, "a.toml is no TOML: it is nested too deep"),
        ("a.json", "[" * 100_000, "a.json is no JSON: it is nested too deep"),
        ("a.json", '{"name": "Ada", "name": "Bob"}', "a.json is no JSON: a name stands twice in one object"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    invoicely: Terminal, tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)

    ended = invoicely("account", "set", "--from", tmp_path / name)

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert told in ended.err


def test_a_mark_of_the_byte_order_is_no_part_of_a_file(invoicely: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b'\xef\xbb\xbfname = "Ada"')

    ended = invoicely("account", "set", "--from", tmp_path / "a.toml")

    assert "--name" not in ended.err


def test_a_file_that_is_not_there_is_told(invoicely: Terminal, tmp_path: Path) -> None:
    ended = invoicely("account", "set", "--from", tmp_path / "none.toml")

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "No such file" in ended.err


def test_reads_json_as_well(invoicely: Terminal, world: World, tmp_path: Path) -> None:
    world.having(an_account(id=ME))
    (tmp_path / "change.json").write_text(json.dumps({"language": "de"}))

    invoicely("account", "set", "--from", tmp_path / "change.json")

    assert world.accounts.get(account_id=ME).language == "de"


def test_says_how_a_small_business_gets_rid_of_a_tax(invoicely: Terminal) -> None:
    invoicely("account", "set", *WHO, *PLACE, "--tax-rate", "19")

    refused = invoicely("account", "set", "--small-business")
    done = invoicely("account", "set", "--small-business", "--clear", "tax")

    assert "take this one away (null, or --clear tax)" in refused.err
    assert (refused.code, done.code) == (2, 0)


def test_says_that_one_is_a_small_business(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    ended = invoicely("account", "set", "--small-business")

    assert world.accounts.get(account_id=ME).small_business
    assert "Kleinunternehmerregelung" in ended.out


def test_tells_by_flag_which_iban_nobody_has(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    ended = invoicely("account", "set", "--account-number", "DE02120300000000202052", "--tax-id", "DE1")

    assert ended.code == 2
    assert [line.split(":")[1].strip() for line in ended.errors] == ["--tax-id", "--account-number"]


def test_overwrites_nothing_that_was_changed_meanwhile(
    invoicely: Terminal, world: World, store: Store
) -> None:
    world.having(an_account(id=ME))

    def another_is_faster(step: Step) -> None:
        if step.call == "accounts.update":
            store.hook = lambda _: None
            world.accounts.update(account_id=ME, change=lambda account: replace(account, language="fr"))

    store.hook = another_is_faster
    ended = invoicely("account", "set", "--city", "Potsdam")

    assert (ended.code, world.accounts.get(account_id=ME).language) == (5, "fr")


def test_puts_reminder_days_in_order_and_takes_none_twice(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    ended = invoicely("account", "set", "--reminder-day", "14", "--reminder-day", "7")
    twice = invoicely("account", "set", "--reminder-day", "7", "--reminder-day", "7")

    assert "  reminders 7, 14 days late" in ended.lines
    assert (twice.code, twice.err.startswith("error: --reminder-day: ")) == (2, True)


def test_names_the_categories_of_tax_that_there_are(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME))

    ended = invoicely("account", "set", "--tax-category", "X", "--tax-rate", "19")

    assert ended.errors == ["error: --tax-category: must be one of S, Z, E, AE, K, G, O"]
