import datetime as dt
from decimal import Decimal

import pytest

from domain.clients import ClientStatus
from domain.tax import Tax, TaxCategory
from domain.work import WorkEntry
from tests.builders import ACME, UMBRELLA, a_client, a_work_entry
from tests.terminal import ME, Terminal
from tests.world import World

CLIENT = a_client(account_id=ME)


@pytest.fixture
def acme(world: World) -> World:
    """An account with one client, Acme GmbH."""
    return world.having(CLIENT)


@pytest.fixture
def entry(acme: World) -> WorkEntry:
    """An hour of work for Acme GmbH."""
    entry = a_work_entry(client=CLIENT, project="Engine", tags=("maths",))
    acme.having(entry)
    return entry


def stored(world: World, work_id: str) -> WorkEntry:
    [found] = [
        entry
        for entry in world.work.list(account_id=ME, since=dt.date.min, until=dt.date.max).items
        if entry.id == work_id
    ]
    return found


def test_logs_work_of_today(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("work", "log", "Planning", "--client", "Acme GmbH", "--duration", "1:30", "--json")

    entry = stored(acme, ended.json["id"])
    assert (entry.date, entry.minutes, entry.amount) == (dt.date(2026, 10, 28), 90, 15_000)


def test_logs_everything_that_can_be_said(invoicely: Terminal, acme: World) -> None:
    ended = invoicely(
        *("work", "log", "Manual", "--client", ACME, "--date", "2026-10-02", "--project", "Docs", "--json"),
        *(
            "--quantity",
            "12.5",
            "--unit",
            "page",
            "--rate",
            "8",
            "--tag",
            "a",
            "--tag",
            "b",
            "--not-billable",
        ),
    )

    entry = stored(acme, ended.json["id"])
    assert (entry.date, entry.quantity, entry.unit) == (dt.date(2026, 10, 2), Decimal("12.5"), "page")
    assert (entry.rate, entry.project, entry.tags, entry.billable) == (Decimal(8), "Docs", ("a", "b"), False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--duration"),
        (("--duration", "1:00", "--quantity", "2", "--unit", "page"), "--quantity"),
        (("--quantity", "2", "--unit", "page"), "--rate"),
        (("--duration", "1:00", "--rate", "-1"), "--rate"),
        (("--duration", "1:00", "--adjustment", "-200 loyal"), "--adjustment"),
    ],
)
def test_tells_by_flag_what_is_wrong_with_work(
    invoicely: Terminal, acme: World, arguments: tuple[str, ...], told: str
) -> None:
    ended = invoicely("work", "log", "Planning", "--client", ACME, *arguments)

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert ended.err.startswith(f"error: {told}: ")


@pytest.mark.parametrize("duration", ["1", "90", "1:75", "abc", "-1h", "1.5", "h"])
def test_a_duration_that_could_mean_anything_is_refused(
    invoicely: Terminal, acme: World, duration: str
) -> None:
    ended = invoicely("work", "log", "Planning", "--client", ACME, "--duration", duration)

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "1:30, 90m, 1h30 or 1.5h" in ended.err


def test_says_that_work_before_billing_starts_comes_on_no_invoice(invoicely: Terminal, acme: World) -> None:
    said = ("work", "log", "Planning", "--client", ACME, "--duration", "1h", "--date")

    early, first = invoicely(*said, "2026-09-30"), invoicely(*said, "2026-10-01")
    unpaid = invoicely(*said, "2026-09-30", "--not-billable")

    told = "note: billing of Acme GmbH starts on 2026-10-01: this work is counted, but comes on no invoice\n"
    assert (early.code, early.err, first.err, unpaid.err) == (0, told, "", "")


@pytest.mark.parametrize("duration", ["25h", "1441m", "24:01", "0m"])
def test_a_duration_is_of_a_day_at_most(invoicely: Terminal, acme: World, duration: str) -> None:
    ended = invoicely("work", "log", "Planning", "--client", ACME, "--duration", duration)

    assert (ended.code, "give at least 1m and at most 24h" in ended.err) == (2, True)


@pytest.mark.parametrize("duration", ["1:30", "90m", "90min", "1h30", "1h30m", "1.5h", "1H 30m"])
def test_a_duration_can_be_said_in_several_ways(invoicely: Terminal, acme: World, duration: str) -> None:
    ended = invoicely("work", "log", "Planning", "--client", ACME, "--duration", duration, "--json")

    assert ended.json["minutes"] == 90


def test_logs_no_work_for_an_archived_client(invoicely: Terminal, world: World) -> None:
    world.having(a_client(account_id=ME, status=ClientStatus.ARCHIVED))

    assert invoicely("work", "log", "Planning", "--client", ACME, "--duration", "1h").code == 5


def test_logs_no_work_for_a_client_that_is_not_there(invoicely: Terminal) -> None:
    assert invoicely("work", "log", "Planning", "--client", "Nobody", "--duration", "1h").code == 3


def test_lists_the_work_of_this_month(invoicely: Terminal, entry: WorkEntry, acme: World) -> None:
    acme.having(a_work_entry("september0000000", client=CLIENT, date=dt.date(2026, 9, 30)))

    shown, plain = invoicely("work", "list"), invoicely("work", "list", "--json").json

    assert [each["id"] for each in plain] == [entry.id]
    assert shown.lines[2].split() == [
        *("2026-10-05", "Acme", "GmbH", "Analytical", "engine", "1:00", "h", "100.00", "EUR", entry.id)
    ]


def test_lists_the_work_between_two_days(invoicely: Terminal, entry: WorkEntry) -> None:
    assert invoicely("work", "list", "--since", "2026-10-05", "--until", "2026-10-05", "--json").json
    assert invoicely("work", "list", "--since", "2026-10-06").err == (
        "There is no work from 2026-10-06 to 2026-10-31.\n"
    )
    assert invoicely("work", "list", "--until", "2025-02-10").err == (
        "There is no work from 2025-02-01 to 2025-02-10.\n"
    )


def test_days_that_stand_the_wrong_way_round_are_refused(invoicely: Terminal) -> None:
    ended = invoicely("work", "list", "--since", "2026-10-02", "--until", "2026-10-01")

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "--since 2026-10-02 comes after --until 2026-10-01" in ended.err


def test_lists_the_work_for_one_client(invoicely: Terminal, entry: WorkEntry, acme: World) -> None:
    other = a_client(account_id=ME, id=UMBRELLA, name="Umbrella")
    pages = a_work_entry("pages00000000000", client=other, quantity=Decimal(3), billable=False)
    acme.having(other, pages)

    shown = invoicely("work", "list", "--client", "umbrella")

    assert shown.lines[2].split()[1:] == [
        "Umbrella",
        "Analytical",
        "engine",
        "3",
        "page",
        "not",
        "billable",
        pages.id,
    ]
    assert len(shown.lines) == 3


def test_a_date_that_is_none_is_refused(invoicely: Terminal) -> None:
    ended = invoicely("work", "list", "--since", "31.10.2026")

    assert (ended.code, len(ended.errors)) == (2, 1)


def test_edits_only_what_is_given(invoicely: Terminal, entry: WorkEntry, acme: World) -> None:
    ended = invoicely(
        "work", "edit", entry.id, "--description", "Engine", "--clear", "tags", "--duration", "2h"
    )

    edited = stored(acme, entry.id)
    assert ended.code == 0
    assert (edited.description, edited.tags, edited.minutes, edited.project) == ("Engine", (), 120, "Engine")


def test_a_quantity_takes_the_place_of_a_duration_and_back(
    invoicely: Terminal, entry: WorkEntry, acme: World
) -> None:
    invoicely("work", "edit", entry.id, "--quantity", "3", "--unit", "page", "--rate", "10")
    pages = stored(acme, entry.id)
    invoicely("work", "edit", entry.id, "--duration", "1h")
    hours = stored(acme, entry.id)

    assert (pages.minutes, pages.quantity, pages.unit) == (None, Decimal(3), "page")
    assert (hours.minutes, hours.quantity, hours.unit) == (60, None, None)


def test_removes_work(invoicely: Terminal, entry: WorkEntry) -> None:
    removed, again = invoicely("work", "remove", entry.id), invoicely("work", "remove", entry.id, "--json")

    assert (removed.code, removed.out) == (0, f"Removed {entry.id}.\n")
    assert again.json == {"removed": [entry.id]}
    assert invoicely("work", "list", "--json").json == []


@pytest.mark.parametrize("verb", [("remove",), ("edit", "--description", "x")], ids=["remove", "edit"])
def test_work_on_an_invoice_stays_as_it_is(invoicely: Terminal, acme: World, verb: tuple[str, ...]) -> None:
    entry = a_work_entry(client=CLIENT, invoiced_on=dt.date(2026, 10, 31))
    acme.having(entry)

    ended = invoicely("work", verb[0], entry.id, *verb[1:])

    assert (ended.code, len(ended.errors)) == (5, 1)
    assert "inv_acme00000000000020261031" in ended.err


@pytest.mark.parametrize("said", ["wrk_1", "wrk_00000000000000000000000000000000"])
def test_work_that_is_not_there_is_not_found(invoicely: Terminal, acme: World, said: str) -> None:
    assert invoicely("work", "remove", said).code == 3


@pytest.mark.parametrize(
    ("options", "bodies"),
    [
        (["--project", "Engine"], "ab"),
        (["--billed", "yes"], "b"),
        (["--billed", "no"], "a"),
        (["--billed", "no", "--client", ACME, "--project", "Docs"], ""),
    ],
    ids=" ".join,
)
def test_lists_the_work_of_a_project_or_what_is_billed(
    invoicely: Terminal, acme: World, options: list[str], bodies: str
) -> None:
    acme.having(
        a_work_entry("a" * 16, client=CLIENT, project="Engine"),
        a_work_entry("b" * 16, client=CLIENT, project="Engine", invoiced_on=dt.date(2026, 10, 31)),
        a_work_entry("c" * 16, client=CLIENT, billable=False),
    )

    plain = invoicely("work", "list", *options, "--json").json

    assert "".join(entry["id"][-1] for entry in plain) == bodies


def test_logs_work_with_a_tax_allowances_and_charges_of_its_own(invoicely: Terminal, acme: World) -> None:
    ended = invoicely(
        *("work", "log", "Planning", "--client", "Acme GmbH", "--duration", "1:00", "--json"),
        *("--tax-category", "AE", "--tax-rate", "0"),
        *("--adjustment", "-10% loyal for years", "--adjustment", "+12.50 travel"),
    )

    entry = stored(acme, ended.json["id"])
    assert (entry.tax, entry.amount) == (Tax(category=TaxCategory.REVERSE_CHARGE), 102_50)
    assert [(each.reason, each.percent, each.amount) for each in entry.adjustments] == [
        ("loyal for years", Decimal(10), None),
        ("travel", None, Decimal("12.50")),
    ]


def test_takes_the_allowances_of_work_away_again(invoicely: Terminal, entry: WorkEntry, world: World) -> None:
    invoicely("work", "edit", entry.id, "--adjustment", "-10% loyal")
    invoicely("work", "edit", entry.id, "--clear", "adjustments")

    assert stored(world, entry.id).adjustments == ()


@pytest.mark.parametrize("said", ["10% loyal", "-10%", "-ten loyal", "- loyal"])
def test_says_how_an_allowance_is_typed(invoicely: Terminal, acme: World, said: str) -> None:
    ended = invoicely(
        *("work", "log", "Planning", "--client", "Acme GmbH", "--duration", "1:00", "--adjustment", said)
    )

    assert ended.code == 2
    assert "'-10% loyal for years'" in " ".join(ended.errors)
