import datetime as dt

import pytest
from botocore.exceptions import ClientError

from domain import numbers
from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.errors import NotFoundError
from domain.identifiers import prepayment_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import numbered
from domain.numbers import Taken
from domain.prepayments import ClientMovedError, Prepayment
from domain.totals import Totals
from tests.builders import ACME, ADA, BOB, FAILED_AT, a_client, a_work_entry, an_account, an_invoice_id
from tests.contract.test_numbering import UNUSED
from tests.contract.watched import Watched
from tests.fakes import Step
from tests.world import World

CLIENT = a_client()
DUE = dt.date(2026, 10, 31)
INVOICE = an_invoice_id()


def a_prepayment(body: str = "prepayment000000") -> Prepayment:
    return Prepayment(
        id=prepayment_id(ACME, body),
        account_id=ADA,
        client_id=ACME,
        amount=4_000,
        currency="EUR",
        paid_on=DUE,
        recorded_at=FAILED_AT,
    )


def stored(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def add(world: World, client: Client, body: str = "prepayment000000") -> Prepayment:
    prepayment = a_prepayment(body)
    world.prepayments.add(prepayment=prepayment, client=client, credited=client.with_prepaid(4_000))
    return prepayment


def test_a_prepayment_and_what_its_client_has_of_it_are_stored_together(world: World) -> None:
    world.having(CLIENT)

    prepayment = add(world, CLIENT)

    assert world.prepayments.get(account_id=ADA, prepayment_id=prepayment.id) == prepayment
    assert (stored(world).prepaid, stored(world).version) == (4_000, 2)


def test_a_prepayment_is_put_once(world: World) -> None:
    world.having(CLIENT)
    add(world, CLIENT)

    with pytest.raises(ClientMovedError):
        add(world, stored(world))

    assert stored(world).prepaid == 4_000


def test_a_client_that_has_changed_gets_nothing_as_it_was_read(world: World) -> None:
    world.having(CLIENT)
    add(world, CLIENT)

    with pytest.raises(ClientMovedError):
        add(world, CLIENT, "late000000000000")

    assert stored(world).prepaid == 4_000
    with pytest.raises(NotFoundError):
        world.prepayments.get(account_id=ADA, prepayment_id=prepayment_id(ACME, "late000000000000"))


def test_they_are_listed_a_page_at_a_time_and_work_is_none(world: World) -> None:
    world.having(CLIENT, a_work_entry())
    for body in ("b", "a", "c"):
        world.prepay(CLIENT, 1, body=body * 16, day=DUE)

    first = world.prepayments.list(client=CLIENT, limit=2)
    rest = world.prepayments.list(client=CLIENT, limit=2, cursor=first.next_cursor)

    assert [each.id[-1] for each in (*first.items, *rest.items)] == ["a", "b", "c"]


def test_nobody_finds_another_account_s_prepayment(world: World) -> None:
    world.having(CLIENT)

    with pytest.raises(NotFoundError):
        world.prepayments.get(account_id=BOB, prepayment_id=add(world, CLIENT).id)


def test_an_audit_reads_prepayments_too(world: World) -> None:
    world.having(CLIENT)
    prepayment = add(world, CLIENT)

    read = world.records.of_client(account_id=ADA, client_id=ACME)

    assert prepayment in [written.entity for written in read]


def test_issuing_spends_what_the_invoice_takes_off(world: World) -> None:
    world.having(an_account(), CLIENT, a_work_entry())
    world.prepay(CLIENT, 4_000, day=DUE)
    world.tick(DUE)

    invoice = world.issue(INVOICE, client=CLIENT, day=DUE)

    assert (invoice.outstanding, stored(world).prepaid) == (6_000, 0)
    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE) == invoice


def test_an_invoice_that_is_made_void_gives_back_what_it_took_off(world: World) -> None:
    world.having(an_account(), CLIENT, a_work_entry())
    world.prepay(CLIENT, 4_000, day=DUE)
    world.tick(DUE)
    invoice = world.issue(INVOICE, client=CLIENT, day=DUE)

    world.void(invoice)

    assert stored(world).prepaid == 4_000
    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE).state is State.VOID


def test_a_buyer_who_has_changed_meanwhile_is_not_given_anything_as_it_was_read(world: World) -> None:
    world.having(an_account(), CLIENT, a_work_entry())
    world.prepay(CLIENT, 4_000, day=DUE)
    world.tick(DUE)
    invoice, buyer = world.issue(INVOICE, client=CLIENT, day=DUE), stored(world)
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda each: each.with_prepaid(1))
    delivery = world.deliveries.get(account_id=ADA, invoice_id=INVOICE)

    with pytest.raises(InvoiceMovedError):
        world.voiding.void(
            invoice=invoice, void=invoice.void(), delivery=delivery, stopped=delivery.stopped(), buyer=buyer
        )

    assert (stored(world).prepaid, world.invoices.get(account_id=ADA, invoice_id=INVOICE)) == (1, invoice)


def credited(world: World) -> tuple[CreditNote, Invoice]:
    """A credit note of the whole invoice, 40.00 of which was prepaid, that is still to be issued."""
    world.having(an_account(), CLIENT, a_work_entry())
    world.prepay(CLIENT, 4_000, day=DUE)
    world.tick(DUE)
    invoice = world.issue(INVOICE, client=CLIENT, day=DUE)
    note = world.credit(invoice)
    world.crediting.release(note=note, entries=world.invoices.lines(invoice=invoice))
    note = world.credit_notes.get(account_id=ADA, credit_note_id=note.id)
    world.crediting.seal(note=note, sealed=note.sealed(Totals(lines=10_000, subtotals=())))
    sealed = world.credit_notes.get(account_id=ADA, credit_note_id=note.id)
    return sealed, world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def issue_note(world: World, note: CreditNote, invoice: Invoice, buyer: Client) -> None:
    taken = numbers.take("CN-{seq}", account_id=ADA, today=DUE, sequences=world.numbering)
    less = invoice.less(entries=1, credited=10_000)
    world.crediting.issue(
        note=note, issued=note.issued(taken), invoice=invoice, credited=less, taken=taken, buyer=buyer
    )


def test_a_credit_note_gives_back_what_the_invoice_took_off(world: World) -> None:
    note, invoice = credited(world)
    buyer = stored(world)

    issue_note(world, note, invoice, buyer)

    assert (stored(world).prepaid, stored(world).version) == (4_000, buyer.version + 1)
    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE).given_back == 4_000


def test_a_credit_note_gives_nothing_back_to_a_buyer_who_has_changed(world: World) -> None:
    note, invoice = credited(world)
    buyer = stored(world)
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda each: each.with_prepaid(1))

    with pytest.raises(InvoiceMovedError):
        issue_note(world, note, invoice, buyer)

    assert stored(world).prepaid == 1
    assert world.credit_notes.get(account_id=ADA, credit_note_id=note.id) == note
    assert world.numbering.sequence(account_id=ADA, series="CN-{seq}").last == 0


def test_what_was_spent_meanwhile_is_not_taken_off_again(world: World) -> None:
    """The client was read with 40.00 to spend, and has changed since."""
    world.having(an_account(), CLIENT, a_work_entry())
    world.prepay(CLIENT, 4_000, day=DUE)
    world.tick(DUE)
    opened = world.invoices.get(account_id=ADA, invoice_id=INVOICE)
    world.collecting.claim(invoice=opened, entries=[a_work_entry()])
    claimed = opened.with_claimed([a_work_entry()])
    world.collecting.seal(invoice=claimed, sealed=claimed.sealed())
    sealed = world.invoices.get(account_id=ADA, invoice_id=INVOICE)
    buyer = stored(world)
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda each: each.with_prepaid(-4_000))
    lines = world.invoices.lines(invoice=sealed)
    taken = Taken.next_of(UNUSED, pattern=an_account().number_pattern, today=DUE)
    issued, taken = numbered(sealed, taken, lines=lines, seller=an_account(), buyer=buyer)

    with pytest.raises(InvoiceMovedError):
        world.numbering.issue(invoice=sealed, issued=issued, taken=taken, buyer=buyer)

    assert world.invoices.get(account_id=ADA, invoice_id=INVOICE) == sealed
    assert stored(world).prepaid == 0


def test_who_meets_another_transaction_again_and_again_has_lost_a_race(
    dynamodb: World, watched: Watched
) -> None:
    dynamodb.having(CLIENT)

    def conflict(step: Step) -> None:
        if step.commits:
            reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}]}
            error = {"Error": {"Code": "TransactionCanceledException"}} | reasons
            raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type] # as boto3 makes it

    watched.hook = conflict

    with pytest.raises(ClientMovedError):
        add(dynamodb, CLIENT)
