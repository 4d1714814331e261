"""Rows become work and are taken back, whatever happens meanwhile, and however often either is done."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clients import ClientStatus
from domain.identifiers import import_id
from domain.importing import import_work
from domain.imports import (
    MOST_ROWS,
    ROWS_A_PART,
    Counts,
    Failure,
    Format,
    Import,
    ImportDetails,
    ImportIsInvoicedError,
    Result,
    RowResult,
    State,
    ask_for_import,
    begin_import,
    start_import,
    undo_import,
)
from domain.timekeeping import remove_work
from domain.timesheets import NotAnExportError, Refusal, Row
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_client, an_account, ids, some_work
from tests.fakes import InMemoryUploads, Moment, Step, Store
from tests.fakes.store import NOON
from tests.turns import Crash, once, take_turns
from tests.world import World, in_memory

LATER = NOON + dt.timedelta(hours=1)
OCTOBER_31 = dt.date(2026, 10, 31)
SHEET = b"one\ntwo\n!\nthree"


def read(content: bytes) -> Sequence[Row | Refusal]:
    """An export of lines: each is what was done, `!` a broken row; what is not text is no export."""
    if b"\x00" in content:
        raise NotAnExportError("the file is not text")
    return [
        Refusal(line, "broken-row", "look for a stray quote") if says == "!" else a_row(says, line)
        for line, says in enumerate(content.decode().splitlines(), start=2)
    ]


def a_row(says: str, line: int) -> Row:
    details = some_work(date=dt.date(2026, 10, 5), description=says)
    return Row(line=line, client="Acme GmbH", fingerprint=says, details=details)


class Desk:
    """Where files are imported: over one store, with the events that it would publish delivered by hand."""

    def __init__(self) -> None:
        self.store = Store()
        self.world: World = in_memory(self.store).having(an_account(), a_client())
        self.new_id = ids()

    def started(self, content: bytes = SHEET) -> Import:
        """An import whose event is on its way."""
        details = ImportDetails(filename="sheet.txt", size=len(content), format=Format.TOGGL)
        asked = ask_for_import(
            details, account_id=ADA, imports=self.world.imports, now=NOON, new_id=self.new_id
        )
        self.uploads.put(ADA, asked.id, content)
        return start_import(
            asked.id, account_id=ADA, imports=self.world.imports, uploads=self.world.uploads, now=NOON
        )

    @property
    def uploads(self) -> InMemoryUploads:
        assert isinstance(self.world.uploads, InMemoryUploads)
        return self.world.uploads

    def deliver(self, import_: Import) -> Import:
        """What the queue does with an event of the import."""
        return import_work(
            import_.id,
            account_id=ADA,
            uploads=self.world.uploads,
            readers={Format.TOGGL: read},
            importer=self.world.importer(),
            now=LATER,
        )

    def imported(self, content: bytes = SHEET) -> Import:
        return self.deliver(self.started(content))

    def undo(self, import_: Import) -> Import:
        return undo_import(
            import_.id,
            account_id=ADA,
            imports=self.world.imports,
            results=self.world.import_results,
            known=self.world.known_work,
        )

    def undone(self, import_: Import) -> Import:
        self.undo(import_)
        return self.deliver(import_)

    def current(self, import_: Import) -> Import:
        return self.world.imports.get(account_id=ADA, import_id=import_.id)

    def rows(self, import_: Import) -> list[RowResult]:
        parts = self.world.import_results.parts(account_id=ADA, import_id=import_.id)
        return [row for part in parts for row in part.rows]

    def results(self, import_: Import) -> list[str]:
        return [row.result.value for row in self.rows(import_)]

    def entries(self) -> list[WorkEntry]:
        """The work that there is."""
        return sorted(
            (entry for entry in self.store.all(WorkEntry) if not entry.removed),
            key=lambda entry: entry.description,
        )

    def said(self) -> list[str]:
        return [entry.description for entry in self.entries()]

    def claim(self, *entries: WorkEntry) -> None:
        """What an invoice does."""
        for entry in entries:
            self.world.work.update(
                account_id=ADA, work_id=entry.id, change=lambda each: each.claimed(OCTOBER_31)
            )


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a part: as many steps as a large file has."""
    monkeypatch.setattr("domain.importing.ROWS_A_PART", 2)


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


def crashing(desk: Desk, call: str, at: int, act: Callable[[], object]) -> None:
    """Die before the *at*-th call of a kind."""
    left = iter(range(at - 1))

    def hook(step: Step) -> None:
        if (step.call, step.moment) == (call, Moment.BEFORE) and next(left, None) is None:
            raise Crash

    desk.store.hook = hook
    try:
        act()
    finally:
        desk.store.hook = lambda _: None


STEPS = [
    *(("work.add", number) for number in (1, 2, 3)),
    *(("import_results.update", number) for number in (1, 2)),
    *(("imports.get", number) for number in (1, 2, 3)),
    ("imports.update", 1),
]


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


def test_undoing_removes_what_the_import_brought_and_nothing_else(desk: Desk) -> None:
    first = desk.imported(b"one")
    second = desk.imported(b"one\ntwo")

    undone = desk.undone(second)

    assert (undone.state, undone.counts) == (State.UNDONE, Counts(undone=1, already_there=1))
    assert desk.said() == ["one"]
    assert desk.results(first) == ["taken"]


def test_undoing_twice_changes_nothing_more(desk: Desk) -> None:
    import_ = desk.imported()
    first = desk.undone(import_)
    stream = list(desk.store.stream)

    assert desk.undone(import_) == first
    assert desk.store.stream == stream


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize(
    ("call", "at"),
    [
        *(("work.update", number) for number in (1, 2, 3)),
        *(("import_results.update", number) for number in (1, 2)),
        ("imports.update", 1),
    ],
)
def test_an_undo_that_died_anywhere_is_finished_by_the_next_delivery(desk: Desk, call: str, at: int) -> None:
    import_ = desk.imported()
    desk.undo(import_)
    with pytest.raises(Crash):
        crashing(desk, call, at, lambda: desk.deliver(import_))

    undone = desk.deliver(import_)

    assert (undone.state, undone.counts) == (State.UNDONE, Counts(undone=3, refused=1))
    assert desk.entries() == []


def test_an_entry_that_an_invoice_claims_while_the_import_is_undone_stays_and_is_told(desk: Desk) -> None:
    import_ = desk.imported()
    desk.undo(import_)
    desk.claim(desk.entries()[0])

    undone = desk.deliver(import_)

    assert (undone.state, undone.counts) == (State.UNDONE, Counts(undone=2, kept=1, refused=1))
    assert desk.results(import_) == ["kept", "undone", "refused", "undone"]
    assert desk.said() == ["one"]


def test_an_entry_that_is_claimed_just_before_it_is_removed_stays(desk: Desk) -> None:
    import_ = desk.imported(b"one")
    desk.undo(import_)
    (entry,) = desk.entries()
    once(desk.store, Step("work.get", Moment.BEFORE, commits=False), lambda: desk.claim(entry))

    undone = desk.deliver(import_)

    assert undone.counts == Counts(kept=1)
    assert desk.said() == ["one"]


def test_an_import_with_invoiced_entries_keeps_every_entry(desk: Desk) -> None:
    import_ = desk.imported()
    desk.claim(desk.entries()[0])

    with pytest.raises(ImportIsInvoicedError):
        desk.undo(import_)

    assert (desk.current(import_), len(desk.entries())) == (import_, 3)


def test_an_entry_that_a_person_changed_goes_with_its_import(desk: Desk) -> None:
    import_ = desk.imported(b"one")
    (entry,) = desk.entries()
    desk.world.work.update(
        account_id=ADA,
        work_id=entry.id,
        change=lambda each: each.edited(replace(each.details(), minutes=7)),
    )

    desk.undone(import_)

    assert desk.entries() == []


def test_the_file_of_an_import_that_was_undone_can_be_imported_again(desk: Desk) -> None:
    first = desk.imported()
    desk.undone(first)

    second = desk.imported()

    assert second.counts == Counts(taken=3, refused=1)
    assert desk.said() == ["one", "three", "two"]
    assert {entry.import_id for entry in desk.entries()} == {second.id}


def test_what_comes_back_is_priced_as_of_then(desk: Desk) -> None:
    desk.undone(desk.imported(b"one"))
    desk.world.clients.update(
        account_id=ADA,
        client_id=ACME,
        change=lambda client: replace(client, hourly_rate=client.hourly_rate * 2),
    )

    desk.imported(b"one")

    (entry,) = desk.entries()
    assert (entry.amount, entry.version) == (200_00, 3)


def test_what_another_import_brought_back_the_first_one_does_not_take(desk: Desk) -> None:
    first = desk.imported(b"one")
    desk.undone(first)
    second = desk.imported(b"one")

    desk.deliver(first)

    assert [entry.import_id for entry in desk.entries()] == [second.id]
    assert desk.results(first) == ["undone"]


def test_what_another_import_brought_back_meanwhile_is_not_taken_from_it(desk: Desk) -> None:
    first = desk.imported(b"one")
    desk.undo(first)

    def be_overtaken() -> None:
        desk.deliver(first)
        desk.imported(b"one")

    once(desk.store, Step("work.get", Moment.BEFORE, commits=False), be_overtaken)
    desk.deliver(first)

    assert desk.said() == ["one"]


def test_what_a_person_removed_does_not_come_back_while_its_import_stands(desk: Desk) -> None:
    desk.imported(b"one")
    (entry,) = desk.entries()
    remove_work(entry.id, account_id=ADA, work=desk.world.work)

    again = desk.imported(b"one")

    assert (again.counts, desk.entries()) == (Counts(already_there=1), [])


def test_what_a_person_removed_without_an_import_does_not_come_back(desk: Desk) -> None:
    import_ = desk.imported(b"one")
    (entry,) = desk.entries()
    desk.world.work.update(
        account_id=ADA, work_id=entry.id, change=lambda each: replace(each, removed=True, import_id=None)
    )

    again = desk.imported(b"one")

    assert (again.counts, desk.entries()) == (Counts(already_there=1), [])
    assert desk.current(import_).counts == Counts(taken=1)


def test_what_an_import_that_nobody_knows_removed_does_not_come_back(desk: Desk) -> None:
    desk.imported(b"one")
    (entry,) = desk.entries()
    desk.world.work.update(
        account_id=ADA,
        work_id=entry.id,
        change=lambda each: replace(each, removed=True, import_id=import_id("9" * 16)),
    )

    assert desk.imported(b"one").counts == Counts(already_there=1)


def test_work_on_an_invoice_stays_though_its_import_was_undone(desk: Desk) -> None:
    first = desk.imported(b"one")
    desk.undo(first)
    desk.claim(*desk.entries())
    desk.deliver(first)

    second = desk.imported(b"one")

    assert (second.counts, [entry.import_id for entry in desk.entries()]) == (
        Counts(already_there=1),
        [first.id],
    )


def test_of_two_imports_that_bring_one_row_back_it_belongs_to_the_faster(desk: Desk) -> None:
    desk.undone(desk.imported(b"one"))
    slow, fast = desk.started(b"one"), desk.started(b"one")
    once(desk.store, Step("work.get", Moment.BEFORE, commits=False), lambda: desk.deliver(fast))

    desk.deliver(slow)

    assert [entry.import_id for entry in desk.entries()] == [fast.id]
    assert (desk.results(fast), desk.results(slow)) == (["taken"], ["already-there"])


def test_of_two_imports_of_one_row_at_once_it_belongs_to_the_faster(desk: Desk) -> None:
    slow, fast = desk.started(b"one"), desk.started(b"one")
    once(desk.store, Step("work.add", Moment.BEFORE, commits=True), lambda: desk.deliver(fast))

    desk.deliver(slow)

    assert [entry.import_id for entry in desk.entries()] == [fast.id]
    assert (desk.results(fast), desk.results(slow)) == (["taken"], ["already-there"])
    assert desk.current(slow).counts == Counts(already_there=1)


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


schedules = st.lists(st.integers(0, 5), max_size=120)
crashes = st.frozensets(st.integers(0, 100), max_size=4)


def an_invoice_run(desk: Desk) -> Callable[[], None]:
    """Claims what it finds, until somebody else is faster."""

    def work() -> None:
        for entry in desk.entries()[:2]:
            with suppress(Exception):
                desk.claim(entry)

    return work


@pytest.mark.usefixtures("_small_parts")
@given(schedule=schedules, deaths=crashes)
def test_an_import_and_its_undo_end_well_however_they_meet(
    schedule: list[int], deaths: frozenset[int]
) -> None:
    desk = Desk()
    import_, other = desk.started(), desk.started(b"two\nfour")

    def undo() -> None:
        with suppress(ImportIsInvoicedError):
            desk.undone(import_)

    workers = [
        lambda: desk.deliver(import_),
        lambda: desk.deliver(import_),
        undo,
        lambda: desk.deliver(other),
        an_invoice_run(desk),
    ]
    errors = take_turns(desk.store, schedule, *workers, crashes=deaths)
    desk.store.hook = lambda _: None
    ended = [desk.deliver(import_), desk.deliver(other)]  # whatever died comes again

    assert all(error is None or isinstance(error, Crash) for error in errors)
    stored = {entry.id: entry for entry in desk.store.all(WorkEntry)}
    for each in ended:
        for row in desk.rows(each):
            entry = stored.get(row.work_id) if row.work_id else None
            match row.result:
                case Result.TAKEN:
                    assert entry
                    assert (entry.import_id, entry.removed) == (each.id, False)
                case Result.UNDONE:
                    assert entry is None or entry.removed or entry.import_id != each.id
                case Result.KEPT:
                    assert entry
                    assert entry.invoiced_on
        assert each.counts == Counts.of(desk.world.import_results.parts(account_id=ADA, import_id=each.id))
    assert ended[1].state is State.FINISHED
    if ended[0].state is State.UNDONE:
        left = [each for each in stored.values() if each.import_id == import_.id and not each.removed]
        assert all(entry.invoiced_on for entry in left)
