"""What may be done with an import, and when."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import InvalidError, NotFoundError
from domain.identifiers import AccountId, ImportId, import_id
from domain.import_rows import Counts, Result, RowResult, Rows
from domain.imports import (
    MOST_BYTES,
    Failure,
    Format,
    Import,
    ImportDetails,
    ImportIsInvoicedError,
    ImportIsStartedError,
    NothingUploadedError,
    State,
    ask_for_import,
    list_rows,
    start_import,
    undo_import,
)
from domain.paging import Page, every
from domain.work import WorkEntry
from tests.builders import ADA, BOB, a_client, a_work_entry
from tests.fakes import InMemoryUploads, Store
from tests.fakes.store import NOON
from tests.world import World, in_memory

DETAILS = ImportDetails(filename="october.csv", size=12, format=Format.TOGGL)
FIRST = import_id("1" * 16)
LATER = NOON + dt.timedelta(hours=1)
IMPORT = Import(
    id=FIRST, account_id=ADA, filename="october.csv", size=12, format=Format.TOGGL, created_at=NOON
)
STARTED = IMPORT.started('"mark"', NOON)
GIVEN_UP = (State.UNDOING, State.UNDONE)


@pytest.fixture
def world() -> World:
    return in_memory(Store()).having(a_client())


def asked_for(world: World) -> Import:
    return ask_for_import(DETAILS, account_id=ADA, imports=world.imports, now=NOON, new_id=lambda: "1" * 16)


def uploaded(world: World, content: bytes = b"a row") -> None:
    assert isinstance(world.uploads, InMemoryUploads)
    world.uploads.put(ADA, FIRST, content)


def start(world: World, name: ImportId = FIRST, *, by: AccountId = ADA) -> Import:
    return start_import(name, account_id=by, imports=world.imports, uploads=world.uploads, now=LATER)


def undo(world: World, name: ImportId = FIRST, *, by: AccountId = ADA) -> Import:
    return undo_import(
        name,
        account_id=by,
        imports=world.imports,
        results=world.import_results,
        known=world.known_work,
    )


def rows(
    world: World,
    name: ImportId = FIRST,
    *,
    by: AccountId = ADA,
    result: Result | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[RowResult]:
    return list_rows(
        name,
        account_id=by,
        imports=world.imports,
        results=world.import_results,
        result=result,
        limit=limit,
        cursor=cursor,
    )


def kept(world: World, *told: RowResult, number: int = 1) -> None:
    world.import_results.update(
        account_id=ADA, import_id=FIRST, number=number, change=lambda part: replace(part, rows=told)
    )


def test_an_import_that_is_asked_for_waits_for_its_file(world: World) -> None:
    asked = asked_for(world)

    assert asked == IMPORT == world.imports.get(account_id=ADA, import_id=FIRST)


def test_an_import_that_was_asked_for_before_is_the_same_one(world: World) -> None:
    asked_for(world)
    undoing = undo(world)

    assert asked_for(world) == undoing


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"filename": ""}, "/filename"),
        ({"filename": "x" * 256}, "/filename"),
        ({"filename": "a\x00b"}, "/filename"),
        ({"size": 0}, "/size"),
        ({"size": MOST_BYTES + 1}, "/size"),
    ],
)
def test_a_file_that_would_never_be_taken_is_refused_at_once(wrong: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidError) as told:
        replace(DETAILS, **wrong)  # type: ignore[arg-type] # each is of its field's type

    assert [problem.pointer for problem in told.value.problems] == [place]


def test_an_import_is_started_with_the_file_that_is_there(world: World) -> None:
    asked_for(world)
    uploaded(world)

    started = start(world)

    mark = world.uploads.mark(account_id=ADA, import_id=FIRST)
    assert started == replace(IMPORT, state=State.STARTED, content=mark, started_at=LATER, version=2)


def test_an_import_without_a_file_is_not_started(world: World) -> None:
    asked_for(world)

    with pytest.raises(NothingUploadedError):
        start(world)

    assert world.imports.get(account_id=ADA, import_id=FIRST) == IMPORT


def test_an_import_is_started_once(world: World) -> None:
    asked_for(world)
    uploaded(world)
    start(world)

    with pytest.raises(ImportIsStartedError):
        start(world)


def test_an_import_that_was_undone_is_not_started_whether_its_file_is_there_or_not(world: World) -> None:
    asked_for(world)
    undo(world)

    with pytest.raises(ImportIsStartedError):
        start(world)


def test_an_import_that_is_started_meanwhile_is_started_once(world: World) -> None:
    asked_for(world)
    uploaded(world)

    class Slow(InMemoryUploads):
        def mark(self, **of: object) -> str:
            start(world)
            return "another mark"

    with pytest.raises(ImportIsStartedError):
        start_import(FIRST, account_id=ADA, imports=world.imports, uploads=Slow(), now=LATER)


each_act = pytest.mark.parametrize("act", [start, undo, rows], ids=["start", "undo", "rows"])


@pytest.mark.parametrize("name", ["imp_0000000000000009", "imp_short", "cli_0000000000000001", "../../etc"])
@each_act
def test_an_import_that_is_not_there_is_not_found(
    world: World, name: str, act: Callable[..., object]
) -> None:
    with pytest.raises(NotFoundError):
        act(world, ImportId(name))


@each_act
def test_another_accounts_import_is_not_found_and_stays_as_it_is(
    world: World, act: Callable[..., object]
) -> None:
    asked_for(world)
    uploaded(world)

    with pytest.raises(NotFoundError):
        act(world, by=BOB)

    assert world.imports.get(account_id=ADA, import_id=FIRST) == IMPORT


def test_undoing_twice_is_the_same_as_once(world: World) -> None:
    asked_for(world)

    first, second = undo(world), undo(world)

    assert first == second == replace(IMPORT, state=State.UNDOING, version=2)


def entry_of(number: int, *, of: ImportId | None = FIRST, invoiced: bool = True) -> WorkEntry:
    entry = replace(a_work_entry(f"{number:016}"), import_id=of)
    return replace(entry, invoiced_on=dt.date(2026, 10, 31)) if invoiced else entry


def test_an_import_that_invoices_have_entries_of_is_not_undone_and_it_says_how_many(world: World) -> None:
    asked_for(world)
    ours = [entry_of(1), entry_of(2), entry_of(3, invoiced=False)]
    others = [entry_of(4, of=import_id("9" * 16)), entry_of(5, of=None)]
    world.having(*ours, *others)
    taken = [
        RowResult(line=line, result=Result.TAKEN, work_id=entry.id)
        for line, entry in enumerate([*ours, *others], start=2)
    ]
    kept(world, taken[0], taken[2], taken[4])
    kept(world, taken[1], taken[3], number=2)

    with pytest.raises(ImportIsInvoicedError, match="2 entries stand on invoices") as told:
        undo(world)

    assert told.value.invoiced == 2
    assert world.imports.get(account_id=ADA, import_id=FIRST) == IMPORT


def test_rows_that_were_there_before_keep_no_import_from_being_undone(world: World) -> None:
    asked_for(world)
    entry = entry_of(1)
    world.having(entry)
    kept(world, RowResult(line=2, result=Result.ALREADY_THERE, work_id=entry.id))

    assert undo(world).state is State.UNDOING


@pytest.mark.parametrize("state", [state for state in State if state is not State.WAITING])
def test_only_what_waits_is_started(state: State) -> None:
    with pytest.raises(ImportIsStartedError):
        replace(IMPORT, state=state).started(None, NOON)


@pytest.mark.parametrize("state", [state for state in State if state not in {State.STARTED, State.FINISHED}])
def test_only_what_is_started_ends(state: State) -> None:
    import_ = replace(IMPORT, state=state)

    assert import_.finished(Counts(taken=1), LATER) == import_
    assert import_.failed(Failure(code="not-an-export", reason="it is empty"), Counts(), LATER) == import_


def test_what_has_finished_does_not_fail_any_more() -> None:
    finished = STARTED.finished(Counts(taken=1), LATER)

    assert finished.failed(Failure(code="upload-changed", reason=""), Counts(), LATER) == finished


def test_who_counts_last_has_the_last_word() -> None:
    finished = STARTED.finished(Counts(refused=1), NOON)

    assert finished.finished(Counts(refused=1), LATER) == finished
    assert finished.finished(Counts(taken=1), LATER) == replace(
        finished, counts=Counts(taken=1), ended_at=LATER
    )


def test_an_import_without_rows_finishes_too() -> None:
    assert STARTED.finished(Counts(), LATER).state is State.FINISHED


@pytest.mark.parametrize("state", State)
def test_every_import_can_be_given_up(state: State) -> None:
    import_ = replace(IMPORT, state=state)

    assert import_.undoing().is_given_up
    assert import_.undoing() == (import_ if state in GIVEN_UP else replace(import_, state=State.UNDOING))


def test_an_import_is_undone_once() -> None:
    undone = IMPORT.undoing().undone(Counts(undone=2), NOON)

    assert undone.undone(Counts(undone=2), LATER) == undone
    assert (undone.state, undone.ended_at) == (State.UNDONE, NOON)


def a_row(line: int, result: Result = Result.TAKEN) -> RowResult:
    return RowResult(line=line, result=result, work_id=a_work_entry(f"{line:016}").id)


@pytest.mark.parametrize("result", [Result.TAKEN, Result.UNDONE, Result.KEPT])
def test_a_row_that_was_taken_is_not_refused_afterwards(result: Result) -> None:
    part = Rows(number=1, rows=(a_row(2, result), a_row(3, Result.REFUSED)))

    again = part.foreseen([RowResult(line=2, result=Result.REFUSED), a_row(3)])

    assert again.rows == (a_row(2, result), a_row(3))


def test_what_became_of_all_rows_is_counted() -> None:
    parts = [
        Rows(number=1, rows=tuple(a_row(line, result) for line, result in enumerate(Result, start=2))),
        Rows(number=2, rows=(a_row(102), a_row(103, Result.ALREADY_THERE))),
    ]

    assert Counts.of(parts) == Counts(taken=2, already_there=2, refused=1, undone=1, kept=1)


def all_lines(world: World, *, result: Result | None = None, limit: int = 100) -> list[int]:
    pages = every(lambda cursor: rows(world, result=result, limit=limit, cursor=cursor))
    return [row.line for row in pages]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 100])
def test_rows_are_listed_in_their_order_whatever_the_size_of_a_page(world: World, limit: int) -> None:
    asked_for(world)
    for number in range(1, 4):
        kept(world, *(a_row(number * 10 + line) for line in range(3)), number=number)

    assert all_lines(world, limit=limit) == [10, 11, 12, 20, 21, 22, 30, 31, 32]


def test_only_the_rows_that_met_one_fate_are_listed(world: World) -> None:
    asked_for(world)
    kept(world, a_row(2), a_row(3, Result.REFUSED), a_row(4))
    kept(world, a_row(5, Result.REFUSED), number=2)

    assert all_lines(world, result=Result.REFUSED, limit=1) == [3, 5]


def test_a_page_reads_so_many_parts_and_no_more(world: World) -> None:
    asked_for(world)
    for number in range(1, 26):
        kept(world, a_row(number, Result.REFUSED if number == 25 else Result.TAKEN), number=number)

    page = rows(world, result=Result.REFUSED)

    assert (page.items, page.next_cursor) == ((), "11.0")
    assert all_lines(world, result=Result.REFUSED) == [25]


@pytest.mark.parametrize("cursor", ["", "1", "1.", ".1", "1.-1", "a.b", "1.1.1", "٣.١", "9" * 5000 + ".1"])
def test_a_cursor_that_is_none_is_refused(world: World, cursor: str) -> None:
    asked_for(world)

    with pytest.raises(InvalidError):
        rows(world, cursor=cursor)
