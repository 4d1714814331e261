import sys
from pathlib import Path

import pytest

from domain.clients import ClientStatus
from tests.builders import a_client
from tests.fakes import Moment, Step, Store
from tests.terminal import ME, Terminal
from tests.turns import once
from tests.world import World

EXAMPLE = Path(__file__).parents[3] / "examples/toggl-october-2026.csv"
HEADER = "User,Client,Project,Description,Billable,Start date,Start time,Duration"
GOOD = "Ada,Acme GmbH,Shop,Checkout,Yes,2026-10-01,09:00:00,1:30:00"
BAD = "Ada,Acme GmbH,Shop,Checkout,Yes,2026-10-01,09:00:00,soon"
STRANGE = "Ada,Nobody,Shop,Checkout,Yes,2026-10-01,09:00:00,1:30:00"


def written(file: Path, *rows: str) -> Path:
    file.write_text("\n".join([HEADER, *rows]))
    return file


@pytest.fixture
def acme(world: World) -> World:
    return world.having(a_client(account_id=ME))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A timesheet with a good row, twice, one that is broken, and one of a client that nobody knows."""
    return written(tmp_path / "toggl.csv", GOOD, BAD, GOOD, STRANGE)


def test_takes_the_good_rows_and_tells_the_others_by_line(
    invoicely: Terminal, acme: World, export: Path
) -> None:
    ended = invoicely("work", "import", export)

    assert (ended.code, ended.out) == (6, "Imported 2 entries; 0 were known already, 2 refused.\n")
    assert ended.errors == [
        f'{export}:3: duration is "soon"; it must be as 1:30:00',
        f'{export}:5: there is no client named "Nobody"; add it, then import the file again',
    ]


def test_answers_programs_in_one_piece(invoicely: Terminal, acme: World, export: Path) -> None:
    ended = invoicely("work", "import", export, "--json")

    refused = [(refusal["line"], refusal["code"]) for refusal in ended.json["refused"]]
    assert (ended.code, ended.err) == (6, "")
    assert (ended.json["rows"], len(ended.json["added"]), ended.json["known"]) == (4, 2, 0)
    assert refused == [(3, "not-a-duration"), (5, "unknown-client")]


def test_a_second_import_adds_nothing(invoicely: Terminal, acme: World, export: Path) -> None:
    written(export, GOOD, GOOD)
    first, second = (invoicely("work", "import", export) for _ in range(2))

    assert (first.code, second.code) == (0, 0)
    assert second.out == "Imported 0 entries; 2 were known already, 0 refused.\n"
    assert len(invoicely("work", "list", "--json").json) == 2


def test_shows_how_far_it_is_to_who_looks_and_to_nobody_else(
    invoicely: Terminal, acme: World, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = invoicely("work", "import", export, "--dry-run")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    looked_at = invoicely("work", "import", export, "--dry-run")

    assert "4/4" not in piped.err
    assert "4/4" in looked_at.err
    assert looked_at.out == piped.out


def test_a_dry_run_stores_nothing_and_tells_the_same(invoicely: Terminal, acme: World, export: Path) -> None:
    before = invoicely("work", "import", export, "--dry-run")
    stored = invoicely("work", "list", "--json").json
    invoicely("work", "import", export)
    after = invoicely("work", "import", export, "--dry-run")

    assert (before.code, stored) == (6, [])
    assert before.out == "Would import 2 entries; 0 were known already, 2 refused.\n"
    assert after.out == "Would import 0 entries; 2 were known already, 2 refused.\n"


def test_takes_nothing_for_an_archived_client(invoicely: Terminal, world: World, export: Path) -> None:
    world.having(a_client(account_id=ME, status=ClientStatus.ARCHIVED))

    assert invoicely("work", "import", export, "--json").json["added"] == []


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"a,b,c\n1,2,3\n"], ids=["empty", "binary", "other"])
def test_a_file_that_is_no_export_changes_nothing(
    invoicely: Terminal, acme: World, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file.csv").write_bytes(content)

    ended = invoicely("work", "import", tmp_path / "file.csv")

    assert (ended.code, ended.out, len(ended.errors)) == (2, "", 1)
    assert "Toggl Track" in ended.err


def test_a_file_that_is_not_there_is_told(invoicely: Terminal, tmp_path: Path) -> None:
    ended = invoicely("work", "import", tmp_path / "none.csv")

    assert (ended.code, len(ended.errors)) == (2, 1)


def test_what_an_outage_cut_off_the_next_import_takes(
    invoicely: Terminal, acme: World, export: Path, store: Store
) -> None:
    written(export, GOOD, GOOD, GOOD)

    def fail_once(step: Step) -> None:
        if step.call == "work.add" and step.moment is Moment.BEFORE and store.calls["work.add"] == 1:
            store.hook = lambda _: None
            raise OSError(5, "Input/output error", "table")

    store.hook = fail_once
    cut_off, second = invoicely("work", "import", export), invoicely("work", "import", export)

    assert cut_off.code == 1
    assert second.out == "Imported 2 entries; 1 were known already, 0 refused.\n"


def test_the_example_is_a_month_of_work_for_three_clients(invoicely: Terminal, world: World) -> None:
    for name in ("suessmilch", "hudson", "midori"):
        invoicely("account", "set", "--from", EXAMPLE.with_name("account.toml"))
        invoicely("clients", "add", "--from", EXAMPLE.with_name("clients") / f"{name}.toml")

    imported = invoicely("work", "import", EXAMPLE, "--json")
    entries = invoicely("work", "list", "--json").json

    assert (imported.code, imported.json["refused"]) == (0, [])
    assert len(entries) == imported.json["rows"] >= 220
    assert len({entry["client_id"] for entry in entries}) == 3
    assert {entry["billable"] for entry in entries} == {True, False}


def test_what_was_imported_is_listed_and_can_be_undone(
    invoicely: Terminal, acme: World, export: Path
) -> None:
    imported = invoicely("work", "import", export, "--json").json["import_id"]

    listed = invoicely("work", "imports")
    undone = invoicely("work", "undo", imported)
    again = invoicely("work", "undo", imported)

    assert [cell in listed.out for cell in ("2026-10-28 09:10", "toggl.csv", "finished", imported)] == [
        True
    ] * 4
    assert (undone.code, undone.out, again.out) == (0, "Removed 2 entries.\n", "Removed 2 entries.\n")
    assert invoicely("work", "list", "--json").json == []
    assert [each["state"] for each in invoicely("work", "imports", "--json").json] == ["undone"]


def test_what_was_undone_is_imported_again(invoicely: Terminal, acme: World, export: Path) -> None:
    written(export, GOOD)
    invoicely("work", "undo", invoicely("work", "import", export, "--json").json["import_id"])

    assert invoicely("work", "import", export).out.startswith("Imported 1 entries; 0 were known already")


def test_work_that_an_invoice_has_is_not_undone(
    invoicely: Terminal, acme: World, export: Path, store: Store
) -> None:
    written(export, GOOD)
    imported = invoicely("work", "import", export, "--json").json
    acme.work.update(
        account_id=ME, work_id=imported["added"][0], change=lambda entry: entry.claimed(entry.date)
    )

    refused = invoicely("work", "undo", imported["import_id"])

    assert (refused.code, len(invoicely("work", "list", "--json").json)) == (5, 1)
    assert "1 entry stands on invoices" in refused.err


def test_work_that_an_invoice_claims_meanwhile_stays_and_is_told(
    invoicely: Terminal, acme: World, export: Path, store: Store
) -> None:
    imported = invoicely("work", "import", export, "--json").json

    def claim() -> None:
        acme.work.update(
            account_id=ME, work_id=imported["added"][0], change=lambda entry: entry.claimed(entry.date)
        )

    once(store, Step("imports.update", Moment.AFTER, commits=True), claim)
    undone = invoicely("work", "undo", imported["import_id"])

    assert undone.out == "Removed 1 entries; 1 stay, for an invoice was faster.\n"


def test_an_import_that_is_not_there_is_told(invoicely: Terminal, acme: World) -> None:
    assert invoicely("work", "undo", "imp_0000000000000009").code == 3
    assert invoicely("work", "imports").err == "Nothing was imported.\n"


def test_a_dry_run_is_no_import(invoicely: Terminal, acme: World, export: Path) -> None:
    ended = invoicely("work", "import", export, "--dry-run", "--json")

    assert "import_id" not in ended.json
    assert invoicely("work", "imports", "--json").json == []
