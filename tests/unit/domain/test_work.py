import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.clients import ClientIsArchivedError, ClientStatus
from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.identifiers import WorkId, import_id, work_id
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkDetails, WorkEntry, WorkIsInvoicedError
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_invoice_id, ids, some_work
from tests.fakes import InMemoryClients, InMemoryWork

OCTOBER_31 = dt.date(2026, 10, 31)
NOWHERE = work_id(ACME, "nowhere000000000")


def work_of(*entries: WorkEntry) -> InMemoryWork:
    work = InMemoryWork()
    for entry in entries:
        work.add(entry=entry)
    return work


def described(description: str) -> Callable[[WorkDetails], WorkDetails]:
    return lambda details: replace(details, description=description)


def test_logged_work_is_priced_as_of_now() -> None:
    clients, work = InMemoryClients(), InMemoryWork()
    clients.add(client=a_client(hourly_rate=Decimal(90)))

    entry = log_work(
        some_work(minutes=20), account_id=ADA, client_id=ACME, clients=clients, work=work, new_id=ids()
    )
    clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, hourly_rate=Decimal(120))
    )

    assert entry.amount == 30_00
    assert work.get(account_id=ADA, work_id=entry.id) == entry


def test_a_request_that_comes_again_with_its_ids_logs_nothing_more() -> None:
    clients, work = InMemoryClients(), InMemoryWork()
    clients.add(client=a_client())

    def log() -> WorkEntry:
        return log_work(some_work(), account_id=ADA, client_id=ACME, clients=clients, work=work, new_id=ids())

    first = log()
    edited = edit_work(first.id, described("Notes"), account_id=ADA, work=work)

    assert log() == edited
    assert len(work) == 1


def test_work_is_logged_for_a_client_of_the_account_only() -> None:
    clients, work = InMemoryClients(), InMemoryWork()
    clients.add(client=a_client(account_id=BOB))

    with pytest.raises(NotFoundError):
        log_work(some_work(), account_id=ADA, client_id=ACME, clients=clients, work=work, new_id=ids())

    assert len(work) == 0


def test_no_work_is_logged_for_an_archived_client() -> None:
    clients, work = InMemoryClients(), InMemoryWork()
    clients.add(client=a_client(status=ClientStatus.ARCHIVED))

    with pytest.raises(ClientIsArchivedError):
        log_work(some_work(), account_id=ADA, client_id=ACME, clients=clients, work=work, new_id=ids())

    assert len(work) == 0


def test_an_edit_is_stored_as_the_next_version() -> None:
    entry = a_work_entry()
    work = work_of(entry)

    edited = edit_work(entry.id, described("Notes"), account_id=ADA, work=work)

    assert edited == replace(entry, description="Notes", version=2)
    assert work.get(account_id=ADA, work_id=entry.id) == edited


def test_an_edit_keeps_the_hourly_rate_of_the_day_it_was_logged() -> None:
    entry = a_work_entry(client=a_client(hourly_rate=Decimal(90)))

    edited = entry.edited(some_work(minutes=120))

    assert edited.amount == 180_00


def test_an_edit_that_changes_nothing_is_not_stored() -> None:
    entry = a_work_entry()
    work = work_of(entry)

    edit_work(entry.id, lambda details: details, account_id=ADA, work=work)

    assert work.get(account_id=ADA, work_id=entry.id).version == 1


def test_claimed_work_cannot_be_edited() -> None:
    claimed = a_work_entry(invoiced_on=OCTOBER_31)
    work = work_of(claimed)

    with pytest.raises(WorkIsInvoicedError) as raised:
        edit_work(claimed.id, described("Notes"), account_id=ADA, work=work)

    assert raised.value.invoice_id == an_invoice_id(due_on=OCTOBER_31)
    assert work.get(account_id=ADA, work_id=claimed.id) == claimed


def test_claimed_work_cannot_be_removed() -> None:
    claimed = a_work_entry(invoiced_on=OCTOBER_31)
    work = work_of(claimed)

    with pytest.raises(WorkIsInvoicedError):
        remove_work(claimed.id, account_id=ADA, work=work)

    assert claimed.id in work


def test_claimed_work_cannot_be_claimed_again() -> None:
    with pytest.raises(WorkIsInvoicedError):
        a_work_entry(invoiced_on=OCTOBER_31).claimed(dt.date(2026, 11, 30))


def test_removed_work_is_kept_with_its_last_version() -> None:
    entry = a_work_entry()
    work = work_of(entry)

    remove_work(entry.id, account_id=ADA, work=work)

    assert entry.id not in work
    assert work.get(account_id=ADA, work_id=entry.id) == replace(entry, removed=True, version=2)


def test_removing_work_twice_is_the_same_as_once() -> None:
    entry = a_work_entry()
    work = work_of(entry)

    for _ in range(2):
        remove_work(entry.id, account_id=ADA, work=work)

    assert work.get(account_id=ADA, work_id=entry.id).version == 2


def test_removed_work_can_be_neither_edited_nor_claimed() -> None:
    removed = a_work_entry(removed=True)

    with pytest.raises(NotFoundError):
        removed.edited(some_work())
    with pytest.raises(NotFoundError):
        removed.claimed(OCTOBER_31)


@pytest.mark.parametrize("work_id", [NOWHERE, WorkId("wrk_"), WorkId("cli_acme000000000000"), WorkId("")])
def test_work_that_is_not_there_can_be_neither_edited_nor_removed(work_id: WorkId) -> None:
    work = InMemoryWork()

    with pytest.raises(NotFoundError):
        edit_work(work_id, described("Notes"), account_id=ADA, work=work)
    with pytest.raises(NotFoundError):
        remove_work(work_id, account_id=ADA, work=work)


def test_work_of_another_account_looks_as_if_it_were_not_there() -> None:
    entry = a_work_entry()
    work = work_of(entry)

    with pytest.raises(NotFoundError):
        edit_work(entry.id, described("Notes"), account_id=BOB, work=work)

    assert work.get(account_id=ADA, work_id=entry.id) == entry


@pytest.mark.parametrize(
    ("minutes", "hours"), [(60, "1.0000"), (20, "0.3333"), (1, "0.0167"), (1440, "24.0000")]
)
def test_time_is_billed_in_hours_to_four_places(minutes: int, hours: str) -> None:
    entry = a_work_entry(minutes=minutes)

    assert (str(entry.billed_quantity), entry.billed_unit) == (hours, "hour")


def test_the_printed_quantity_is_the_one_that_is_multiplied() -> None:
    entry = a_work_entry(client=a_client(hourly_rate=Decimal(736)), minutes=2)

    assert entry.billed_quantity == Decimal("0.0333")
    assert entry.amount == 24_51  # and not 24.53, which nobody could compute again from the line


def test_a_quantity_is_billed_in_its_own_unit() -> None:
    entry = a_work_entry(quantity=Decimal("3.5"), unit="page", rate=Decimal("2.55"))

    assert (entry.billed_quantity, entry.billed_unit, entry.amount) == (Decimal("3.5"), "page", 8_93)


def test_an_own_rate_takes_the_place_of_the_hourly_rate() -> None:
    assert a_work_entry(minutes=60, rate=Decimal(0)).amount == 0
    assert a_work_entry(minutes=60, rate=Decimal(80)).amount == 80_00


def test_work_that_is_not_billable_costs_nothing_and_is_never_invoiced() -> None:
    entry = a_work_entry(billable=False)

    assert (entry.amount, entry.is_unbilled) == (0, False)


def test_a_quantity_that_is_not_billable_needs_no_price() -> None:
    assert a_work_entry(quantity=Decimal(3), rate=None, billable=False).amount == 0


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"minutes": None}, [("/minutes", "missing")]),
        ({"minutes": None, "quantity": Decimal(1), "rate": Decimal(1)}, [("/minutes", "missing")]),
        ({"minutes": None, "unit": "page", "rate": Decimal(1)}, [("/minutes", "missing")]),
        ({"minutes": 60, "quantity": Decimal(1)}, [("/quantity", "both")]),
        ({"minutes": 60, "unit": "page"}, [("/quantity", "both")]),
        ({"date": dt.date(206, 10, 5)}, [("/date", "out-of-range")]),
        ({"minutes": 0}, [("/minutes", "out-of-range")]),
        ({"minutes": 1441}, [("/minutes", "out-of-range")]),
        ({"minutes": None, "quantity": Decimal(1), "unit": "page"}, [("/rate", "missing")]),
        (
            {"minutes": None, "quantity": Decimal(0), "unit": " ", "rate": Decimal(1)},
            [("/quantity", "out-of-range"), ("/unit", "empty")],
        ),
        (
            {"minutes": None, "quantity": Decimal(1_000_001), "unit": "page", "rate": Decimal(1_000_000_001)},
            [("/quantity", "out-of-range"), ("/rate", "out-of-range")],
        ),
        ({"rate": Decimal("-0.01")}, [("/rate", "out-of-range")]),
        ({"rate": Decimal("0.00001")}, [("/rate", "too-precise")]),
        ({"tags": ("a",) * 21}, [("/tags", "too-many")]),
        ({"tags": ("a", "", "b" * 51)}, [("/tags/1", "empty"), ("/tags/2", "too-long")]),
    ],
)
def test_what_does_not_make_sense_is_refused(said: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidError) as raised:
        replace(some_work(), **said)

    assert [(problem.pointer, problem.code) for problem in raised.value.problems] == wrong


def test_all_that_is_wrong_with_work_is_told_at_once() -> None:
    with pytest.raises(InvalidError) as raised:
        WorkDetails(
            date=dt.date(1, 1, 1),
            description="",
            minutes=-1,
            project="",
            rate=Decimal("NaN"),
            tags=("\x00",) * 21,
        )

    assert {problem.pointer for problem in raised.value.problems} == {
        "/date",
        "/description",
        "/project",
        "/minutes",
        "/rate",
        "/tags",
        *(f"/tags/{index}" for index in range(21)),
    }


ONE, OTHER, THIRD = (import_id(f"{number:016}") for number in (1, 2, 3))
GONE = replace(a_work_entry(version=2, removed=True), import_id=ONE)
ANEW = replace(a_work_entry(minutes=90), import_id=OTHER)


def test_an_entry_that_went_with_its_import_is_taken_again_as_it_is_now() -> None:
    assert GONE.taken_again(ANEW, after=GONE) == replace(ANEW, version=2)


@pytest.mark.parametrize(
    "found",
    [replace(GONE, removed=False), replace(GONE, import_id=THIRD), replace(GONE, import_id=None)],
    ids=["there", "another import's", "nobody's"],
)
def test_an_entry_that_is_another_one_by_now_is_not_taken_again(found: WorkEntry) -> None:
    with pytest.raises(ConflictError):
        found.taken_again(ANEW, after=GONE)
