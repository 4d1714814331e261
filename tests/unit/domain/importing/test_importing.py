"""Rows become work, whatever happens meanwhile, and however often it is tried."""

from dataclasses import replace

import pytest

from domain.clients import ClientStatus
from domain.identifiers import import_id
from domain.import_rows import ROWS_A_PART, Counts, Result, RowResult
from domain.imports import MOST_ROWS, Failure, Format, ImportDetails, State, ask_for_import, begin_import
from tests.builders import ACME, ADA
from tests.fakes import Moment, Step
from tests.fakes.store import NOON
from tests.importing import LATER, SHEET, STEPS, Desk, crashing, read
from tests.turns import Crash, once


def test_the_rows_of_an_upload_become_work_of_that_import(desk: Desk) -> None:
    import_ = desk.imported()

    assert (import_.state, import_.counts, import_.ended_at) == (
        State.FINISHED,
        Counts(taken=3, refused=1),
        LATER,
    )
    assert desk.said() == ["one", "three", "two"]
    assert {entry.import_id for entry in desk.entries()} == {import_.id}


def test_what_became_of_each_row_is_told_with_its_line(desk: Desk) -> None:
    import_ = desk.imported(b"one\n!")

    (entry,) = desk.entries()
    assert desk.rows(import_) == [
        RowResult(line=2, result=Result.TAKEN, work_id=entry.id),
        RowResult(line=3, result=Result.REFUSED, code="broken-row", reason="look for a stray quote"),
    ]


def test_a_reason_that_quotes_a_cell_without_end_is_cut_in_its_middle(desk: Desk) -> None:
    import_ = desk.imported(b'!duration is "' + b"9" * 130_000 + b'"; it must be as 1:30:00')

    [row] = desk.rows(import_)

    nines = "9" * 187
    assert row.reason == f'duration is "{nines} … {nines[:-11]}"; it must be as 1:30:00'


def test_a_row_of_a_client_that_takes_no_work_is_refused(desk: Desk) -> None:
    archive(desk, ClientStatus.ARCHIVED)

    import_ = desk.imported(b"one")

    assert [row.code for row in desk.rows(import_)] == ["client-is-archived"]
    assert desk.entries() == []


def test_results_are_kept_in_parts_and_none_is_lost(desk: Desk) -> None:
    says = "\n".join(f"row {number:04}" for number in range(ROWS_A_PART * 2 + 1))

    import_ = desk.imported(says.encode())

    parts = [*desk.world.import_results.parts(account_id=ADA, import_id=import_.id)]
    assert [len(part.rows) for part in parts] == [ROWS_A_PART, ROWS_A_PART, 1]
    assert import_.counts == Counts(taken=ROWS_A_PART * 2 + 1)


def test_the_same_file_twice_is_taken_once(desk: Desk) -> None:
    first, second = desk.imported(), desk.imported()

    assert (first.counts, second.counts) == (Counts(taken=3, refused=1), Counts(already_there=3, refused=1))
    assert {entry.import_id for entry in desk.entries()} == {first.id}


def test_what_is_known_costs_one_look_for_a_hundred_rows(desk: Desk) -> None:
    desk.imported()
    before = desk.store.calls.copy()

    desk.imported()

    assert desk.store.calls["work.add"] == before["work.add"]
    assert desk.store.calls["known_work.among"] == before["known_work.among"] + 1


def test_an_event_that_comes_again_changes_nothing(desk: Desk) -> None:
    import_ = desk.started()
    first = desk.deliver(import_)
    stream = list(desk.store.stream)

    assert desk.deliver(import_) == first
    assert desk.store.stream == stream


def test_an_event_that_comes_late_takes_no_row_that_was_refused_in_its_time(desk: Desk) -> None:
    archive(desk, ClientStatus.ARCHIVED)
    import_ = desk.imported(b"one")
    archive(desk, ClientStatus.ACTIVE)

    assert desk.deliver(import_) == import_
    assert desk.entries() == []


def archive(desk: Desk, status: ClientStatus) -> None:
    desk.world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, status=status)
    )


def test_an_event_that_comes_late_brings_nothing_back_that_was_undone(desk: Desk) -> None:
    import_ = desk.imported()
    undone = desk.undone(import_)

    assert desk.deliver(import_) == undone
    assert desk.entries() == []


def test_an_import_that_is_undone_before_its_event_comes_takes_nothing(desk: Desk) -> None:
    import_ = desk.started()
    desk.undo(import_)

    desk.deliver(import_)

    assert (desk.current(import_).state, desk.entries()) == (State.UNDONE, [])


@pytest.mark.usefixtures("_small_parts")
def test_an_import_that_is_given_up_meanwhile_takes_no_further_part(desk: Desk) -> None:
    import_ = desk.started()
    once(desk.store, Step("work.add", Moment.AFTER, commits=True), lambda: desk.undo(import_))

    desk.deliver(import_)

    assert desk.store.calls["work.add"] == 2
    assert (desk.current(import_).state, desk.entries()) == (State.UNDONE, [])


def test_an_import_that_is_undone_while_its_last_rows_are_taken_leaves_none_of_them(desk: Desk) -> None:
    import_ = desk.started()
    once(desk.store, Step("work.add", Moment.BEFORE, commits=True), lambda: desk.undone(import_))

    desk.deliver(import_)

    assert (desk.current(import_).counts, desk.entries()) == (Counts(undone=3, refused=1), [])


def test_an_import_that_waits_is_left_alone(desk: Desk) -> None:
    details = ImportDetails(filename="sheet.txt", size=1, format=Format.TOGGL)
    asked = ask_for_import(details, account_id=ADA, imports=desk.world.imports, now=NOON, new_id=desk.new_id)

    assert desk.deliver(asked) == asked


def test_an_import_whose_rows_somebody_has_at_hand_is_left_to_that_one(desk: Desk) -> None:
    begun = begin_import(
        "sheet.txt",
        size=1,
        format_=Format.TOGGL,
        account_id=ADA,
        imports=desk.world.imports,
        now=NOON,
        new_id=desk.new_id,
    )

    assert desk.deliver(begun) == begun


def test_a_file_may_have_as_many_rows_as_are_allowed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.importing.MOST_ROWS", 4)

    assert desk.imported().counts == Counts(taken=3, refused=1)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\x00", "not-an-export"), (b"x\n" * (MOST_ROWS + 1), "too-many-rows")],
    ids=["binary", "long"],
)
def test_a_file_that_cannot_be_taken_fails_its_import_and_says_why(
    desk: Desk, content: bytes, code: str
) -> None:
    import_ = desk.imported(content)

    assert import_.state is State.FAILED
    assert import_.failure is not None
    assert import_.failure.code == code
    assert (import_.ended_at, import_.counts, desk.entries()) == (LATER, Counts(), [])


def test_a_file_that_another_one_took_the_place_of_is_not_taken(desk: Desk) -> None:
    import_ = desk.started()
    desk.uploads.put(ADA, import_.id, b"something else")

    failed = desk.deliver(import_)

    assert failed.failure == Failure(
        code="upload-changed", reason=f"another file of {import_.id} was uploaded"
    )
    assert desk.entries() == []


@pytest.mark.usefixtures("_small_parts")
def test_a_file_that_is_gone_half_way_fails_its_import_and_what_was_taken_can_be_undone(desk: Desk) -> None:
    import_ = desk.started()
    with pytest.raises(Crash):
        crashing(desk, "import_results.update", 2, lambda: desk.deliver(import_))
    desk.uploads.take_away(ADA, import_.id)

    failed = desk.deliver(import_)
    undone = desk.undone(failed)

    assert (failed.state, failed.counts) == (State.FAILED, Counts(taken=2))
    assert (undone.state, desk.entries()) == (State.UNDONE, [])


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize(("call", "at"), STEPS)
def test_what_died_anywhere_is_finished_by_the_next_delivery(desk: Desk, call: str, at: int) -> None:
    import_ = desk.started()
    with pytest.raises(Crash):
        crashing(desk, call, at, lambda: desk.deliver(import_))

    finished = desk.deliver(import_)

    assert (finished.state, finished.counts) == (State.FINISHED, Counts(taken=3, refused=1))
    assert desk.results(import_) == ["taken", "taken", "refused", "taken"]
    assert desk.said() == ["one", "three", "two"]


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize(("call", "at"), STEPS)
def test_what_died_anywhere_can_be_undone_as_it_is(desk: Desk, call: str, at: int) -> None:
    import_ = desk.started()
    with pytest.raises(Crash):
        crashing(desk, call, at, lambda: desk.deliver(import_))

    undone = desk.undone(import_)

    assert (undone.state, desk.entries()) == (State.UNDONE, [])


def test_a_row_that_could_not_be_taken_at_first_is_counted_once_it_is(desk: Desk) -> None:
    import_ = desk.started(b"one")
    archive(desk, ClientStatus.ARCHIVED)

    def be_overtaken() -> None:
        archive(desk, ClientStatus.ACTIVE)
        desk.deliver(import_)

    once(desk.store, Step("import_results.update", Moment.BEFORE, commits=True), be_overtaken)
    desk.deliver(import_)

    assert (desk.results(import_), desk.current(import_).counts) == (["taken"], Counts(taken=1))
    assert desk.said() == ["one"]


def test_a_rehearsal_tells_what_would_be_and_stores_nothing(desk: Desk) -> None:
    desk.imported(b"one")
    stream = list(desk.store.stream)

    foreseen = desk.world.importer().foresee(read(SHEET), account_id=ADA, import_id=import_id("0" * 16))

    assert [row.result for row in foreseen] == [
        Result.ALREADY_THERE,
        Result.TAKEN,
        Result.REFUSED,
        Result.TAKEN,
    ]
    assert desk.store.stream == stream
