"""What went back to a client: of an invoice that has too much, or of what was paid in advance."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import permutations

import pytest

from domain.clients import Client
from domain.counters import Contribution
from domain.errors import InvalidError, NotFoundError
from domain.identifiers import InvoiceId
from domain.invoices import Invoice
from domain.payments import NotIssuedYetError, PaymentKind, PaymentState, RefundedError, payment_state
from domain.prepayments import (
    Prepayment,
    PrepaymentSpentError,
    refund_prepayment,
    take_back_prepayment,
)
from domain.refunds import NotOverpaidError, RefundDetails
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash, once
from tests.world import World, in_memory

CLIENT = a_client()
DUE, LATER = dt.date(2026, 10, 31), dt.date(2026, 11, 12)
INVOICE = an_invoice_id()
NOON = dt.datetime(2026, 11, 12, 12, tzinfo=dt.UTC)
FIRST, SECOND = a_work_entry("f" * 16), a_work_entry("s" * 16)


@pytest.fixture
def store() -> Store:
    return Store()


def issued(store: Store, *, prepaid: int = 0) -> tuple[World, Invoice]:
    """An invoice over two lines of 100.00 each."""
    world = in_memory(store).having(an_account(), CLIENT, FIRST, SECOND)
    if prepaid:
        world.prepay(CLIENT, prepaid, day=DUE)
    world.tick(DUE)
    return world, world.issue(INVOICE, client=CLIENT, day=DUE)


def credit(world: World, *lines: str) -> Invoice:
    """Take all of it back, or a line, in all steps."""
    entries = [entry.id for entry in (FIRST, SECOND) if entry.id[-1] in lines]
    note = world.credit(stored(world), *entries, body=(lines or ("a",))[0] * 16)
    world.finish(note.id, account_id=ADA, day=LATER)
    return stored(world)


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def client(world: World) -> Client:
    return world.clients.get(account_id=ADA, client_id=ACME)


def refund_to(world: World, amount: int | None = None, *, body: str = "r" * 16) -> tuple[Prepayment, Client]:
    return refund_prepayment(
        RefundDetails(amount=amount),
        client_id=ACME,
        account_id=ADA,
        now=NOON,
        clients=world.clients,
        prepayments=world.prepayments,
        new_id=lambda: body,
    )


def test_what_a_credit_note_left_too_much_goes_back(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE)
    credit(world)

    refund, refunded = world.refund(invoice, day=LATER, reference="Transfer 4712")

    assert (refund.kind, refund.amount, refund.paid_on) == (PaymentKind.REFUND, -20_000, LATER)
    assert (refund.reference, refund.currency, refund.takes_back) == ("Transfer 4712", "EUR", None)
    assert (refunded.paid, refunded.outstanding) == (0, 0)
    assert payment_state(refunded, NOON) is PaymentState.CREDITED
    assert stored(world) == refunded
    tally = Contribution.of_invoice(refunded).tally
    assert (tally.paid, tally.outstanding) == (0, 0)


def test_it_goes_back_in_parts_and_never_more_than_is_too_much(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE, amount=25_000)
    world.refund(invoice, day=LATER, amount=3_000)

    with pytest.raises(NotOverpaidError, match=r"no more than 20\.00 EUR of"):
        world.refund(invoice, day=LATER, amount=2_001, body="b" * 16)
    _, refunded = world.refund(invoice, day=LATER, amount=2_000, body="c" * 16)

    assert (refunded.paid, payment_state(refunded, NOON)) == (20_000, PaymentState.PAID)


@pytest.mark.parametrize("amount", [None, 1])
def test_nothing_goes_back_of_what_is_not_too_much(store: Store, amount: int | None) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE)

    with pytest.raises(NotOverpaidError, match="nothing of"):
        world.refund(invoice, day=LATER, amount=amount)


def test_nothing_goes_back_of_what_is_outstanding(store: Store) -> None:
    world, invoice = issued(store)

    with pytest.raises(NotOverpaidError, match="nothing of"):
        world.refund(invoice, day=LATER)


def test_the_same_refund_counts_once(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE, amount=25_000)

    first = world.refund(invoice, day=LATER)
    again = world.refund(invoice, day=LATER + dt.timedelta(days=1))

    assert again == first
    assert stored(world).paid == 20_000


def test_a_refund_is_taken_back_like_a_payment(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE, amount=25_000)
    refund, _ = world.refund(invoice, day=LATER)

    back, after = world.take_back(refund, day=LATER)

    assert (back.kind, back.amount, back.takes_back) == (PaymentKind.REFUND, 5_000, refund.id)
    assert (after.outstanding, world.take_back(refund, day=LATER)) == (-5_000, (back, after))


def test_a_payment_that_went_back_as_a_refund_is_not_taken_back_as_well(store: Store) -> None:
    world, invoice = issued(store)
    payment, _ = world.pay(invoice, day=DUE)
    credit(world)
    refund, _ = world.refund(invoice, day=LATER, amount=1)

    with pytest.raises(RefundedError, match="take that refund back first"):
        world.take_back(payment, day=LATER)
    world.take_back(refund, day=LATER)
    _, after = world.take_back(payment, day=LATER)

    assert (after.paid, after.outstanding) == (0, 0)


def test_a_refund_is_of_an_issued_invoice_and_not_from_the_future(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE, amount=25_000)
    november = dt.date(2026, 11, 30)
    world.tick(november)

    with pytest.raises(InvalidError, match="today, which is 2026-11-12"):
        world.refund(invoice, day=LATER, paid_on=LATER + dt.timedelta(days=1))
    with pytest.raises(NotIssuedYetError):
        world.refund(an_invoice(due_on=november, id=an_invoice_id(due_on=november)), day=LATER)
    with pytest.raises(NotFoundError):
        world.refund(replace(invoice, id=InvoiceId("inv_1")), day=LATER)


@pytest.mark.parametrize("amount", [0, -1, 10**13 + 1])
def test_an_amount_is_checked(amount: int) -> None:
    with pytest.raises(InvalidError):
        RefundDetails(amount=amount)


def test_two_refunds_at_once_send_back_no_more_than_is_too_much(store: Store) -> None:
    world, invoice = issued(store)
    world.pay(invoice, day=DUE, amount=25_000)
    step = Step("payments.add", Moment.BEFORE, commits=True)
    once(store, step, lambda: world.refund(invoice, day=LATER, amount=4_000, body="o" * 16))

    refund, after = world.refund(invoice, day=LATER)

    assert (refund.amount, after.outstanding) == (-1_000, 0)


def test_what_was_prepaid_is_the_client_s_again_once_what_was_to_be_paid_is_credited(store: Store) -> None:
    world, _ = issued(store, prepaid=15_000)

    half = credit(world, "f")

    assert (half.outstanding, half.given_back, half.spent) == (0, 5_000, 10_000)
    assert client(world).prepaid == 5_000

    whole = credit(world, "s")

    assert (whole.outstanding, whole.given_back, whole.spent) == (0, 15_000, 0)
    assert client(world).prepaid == 15_000
    assert payment_state(whole, NOON) is PaymentState.CREDITED
    check_invoices(store)


def test_the_invoice_that_comes_next_takes_it_off_again(store: Store) -> None:
    world, _ = issued(store, prepaid=15_000)
    credit(world)
    november = dt.date(2026, 11, 30)

    [again] = world.issue_all(world.tick(november).invoices, client=CLIENT, day=november)

    assert (again.total, again.outstanding, client(world).prepaid) == (20_000, 5_000, 0)


@pytest.mark.parametrize("order", list(permutations(["pay", "f", "s"])))
def test_payment_and_credit_notes_come_to_the_same_in_any_order(store: Store, order: tuple[str, ...]) -> None:
    world, invoice = issued(store, prepaid=15_000)

    for each in order:
        if each == "pay":
            world.pay(invoice, day=DUE, amount=5_000)
        else:
            credit(world, each)

    after = stored(world)
    assert (after.outstanding, after.given_back, client(world).prepaid) == (-5_000, 15_000, 15_000)


def test_a_credit_note_that_meets_another_prepayment_loses_neither(store: Store) -> None:
    world, _ = issued(store, prepaid=15_000)
    step = Step("crediting.issue", Moment.BEFORE, commits=True)
    once(store, step, lambda: world.prepay(CLIENT, 100, body="o" * 16, day=DUE))

    credit(world)

    assert client(world).prepaid == 15_100


def test_what_is_left_of_prepayments_goes_back_once(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT)
    prepayment, _ = world.prepay(CLIENT, 15_000, day=DUE)

    part, _ = refund_to(world, 4_000)
    again, _ = refund_to(world, 4_000)
    rest, after = refund_to(world, body="s" * 16)

    assert (part.kind, part.amount, again, rest.amount) == (PaymentKind.REFUND, -4_000, part, -11_000)
    assert (after, after.prepaid) == (client(world), 0)
    with pytest.raises(PrepaymentSpentError, match="nothing of what"):
        refund_to(world, body="t" * 16)
    with pytest.raises(PrepaymentSpentError, match="or refunded"):
        take_back_prepayment(
            prepayment.id, account_id=ADA, now=NOON, clients=world.clients, prepayments=world.prepayments
        )


def test_no_more_than_is_left_of_prepayments_goes_back(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT)
    world.prepay(CLIENT, 15_000, day=DUE)

    with pytest.raises(PrepaymentSpentError, match=r"no more than 150\.00 EUR"):
        refund_to(world, 15_001)


def test_a_refund_of_prepayments_is_taken_back(store: Store) -> None:
    world = in_memory(store).having(an_account(), CLIENT)
    world.prepay(CLIENT, 15_000, day=DUE)
    refund, _ = refund_to(world)

    back, after = take_back_prepayment(
        refund.id, account_id=ADA, now=NOON, clients=world.clients, prepayments=world.prepayments
    )

    assert (back.amount, back.takes_back, after.prepaid) == (15_000, refund.id, 15_000)


def every_death() -> Iterator[Store]:
    """What a run leaves that paid, credited and refunded, and died at one of its steps."""
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        store, steps = Store(), list[Step]()
        world, _ = issued(store, prepaid=15_000)

        def die(step: Step, steps: list[Step] = steps, chosen: int = chosen) -> None:
            steps.append(step)
            if len(steps) == chosen:
                raise Crash

        store.hook = die
        with suppress(Crash):
            pay_credit_and_refund(world)
        is_alive = len(steps) < chosen
        store.hook = lambda _: None
        yield store


def pay_credit_and_refund(world: World) -> Invoice:
    world.pay(stored(world), day=DUE, amount=5_000)
    note = world.credit(stored(world))
    world.finish(note.id, account_id=ADA, day=LATER)
    return world.refund(stored(world), day=LATER)[1]


def test_what_dies_anywhere_gives_back_once_and_is_finished_by_the_next() -> None:
    deaths = 0
    for store in every_death():
        deaths += 1
        check_invoices(store)

        after = pay_credit_and_refund(world := in_memory(store))

        assert (after.paid, after.outstanding, client(world).prepaid) == (0, 0, 15_000)
        check_invoices(store)
        check_history(store)
    assert deaths > 20
