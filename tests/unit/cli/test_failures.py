"""`invoicely failures list`, `show` and `export`."""

import errno
import json
import os
from pathlib import Path

import pytest

from domain.failures import Failure
from infrastructure.views import failures as failure_views
from tests.builders import THROTTLED, a_report
from tests.ledgers import LATER, MISSING, get, put, reported, the_id
from tests.terminal import ME, Terminal
from tests.world import World


def test_lists_by_cause_the_most_frequent_first(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "list")

    assert ended.code == 0
    assert ended.lines[0] == "3 failures of 2 causes: counters 2, delivery 1 · parked 2, retrying 1"
    assert ended.lines[2:6] == [
        f"{MISSING.id}  2 × NotFoundError at domain.clients:88 (not-found)",
        "  no client …",
        "  counters 2 · parked 2",
        "  2026-11-01T08:30:00Z to 2026-11-01T09:00:00Z",
    ]
    assert ended.lines[-1] == f"  invoicely failures list --each --cause {MISSING.id}"


def test_lists_by_cause_in_json(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "list", "--json")

    missing, throttled = ended.json["causes"]
    assert missing == {
        "cause": {
            "id": MISSING.id,
            "error": "NotFoundError",
            "at": "domain.clients:88",
            "code": "not-found",
            "message": "no client …",
        },
        "count": 2,
        "queues": {"counters": 2},
        "states": {"parked": 2},
        "first_at": "2026-11-01T08:30:00Z",
        "last_at": "2026-11-01T09:00:00Z",
    }
    assert throttled["count"] == 1
    assert ended.json["states"] == {"parked": 2, "retrying": 1}


def test_lists_a_line_for_each(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "list", "--each", "--queue", "delivery")

    assert ended.lines[2].split() == [
        *(the_id(3, "delivery"), "retrying", THROTTLED.id),
        *("11-01", "09:00", "StoreUnavailableError", "0", "11-01", "09:15"),
    ]


def test_lists_each_in_json_without_what_it_is_about(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "list", "--each", "--json")

    assert [each["id"] for each in ended.json] == [the_id(1), the_id(2), the_id(3, "delivery")]
    assert all(each.keys().isdisjoint({"body", "original", "history"}) for each in ended.json)


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_no_id_is_broken_on_a_narrow_screen(
    invoicely: Terminal, world: World, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr("handlers.cli.output.WIDTH_OF_A_PIPE", columns)
    longest = reported(world, a_report(4, queue="invoicing"))

    ended = invoicely("failures", "list", "--each")

    assert ended.lines[2].startswith(longest.id)
    assert len(ended.lines) == 3
    assert max(map(len, ended.lines)) <= columns


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--queue", "counters"], 2),
        (["--cause", MISSING.id], 2),
        (["--cause", "NotFoundError"], 2),
        (["--cause", "not-found"], 2),
        (["--state", "retrying"], 1),
        (["--state", "retrying", "--state", "parked"], 3),
        (["--since", "2026-11-01T09:00:00Z"], 3),
        (["--until", "2026-11-01T10:00:00+01:00"], 3),
        (["--since", "1h"], 3),
    ],
    ids=str,
)
def test_filters(invoicely: Terminal, failed: World, filters: list[str], count: int) -> None:
    assert len(invoicely("failures", "list", "--each", "--json", *filters).json) == count


def test_filters_by_account_which_the_environment_does_not_choose(invoicely: Terminal, failed: World) -> None:
    mine = reported(failed, a_report(4, account_id=ME))

    ended = invoicely("failures", "list", "--each", "--json", "--account", ME)

    assert [each["id"] for each in ended.json] == [mine.id]
    assert len(invoicely("failures", "list", "--each", "--json").json) == 4


@pytest.mark.parametrize(
    "filters",
    [
        ["--queue", "tick"],
        ["--cause", "no-such-cause"],
        ["--account", ME],
        ["--since", "2026-11-01T09:00:01Z"],
        ["--until", "2026-11-01T08:59:59Z"],
        ["--state", "discarded"],
    ],
    ids=str,
)
@pytest.mark.parametrize("verb", [["list"], ["list", "--json"], ["replay"], ["export", "-o", "-"]], ids=str)
def test_a_filter_that_matches_nothing_says_so(
    invoicely: Terminal, failed: World, verb: list[str], filters: list[str]
) -> None:
    ended = invoicely("failures", *verb, *filters)

    assert (ended.code, ended.out, ended.errors) == (3, "", ["error: no failure matches"])


@pytest.mark.parametrize(
    "filters",
    [
        ["--queue", "counter"],
        ["--state", "open"],
        ["--account", "ada"],
        ["--since", "yesterday"],
        ["--since", "2026-11-01"],
        ["--until", "2026-11-01T09:00:00"],
        ["--since", "0001-01-01T00:00:00+14:00"],
        ["--until", "9999-12-31T23:59:59-14:00"],
        ["--since", "36526d"],
        ["--since", "999999d"],
        ["--cause", "\udcff"],
        ["--account", "\udcff"],
        ["--since", "2026-11-02T00:00:00Z", "--until", "2026-11-01T00:00:00Z"],
    ],
    ids=str,
)
def test_a_filter_that_makes_no_sense_is_refused(
    invoicely: Terminal, failed: World, filters: list[str]
) -> None:
    ended = invoicely("failures", "list", *filters)

    assert (ended.code, ended.out, len(ended.errors)) == (2, "", 1)


def test_shows_everything_about_a_failure(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "show", the_id(3, "delivery"))

    assert ended.code == 0
    assert ended.lines[:6] == [
        f"{the_id(3, 'delivery')}  (retrying)",
        f"  StoreUnavailableError at {THROTTLED.at} (store-unavailable), cause {THROTTLED.id}",
        "  transient · received 8 times · sent again 0 of at most 24 times",
        "  first 2026-11-01T08:30:00Z · last 2026-11-01T09:00:00Z · next try 2026-11-01T09:15:00Z",
        "  acc_ada · invoicely.work.logged.v1 · request-1",
        "",
    ]
    assert ended.lines[6] == "Body (JSON):"
    assert json.loads("".join(ended.lines[7:])) == {"id": f"{3:032x}"}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("this is no event", "this is no event"),
        ('{"id": "unfinished', '{"id": "unfinished'),
        ("[" * 9_000, "[" * 9_000),
        ("a\tb", "a\tb"),
        ("\x9b31m red \u202e turned", "\\x9b31m red \\u202e turned"),
        ('"\\ud800"', '"\\ud800"'),
    ],
    ids=["text", "half", "deep", "tab", "controls", "surrogate"],
)
def test_shows_a_body_that_is_no_json_as_it_came_but_for_what_steers_a_terminal(
    invoicely: Terminal, world: World, body: str, shown: str
) -> None:
    failure = reported(world, a_report(body=body))

    ended = invoicely("failures", "show", failure.id)

    assert (ended.code, ended.lines[-1]) == (0, shown)
    assert invoicely("failures", "show", failure.id, "--json").json["body"] == body


def test_shows_what_was_done_and_the_body_as_it_came(invoicely: Terminal, failed: World) -> None:
    put(failed, get(failed, the_id(1)).edited("{}", LATER, actor="ada"))

    ended = invoicely("failures", "show", the_id(1))
    plain = invoicely("failures", "show", the_id(1), "--json").json

    assert any(line.startswith("  2026-11-01T10:00:00Z  edited by ada: body ") for line in ended.lines)
    assert "Body as it came (JSON):" in ended.lines
    assert (plain["body"], plain["original"]) == ("{}", a_report(1).body)
    assert plain["history"][0]["actor"] == "ada"


@pytest.mark.parametrize("failure_id", ["counters:1", "counters", ":", "5f0c"])
def test_a_failure_that_is_not_there_is_not_found(invoicely: Terminal, failure_id: str) -> None:
    ended = invoicely("failures", "show", failure_id)

    assert (ended.code, ended.out, len(ended.errors)) == (3, "", 1)


def test_a_span_that_no_calendar_has_is_told_as_what_it_is(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "list", "--since", "999999d")

    assert "999999d is too long; give at most 36525d" in ended.err
    assert invoicely("failures", "list", "--since", "36525d").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["failures", "show", "counters:\udcff"],
        ["failures", "replay", "counters:\udcff"],
        ["failures", "replay", "--job", "rpl_\udcff", "--apply"],
        ["failures", "cancel", "rpl_\udcff"],
        ["failures", "discard", "counters:\udcff", "--reason", "a test"],
        ["failures", "edit", "counters:\udcff"],
        ["events", "republish", "--from-failures", "\udcff"],
        ["events", "republish", "--client", "\udcff"],
        ["audit", "--client", "\udcff"],
        ["counters", "rebuild", "--client", "\udcff"],
    ],
    ids=ascii,
)
def test_bytes_that_are_no_text_are_refused(invoicely: Terminal, failed: World, arguments: list[str]) -> None:
    ended = invoicely(*arguments)

    assert (ended.code, ended.out, len(ended.errors)) == (2, "", 1)
    assert "\\udcff is no text in UTF-8" in ended.err


def test_exports_a_line_of_json_for_each(invoicely: Terminal, failed: World, tmp_path: Path) -> None:
    file = tmp_path / "failures.jsonl"

    ended = invoicely("failures", "export", "--queue", "counters", "--output", file)

    exported = [json.loads(line) for line in file.read_text().splitlines()]
    assert (ended.code, ended.out) == (0, f"Wrote 2 failures to {file}.\n")
    assert [(each["id"], each["body"]) for each in exported] == [
        (the_id(number), a_report(number).body) for number in (1, 2)
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_exports_to_stdout(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "export", "--output", "-")

    assert [json.loads(line)["id"] for line in ended.lines] == [the_id(1), the_id(2), the_id(3, "delivery")]


def test_exports_into_a_pipe_that_has_a_name(invoicely: Terminal, failed: World, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    ended = invoicely("failures", "export", "--output", pipe)

    assert (ended.code, os.read(reader, 100_000).count(b"\n")) == (0, 3)
    assert list(tmp_path.iterdir()) == [pipe]
    os.close(reader)


def test_what_cannot_be_written_whole_leaves_nothing_and_what_was_there_stays(
    invoicely: Terminal, failed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "failures.jsonl"
    file.write_text("before")
    written = list[Failure]()

    def fill_the_disk(failure: Failure) -> dict[str, str]:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(failure)
        return {}

    monkeypatch.setattr(failure_views, "of_failure", fill_the_disk)

    ended = invoicely("failures", "export", "--output", file)

    assert (ended.code, ended.out, ended.errors) == (1, "", [f"error: {file}: No space left on device"])
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_device_that_is_full_is_told(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "export", "--output", "/dev/full")

    assert (ended.code, ended.out, ended.errors) == (1, "", ["error: /dev/full: No space left on device"])


def test_two_exports_to_one_file_do_not_meet(
    invoicely: Terminal, failed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, of_failure, codes = tmp_path / "failures.jsonl", failure_views.of_failure, list[int]()

    def export_meanwhile(failure: Failure) -> object:
        monkeypatch.setattr(failure_views, "of_failure", of_failure)
        codes.append(invoicely("failures", "export", "--queue", "delivery", "--output", file).code)
        return of_failure(failure)

    monkeypatch.setattr(failure_views, "of_failure", export_meanwhile)
    codes.append(invoicely("failures", "export", "--queue", "counters", "--output", file).code)

    exported = [json.loads(line)["id"] for line in file.read_text().splitlines()]
    assert (codes, exported) == ([0, 0], [the_id(1), the_id(2)])
    assert list(tmp_path.iterdir()) == [file]


def test_what_nothing_is_exported_to_stays_as_it_was(
    invoicely: Terminal, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "failures.jsonl"
    file.write_text("before")

    assert invoicely("failures", "export", "--output", file).code == 3
    assert file.read_text() == "before"


def test_a_folder_that_is_not_there_is_told(invoicely: Terminal, failed: World, tmp_path: Path) -> None:
    ended = invoicely("failures", "export", "--output", tmp_path / "no" / "file")

    assert (ended.code, ended.errors) == (
        1,
        [f"error: {tmp_path / 'no' / 'file'}: No such file or directory"],
    )
