import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.calendar import local_date
from domain.credit_documents import credit_note_document
from domain.credit_notes import MOST_CHOSEN, Correction, CreditNote, Progress
from domain.crediting import (
    MOST_RELEASED,
    CreditNoteUnderWayError,
    InvoiceIsCreditedError,
    InvoiceIsVoidError,
    InvoiceNotIssuedError,
)
from domain.documents import DocumentKind, Preceding
from domain.errors import InvalidError, NotFoundError, Problem
from domain.identifiers import CreditNoteId, InvoiceId, WorkId, credit_note_id, work_id
from domain.invoices import Invoice, State
from domain.printing import NotIssuedError
from domain.tax import Tax
from domain.timekeeping import edit_work
from domain.work import WorkEntry
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import once
from tests.world import OPENED_AT, World, in_memory

VAT = Tax(rate=Decimal(19))
CLIENT = a_client(tax=VAT)
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_10 = dt.date(2026, 11, 10)
NOVEMBER_30 = dt.date(2026, 11, 30)
ONE, TWO = (a_work_entry(f"{number}" * 16, minutes=60 * number) for number in (1, 2))


def issued(store: Store, *work: WorkEntry) -> tuple[World, Invoice]:
    """October's invoice."""
    world = in_memory(store).having(an_account(), CLIENT, *(work or (ONE, TWO)))
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    return world, world.issue(invoice_id, client=CLIENT, day=OCTOBER_31)


def crash() -> None:
    raise RuntimeError


def credit(world: World, invoice: Invoice, *lines: WorkId, body: str = "1" * 16) -> CreditNote:
    note = world.credit(invoice, *lines, body=body)
    return world.finish(note.id, account_id=ADA, day=NOVEMBER_10)


def stored(world: World, invoice: Invoice) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=invoice.id)


def test_a_credit_note_takes_back_the_whole_invoice() -> None:
    store = Store()
    world, invoice = issued(store)

    note = credit(world, invoice)

    assert note.totals == invoice.totals
    assert (note.state, note.number, note.issued_on) == (Progress.ISSUED, "CN-2026-0001", NOVEMBER_10)
    assert (note.entries, note.net, note.total, note.tax_amount) == (2, 300_00, 357_00, 57_00)
    assert world.credit_notes.get(account_id=ADA, credit_note_id=note.id) == note
    assert (stored(world, invoice).outstanding, stored(world, invoice).is_credited) == (0, True)
    check_invoices(store)
    check_history(store)


def test_a_credit_note_takes_back_the_lines_that_are_wanted() -> None:
    world, invoice = issued(Store())

    note = credit(world, invoice, TWO.id)

    assert (note.entries, note.total) == (1, 238_00)
    now = stored(world, invoice)
    assert (now.credited, now.outstanding, now.released, now.is_credited) == (238_00, 119_00, 1, False)
    assert world.work.get(account_id=ADA, work_id=ONE.id).invoiced_on == OCTOBER_31
    assert world.work.get(account_id=ADA, work_id=TWO.id).invoiced_on is None


def test_what_the_last_credit_note_takes_is_all_that_is_left() -> None:
    store = Store()
    thirds = [a_work_entry(f"{number}" * 16, minutes=1, rate=Decimal("19.80")) for number in (1, 2, 3)]
    world, invoice = issued(store, *thirds)

    first = credit(world, invoice, thirds[0].id)
    rest = credit(world, invoice, body="2" * 16)

    assert (first.number, rest.number) == ("CN-2026-0001", "CN-2026-0002")
    assert first.tax_amount + rest.tax_amount == invoice.tax_amount
    assert first.total + rest.total == invoice.total
    assert stored(world, invoice).outstanding == 0
    check_invoices(store)


def test_work_that_was_taken_back_is_corrected_and_billed_again() -> None:
    """The whole circle."""
    store = Store()
    world, invoice = issued(store)
    credit(world, invoice, TWO.id)
    edit_work(TWO.id, lambda details: replace(details, minutes=30), account_id=ADA, work=world.work)
    world.tick(NOVEMBER_30)

    again = world.issue(an_invoice_id(ACME, NOVEMBER_30), client=CLIENT, day=NOVEMBER_30)

    assert [line.id for line in world.invoices.lines(invoice=again)] == [TWO.id]
    assert (again.number, again.total) == ("2026-0002", 59_50)
    assert [line.minutes for line in world.invoices.lines(invoice=invoice)] == [60, 120]
    assert stored(world, invoice).total == 357_00
    check_invoices(store)
    check_history(store)


def test_work_that_was_billed_again_is_taken_back_again() -> None:
    store = Store()
    world, invoice = issued(store)
    credit(world, invoice)
    world.tick(NOVEMBER_30)
    again = world.issue(an_invoice_id(ACME, NOVEMBER_30), client=CLIENT, day=NOVEMBER_30)

    note = credit(world, again)

    assert (note.number, note.total) == ("CN-2026-0002", 357_00)
    check_invoices(store)
    check_history(store)


def test_finishing_a_credit_note_again_changes_nothing() -> None:
    store = Store()
    world, invoice = issued(store)
    note = credit(world, invoice)
    history = list(store.stream)

    again = world.finish(note.id, account_id=ADA, day=NOVEMBER_30)

    assert (again, store.stream) == (note, history)


def test_what_is_issued_already_costs_one_read() -> None:
    store = Store()
    world, invoice = issued(store)
    note = credit(world, invoice)
    store.calls.clear()

    world.finish(note.id, account_id=ADA, day=NOVEMBER_30)

    assert store.calls == {"credit_notes.get": 1}


@pytest.mark.parametrize("number", [1, MOST_RELEASED, MOST_RELEASED + 1, 500])
def test_any_number_of_lines_is_released_in_as_few_steps_as_fit(number: int) -> None:
    store = Store()
    world, invoice = issued(store, *(a_work_entry(f"{index:016}") for index in range(number)))
    note = world.credit(invoice)
    store.calls.clear()

    note = world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

    steps = -(-number // MOST_RELEASED)
    assert (note.entries, note.version) == (number, steps + 3)
    assert store.calls.total() <= steps + 9
    check_invoices(store)


def test_the_same_request_begins_one_credit_note() -> None:
    world, invoice = issued(Store())
    note = world.credit(invoice)

    assert world.credit(invoice) == note


def test_the_same_request_is_answered_also_once_the_credit_note_is_issued() -> None:
    world, invoice = issued(Store())
    note = credit(world, invoice)

    assert world.credit(invoice) == note


def test_a_second_credit_note_waits_until_the_first_is_issued() -> None:
    world, invoice = issued(Store())
    world.credit(invoice, ONE.id)

    with pytest.raises(CreditNoteUnderWayError, match="crn_"):
        world.credit(invoice, TWO.id, body="2" * 16)


def test_an_invoice_that_was_taken_back_is_not_taken_back_again() -> None:
    world, invoice = issued(Store())
    credit(world, invoice)

    with pytest.raises(InvoiceIsCreditedError):
        world.credit(invoice, body="2" * 16)


def test_an_invoice_without_a_number_is_not_taken_back() -> None:
    world = in_memory(Store()).having(an_account(), CLIENT, ONE)
    world.tick(OCTOBER_31)

    with pytest.raises(InvoiceNotIssuedError):
        world.credit(an_invoice(CLIENT))


def test_a_void_invoice_is_not_taken_back() -> None:
    world, invoice = issued(Store())
    world.void(invoice)

    with pytest.raises(InvoiceIsVoidError):
        world.credit(invoice)


def test_a_line_that_is_not_there_or_was_taken_back_is_told_by_its_place() -> None:
    world, invoice = issued(Store())
    note = credit(world, invoice, ONE.id)
    stranger = work_id(ACME, "s" * 16)

    with pytest.raises(InvalidError) as refused:
        world.credit(invoice, TWO.id, stranger, ONE.id, body="2" * 16)

    assert refused.value.problems == (
        Problem("/lines/1", "not-on-the-invoice", f"{stranger} is no line of this invoice"),
        Problem("/lines/2", "taken-back", f"{note.id} took this line back before"),
    )
    assert stored(world, invoice).crediting is None


def test_an_unknown_invoice_or_credit_note_is_not_found() -> None:
    world, invoice = issued(Store())

    for unknown in ("inv_", an_invoice_id(ACME, NOVEMBER_30)):
        with pytest.raises(NotFoundError):
            world.credit(replace(invoice, id=InvoiceId(unknown)))
    for missing in ("crn_", "inv_", credit_note_id(invoice.id, "9" * 16)):
        with pytest.raises(NotFoundError):
            world.finish(CreditNoteId(missing), account_id=ADA, day=NOVEMBER_10)


def test_a_credit_note_of_another_account_looks_as_if_it_were_not_there() -> None:
    world, invoice = issued(Store())
    note = world.credit(invoice)

    with pytest.raises(NotFoundError):
        world.credit(replace(invoice, account_id=BOB), body="2" * 16)
    with pytest.raises(NotFoundError):
        world.finish(note.id, account_id=BOB, day=NOVEMBER_10)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"lines": (ONE.id, ONE.id)}, "twice"),
        ({"lines": tuple(work_id(ACME, f"{number:016}") for number in range(MOST_CHOSEN + 1))}, "too-many"),
        ({"lines": ()}, "empty"),
        ({"reason": ""}, "empty"),
    ],
    ids=["a line twice", "too many lines", "no line", "an empty reason"],
)
def test_what_cannot_be_wanted_is_refused(wanted: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        Correction(**wanted)  # type: ignore[arg-type] # as JSON says it

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_credit_note_is_dated_by_the_sellers_calendar_and_never_before_the_one_before() -> None:
    world, invoice = issued(Store())
    world.accounts.update(
        account_id=ADA, change=lambda account: replace(account, time_zone="Pacific/Kiritimati")
    )
    first = credit(world, invoice, ONE.id)
    world.accounts.update(account_id=ADA, change=lambda account: replace(account, time_zone="Pacific/Midway"))

    second = credit(world, invoice, body="2" * 16)

    assert local_date(OPENED_AT, "Pacific/Kiritimati") == first.issued_on == second.issued_on


def test_what_a_credit_note_says_does_not_change_with_the_client() -> None:
    world, invoice = issued(Store())
    world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, name="Other", tax=None)
    )

    note = credit(world, invoice)

    assert note.totals == invoice.totals


def test_a_credit_note_says_on_paper_what_it_takes_back_and_of_which_invoice() -> None:
    world, invoice = issued(Store())
    note = credit(world, invoice, TWO.id)
    (_, line) = world.invoices.lines(invoice=invoice)

    document = credit_note_document(note, invoice, [line])

    assert (document.kind, document.number, document.issued_on, document.due_on) == (
        DocumentKind.CREDIT_NOTE,
        "CN-2026-0001",
        NOVEMBER_10,
        NOVEMBER_10,
    )
    assert document.corrects == Preceding(number="2026-0001", issued_on=OCTOBER_31)
    assert [(each.quantity, each.amount) for each in document.lines] == [(Decimal(2), 200_00)]
    assert (document.totals, document.buyer) == (note.totals, invoice.buyer)


def test_a_credit_note_says_on_paper_why_where_somebody_said_it() -> None:
    world, invoice = issued(Store())
    note = world.finish(
        world.credit(invoice, ONE.id, reason="Billed twice").id, account_id=ADA, day=NOVEMBER_10
    )
    silent = credit(world, invoice, TWO.id, body="2" * 16)

    assert [credit_note_document(each, invoice, []).reason for each in (note, silent)] == [
        "Billed twice",
        None,
    ]


def test_a_credit_note_is_not_dated_before_its_invoice_where_the_seller_moved_west() -> None:
    world, invoice = issued(Store())

    note = world.finish(world.credit(invoice).id, account_id=ADA, day=dt.date(2026, 10, 30))

    assert note.issued_on == invoice.issued_on == OCTOBER_31


def test_a_credit_note_without_a_number_says_nothing_on_paper() -> None:
    world, invoice = issued(Store())
    note = world.credit(invoice)

    with pytest.raises(NotIssuedError, match=note.id):
        credit_note_document(note, invoice, [])


def test_a_credit_note_corrects_no_invoice_without_a_number() -> None:
    world, invoice = issued(Store())
    note = credit(world, invoice)

    with pytest.raises(NotIssuedError, match=invoice.id):
        credit_note_document(note, replace(invoice, number=None), [])


def test_an_invoice_from_before_there_were_totals_is_told_as_what_it_is() -> None:
    store = Store()
    world, invoice = issued(store)
    note = world.credit(invoice)
    before = stored(world, invoice)
    store.change(replace(before, totals=None), read=before)

    with pytest.raises(InvoiceNotIssuedError, match="totals"):
        world.finish(note.id, account_id=ADA, day=NOVEMBER_10)


def test_what_is_sealed_is_not_sealed_again() -> None:
    store = Store()
    world, invoice = issued(store)
    note = world.credit(invoice)
    once(store, Step("crediting.issue", Moment.BEFORE, commits=True), crash)
    with pytest.raises(RuntimeError):
        world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

    world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

    assert store.calls["crediting.seal"] == 1


def test_nothing_is_owed_before_an_invoice_is_issued_or_once_it_is_void() -> None:
    world, invoice = issued(Store())

    assert [an_invoice().outstanding, invoice.outstanding, world.void(invoice).outstanding] == [0, 357_00, 0]
    assert stored(world, invoice).state is State.VOID


@pytest.mark.parametrize("state", [State.OPEN, State.EMPTY, State.SKIPPED])
def test_of_an_invoice_without_lines_nothing_was_taken_back(state: State) -> None:
    assert not an_invoice(state=state, entries=0).is_credited
