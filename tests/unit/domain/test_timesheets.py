import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from domain.clients import Client, ClientStatus
from domain.identifiers import WorkId, client_id, client_of_work
from domain.import_rows import Result, RowResult
from domain.imports import Format, begin_import
from domain.timekeeping import remove_work
from domain.timesheets import Refusal, Row
from domain.work import WorkEntry
from tests.builders import ADA, BOB, UMBRELLA, a_client, ids, some_work
from tests.fakes import Moment, Step, Store
from tests.fakes.store import NOON
from tests.world import World, in_memory


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows."""

    added: tuple[WorkId, ...]
    known: int
    refused: tuple[Refusal, ...]

    @classmethod
    def of(cls, rows: Sequence[RowResult]) -> "Imported":
        refused = [row for row in rows if row.result is Result.REFUSED]
        return cls(
            added=tuple(row.work_id for row in rows if row.result is Result.TAKEN and row.work_id),
            known=sum(row.result is Result.ALREADY_THERE for row in rows),
            refused=tuple(Refusal(row.line, row.code or "", row.reason or "") for row in refused),
        )


@dataclass(frozen=True, slots=True)
class Sheets:
    """Files are imported into this, one after the other."""

    world: World
    new_id: Callable[[], str] = field(default_factory=ids)

    def take(self, *rows: Row | Refusal, progress: Callable[[int], None] = lambda _: None) -> Imported:
        begun = begin_import(
            "toggl.csv",
            size=100,
            format_=Format.TOGGL,
            account_id=ADA,
            imports=self.world.imports,
            now=NOON,
            new_id=self.new_id,
        )
        replace(self.world.importer(), progress=progress).take(rows, begun, now=NOON)
        parts = self.world.import_results.parts(account_id=ADA, import_id=begun.id)
        return Imported.of([row for part in parts for row in part.rows])

    def entries(self) -> list[WorkEntry]:
        since, until = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
        return list(self.world.work.list(account_id=ADA, since=since, until=until).items)


def into(clients: Iterable[Client] = (), store: Store | None = None) -> Sheets:
    sheets = Sheets(in_memory(store or Store()))
    for client in clients or [a_client()]:
        sheets.world.clients.add(client=client)
    return sheets


def a_row(says: str = "work", *, line: int = 2, client: str = "Acme GmbH") -> Row:
    return Row(line=line, client=client, fingerprint=says, details=some_work(description=says))


def test_a_row_becomes_work_of_the_client_with_that_name() -> None:
    sheets = into([a_client(), a_client(id=UMBRELLA, name="Umbrella", hourly_rate=Decimal(70))])

    imported = sheets.take(a_row(client="Umbrella"))

    (entry,) = sheets.entries()
    assert imported == Imported(added=(entry.id,), known=0, refused=())
    assert (entry.client_id, entry.details(), entry.amount) == (
        UMBRELLA,
        some_work(description="work"),
        70_00,
    )
    assert client_of_work(entry.id) == UMBRELLA


@pytest.mark.parametrize("written", ["ACME gmbh", "  Acme  GmbH ", "Acme\u00a0GmbH"])
def test_case_and_spaces_in_a_clients_name_do_not_matter(written: str) -> None:
    sheets = into()

    imported = sheets.take(a_row(client=written))

    assert len(imported.added) == 1


def test_a_second_import_of_the_same_file_adds_nothing() -> None:
    sheets = into()
    file = [a_row("one"), a_row("two", line=3)]
    sheets.take(*file)

    again = sheets.take(*file)

    assert again == Imported(added=(), known=2, refused=())
    assert len(sheets.entries()) == 2


def test_an_overlapping_file_adds_what_is_new() -> None:
    sheets = into()
    sheets.take(a_row("monday"), a_row("tuesday", line=3))

    imported = sheets.take(a_row("tuesday"), a_row("wednesday", line=3))

    assert (len(imported.added), imported.known) == (1, 1)
    assert sorted(entry.description for entry in sheets.entries()) == ["monday", "tuesday", "wednesday"]


def test_equal_rows_of_one_file_are_different_work() -> None:
    sheets = into()
    file = [a_row(line=2), a_row(line=3), a_row("other", line=4), a_row(line=5)]

    first = sheets.take(*file)
    second = sheets.take(*file)

    assert (len(first.added), len(second.added), second.known) == (4, 0, 4)
    assert len(sheets.entries()) == 4


def test_an_overlapping_file_adds_only_the_equal_rows_that_are_more() -> None:
    sheets = into()
    sheets.take(a_row(line=2), a_row(line=3))

    imported = sheets.take(a_row(line=2), a_row(line=3), a_row(line=4))

    assert (len(imported.added), imported.known) == (1, 2)


def test_work_that_was_removed_does_not_come_back_with_the_next_import() -> None:
    sheets = into()
    (added,) = sheets.take(a_row()).added
    remove_work(added, account_id=ADA, work=sheets.world.work)

    imported = sheets.take(a_row())

    assert imported.known == 1
    assert len(sheets.entries()) == 0


def test_a_row_that_cannot_be_taken_does_not_hold_up_the_others() -> None:
    sheets = into()
    broken = Refusal(3, "not-a-date", "the date is missing")

    imported = sheets.take(a_row("one"), broken, a_row("two", line=4))

    assert imported.refused == (broken,)
    assert len(imported.added) == 2


def test_a_row_of_an_unknown_client_is_refused_with_its_line() -> None:
    sheets = into()

    imported = sheets.take(a_row(client="Nobody", line=7))

    told = 'there is no client named "Nobody"; add it, then import the file again'
    assert imported.refused == (Refusal(7, "unknown-client", told),)
    assert len(sheets.entries()) == 0


def test_a_row_whose_client_cannot_be_told_is_refused() -> None:
    sheets = into([a_client(), a_client(id=UMBRELLA, name="ACME GmbH")])

    imported = sheets.take(a_row())

    told = 'several clients are named "Acme GmbH"; give them names of their own'
    assert imported.refused == (Refusal(2, "ambiguous-client", told),)


def test_a_row_of_an_archived_client_is_refused() -> None:
    sheets = into([a_client(status=ClientStatus.ARCHIVED)])

    (refusal,) = sheets.take(a_row()).refused

    assert (refusal.line, refusal.code) == (2, "client-is-archived")


def test_the_clients_of_another_account_are_unknown() -> None:
    sheets = into([a_client(account_id=BOB)])

    (refusal,) = sheets.take(a_row()).refused

    assert refusal.code == "unknown-client"


def test_clients_are_found_however_many_there_are() -> None:
    sheets = into(a_client(id=client_id(f"{number:016}"), name=f"Client {number}") for number in range(250))

    imported = sheets.take(a_row(client="Client 249"))

    assert len(imported.added) == 1


def test_progress_is_told_row_by_row() -> None:
    sheets = into()
    told: list[int] = []

    sheets.take(a_row("one"), a_row("one"), Refusal(4, "broken", ""), progress=told.append)

    assert told == [1, 2, 3]


def test_an_import_that_broke_off_is_finished_by_the_next() -> None:
    store = Store()
    sheets = into(store=store)
    file = [a_row(f"row {number}", line=number) for number in range(2, 12)]
    fail_at = iter(range(5))

    def fail(step: Step) -> None:
        if step.call == "work.add" and step.moment is Moment.AFTER and next(fail_at) == 4:
            raise ConnectionError

    store.hook = fail
    with pytest.raises(ConnectionError):
        sheets.take(*file)
    store.hook = lambda _: None
    imported = sheets.take(*file)

    assert (len(imported.added), imported.known) == (5, 5)
    assert len(sheets.entries()) == 10
