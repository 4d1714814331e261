import datetime as dt
import json
from pathlib import Path

import pytest

from tests.builders import a_client, a_work_entry, an_account, an_invoice_id
from tests.terminal import ME, Terminal
from tests.world import World

CLIENT = a_client(account_id=ME)
OCTOBER_31 = dt.date(2026, 10, 31)


@pytest.fixture
def acme(world: World) -> World:
    """An account with one client and an hour of work."""
    return world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT))


def test_shows_the_coming_run_and_compares_it_with_what_was_made(
    invoicely: Terminal, acme: World, tmp_path: Path
) -> None:
    file = tmp_path / "october.json"
    shown = invoicely("invoices", "preview", "--as-of", "2026-10-31", "--output", str(file))
    acme.having(a_work_entry("late000000000000", client=CLIENT))
    acme.issue_all(acme.tick(OCTOBER_31).invoices, client=CLIENT, day=OCTOBER_31)
    compared = invoicely("invoices", "compare", str(file))

    assert (shown.code, compared.code) == (0, 1)
    assert "Acme GmbH" in shown.out
    assert "100.00 EUR" in shown.out
    assert "In all 100.00 EUR." in shown.err
    assert f"Kept in {file}" in shown.err
    assert compared.out.splitlines() == [
        f"{an_invoice_id()} for Acme GmbH is issued, and differs:",
        "  entries 1 became 2",
        "  net 100.00 EUR became 200.00 EUR",
        "  total 100.00 EUR became 200.00 EUR",
        "  payable 100.00 EUR became 200.00 EUR",
        "  wrk_acme000000000000late000000000000 came, 100.00 EUR",
        "0 of 1 are as they were foreseen.",
    ]


def test_says_so_where_all_came_as_foreseen(invoicely: Terminal, acme: World, tmp_path: Path) -> None:
    file = tmp_path / "october.json"
    file.write_text(json.dumps(invoicely("invoices", "preview", "--as-of", "2026-10-31", "--json").json))
    acme.issue_all(acme.tick(OCTOBER_31).invoices, client=CLIENT, day=OCTOBER_31)

    compared = invoicely("invoices", "compare", str(file))

    assert (compared.code, compared.out) == (0, "1 of 1 are as they were foreseen.\n")


def test_says_what_was_not_made(invoicely: Terminal, acme: World, tmp_path: Path) -> None:
    file = tmp_path / "october.json"
    invoicely("invoices", "preview", "--as-of", "2026-10-31", "-o", str(file))

    compared = invoicely("invoices", "compare", str(file))

    assert f"{an_invoice_id()} for Acme GmbH was not made" in compared.out


def test_says_that_nothing_is_due(invoicely: Terminal, acme: World) -> None:
    assert (
        "No invoice is due up to 2026-10-30." in invoicely("invoices", "preview", "--as-of", "2026-10-30").err
    )


def test_says_who_would_be_held(invoicely: Terminal, acme: World) -> None:
    assert "Acme GmbH is too far behind" in invoicely("invoices", "preview", "--as-of", "2028-01-31").err


@pytest.mark.parametrize(
    "said",
    [(), ("Acme GmbH", "--as-of", "2026-10-31"), ("--until", "2026-10-31"), ("Acme GmbH", "-o", "file")],
)
def test_a_client_or_all_of_them(invoicely: Terminal, acme: World, said: tuple[str, ...]) -> None:
    assert invoicely("invoices", "preview", *said).code == 2


@pytest.mark.parametrize("content", [None, "no JSON", "{}", '{"account_id": 1}', "[" * 100_000])
def test_what_is_no_preview_is_not_compared(
    invoicely: Terminal, acme: World, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "file.json"
    if content is not None:
        file.write_text(content)

    assert invoicely("invoices", "compare", str(file)).code == 2


def test_a_preview_steers_no_terminal(invoicely: Terminal, acme: World, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    invoicely("invoices", "preview", "--as-of", "2026-10-31", "-o", str(file))
    file.write_text(file.read_text().replace('"inv_', '"\\u001b[2Jinv_'))

    ended = invoicely("invoices", "compare", str(file))

    assert ended.lines[0].startswith("\\x1b[2Jinv_")


def test_the_preview_of_another_account_is_not_compared(
    invoicely: Terminal, acme: World, tmp_path: Path
) -> None:
    file = tmp_path / "file.json"
    invoicely("invoices", "preview", "--as-of", "2026-10-31", "-o", str(file))
    file.write_text(file.read_text().replace(ME, "acc_somebody"))

    assert invoicely("invoices", "compare", str(file)).code == 2
