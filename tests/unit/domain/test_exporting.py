import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.audit import audit_numbers
from domain.chain import BEGINNING, sha256_of
from domain.exporting import MANIFEST, ExportedDocument, ExportedFile, ExportedSeries
from domain.invoices import Invoice
from domain.timekeeping import edit_work
from domain.verifying import Fault, verify
from domain.work import WorkEntry
from tests.builders import ADA, a_work_entry, an_account
from tests.exports import a_year, exported
from tests.fakes import InMemoryArchive, Store
from tests.lived import CLIENT, NOVEMBER_30, OCTOBER_31, bill
from tests.world import World, in_memory

YEAR = "2026-{seq}"
JANUARY_31 = dt.date(2027, 1, 31)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def archive() -> InMemoryArchive:
    return InMemoryArchive()


@pytest.fixture
def world(store: Store, archive: InMemoryArchive) -> World:
    return a_year(in_memory(store), archive)


def test_an_export_holds_what_each_invoice_says_and_its_files(
    world: World, store: Store, archive: InMemoryArchive
) -> None:
    export = exported(world, archive)

    first, second = store.given[ADA, YEAR, 1], store.given[ADA, YEAR, 2]
    assert export.manifest().series == (
        ExportedSeries(
            series=YEAR, first=1, last=2, before_sha256=BEGINNING, chain_sha256=second.chain_sha256
        ),
    )
    assert export.manifest().documents[0] == ExportedDocument(
        series=YEAR,
        position=1,
        number="2026-0001",
        issued_on=OCTOBER_31,
        content=ExportedFile(path="01/0000000001-2026-0001.json", sha256=str(first.content_sha256)),
        chain_sha256=first.chain_sha256,
        files=(
            ExportedFile(path="01/0000000001-2026-0001.pdf", sha256=sha256_of(b"%PDF of 2026-0001")),
            ExportedFile(path="01/0000000001-2026-0001.cii.xml", sha256=sha256_of(b"<xml/>")),
        ),
    )
    assert export.files["01/0000000002-2026-0002.pdf"] == b"%PDF of 2026-0002"
    content = json.loads(export.files["01/0000000002-2026-0002.json"])
    assert (content["position"], content["document"]["number"]) == (2, "2026-0002")
    assert len(content["document"]["lines"]) == 3


def test_the_same_year_gives_the_same_bytes_again(world: World, archive: InMemoryArchive) -> None:
    assert exported(world, archive).files == exported(world, archive).files


def test_an_export_that_nobody_touched_has_nothing_wrong(world: World, archive: InMemoryArchive) -> None:
    assert verify(exported(world, archive)).flaws == ()


def test_a_year_without_invoices_is_an_export_too(world: World, archive: InMemoryArchive) -> None:
    export = exported(world, archive, year=1999)

    assert list(export.files) == [MANIFEST]
    assert (export.manifest().documents, verify(export).flaws) == ((), ())


def test_a_series_that_goes_on_in_the_next_year_goes_on_in_the_next_export(
    store: Store, archive: InMemoryArchive
) -> None:
    """So the ends of both exports can be held against each other."""
    world = in_memory(store).having(an_account(number_pattern="R{seq}"), CLIENT, a_work_entry())
    bill(world, OCTOBER_31)
    world.having(a_work_entry("b" * 16, date=dt.date(2027, 1, 4)))
    bill(world, JANUARY_31)

    before, after = (exported(world, archive, year=year) for year in (2026, 2027))

    [last], [first] = before.manifest().series, after.manifest().series
    assert (last.first, last.last, first.first, first.last) == (1, 1, 2, 2)
    assert first.before_sha256 == last.chain_sha256
    assert (verify(before).flaws, verify(after).flaws) == ((), ())


def test_each_series_has_a_folder_and_a_number_no_place_outside_of_it(
    store: Store, archive: InMemoryArchive
) -> None:
    world = in_memory(store).having(an_account(number_pattern="../{month}/{seq}"), CLIENT, a_work_entry())
    bill(world, OCTOBER_31)
    details = replace(an_account().details(), number_pattern="R {seq}")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))
    world.having(a_work_entry("b" * 16, date=dt.date(2026, 11, 4)))
    bill(world, NOVEMBER_30)

    export = exported(world, archive)

    assert sorted(export.files) == [
        "01/0000000001-..-10-1.json",
        "02/0000000001-R-1.json",
        MANIFEST,
    ]
    assert verify(export).flaws == ()


def test_what_was_numbered_before_there_was_a_chain_is_exported_without_a_link(
    world: World, store: Store, archive: InMemoryArchive
) -> None:
    for key, given in store.given.items():
        store.given[key] = replace(given, content_sha256=None, chain_sha256=None)

    export = exported(world, archive)

    assert [document.chain_sha256 for document in export.manifest().documents] == [None, None]
    assert verify(export).flaws == ()


def test_an_invoice_that_was_changed_since_is_found_in_its_export(
    world: World, store: Store, archive: InMemoryArchive
) -> None:
    entry = next(each for each in store.all(WorkEntry) if each.invoiced_on == OCTOBER_31)
    store.change(replace(entry, description="Something else"), read=entry)

    flaws = verify(exported(world, archive)).flaws

    assert [(flaw.code, flaw.place) for flaw in flaws] == [
        (Fault.FILE_CHANGED, "01/0000000001-2026-0001.json")
    ]


def test_a_pdf_that_is_gone_is_found_in_its_export(world: World, store: Store) -> None:
    flaws = verify(exported(world, InMemoryArchive())).flaws

    assert [flaw.code for flaw in flaws] == [Fault.FILE_MISSING] * 4


def test_a_pdf_that_is_another_is_found_in_its_export(world: World, store: Store) -> None:
    other = InMemoryArchive()
    for invoice in store.all(Invoice):
        other.put(key=f"{ADA}/invoices/{invoice.id}.pdf", content=b"%PDF of another")

    flaws = verify(exported(world, other)).flaws

    assert [flaw.code for flaw in flaws if flaw.place.endswith(".pdf")] == [Fault.FILE_CHANGED] * 2


def lose(store: Store, invoice: Invoice) -> None:
    of_kind = store._entities[Invoice]
    store._entities[Invoice] = {key: stored for key, stored in of_kind.items() if stored != invoice}


def unfreeze(store: Store, invoice: Invoice) -> None:
    store.change(replace(invoice, buyer=None), read=invoice)


@pytest.mark.parametrize("take_away", [lose, unfreeze])
def test_an_invoice_that_was_taken_away_since_is_found_in_its_export(
    world: World, store: Store, archive: InMemoryArchive, take_away: Callable[[Store, Invoice], None]
) -> None:
    [october] = [each for each in store.all(Invoice) if each.due_on == OCTOBER_31]
    take_away(store, october)

    flaws = verify(exported(world, archive)).flaws

    assert [(flaw.code, flaw.place) for flaw in flaws] == [
        (Fault.FILE_MISSING, "01/0000000001-2026-0001.json")
    ]


def test_a_credit_note_is_exported_in_its_series_and_changes_nothing_of_its_invoice(
    world: World, store: Store, archive: InMemoryArchive
) -> None:
    """The work is released and edited; the invoice still says what it said."""
    before = exported(world, archive).files
    [october] = [each for each in store.all(Invoice) if each.due_on == OCTOBER_31]
    world.finish(world.credit(october).id, account_id=ADA, day=NOVEMBER_30)
    entry = next(each for each in store.all(WorkEntry) if each.is_unbilled)
    edit_work(entry.id, lambda details: replace(details, minutes=1), account_id=ADA, work=world.work)

    export = exported(world, archive)

    numbers = [(each.series, each.number) for each in export.manifest().documents]
    assert numbers == [(YEAR, "2026-0001"), (YEAR, "2026-0002"), ("CN-2026-{seq}", "CN-2026-0001")]
    content = json.loads(export.files["02/0000000001-CN-2026-0001.json"])
    assert content["document"]["corrects"]["number"] == "2026-0001"
    assert {path: export.files[path] for path in before if path != MANIFEST} == {
        path: content for path, content in before.items() if path != MANIFEST
    }
    assert verify(export).flaws == ()
    assert audit_numbers(ADA, books=world.books()).findings == ()
