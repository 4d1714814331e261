"""What was removed comes back with another import only where an import had removed it."""

from dataclasses import replace

from domain.identifiers import import_id
from domain.import_rows import Counts
from domain.timekeeping import remove_work
from tests.builders import ACME, ADA
from tests.fakes import Moment, Step
from tests.importing import Desk
from tests.turns import once


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
