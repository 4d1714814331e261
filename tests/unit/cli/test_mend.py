"""`invoicely failures discard` and `edit`."""

import io
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from domain.failures import State
from tests.builders import a_report
from tests.fakes import Moment, Step, Store
from tests.ledgers import LATER, POISON, get, reported, resolve, the_id
from tests.terminal import Terminal
from tests.turns import once
from tests.world import World


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Somebody at an editor who writes what is put here; what they saw stands here then."""
    seen: list[tuple[str, str]] = []

    def edit(text: str, *, extension: str) -> str:
        _, written = seen.pop()
        seen.append((text, extension))
        return written

    monkeypatch.setattr(click, "edit", edit)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    return seen


def all_that_is_stored(store: Store) -> Any:
    return dict(store.failures), dict(store.replays)


def test_discards_by_id_at_once(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "discard", the_id(1), "--reason", "a test", "--actor", "ada")

    assert (ended.code, ended.out) == (0, "Discarded 1 failure.\n")
    discarded = get(failed, the_id(1))
    assert (discarded.state, discarded.reason) == (State.DISCARDED, "a test")
    assert (discarded.history[-1].actor, discarded.history[-1].action) == ("ada", "discarded")
    assert invoicely("failures", "show", the_id(1)).lines[6] == "  given up: a test"


def test_shows_first_what_filters_would_discard(invoicely: Terminal, failed: World) -> None:
    shown = invoicely("failures", "discard", "--cause", "not-found", "--reason", "a test")

    assert (shown.code, shown.lines[0]) == (0, "Would discard 2 failures:")
    assert shown.lines[-1] == (
        "  invoicely failures discard --cause not-found --until 2026-11-01T09:00:00Z"
        " --reason 'a test' --apply"
    )
    assert get(failed, the_id(1)).state is State.PARKED


def test_discards_by_filters_nothing_that_failed_later(invoicely: Terminal, failed: World) -> None:
    shown = invoicely("failures", "discard", "--queue", "counters", "--reason", "test", "--json").json
    later = reported(failed, a_report(4, **POISON), LATER)

    ended = invoicely(*shown["command"].split()[1:], "--json")

    assert ended.json == {"discarded": [the_id(1), the_id(2)], "skipped": []}
    assert get(failed, later.id) == later


def test_what_changes_meanwhile_is_left_alone_and_told(
    invoicely: Terminal, failed: World, store: Store
) -> None:
    step = Step("ledger.find", Moment.BEFORE, commits=False)
    once(store, step, lambda: resolve(failed, the_id(1)))

    ended = invoicely("failures", "discard", the_id(1), the_id(2), "--reason", "a test")

    assert ended.code == 6
    assert ended.lines == [
        "Discarded 1 failure.",
        f"  {the_id(1)} is resolved now, so it was left alone",
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--reason", "a test"], 2),
        (["--reason", "a test", "--apply"], 2),
        ([the_id(1)], 2),
        ([the_id(1), "--reason", ""], 2),
        ([the_id(1), "--reason", "a\x1b[31m"], 2),
        ([the_id(1), "--queue", "counters", "--reason", "a test"], 2),
        ([the_id(1), "counters:1", "--reason", "a test"], 3),
        (["--queue", "tick", "--reason", "a test"], 3),
    ],
    ids=str,
)
def test_what_makes_no_sense_discards_nothing(
    invoicely: Terminal, failed: World, store: Store, arguments: list[str], code: int
) -> None:
    before = all_that_is_stored(store)

    ended = invoicely("failures", "discard", *arguments)

    assert (ended.code, ended.out, len(ended.errors)) == (code, "", 1)
    assert all_that_is_stored(store) == before


def test_what_is_closed_cannot_be_discarded(invoicely: Terminal, failed: World) -> None:
    resolve(failed, the_id(1))

    ended = invoicely("failures", "discard", the_id(1), the_id(2), "--reason", "a test")

    assert (ended.code, "is resolved" in ended.err) == (5, True)
    assert get(failed, the_id(2)).state is State.PARKED


def test_edits_from_a_file(invoicely: Terminal, failed: World, tmp_path: Path) -> None:
    (tmp_path / "mended.json").write_text('{"id": "é"}', encoding="utf-8")

    ended = invoicely(*("failures", "edit", the_id(1), "--body", tmp_path / "mended.json", "--actor", "ada"))

    edited = get(failed, the_id(1))
    assert (ended.code, ended.lines[-1]) == (*(0, f"  invoicely failures replay {the_id(1)} --apply"),)
    assert (edited.body, edited.original) == ('{"id": "é"}', a_report(1).body)
    assert (edited.history[-1].actor, edited.history[-1].action) == ("ada", "edited")


def test_edits_from_stdin(invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))

    assert invoicely("failures", "edit", the_id(1), "--body", "-").code == 0
    assert get(failed, the_id(1)).body == "{}"


def test_edits_in_an_editor_where_json_is_laid_out(
    invoicely: Terminal, failed: World, editor: list[tuple[str, str]]
) -> None:
    editor.append(("", '{"id": 1}\n'))

    assert invoicely("failures", "edit", the_id(1)).code == 0
    assert get(failed, the_id(1)).body == '{"id": 1}'
    assert editor == [(f'{{\n  "id": "{1:032x}"\n}}', ".json")]


def test_what_nobody_changes_in_an_editor_is_not_edited(
    invoicely: Terminal, world: World, editor: list[tuple[str, str]]
) -> None:
    raw = reported(world, a_report(body="no event"))
    editor.append(("", "no event"))

    ended = invoicely("failures", "edit", raw.id)

    assert (ended.code, ended.lines) == (0, ["Nothing is changed."])
    assert get(world, raw.id) == raw
    assert editor == [("no event", ".txt")]


def test_what_was_written_in_an_editor_is_not_lost(
    invoicely: Terminal,
    failed: World,
    editor: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    editor.append(("", '{"id": '))

    ended = invoicely("failures", "edit", the_id(1))

    [kept] = tmp_path.iterdir()
    assert (ended.code, str(kept) in ended.errors[0]) == (2, True)
    assert kept.read_text() == '{"id": '


def test_without_a_terminal_there_is_no_editor(
    invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    ended = invoicely("failures", "edit", the_id(1))

    assert (ended.code, "--body" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is no JSON"),
        (b'{"id": NaN}', "has NaN, which is no number that JSON can say"),
        (b"", "is empty"),
        (b"\xff", "is no UTF-8: invalid start byte at byte 0"),
        (b'"\x00"', "U+0000"),
        (b'"' + b"x" * 262_143 + b'"', "bytes"),
    ],
    ids=["no JSON", "NaN", "empty", "no UTF-8", "control", "long"],
)
def test_a_body_that_no_message_can_have_is_refused(
    invoicely: Terminal, failed: World, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "body").write_bytes(content)
    before = get(failed, the_id(1))

    ended = invoicely("failures", "edit", the_id(1), "--body", tmp_path / "body")

    assert (ended.code, ended.out, len(ended.errors)) == (2, "", 1)
    assert told in ended.err
    assert get(failed, the_id(1)) == before


def test_a_raw_body_is_taken_where_that_is_meant(invoicely: Terminal, failed: World, tmp_path: Path) -> None:
    (tmp_path / "body").write_text("no event")

    assert invoicely("failures", "edit", the_id(1), "--body", tmp_path / "body", "--raw").code == 0
    assert get(failed, the_id(1)).body == "no event"


def test_what_is_closed_is_refused_before_an_editor_opens(
    invoicely: Terminal, failed: World, editor: list[tuple[str, str]]
) -> None:
    resolve(failed, the_id(1))

    ended = invoicely("failures", "edit", the_id(1))

    assert (ended.code, "is resolved, so it cannot be edited" in ended.err) == (5, True)
    assert editor == []


def test_what_is_not_there_cannot_be_edited(invoicely: Terminal, tmp_path: Path) -> None:
    (tmp_path / "body").write_text("{}")

    assert invoicely("failures", "edit", "counters:1", "--body", tmp_path / "body").code == 3
    assert invoicely("failures", "edit", the_id(1), "--body", tmp_path / "none").code == 2


@pytest.mark.usefixtures("failed")
def test_tells_by_flag_what_is_wrong_with_a_reason(invoicely: Terminal) -> None:
    ended = invoicely("failures", "discard", the_id(1), "--reason", "x" * 1001, "--actor", "ada")

    assert (ended.code, ended.err.startswith("error: --reason: has 1001 characters")) == (2, True)
