"""Imports, what became of their rows, and their files are kept, for their own account only."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.identifiers import import_id, work_id
from domain.import_rows import Counts, Result, Results, RowResult, Rows
from domain.imports import Failure, Format, Import, Imports, NothingUploadedError, UploadChangedError, Uploads
from domain.paging import every
from infrastructure.dynamodb.attributes import from_item
from tests import data_stack
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account
from tests.fakes import InMemoryUploads
from tests.world import World

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
FIRST = import_id("1" * 16)
IMPORT = Import(
    id=FIRST, account_id=ADA, filename="october.csv", size=12, format=Format.TOGGL, created_at=NOON
)
ROW = RowResult(line=2, result=Result.TAKEN, work_id=work_id(ACME, "1" * 16))
REFUSED = RowResult(line=3, result=Result.REFUSED, code="broken-row", reason="look for a stray quote")


@pytest.fixture
def imports(world: World) -> Imports:
    return world.imports


@pytest.fixture
def results(world: World) -> Results:
    return world.import_results


def start(import_: Import) -> Import:
    return import_.started('"mark"', NOON)


@pytest.mark.parametrize(
    "import_",
    [
        IMPORT,
        start(IMPORT),
        start(IMPORT).finished(Counts(taken=1, already_there=2, refused=3, undone=4, kept=5), NOON),
        start(IMPORT).failed(Failure(code="not-an-export", reason="it is empty"), Counts(), NOON),
    ],
    ids=["waiting", "started", "finished", "failed"],
)
def test_an_import_comes_back_as_it_was_stored(imports: Imports, import_: Import) -> None:
    imports.add(import_=import_)

    assert imports.get(account_id=ADA, import_id=FIRST) == import_


def test_no_import_takes_the_place_of_another(imports: Imports) -> None:
    imports.add(import_=IMPORT)

    with pytest.raises(ConflictError):
        imports.add(import_=replace(IMPORT, filename="other.csv"))

    assert imports.get(account_id=ADA, import_id=FIRST) == IMPORT


def test_an_import_of_another_account_is_not_there(imports: Imports) -> None:
    imports.add(import_=IMPORT)

    with pytest.raises(NotFoundError):
        imports.get(account_id=BOB, import_id=FIRST)
    with pytest.raises(NotFoundError):
        imports.update(account_id=BOB, import_id=FIRST, change=start)
    assert imports.list(account_id=BOB).items == ()


def test_each_change_is_the_next_version_and_none_costs_none(imports: Imports) -> None:
    imports.add(import_=IMPORT)

    stored = imports.update(account_id=ADA, import_id=FIRST, change=start)
    same = imports.update(account_id=ADA, import_id=FIRST, change=lambda import_: import_)

    assert stored == same == replace(start(IMPORT), version=2)
    assert imports.get(account_id=ADA, import_id=FIRST) == stored


def test_a_change_runs_again_where_somebody_else_wrote_in_between(imports: Imports) -> None:
    imports.add(import_=IMPORT)
    runs = iter(range(9))

    def give_up_too_late(import_: Import) -> Import:
        if next(runs) == 0:
            imports.update(account_id=ADA, import_id=FIRST, change=start)
        return import_.undoing()

    stored = imports.update(account_id=ADA, import_id=FIRST, change=give_up_too_late)

    assert (stored.version, stored.started_at) == (3, NOON)


def test_imports_are_listed_the_newest_first_a_page_at_a_time(imports: Imports) -> None:
    names = [import_id(f"{number:016}") for number in range(5)]
    for name in names:
        imports.add(import_=replace(IMPORT, id=name))
    imports.add(import_=replace(IMPORT, account_id=BOB))

    listed = every(lambda cursor: imports.list(account_id=ADA, limit=2, cursor=cursor))

    assert [import_.id for import_ in listed] == names[::-1]


def test_a_list_of_imports_goes_on_where_it_was_while_another_comes(imports: Imports) -> None:
    for number in (1, 2, 3):
        imports.add(import_=replace(IMPORT, id=import_id(f"{number:016}")))
    first = imports.list(account_id=ADA, limit=2)
    imports.add(import_=replace(IMPORT, id=import_id(f"{4:016}")))

    rest = imports.list(account_id=ADA, limit=2, cursor=first.next_cursor)

    assert [import_.id for import_ in rest.items] == [import_id(f"{1:016}")]


def test_other_things_of_the_account_are_no_imports(dynamodb: World) -> None:
    dynamodb.having(an_account(), a_client(), a_work_entry())
    dynamodb.imports.add(import_=IMPORT)
    keep(dynamodb.import_results, 1, ROW)

    assert dynamodb.imports.list(account_id=ADA).items == (IMPORT,)


def test_a_cursor_of_another_account_is_refused(dynamodb: World) -> None:
    for number in (1, 2):
        dynamodb.imports.add(import_=replace(IMPORT, id=import_id(f"{number:016}")))
    cursor = dynamodb.imports.list(account_id=ADA, limit=1).next_cursor

    with pytest.raises(InvalidError):
        dynamodb.imports.list(account_id=BOB, limit=1, cursor=cursor)


def keep(results: Results, number: int, *rows: RowResult) -> Rows:
    return results.update(
        account_id=ADA, import_id=FIRST, number=number, change=lambda part: replace(part, rows=rows)
    )


def parts_of(results: Results, **more: Any) -> list[Rows]:
    return list(results.parts(account_id=ADA, import_id=FIRST, **more))


def test_rows_come_back_as_they_were_kept_in_the_order_of_their_parts(results: Results) -> None:
    kept = [keep(results, number, ROW, REFUSED) for number in (2, 10, 1)]

    assert kept[0] == Rows(number=2, rows=(ROW, REFUSED), version=1)
    assert parts_of(results) == sorted(kept, key=lambda part: part.number)
    assert [part.number for part in parts_of(results, first=2)] == [2, 10]


def test_a_part_that_stays_as_it_is_is_not_written(results: Results) -> None:
    first = keep(results, 1, ROW)

    assert keep(results, 1, ROW) == first
    assert parts_of(results) == [first]


def test_a_part_that_somebody_else_changed_is_read_again(results: Results) -> None:
    keep(results, 1, ROW)
    runs = iter(range(9))

    def undo_too_late(part: Rows) -> Rows:
        if next(runs) == 0:
            keep(results, 1, ROW, REFUSED)
        return part.having({2: Result.UNDONE})

    stored = results.update(account_id=ADA, import_id=FIRST, number=1, change=undo_too_late)

    assert stored == Rows(number=1, rows=(replace(ROW, result=Result.UNDONE), REFUSED), version=3)


def test_of_two_who_keep_the_same_part_for_the_first_time_the_second_reads_again(results: Results) -> None:
    runs = iter(range(9))

    def be_overtaken(part: Rows) -> Rows:
        if next(runs) == 0:
            keep(results, 1, ROW)
        return replace(part, rows=(*part.rows, REFUSED))

    stored = results.update(account_id=ADA, import_id=FIRST, number=1, change=be_overtaken)

    assert stored.rows == (ROW, REFUSED)


def test_what_became_of_rows_belongs_to_one_import_of_one_account(results: Results) -> None:
    keep(results, 1, ROW)

    assert list(results.parts(account_id=BOB, import_id=FIRST)) == []
    assert list(results.parts(account_id=ADA, import_id=import_id("2" * 16))) == []


def test_rows_of_more_than_a_megabyte_are_read_in_full(results: Results) -> None:
    long = replace(REFUSED, reason="x" * 300)
    for number in range(1, 31):
        keep(results, number, *(replace(long, line=number * 100 + at) for at in range(100)))

    parts = parts_of(results)

    assert sum(len(part.rows) for part in parts) == 3_000


def test_nothing_of_rows_is_what_the_stream_publishes(dynamodb: World) -> None:
    keep(dynamodb.import_results, 1, ROW)

    (item,) = data_stack.client("dynamodb").scan(TableName=data_stack.TABLE)["Items"]
    assert from_item(item)["type"] == "IMPORT_ROWS"


def test_the_work_that_is_there_is_found_among_many(world: World) -> None:
    entries = [a_work_entry("1" * 16), a_work_entry("2" * 16, removed=True)]
    world.having(*entries)
    missing = work_id(ACME, "3" * 16)

    found = world.known_work.among(account_id=ADA, work_ids=[*(each.id for each in entries), missing])

    assert found == {entry.id: entry for entry in entries}
    assert world.known_work.among(account_id=BOB, work_ids=[entries[0].id]) == {}
    assert world.known_work.among(account_id=ADA, work_ids=[]) == {}


def test_the_import_that_took_an_entry_is_kept_with_it(world: World) -> None:
    entry = replace(a_work_entry(), import_id=FIRST)
    world.having(entry)

    assert world.work.get(account_id=ADA, work_id=entry.id) == entry


Put = Callable[[bytes], None]


@pytest.fixture
def uploads(world: World) -> Uploads:
    return world.uploads


@pytest.fixture
def put(world: World, request: pytest.FixtureRequest) -> Put:
    """Uploads a file, as somebody with the address does."""
    if isinstance(world.uploads, InMemoryUploads):
        kept = world.uploads
        return lambda content: kept.put(ADA, FIRST, content)
    s3, key = data_stack.client("s3"), f"imports/{ADA}/{FIRST}/work.csv"
    return lambda content: s3.put_object(Bucket=data_stack.UPLOADS, Key=key, Body=content)


def test_a_file_is_read_with_the_mark_that_it_had(uploads: Uploads, put: Put) -> None:
    put(b"one")

    mark = uploads.mark(account_id=ADA, import_id=FIRST)

    assert uploads.get(account_id=ADA, import_id=FIRST, content=mark) == b"one"


def test_a_file_that_took_the_place_of_another_is_not_read_for_it(uploads: Uploads, put: Put) -> None:
    put(b"one")
    mark = uploads.mark(account_id=ADA, import_id=FIRST)
    put(b"two")

    with pytest.raises(UploadChangedError):
        uploads.get(account_id=ADA, import_id=FIRST, content=mark)


def test_a_file_that_is_not_there_is_told(uploads: Uploads) -> None:
    with pytest.raises(NothingUploadedError):
        uploads.mark(account_id=ADA, import_id=FIRST)
    with pytest.raises(NothingUploadedError):
        uploads.get(account_id=ADA, import_id=FIRST, content='"mark"')


def test_the_file_of_another_account_or_import_is_not_there(uploads: Uploads, put: Put) -> None:
    put(b"one")

    with pytest.raises(NothingUploadedError):
        uploads.mark(account_id=BOB, import_id=FIRST)
    with pytest.raises(NothingUploadedError):
        uploads.mark(account_id=ADA, import_id=import_id("2" * 16))


def test_an_address_is_of_the_accounts_own_import(uploads: Uploads) -> None:
    url, headers = uploads.address(account_id=ADA, import_id=FIRST, size=3)

    assert f"/{ADA}/{FIRST}/" in url
    assert headers == {"Content-Type": "text/csv", "Content-Length": "3"}
