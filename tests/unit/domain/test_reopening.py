"""How an invoice whose claimed work has a wrong tax is mended: skipped, its work corrected, and reopened."""

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConflictError
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import issue_held
from domain.requirements import MOST_NAMED
from domain.reviews import NotInReviewError, NotSkippedError, reopen_invoice, skip_invoice
from domain.tax import Tax, TaxCategory
from domain.work import WorkEntry, WorkIsInvoicedError
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash, once, take_turns
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
VAT = Tax(rate=Decimal(19))
REVERSE_CHARGE = Tax(category=TaxCategory.REVERSE_CHARGE)
CLIENT = a_client(tax=VAT)
OCTOBERS = an_invoice_id(ACME, OCTOBER_31)


def held(store: Store, entries: int = 1, *, wrong: int = 1) -> World:
    """October's invoice is held: its first entries charge no tax, as if the client owed it."""
    work = [
        a_work_entry(f"{number:016}", tax=REVERSE_CHARGE if number < wrong else None)
        for number in range(entries)
    ]
    world = in_memory(store).having(an_account(), CLIENT, *work)
    world.tick(OCTOBER_31)
    assert issue(world).state is State.HELD
    return world


def issue(world: World, day: dt.date = OCTOBER_31) -> Invoice:
    """What the queue does, however often."""
    return world.issue(OCTOBERS, client=CLIENT, day=day)


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=OCTOBERS)


def skip(world: World) -> Invoice:
    return skip_invoice(OCTOBERS, account_id=ADA, invoices=world.invoices, reviews=world.reviews)


def reopen(world: World) -> Invoice:
    return reopen_invoice(OCTOBERS, account_id=ADA, invoices=world.invoices, reviews=world.reviews)


def correct(world: World, store: Store) -> None:
    for entry in store.all(WorkEntry):
        if entry.tax == REVERSE_CHARGE:
            world.work.update(
                account_id=ADA,
                work_id=entry.id,
                change=lambda known: known.edited(replace(known.editable(), tax=None)),
            )


def test_what_is_missing_names_the_lines_that_alone_want_it_and_how_to_correct_them() -> None:
    store = Store()
    held(store, entries=3, wrong=2)
    first, second, _ = store.all(WorkEntry)

    [missing] = store.all(Invoice)[0].missing

    assert (missing.code, missing.command) == ("buyer-vat-id", f"invoicely clients change {ACME} --tax-id …")
    assert missing.lines == (first.id, second.id)
    assert missing.lines_request == f"POST /v1/invoices/{OCTOBERS}/review"
    assert missing.lines_command == f"invoicely invoices review {OCTOBERS} skip"


def test_no_more_lines_are_named_than_a_person_reads() -> None:
    world = held(Store(), entries=30, wrong=30)

    [missing] = stored(world).missing

    assert len(missing.lines) == MOST_NAMED


def test_no_line_is_named_where_the_client_is_taxed_like_that() -> None:
    client = a_client(tax=REVERSE_CHARGE)
    world = in_memory(Store()).having(an_account(), client, a_work_entry(tax=REVERSE_CHARGE))
    world.tick(OCTOBER_31)

    [missing] = issue(world).missing

    assert (missing.lines, missing.lines_request, missing.lines_command) == ((), None, None)


def test_no_line_is_named_where_no_lines_tax_wants_it() -> None:
    world = in_memory(Store()).having(an_account(address=None), CLIENT, a_work_entry(tax=REVERSE_CHARGE))
    world.tick(OCTOBER_31)

    address, _ = issue(world).missing

    assert (address.code, address.lines) == ("seller-address", ())


@pytest.mark.parametrize("entries", [1, 98, 99, 250])
def test_it_goes_out_under_its_own_period_once_its_work_is_corrected(entries: int) -> None:
    store = Store()
    world = held(store, entries)

    skip(world)
    freed = issue(world)
    correct(world, store)
    reopen(world)
    issued = issue(world)

    assert (freed.state, freed.entries, freed.missing) == (State.SKIPPED, 0, ())
    assert (issued.id, issued.state, issued.number) == (OCTOBERS, State.ISSUED, "2026-0001")
    assert (issued.entries, issued.net, issued.tax_amount) == (entries, entries * 100_00, entries * 19_00)
    check_invoices(store)
    check_history(store)


def test_work_on_a_held_invoice_cannot_be_edited_before_it_is_put_back() -> None:
    store = Store()
    world = held(store)

    with pytest.raises(WorkIsInvoicedError):
        correct(world, store)
    skip(world)
    with pytest.raises(WorkIsInvoicedError):
        correct(world, store)


def test_it_is_not_reopened_before_its_work_is_put_back() -> None:
    world = held(Store())
    skip(world)

    with pytest.raises(NotSkippedError, match="is being put back: reopen it in a moment"):
        reopen(world)

    assert stored(world).state is State.SKIPPED


def test_only_a_skipped_invoice_is_reopened_and_only_once() -> None:
    world = held(Store())

    with pytest.raises(NotSkippedError, match="is held, not skipped"):
        reopen(world)
    skip(world)
    issue(world)

    assert reopen(world).state is State.OPEN
    assert reopen(world) == stored(world)
    assert stored(world).version == 7


def test_an_issued_invoice_is_neither_skipped_nor_reopened() -> None:
    store = Store()
    world = held(store)
    skip(world)
    issue(world)
    correct(world, store)
    reopen(world)
    issue(world)

    with pytest.raises(NotInReviewError):
        skip(world)
    with pytest.raises(NotSkippedError):
        reopen(world)


def test_what_a_later_invoice_took_meanwhile_stays_there() -> None:
    store = Store()
    world = held(store)
    skip(world)
    issue(world)
    correct(world, store)
    (november,) = world.tick(NOVEMBER_30).invoices
    world.issue(november, client=CLIENT, day=NOVEMBER_30)

    reopen(world)

    assert issue(world, NOVEMBER_30).state is State.EMPTY
    assert [entry.invoiced_on for entry in store.all(WorkEntry)] == [NOVEMBER_30]
    check_invoices(store)


def test_a_later_invoice_that_collects_now_leaves_its_work_to_the_reopened_one() -> None:
    store = Store()
    world = held(store)
    skip(world)
    issue(world)
    correct(world, store)
    (november,) = world.tick(NOVEMBER_30).invoices
    reopen(world)

    later = world.issue(november, client=CLIENT, day=NOVEMBER_30)

    assert (later.state, stored(world).state) == (State.EMPTY, State.ISSUED)
    assert [entry.invoiced_on for entry in store.all(WorkEntry)] == [OCTOBER_31]


def test_who_skips_it_while_it_goes_out_is_first_or_told() -> None:
    store = Store()
    world = held(store)
    world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, tax_id="DE129273398")
    )
    once(store, Step("numbering.issue", Moment.BEFORE, commits=True), lambda: skip(world))

    assert issue(world).entries == 0
    assert store.numbers == {}
    check_invoices(store)


@pytest.mark.parametrize("chosen", range(1, 30))
def test_a_run_that_dies_anywhere_is_finished_by_a_later_one(chosen: int) -> None:
    store = Store()
    world = held(store, entries=150)
    steps = list[Step]()

    def die(step: Step) -> None:
        steps.append(step)
        if len(steps) == chosen:
            raise Crash

    store.hook = die
    for act in (skip, issue, lambda world: correct(world, store), reopen, issue):
        for _ in range(2):
            with suppress(Crash):
                act(world)
                break
        check_invoices(store)
    store.hook = lambda _: None

    assert issue(world).state is State.ISSUED
    check_history(store)


@settings(max_examples=50)
@given(
    schedule=st.lists(st.integers(0, 4), max_size=60),
    deaths=st.frozensets(st.integers(0, 50), max_size=3),
    wanted=st.lists(st.sampled_from([skip, reopen]), min_size=1, max_size=4),
)
def test_whatever_people_and_workers_do_at_once_each_entry_is_on_one_invoice(
    schedule: list[int], deaths: frozenset[int], wanted: list[object]
) -> None:
    store = Store()
    world = held(store, entries=3)

    def person() -> None:
        for act in wanted:
            assert callable(act)
            with suppress(ConflictError, InvoiceMovedError):
                act(world)

    def queue() -> None:
        for _ in range(2):
            with suppress(InvoiceMovedError):
                issue(world)

    def mender() -> None:
        with suppress(ConflictError):
            correct(world, store)
        with suppress(InvoiceMovedError):
            issue_held(
                ADA,
                client_id=None,
                now=NOON,
                invoices=world.invoices,
                parties=world.parties,
                collecting=world.collecting,
                numbering=world.numbering,
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.invoicing.MOST_CLAIMED", 2)
        patch.setattr("domain.invoicing.MOST_PUT_BACK", 2)
        take_turns(
            store,
            schedule,
            person,
            queue,
            mender,
            queue,
            between=lambda: check_invoices(store),
            crashes=deaths,
        )
        store.hook = lambda _: None
        if issue(world).state is State.HELD:
            skip(world)
        issue(world)
        correct(world, store)
        if stored(world).state is State.SKIPPED:
            reopen(world)
        finished = issue(world)

    assert (finished.state, finished.entries) == (State.ISSUED, 3)
    check_invoices(store)
    check_history(store)
