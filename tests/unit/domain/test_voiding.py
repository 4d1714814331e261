import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.crediting import InvoiceNotIssuedError
from domain.delivering import deliver_invoice
from domain.delivery import Delivery, Progress
from domain.errors import NotFoundError
from domain.identifiers import InvoiceId
from domain.invoices import Invoice, State
from domain.resending import NothingToResendError, resend_invoice
from domain.voiding import InvoiceIsBookedError, InvoiceIsDeliveredError
from domain.work import WorkEntry
from tests.builders import ACME, ADA, BOB, a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import InMemoryArchive, Moment, PlainEInvoices, PlainRenderer, RecordingPostman, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import once
from tests.world import World, in_memory

CLIENT = a_client()
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_10 = dt.date(2026, 11, 10)
NOVEMBER_30 = dt.date(2026, 11, 30)
NOW = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)


def issued(store: Store, *, entries: int = 2, prepaid: int = 0) -> tuple[World, Invoice]:
    work = [a_work_entry(f"{number:016}") for number in range(entries)]
    world = in_memory(store).having(an_account(), replace(CLIENT, prepaid=prepaid), *work)
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    return world, world.issue(invoice_id, client=CLIENT, day=OCTOBER_31)


def stored(world: World, invoice: Invoice) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=invoice.id)


def deliver(store: Store, invoice: Invoice, postman: RecordingPostman) -> Delivery:
    world = in_memory(store)
    return deliver_invoice(
        invoice.id,
        account_id=ADA,
        invoices=world.invoices,
        deliveries=world.deliveries,
        archive=InMemoryArchive(store),
        renderer=PlainRenderer(),
        einvoices=PlainEInvoices(),
        postman=postman,
        now=NOW,
    )


def test_an_invoice_that_was_not_delivered_is_made_void_and_keeps_its_number() -> None:
    store = Store()
    world, invoice = issued(store)

    void = world.void(invoice)

    assert void == replace(invoice, state=State.VOID, version=invoice.version + 1) == stored(world, invoice)
    assert (void.number, void.outstanding) == ("2026-0001", 0)
    check_invoices(store)
    check_history(store)


def test_its_work_is_released_and_billed_again() -> None:
    store = Store()
    world, invoice = issued(store)
    world.void(invoice)
    world.release(invoice)
    world.tick(NOVEMBER_30)

    again = world.issue(an_invoice_id(ACME, NOVEMBER_30), client=CLIENT, day=NOVEMBER_30)

    assert (again.number, again.entries, again.total) == ("2026-0002", 2, invoice.total)
    assert len(world.invoices.lines(invoice=invoice)) == 2
    check_invoices(store)
    check_history(store)


def test_a_void_invoice_stays_as_it_is() -> None:
    store = Store()
    world, invoice = issued(store)
    world.void(invoice)
    void = world.release(invoice)
    history = list(store.stream)

    again = [world.void(invoice), world.release(invoice)]

    assert (again, store.stream) == ([void, void], history)
    assert (void.released, stored(world, invoice)) == (2, void)


@pytest.mark.parametrize("entries", [1, 49, 50, 120])
def test_any_number_of_lines_is_released(entries: int) -> None:
    store = Store()
    world, invoice = issued(store, entries=entries)
    world.void(invoice)
    store.calls.clear()

    void = world.release(invoice)

    assert void.released == entries
    assert store.calls["voiding.release_void"] == -(-entries // 49)
    assert all(entry.is_unbilled for entry in store.all(WorkEntry))
    check_invoices(store)


def test_what_is_released_is_not_looked_at_again() -> None:
    store = Store()
    world, invoice = issued(store)
    world.void(invoice)
    void = world.release(invoice)
    store.calls.clear()

    assert world.release(invoice) == void

    assert store.calls.keys() == {"invoices.get"}


def test_of_an_invoice_that_is_not_void_nothing_is_released() -> None:
    store = Store()
    world, invoice = issued(store)

    assert world.release(invoice) == invoice
    assert not any(entry.is_unbilled for entry in store.all(WorkEntry))


def test_an_invoice_that_is_not_issued_is_not_made_void() -> None:
    world = in_memory(Store()).having(an_account(), CLIENT)
    world.tick(OCTOBER_31)

    with pytest.raises(InvoiceNotIssuedError):
        world.void(an_invoice(CLIENT))


def test_an_unknown_invoice_is_not_found() -> None:
    world, invoice = issued(Store())

    for unknown in (replace(invoice, id=InvoiceId("inv_")), replace(invoice, account_id=BOB)):
        with pytest.raises(NotFoundError):
            world.void(unknown)
        with pytest.raises(NotFoundError):
            world.release(unknown)


@pytest.mark.parametrize("is_finished", [False, True])
def test_an_invoice_with_a_credit_note_is_not_made_void(is_finished: bool) -> None:
    world, invoice = issued(Store())
    line = world.invoices.lines(invoice=invoice)[0]
    note = world.credit(invoice, line.id)
    if is_finished:
        world.finish(note.id, account_id=ADA, day=NOVEMBER_10)

    with pytest.raises(InvoiceIsBookedError):
        world.void(invoice)

    assert stored(world, invoice).state is State.ISSUED


def prepaid(world: World) -> int:
    return world.clients.get(account_id=ADA, client_id=ACME).prepaid


@pytest.mark.parametrize("left", [0, 50_00])
def test_what_was_paid_in_advance_is_given_back_once_and_taken_off_the_next_one(left: int) -> None:
    store = Store()
    world, invoice = issued(store, prepaid=200_00 + left)
    spent = prepaid(world)

    void = world.void(invoice)
    world.void(invoice)
    world.release(invoice)
    given_back = prepaid(world)
    (opened,) = world.tick(NOVEMBER_30).invoices
    again = world.issue(opened, client=CLIENT, day=NOVEMBER_30)

    assert (spent, given_back, prepaid(world)) == (left, 200_00 + left, left)
    assert (void.totals, void.outstanding) == (invoice.totals, 0)
    assert again.totals
    assert (again.totals.prepaid, again.outstanding) == (200_00, 0)
    check_invoices(store)
    check_history(store)


def test_a_buyer_who_pays_in_advance_at_this_moment_loses_nothing() -> None:
    store = Store()
    world, invoice = issued(store, prepaid=200_00)
    pay = Step("voiding.void", Moment.BEFORE, commits=True)
    once(store, pay, lambda: world.prepay(CLIENT, 1_00, day=NOVEMBER_10))

    world.void(invoice)

    assert prepaid(world) == 201_00


def test_a_buyer_who_changes_at_this_moment_and_gets_nothing_back_holds_up_nothing() -> None:
    store = Store()
    world, invoice = issued(store)
    tries = list[Step]()
    first = Step("voiding.void", Moment.BEFORE, commits=True)

    def change(step: Step) -> None:
        if step == first:
            tries.append(step)
            world.clients.update(
                account_id=ADA,
                client_id=ACME,
                change=lambda client: replace(client, name=f"Acme {client.version}"),
            )

    store.hook = change

    assert world.void(invoice).state is State.VOID
    assert len(tries) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda delivery: delivery.start("a@b.example", NOW),
        lambda delivery: delivery.start("a@b.example", NOW).sent("m-1"),
        lambda delivery: replace(delivery, progress=Progress.UNKNOWN),
        lambda delivery: delivery.start("a@b.example", NOW).sent("m-1").again("c@d.example", NOW),
    ],
    ids=["sending", "sent", "unknown", "sent before, and again to be sent"],
)
def test_an_invoice_that_the_client_may_have_is_not_made_void(
    change: Callable[[Delivery], Delivery],
) -> None:
    world, invoice = issued(Store())
    world.deliveries.update(account_id=ADA, invoice_id=invoice.id, change=change)

    with pytest.raises(InvoiceIsDeliveredError):
        world.void(invoice)

    assert stored(world, invoice) == invoice


def test_an_invoice_whose_mail_was_refused_can_still_be_made_void() -> None:
    world, invoice = issued(Store())
    for change in (lambda delivery: delivery.start("a@b.example", NOW), Delivery.refused):
        world.deliveries.update(account_id=ADA, invoice_id=invoice.id, change=change)

    assert world.void(invoice).state is State.VOID


def test_a_void_invoice_is_not_mailed() -> None:
    store, postman = Store(), RecordingPostman()
    world, invoice = issued(store)
    world.void(invoice)

    delivery = deliver(store, invoice, postman)

    assert (delivery.progress, postman.mails) == (Progress.STOPPED, [])


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        ("invoices.get", Moment.AFTER),
        ("deliveries.get", Moment.BEFORE),
        ("deliveries.get", Moment.AFTER),
        ("archive.put", Moment.AFTER),
        ("deliveries.update", Moment.BEFORE),
        ("deliveries.update", Moment.AFTER),
    ],
)
def test_an_invoice_that_is_made_void_while_its_delivery_begins_is_not_mailed(
    call: str, moment: Moment
) -> None:
    store, postman = Store(), RecordingPostman(None)
    world, invoice = issued(store)
    once(store, Step(call, moment, call in {"archive.put", "deliveries.update"}), lambda: world.void(invoice))

    delivery = deliver(store, invoice, postman)

    assert (stored(world, invoice).state, delivery.progress) == (State.VOID, Progress.STOPPED)
    assert postman.mails == []


def test_an_invoice_whose_delivery_begins_while_it_is_made_void_is_mailed_and_stays() -> None:
    store, postman = Store(), RecordingPostman()
    world, invoice = issued(store)
    once(store, Step("voiding.void", Moment.BEFORE, commits=True), lambda: deliver(store, invoice, postman))

    with pytest.raises(InvoiceIsDeliveredError):
        world.void(invoice)

    assert (stored(world, invoice).state, len(postman)) == (State.ISSUED, 1)


def test_an_invoice_that_is_made_void_meanwhile_is_not_mailed_again() -> None:
    store = Store()
    world, invoice = issued(store)
    once(store, Step("deliveries.get", Moment.BEFORE, commits=False), lambda: world.void(invoice))

    with pytest.raises(NothingToResendError):
        resend_invoice(
            invoice.id,
            account_id=ADA,
            recipient=None,
            despite=None,
            invoices=world.invoices,
            deliveries=world.deliveries,
            clients=world.clients,
            now=NOW,
        )
