"""An import is taken back, whatever happens meanwhile, and however often it is tried."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.import_rows import Counts, Result
from domain.imports import ImportIsInvoicedError, State
from domain.work import WorkEntry
from tests.builders import ADA
from tests.fakes import Moment, Step
from tests.importing import Desk, crashing
from tests.turns import Crash, once, take_turns


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
