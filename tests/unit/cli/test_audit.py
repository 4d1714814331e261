import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from domain.counters import Contribution, Tally, keep_counters
from tests.builders import ACME, BOB, UMBRELLA, a_client, a_failure, a_work_entry, an_account, an_invoice_id
from tests.fakes import InMemoryCounters, Moment, Step, Store
from tests.terminal import ME, Terminal
from tests.world import World

CLIENT = a_client(account_id=ME)
ENTRY = a_work_entry(client=CLIENT)
THEIRS = a_client(account_id=BOB, id=UMBRELLA)
HOURS_AGO = dt.datetime(2026, 10, 28, 6, tzinfo=dt.UTC)


@pytest.fixture
def acme(world: World, store: Store) -> World:
    """Two accounts, each with a client; the work for one is counted since hours."""
    store.now = lambda: HOURS_AGO
    world.having(an_account(id=ME), CLIENT, ENTRY, an_account(id=BOB), THEIRS)
    keep_counters([Contribution.of_work(ENTRY)], counters=world.counters)
    return world


def miscount(store: Store) -> None:
    counter = store.counters[ME, ACME]
    store.counters[ME, ACME] = replace(counter, months={"2026-10": Tally(minutes=59)})


def test_prints_what_was_proven_where_nothing_is_wrong(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("audit")

    assert (ended.code, ended.lines[-1]) == (0, "Nothing is wrong.")
    assert "      1  clients whose counters and periods were looked at" in ended.lines
    assert "      1  work entries counted anew" in ended.lines


def test_prints_the_proof_in_json(invoicely: Terminal, acme: World) -> None:
    plain = invoicely("audit", "--json").json

    assert plain == {
        "proven": {
            "clients": 1,
            "entries": 1,
            "invoices": 0,
            "numbers": 0,
            "periods": 0,
            "empty": 0,
            "held": 0,
            "reviewing": 0,
            "pending": 0,
            "failing": 0,
        },
        "findings": [],
        "failed": [],
    }


def test_leaves_with_1_where_something_is_wrong_and_says_what_to_do(
    invoicely: Terminal, acme: World, store: Store
) -> None:
    miscount(store)

    ended, plain = invoicely("audit"), invoicely("audit", "--json")

    assert (ended.code, plain.code) == (1, 1)
    assert ended.lines[-1] == "1 wrong."
    assert ended.lines[-2].startswith("counter-differs: the counter of")
    assert f"invoicely counters rebuild --client {ACME} mends it" in ended.lines[-2]
    [finding] = plain.json["findings"]
    assert (finding["code"], finding["client_id"], finding["subject"]) == ("counter-differs", ACME, "2026-10")


def test_what_was_written_within_the_hour_is_pending(invoicely: Terminal, acme: World, store: Store) -> None:
    store.now = lambda: dt.datetime(2026, 10, 28, 9, tzinfo=dt.UTC)
    acme.having(a_work_entry("new" + "0" * 13, client=CLIENT))

    ended = invoicely("audit")

    assert ended.code == 0
    assert "      1  written within the last hour and still on their way" in ended.lines


def test_says_what_could_not_be_audited(invoicely: Terminal, acme: World, store: Store) -> None:
    def fail(step: Step) -> None:
        if step == Step("records.of_client", Moment.BEFORE, commits=False):
            raise RuntimeError("broken")

    store.hook = fail
    ended, plain = invoicely("audit"), invoicely("audit", "--json")

    assert (ended.code, plain.code) == (1, 1)
    assert f"{ACME} could not be audited: broken." in ended.lines
    assert plain.json["failed"] == [{"id": ACME, "error": "RuntimeError: broken"}]


def test_audits_one_client(invoicely: Terminal, acme: World, store: Store) -> None:
    acme.having(a_client(account_id=ME, id=UMBRELLA, name="Umbrella"))
    miscount(store)

    assert invoicely("audit", "--client", "umbrella").code == 0
    assert invoicely("audit", "--client", "acme gmbh").code == 1


def test_audits_every_account_whoever_asks(
    invoicely: Terminal, acme: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICELY_ACCOUNT")
    miscount(store)

    ended = invoicely("audit", "--all-accounts", "--json")

    assert ended.code == 1
    assert ended.json["proven"]["clients"] == 2


def test_asks_what_has_to_be_done_by_another_instant(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("audit", "--as-of", "2026-11-01T12:00:00Z", "--json")

    assert [finding["code"] for finding in ended.json["findings"]] == ["client-overdue"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--client", "nobody"], 3),
        (["--client", "cli_nobody0000000000"], 3),
        (["--client", "acme gmbh", "--all-accounts"], 2),
        (["--as-of", "tomorrow"], 2),
    ],
)
def test_refuses_what_it_cannot_mean(
    invoicely: Terminal, acme: World, arguments: list[str], code: int
) -> None:
    ended = invoicely("audit", *arguments)

    assert (ended.code, len(ended.errors), ended.out) == (code, 1, "")


def test_needs_an_account_where_one_is_meant(
    invoicely: Terminal, acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICELY_ACCOUNT")

    assert invoicely("audit").code == 4


def test_verifies_the_counters_only(invoicely: Terminal, acme: World, store: Store) -> None:
    ended = invoicely("counters", "verify")
    miscount(store)
    wrong, plain = invoicely("counters", "verify"), invoicely("counters", "verify", "--json")

    assert (ended.code, ended.lines) == (
        0,
        ["Counted anew: 1 work entries and 0 invoices of 1 clients.", "The counters are right."],
    )
    assert (wrong.code, plain.code) == (1, 1)
    assert wrong.lines[-1].startswith("counter-differs: ")
    assert [finding["code"] for finding in plain.json["findings"]] == ["counter-differs"]


def test_verify_does_not_look_at_periods(invoicely: Terminal, acme: World, store: Store) -> None:
    late = a_client(account_id=ME, id=UMBRELLA, billing_starts_on=dt.date(2026, 8, 1))
    acme.having(late)

    assert invoicely("audit").code == 1
    assert invoicely("counters", "verify").code == 0


def test_verify_tells_what_is_on_its_way_and_what_failed(
    invoicely: Terminal, acme: World, store: Store
) -> None:
    failing = a_work_entry("failing" + "0" * 9, client=CLIENT)
    acme.having(failing)
    failure = a_failure(account_id=ME, body=f'{{"data":{{"id":"{failing.id}","version":1}}}}')
    store.failures[failure.id] = failure
    store.now = lambda: dt.datetime(2026, 10, 28, 9, tzinfo=dt.UTC)
    acme.having(a_work_entry("new" + "0" * 13, client=CLIENT))

    ended = invoicely("counters", "verify")

    assert (ended.code, ended.lines[1:]) == (
        0,
        [
            "1 were written within the last hour and are still on their way.",
            "1 wait in the failure ledger.",
            "The counters are right.",
        ],
    )


def lose_the_counter(store: Store) -> None:
    del store.counters[ME, ACME]


def falsify_a_contribution(store: Store) -> None:
    right = store.contributions[ME, ENTRY.id]
    store.contributions[ME, ENTRY.id] = replace(right, tally=right.tally + Tally(minutes=1))


def lose_both(store: Store) -> None:
    store.contributions.clear()
    lose_the_counter(store)


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (lose_the_counter, "set 2026-10"),
        (falsify_a_contribution, "1 put right, set 2026-10"),
        (lose_both, "1 counted late"),
    ],
)
def test_rebuilds_the_counters_and_says_what_it_changed(
    invoicely: Terminal, acme: World, store: Store, plant: Callable[[Store], None], told: str
) -> None:
    plant(store)

    ended, again = invoicely("counters", "rebuild"), invoicely("counters", "rebuild")

    assert (ended.code, ended.lines) == (0, [f"{ACME}: {told}."])
    assert again.lines == ["The counters of 1 clients were right already; nothing is changed."]
    assert invoicely("counters", "verify").code == 0


def test_rebuilds_one_client_in_json(invoicely: Terminal, acme: World, store: Store) -> None:
    acme.having(a_client(account_id=ME, id=UMBRELLA, name="Umbrella"))
    lose_the_counter(store)

    other = invoicely("counters", "rebuild", "--client", "umbrella", "--json")
    ended = invoicely("counters", "rebuild", "--client", ACME, "--json")

    assert other.json == {"clients": 1, "rebuilt": [], "failed": []}
    assert ended.json == {
        "clients": 1,
        "rebuilt": [{"client_id": ACME, "counted": 0, "corrected": 0, "months": ["2026-10"]}],
        "failed": [],
    }


@pytest.fixture
def broken(acme: World, store: Store) -> World:
    """A world where the counter of Acme is wrong, and one of Umbrella's contributions can never be read."""
    entry = a_work_entry("broken" + "0" * 10, client=a_client(account_id=ME, id=UMBRELLA, name="Umbrella"))
    acme.having(a_client(account_id=ME, id=UMBRELLA, name="Umbrella"), entry)
    assert isinstance(acme.counters, InMemoryCounters)
    acme.counters.unreadable.add(entry.id)
    lose_the_counter(store)
    return acme


def test_a_client_that_cannot_be_rebuilt_is_told_and_does_not_hold_up_the_others(
    invoicely: Terminal, broken: World, store: Store
) -> None:
    ended, again = invoicely("counters", "rebuild"), invoicely("counters", "rebuild", "--json")

    told = f"{UMBRELLA} could not be rebuilt: WillNeverWorkError: "
    assert (ended.code, ended.lines[0]) == (1, f"{ACME}: set 2026-10.")
    assert ended.lines[1].startswith(told)
    assert store.counters[ME, ACME].months.keys() == {"2026-10"}
    assert (again.code, again.json["clients"], again.json["rebuilt"]) == (1, 1, [])
    assert [each["id"] for each in again.json["failed"]] == [UMBRELLA]


def test_where_the_only_client_cannot_be_rebuilt_nothing_is_called_right(
    invoicely: Terminal, broken: World
) -> None:
    ended = invoicely("counters", "rebuild", "--client", "umbrella")

    assert (ended.code, len(ended.lines)) == (1, 1)


@pytest.mark.parametrize("verb", ["verify", "rebuild"])
def test_a_client_that_nobody_knows_has_no_counters(invoicely: Terminal, acme: World, verb: str) -> None:
    assert invoicely("counters", verb, "--client", "nobody").code == 3


def test_audits_the_numbers_of_the_account_only(invoicely: Terminal, acme: World, store: Store) -> None:
    miscount(store)
    acme.tick(dt.date(2026, 10, 31))
    acme.issue(an_invoice_id(), client=CLIENT, day=dt.date(2026, 10, 31))

    ended, plain = invoicely("audit", "numbers"), invoicely("audit", "numbers", "--json").json

    told = "2026-{seq}: 1 numbers, from 2026-0001 of 2026-10-31 to 2026-0001 of 2026-10-31."
    [given] = store.given.values()
    told += f" Its chain ends with {given.chain_sha256}."
    assert (ended.code, ended.lines) == (0, [told, "Nothing is wrong."])
    assert (plain["clean"], plain["series"][0]["numbers"]) == (True, 1)


def test_leaves_with_1_where_a_number_is_wrong(invoicely: Terminal, acme: World, store: Store) -> None:
    acme.tick(dt.date(2026, 10, 31))
    acme.issue(an_invoice_id(), client=CLIENT, day=dt.date(2026, 10, 31))
    store.given.clear()

    ended = invoicely("audit", "numbers")

    assert (ended.code, ended.lines[0], ended.lines[-1]) == (1, "2026-{seq}: no number yet.", "2 wrong.")
    assert [line.partition(":")[0] for line in ended.lines[1:-1]] == [
        "number-missing",
        "invoice-without-number",
    ]


@pytest.mark.parametrize("option", [["--client", ACME], ["--all-accounts"], ["--as-of", "2026-10-31T00:00Z"]])
def test_numbers_are_of_one_account_as_of_now(invoicely: Terminal, acme: World, option: list[str]) -> None:
    assert invoicely("audit", "numbers", *option).code == 2


def test_there_is_no_other_part_to_audit(invoicely: Terminal, acme: World) -> None:
    assert invoicely("audit", "periods").code == 2


def exported(invoicely: Terminal, acme: World, file: Path) -> Path:
    acme.tick(dt.date(2026, 10, 31))
    acme.issue(an_invoice_id(), client=CLIENT, day=dt.date(2026, 10, 31))
    assert invoicely("audit", "export", "--year", "2026", "--output", file).code == 0
    return file


def test_exports_a_year_and_verifies_it(
    invoicely: Terminal, acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exported(invoicely, acme, tmp_path / "2026.zip")

    ended = invoicely("audit", "export", "--year", "2026")

    assert ended.code == 0
    assert ended.lines[:2] == ["Stored invoices-2026.zip.", "1 documents of 2026, with 0 files beside them."]
    assert ended.lines[2].startswith("2026-{seq}: numbers 1 to 1. Its chain ends with ")
    assert ended.lines[3:] == ["Nothing is wrong."]
    assert (tmp_path / "invoices-2026.zip").read_bytes() == (tmp_path / "2026.zip").read_bytes()


def test_verifies_a_file_without_an_account(
    invoicely: Terminal, acme: World, store: Store, tmp_path: Path
) -> None:
    file = exported(invoicely, acme, tmp_path / "2026.zip")
    store.calls.clear()

    ended, plain = invoicely("audit", "archive", file), invoicely("audit", "archive", file, "--json").json

    assert (ended.code, ended.lines[-1]) == (0, "Nothing is wrong.")
    assert (plain["clean"], plain["year"], plain["documents"], plain["flaws"]) == (True, 2026, 1, [])
    assert not store.calls


def test_says_what_is_wrong_with_a_file_and_where(invoicely: Terminal, acme: World, tmp_path: Path) -> None:
    file = exported(invoicely, acme, tmp_path / "2026.zip")
    with ZipFile(file, "a") as archive:
        archive.writestr("01/another.pdf", b"%PDF")

    ended = invoicely("audit", "archive", file)

    told = "file-unknown: 01/another.pdf is no file of this export."
    assert (ended.code, ended.lines[-2:]) == (1, [told, "1 wrong."])


def test_a_file_that_is_no_export_is_refused(invoicely: Terminal, tmp_path: Path) -> None:
    (tmp_path / "other.zip").write_bytes(b"something else")

    ended = invoicely("audit", "archive", tmp_path / "other.zip")

    assert (ended.code, ended.errors) == (
        1,
        [f"error: {tmp_path}/other.zip is no export: it is no whole ZIP file"],
    )


def test_options_before_a_verb_are_nobody_s(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("audit", "--all-accounts", "numbers")

    assert (ended.code, ended.errors[-1]) == (
        2,
        "error: put the options behind numbers (see invoicely audit --help)",
    )
