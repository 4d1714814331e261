"""A credit note from its opening to its number, over the table and over the fakes.

It is long since each step starts where the one before it ended, and has its own races.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain import numbers
from domain.clients import Client
from domain.credit_notes import Correction, CreditNote, Line, Progress
from domain.crediting import MOST_RELEASED
from domain.delivery import Delivery
from domain.delivery import Progress as DeliveryProgress
from domain.errors import NotFoundError
from domain.identifiers import credit_note_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.totals import Totals
from domain.work import WorkEntry
from tests.builders import ADA, BOB, a_client, a_work_entry, an_account
from tests.world import World

CLIENT = a_client()
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
NOVEMBER_10 = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
ONE = a_work_entry("1" * 16, date=dt.date(2026, 10, 1))
TWO = a_work_entry("2" * 16, date=dt.date(2026, 10, 2), minutes=30)


def issued(world: World, *work: WorkEntry) -> Invoice:
    """October's invoice."""
    world.having(an_account(), CLIENT, *(work or (ONE, TWO)))
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    return world.issue(invoice_id, client=CLIENT, day=OCTOBER_31)


def two_invoices(world: World) -> tuple[Invoice, Invoice]:
    """October's and November's."""
    october = issued(world)
    world.having(a_work_entry("3" * 16, date=dt.date(2026, 11, 2)))
    (invoice_id,) = world.tick(NOVEMBER_30).invoices
    return october, world.issue(invoice_id, client=CLIENT, day=NOVEMBER_30)


def a_note(invoice: Invoice, body: str = "1" * 16) -> CreditNote:
    return CreditNote.opened(
        credit_note_id(invoice.id, body), invoice, Correction(reason="Wrong rate"), opened_at=NOVEMBER_10
    )


def begun(world: World, invoice: Invoice, body: str = "1" * 16) -> CreditNote:
    note = a_note(invoice, body)
    invoice = stored(world, invoice)
    world.crediting.begin(note=note, invoice=invoice, credited=invoice.being_credited(note.id))
    return note


def sealed(world: World, invoice: Invoice) -> CreditNote:
    note, entries = begun(world, invoice), lines(world, invoice)
    world.crediting.release(note=note, entries=entries)
    note = note.with_released(entries)
    world.crediting.seal(note=note, sealed=note.sealed(Totals(lines=150_00, subtotals=())))
    return of(world, note)


def issue(world: World, note: CreditNote, invoice: Invoice) -> CreditNote:
    taken = numbers.take("CN-{seq}", account_id=ADA, today=NOVEMBER_10.date(), sequences=world.numbering)
    done = note.issued(taken)
    credited = invoice.less(entries=done.entries, credited=done.credited)
    world.crediting.issue(
        note=note, issued=done, invoice=invoice, credited=credited, taken=taken, buyer=buyer(world)
    )
    return done


def buyer(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=CLIENT.id)


def lines(world: World, invoice: Invoice) -> list[WorkEntry]:
    return list(world.invoices.lines(invoice=invoice))


def stored(world: World, invoice: Invoice) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=invoice.id)


def of(world: World, note: CreditNote) -> CreditNote:
    return world.credit_notes.get(account_id=ADA, credit_note_id=note.id)


def work_of(world: World, entry: WorkEntry) -> WorkEntry:
    return world.work.get(account_id=ADA, work_id=entry.id)


def test_there_is_no_credit_note_before_one_was_begun(world: World) -> None:
    note = a_note(issued(world))

    with pytest.raises(NotFoundError):
        of(world, note)
    assert world.credit_notes.of_invoice(account_id=ADA, invoice_id=note.invoice_id).items == ()


def test_a_credit_note_begins_together_with_the_mark_on_its_invoice(world: World) -> None:
    invoice = issued(world)

    note = begun(world, invoice)

    assert of(world, note) == note
    assert stored(world, invoice) == replace(invoice, crediting=note.id, version=invoice.version + 1)


def test_a_credit_note_of_another_account_looks_as_if_it_were_not_there(world: World) -> None:
    note = begun(world, issued(world))

    with pytest.raises(NotFoundError):
        world.credit_notes.get(account_id=BOB, credit_note_id=note.id)


def test_of_two_that_have_read_the_same_invoice_one_begins(world: World) -> None:
    invoice = issued(world)
    begun(world, invoice)
    other = a_note(invoice, "2" * 16)

    with pytest.raises(InvoiceMovedError):
        world.crediting.begin(note=other, invoice=invoice, credited=invoice.being_credited(other.id))

    with pytest.raises(NotFoundError):
        of(world, other)


def test_a_credit_note_begins_once(world: World) -> None:
    invoice = issued(world)
    note = begun(world, invoice)
    now = stored(world, invoice)

    with pytest.raises(InvoiceMovedError):
        world.crediting.begin(note=note, invoice=now, credited=now)

    assert stored(world, invoice) == now


def test_released_work_is_open_again_and_its_line_stays_as_it_was(world: World) -> None:
    invoice = issued(world)
    note, before = begun(world, invoice), lines(world, invoice)

    world.crediting.release(note=note, entries=before[:1])

    assert work_of(world, ONE) == replace(ONE, version=3)
    assert lines(world, invoice) == before
    assert list(world.invoices.some_lines(invoice=invoice).items) == before
    assert list(world.crediting.lines(invoice=invoice)) == [
        Line(entry=before[0], released_by=note.id),
        Line(entry=before[1]),
    ]
    assert of(world, note) == replace(note, entries=1, net=100_00, version=2)


def test_released_work_can_be_edited_and_its_line_does_not_change(world: World) -> None:
    invoice = issued(world)
    before = lines(world, invoice)
    world.crediting.release(note=begun(world, invoice), entries=before)

    world.work.update(account_id=ADA, work_id=ONE.id, change=lambda entry: replace(entry, minutes=15))

    assert work_of(world, ONE).minutes == 15
    assert lines(world, invoice) == before


def test_released_work_is_there_for_the_next_invoice(world: World) -> None:
    invoice = issued(world)
    world.crediting.release(note=begun(world, invoice), entries=lines(world, invoice))
    november = Invoice.opened(CLIENT.after_invoice_day())

    found = world.collecting.unbilled(invoice=november, limit=10)

    assert found == [replace(entry, version=3) for entry in (ONE, TWO)]


def test_as_many_lines_as_a_step_takes_are_released_at_once(world: World) -> None:
    invoice = issued(world, *(a_work_entry(f"{number:016}") for number in range(MOST_RELEASED)))
    note = begun(world, invoice)

    world.crediting.release(note=note, entries=lines(world, invoice))

    assert of(world, note).entries == MOST_RELEASED


def edited(world: World) -> None:
    world.work.update(account_id=ADA, work_id=TWO.id, change=lambda entry: replace(entry, description="x"))


def released(world: World) -> None:
    (invoice,) = world.invoices.list(account_id=ADA).items
    entry = lines(world, invoice)[1]
    world.crediting.release(note=a_note(invoice), entries=[entry])


@pytest.mark.parametrize("meanwhile", [edited, released])
def test_a_release_of_work_that_is_not_as_it_was_read_is_lost_as_a_whole(
    world: World, meanwhile: Callable[[World], None]
) -> None:
    invoice = issued(world)
    note, entries = begun(world, invoice), lines(world, invoice)
    meanwhile(world)
    before = of(world, note)

    with pytest.raises(InvoiceMovedError):
        world.crediting.release(note=note, entries=entries)

    assert of(world, note) == before
    assert work_of(world, ONE).invoiced_on == OCTOBER_31


def test_work_that_stands_on_another_invoice_is_not_released_whatever_the_caller_believes(
    world: World,
) -> None:
    invoice = issued(world)
    note = begun(world, invoice)
    entry = replace(lines(world, invoice)[0], invoiced_on=dt.date(2026, 9, 30))

    with pytest.raises(InvoiceMovedError):
        world.crediting.release(note=note, entries=[entry])

    assert work_of(world, ONE).invoiced_on == OCTOBER_31


def test_a_credit_note_that_is_sealed_releases_nothing(world: World) -> None:
    invoice = issued(world)
    note = begun(world, invoice)
    world.crediting.seal(note=note, sealed=note.sealed(Totals(lines=0, subtotals=())))

    with pytest.raises(InvoiceMovedError):
        world.crediting.release(note=note, entries=lines(world, invoice))

    assert work_of(world, ONE).invoiced_on == OCTOBER_31


def test_a_credit_note_is_not_sealed_over_a_release_that_was_not_seen(world: World) -> None:
    invoice = issued(world)
    note = begun(world, invoice)
    world.crediting.release(note=note, entries=lines(world, invoice))

    with pytest.raises(InvoiceMovedError):
        world.crediting.seal(note=note, sealed=note.sealed(Totals(lines=0, subtotals=())))

    assert of(world, note).state is Progress.OPEN


def test_issuing_takes_the_number_and_credits_the_invoice(world: World) -> None:
    invoice = issued(world)
    note = sealed(world, invoice)
    marked = stored(world, invoice)

    done = issue(world, note, marked)

    assert done.number == "CN-1"
    assert of(world, note) == replace(done, version=note.version + 1)
    assert stored(world, invoice) == replace(
        invoice, released=2, credited=150_00, crediting=None, version=marked.version + 1
    )
    assert world.numbering.sequence(account_id=ADA, series="CN-{seq}").last == 1


def test_a_credit_note_is_issued_once_and_the_second_number_is_not_lost(world: World) -> None:
    invoice = issued(world)
    note = sealed(world, invoice)
    issue(world, note, stored(world, invoice))

    with pytest.raises(InvoiceMovedError):
        issue(world, note, stored(world, invoice))

    assert world.numbering.sequence(account_id=ADA, series="CN-{seq}").last == 1


def test_an_invoice_that_has_changed_meanwhile_is_not_credited_over_that(world: World) -> None:
    """As by a payment."""
    invoice = issued(world)
    note = sealed(world, invoice)

    with pytest.raises(InvoiceMovedError):
        issue(world, note, invoice)

    assert of(world, note) == note
    assert world.numbering.sequence(account_id=ADA, series="CN-{seq}").last == 0


def test_a_number_that_another_took_meanwhile_is_not_given_again(world: World) -> None:
    invoice = issued(world)
    note, marked = sealed(world, invoice), stored(world, invoice)
    taken = numbers.take("{year}-{seq:04}", account_id=ADA, today=OCTOBER_31, sequences=world.numbering)
    stale = replace(
        taken, before=replace(taken.before, last=0, last_issued_on=None), after=replace(taken.after, last=1)
    )

    with pytest.raises(InvoiceMovedError):
        world.crediting.issue(
            note=note,
            issued=note.issued(stale),
            invoice=marked,
            credited=marked,
            taken=stale,
            buyer=buyer(world),
        )

    assert of(world, note) == note


def test_the_credit_notes_of_an_invoice_are_listed_the_oldest_first(world: World) -> None:
    invoice = issued(world)
    first = sealed(world, invoice)
    issue(world, first, stored(world, invoice))
    second = begun(world, invoice, "2" * 16)

    page = world.credit_notes.of_invoice(account_id=ADA, invoice_id=invoice.id, limit=1)
    rest = world.credit_notes.of_invoice(account_id=ADA, invoice_id=invoice.id, cursor=page.next_cursor)

    assert [note.id for note in (*page.items, *rest.items)] == [first.id, second.id]
    assert len(page.items) == 1


def test_only_the_credit_notes_of_the_invoice_are_listed(world: World) -> None:
    def begin(delivery: Delivery) -> Delivery:
        return delivery.start("a@b.example", NOVEMBER_10)

    october, november = two_invoices(world)
    note = begun(world, october)
    begun(world, november)
    world.deliveries.update(account_id=ADA, invoice_id=note.id, change=begin)

    page = world.credit_notes.of_invoice(account_id=ADA, invoice_id=october.id)

    assert [each.id for each in page.items] == [note.id]


def test_a_credit_note_has_the_lines_that_it_took_back_and_no_others(world: World) -> None:
    invoice = issued(world)
    note = begun(world, invoice)
    world.crediting.release(note=note, entries=lines(world, invoice)[:1])

    assert [entry.id for entry in world.credit_notes.taken_back(note=note)] == [ONE.id]


def test_the_credit_notes_of_an_account_are_listed_the_newest_first(world: World) -> None:
    invoice = issued(world)
    first = sealed(world, invoice)
    issue(world, first, stored(world, invoice))
    second = begun(world, invoice, "2" * 16)

    page = world.credit_notes.list(account_id=ADA, limit=1)
    rest = world.credit_notes.list(account_id=ADA, cursor=page.next_cursor)

    assert [note.id for note in (*page.items, *rest.items)] == [second.id, first.id]
    assert world.credit_notes.list(account_id=BOB).items == ()


def void(world: World, invoice: Invoice) -> None:
    delivery = world.deliveries.get(account_id=ADA, invoice_id=invoice.id)
    world.voiding.void(
        invoice=invoice,
        void=invoice.void(),
        delivery=delivery,
        stopped=delivery.stopped(),
        buyer=world.clients.get(account_id=ADA, client_id=invoice.client_id),
    )


def test_an_invoice_is_made_void_together_with_its_delivery(world: World) -> None:
    invoice = issued(world)

    void(world, invoice)

    assert stored(world, invoice) == replace(invoice, state=State.VOID, version=invoice.version + 1)
    assert world.deliveries.get(account_id=ADA, invoice_id=invoice.id) == Delivery(
        account_id=ADA, invoice_id=invoice.id, progress=DeliveryProgress.STOPPED, version=1
    )


@pytest.mark.parametrize("is_touched_before", [False, True])
def test_an_invoice_whose_delivery_begins_meanwhile_is_not_made_void(
    world: World, is_touched_before: bool
) -> None:
    invoice = issued(world)

    def begin(delivery: Delivery) -> Delivery:
        return delivery.start("a@b.example", NOVEMBER_10)

    def refuse(delivery: Delivery) -> Delivery:
        return delivery.refused()

    for change in (begin, refuse) if is_touched_before else ():
        world.deliveries.update(account_id=ADA, invoice_id=invoice.id, change=change)
    delivery = world.deliveries.get(account_id=ADA, invoice_id=invoice.id)
    world.deliveries.update(account_id=ADA, invoice_id=invoice.id, change=begin)

    with pytest.raises(InvoiceMovedError):
        world.voiding.void(
            invoice=invoice, void=invoice.void(), delivery=delivery, stopped=delivery.stopped(), buyer=CLIENT
        )

    assert stored(world, invoice) == invoice


def test_an_invoice_that_changed_meanwhile_is_not_made_void(world: World) -> None:
    invoice = issued(world)
    begun(world, invoice)

    with pytest.raises(InvoiceMovedError):
        void(world, invoice)

    assert world.deliveries.get(account_id=ADA, invoice_id=invoice.id).version == 0


def test_a_void_invoice_releases_its_work_and_keeps_its_lines(world: World) -> None:
    invoice = issued(world)
    before = lines(world, invoice)
    void(world, invoice)

    world.voiding.release_void(invoice=invoice, entries=before)

    assert stored(world, invoice) == replace(
        invoice, state=State.VOID, released=2, version=invoice.version + 2
    )
    assert [line.released_by for line in world.crediting.lines(invoice=invoice)] == [invoice.id] * 2
    assert work_of(world, ONE) == replace(ONE, version=3)
    assert lines(world, invoice) == before


def test_an_invoice_that_is_not_void_releases_nothing_by_itself(world: World) -> None:
    invoice = issued(world)

    with pytest.raises(InvoiceMovedError):
        world.voiding.release_void(invoice=invoice, entries=lines(world, invoice))

    assert work_of(world, ONE).invoiced_on == OCTOBER_31


@pytest.mark.parametrize("limit", [1, 2])
def test_the_lines_that_are_taken_back_come_a_page_at_a_time(world: World, limit: int) -> None:
    invoice = issued(world)
    note, (one, two) = begun(world, invoice), lines(world, invoice)
    world.crediting.release(note=note, entries=[two])
    found: list[WorkEntry] = []
    cursor: str | None = None

    while True:
        page = world.credit_notes.some_taken_back(note=note, limit=limit, cursor=cursor)
        found += page.items
        if (cursor := page.next_cursor) is None:
            break

    assert found == [two] == list(world.credit_notes.taken_back(note=note))
    world.crediting.release(note=note, entries=[one])
    assert list(world.credit_notes.some_taken_back(note=note).items) == [one, two]
