import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from domain.errors import InvalidError, NotFoundError
from domain.identifiers import PaymentId
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.payments import (
    MOST_ROUNDS,
    NothingOutstandingError,
    NotIssuedYetError,
    Payment,
    PaymentDetails,
    PaymentState,
    TakenBackError,
    payment_state,
)
from tests.builders import (
    ADA,
    a_client,
    a_payment,
    a_work_entry,
    an_account,
    an_invoice,
    an_invoice_id,
    an_issued_invoice,
)
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import Crash
from tests.world import World, in_memory

DUE = dt.date(2026, 10, 31)
LATER = dt.date(2026, 11, 12)
INVOICE = an_invoice_id()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    return in_memory(store).having(an_account(), a_client(), a_work_entry())


@pytest.fixture
def issued(world: World) -> Invoice:
    """An invoice over 100.00, to be paid until 14 November."""
    world.tick(DUE)
    return world.issue(INVOICE, client=a_client(), day=DUE)


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def test_a_payment_says_what_came_when_and_for_which_invoice(world: World, issued: Invoice) -> None:
    payment, _ = world.pay(issued, day=LATER, amount=2_500, reference="Transfer 4711")

    assert payment == a_payment(
        issued,
        amount=2_500,
        paid_on=LATER,
        recorded_at=dt.datetime(2026, 11, 12, 12, tzinfo=dt.UTC),
        reference="Transfer 4711",
    )


def test_payments_add_up(world: World, issued: Invoice) -> None:
    world.pay(issued, day=LATER, amount=2_500)
    _, paid = world.pay(issued, day=LATER, amount=2_500, body="another000000000")

    assert (paid.paid, paid.outstanding) == (5_000, 5_000)
    assert stored(world) == paid


def test_what_is_not_said_is_all_that_is_outstanding_today(world: World, issued: Invoice) -> None:
    world.pay(issued, day=LATER, amount=2_500)

    payment, paid = world.pay(issued, day=LATER, body="rest000000000000")

    assert (payment.amount, payment.paid_on, paid.outstanding) == (7_500, LATER, 0)


def test_the_same_payment_counts_once(world: World, issued: Invoice) -> None:
    first = world.pay(issued, day=LATER)
    again = world.pay(issued, day=LATER + dt.timedelta(days=1))

    assert again == first
    assert stored(world).paid == 10_000


def test_too_much_is_taken_and_told(world: World, issued: Invoice) -> None:
    _, paid = world.pay(issued, day=LATER, amount=12_000)

    assert paid.outstanding == -2_000
    assert payment_state(paid, noon(LATER)) is PaymentState.OVERPAID


def test_a_payment_that_is_taken_back_stays_and_another_entry_says_so(world: World, issued: Invoice) -> None:
    payment, _ = world.pay(issued, day=LATER, amount=2_500)

    back, invoice = world.take_back(payment, day=LATER)

    assert (back.amount, back.takes_back, invoice.paid) == (-2_500, payment.id, 0)
    assert set(world.payments.list(invoice=issued).items) == {payment, back}


def test_a_payment_is_taken_back_once(world: World, issued: Invoice) -> None:
    payment, _ = world.pay(issued, day=LATER, amount=2_500)

    first = world.take_back(payment, day=LATER)
    again = world.take_back(payment, day=LATER + dt.timedelta(days=1))

    assert again == first
    assert stored(world).paid == 0


def test_what_takes_back_is_not_taken_back(world: World, issued: Invoice) -> None:
    payment, _ = world.pay(issued, day=LATER, amount=2_500)
    back, _ = world.take_back(payment, day=LATER)

    with pytest.raises(TakenBackError):
        world.take_back(back, day=LATER)


def test_a_payment_that_is_not_there_cannot_be_taken_back(world: World, issued: Invoice) -> None:
    with pytest.raises(NotFoundError):
        world.take_back(a_payment(issued), day=LATER)


@pytest.mark.parametrize(
    "payment_id", ["pay_x", "inv_acme00000000000020261031", f"pay_{'a' * 16}20261399{'b' * 16}"]
)
def test_an_id_that_is_none_is_not_found(payment_id: str, world: World) -> None:
    with pytest.raises(NotFoundError):
        world.take_back(a_payment(id=PaymentId(payment_id)), day=LATER)


def test_an_invoice_that_is_not_issued_cannot_be_paid(world: World) -> None:
    world.tick(DUE)

    with pytest.raises(NotIssuedYetError):
        world.pay(an_invoice(), day=LATER)


def test_nothing_is_paid_by_itself_where_nothing_is_outstanding(world: World, issued: Invoice) -> None:
    world.pay(issued, day=LATER)

    with pytest.raises(NothingOutstandingError):
        world.pay(issued, day=LATER, body="another000000000")


def test_a_payment_does_not_come_from_the_future(world: World, issued: Invoice) -> None:
    with pytest.raises(InvalidError, match="today, which is 2026-11-12"):
        world.pay(issued, day=LATER, paid_on=LATER + dt.timedelta(days=1))


def test_today_is_that_of_the_seller(world: World, issued: Invoice, store: Store) -> None:
    store.change(replace(issued, time_zone="Pacific/Kiritimati"), read=stored(world))

    payment, _ = world.pay(issued, day=LATER)

    assert payment.paid_on == LATER + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": -1}, "/amount"),
        ({"amount": 10**13 + 1}, "/amount"),
        ({"paid_on": dt.date(206, 11, 12)}, "/paid_on"),
        ({"reference": "x" * 201}, "/reference"),
    ],
)
def test_details_are_checked(said: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidError) as refused:
        PaymentDetails(**said)  # type: ignore[arg-type] # wrong on purpose

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_an_invoice_that_others_pay_all_the_time_is_left_for_later(
    world: World, issued: Invoice, store: Store
) -> None:
    bodies = iter(range(100))

    def pay_first(step: Step) -> None:
        if step == Step("payments.add", Moment.BEFORE, commits=True):
            store.hook = lambda _: None
            world.pay(issued, day=LATER, body=f"{next(bodies):016}", amount=1)
            store.hook = pay_first

    store.hook = pay_first

    with pytest.raises(InvoiceMovedError, match=f"{MOST_ROUNDS} times"):
        world.pay(issued, day=LATER)
    assert stored(world).paid == MOST_ROUNDS


def test_two_that_come_at_once_both_count(world: World, issued: Invoice, store: Store) -> None:
    def pay_first(step: Step) -> None:
        if step == Step("payments.add", Moment.BEFORE, commits=True):
            store.hook = lambda _: None
            world.pay(issued, day=LATER, body="first00000000000", amount=4_000)

    store.hook = pay_first
    payment, paid = world.pay(issued, day=LATER)

    assert (payment.amount, paid.paid, paid.outstanding) == (6_000, 10_000, 0)


def every_death() -> Iterator[tuple[Store, Invoice]]:
    """What a run leaves that paid, took back and paid again, and died at step one, at step two, and so on."""
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        store = Store()
        world = in_memory(store).having(an_account(), a_client(), a_work_entry())
        world.tick(DUE)
        issued = world.issue(INVOICE, client=a_client(), day=DUE)
        steps: list[Step] = []

        def die(step: Step, steps: list[Step] = steps, chosen: int = chosen) -> None:
            steps.append(step)
            if len(steps) == chosen:
                raise Crash

        store.hook = die
        with suppress(Crash):
            pay_take_back_and_pay(world, issued)
        is_alive = len(steps) < chosen
        store.hook = lambda _: None
        yield store, issued


def pay_take_back_and_pay(world: World, issued: Invoice) -> Invoice:
    wrong, _ = world.pay(issued, day=LATER, amount=1_000)
    world.take_back(wrong, day=LATER)
    return world.pay(issued, day=LATER, amount=10_000, body="right00000000000")[1]


def test_what_dies_anywhere_leaves_invoice_and_payments_together_and_is_finished_by_the_next() -> None:
    deaths = 0
    for store, issued in every_death():
        deaths += 1
        check_invoices(store)

        paid = pay_take_back_and_pay(in_memory(store), issued)

        assert (paid.paid, len(store.all(Payment))) == (10_000, 3)
        check_invoices(store)
        check_history(store)
    assert deaths > 15


@pytest.mark.parametrize(
    ("paid", "day", "state"),
    [
        (0, dt.date(2026, 11, 14), PaymentState.UNPAID),
        (1, dt.date(2026, 11, 14), PaymentState.PARTLY_PAID),
        (0, dt.date(2026, 11, 15), PaymentState.OVERDUE),
        (9_999, dt.date(2026, 11, 15), PaymentState.OVERDUE),
        (10_000, dt.date(2026, 11, 15), PaymentState.PAID),
        (10_001, dt.date(2026, 11, 1), PaymentState.OVERPAID),
    ],
)
def test_how_an_invoice_stands(paid: int, day: dt.date, state: PaymentState) -> None:
    assert payment_state(an_issued_invoice(total=10_000).with_paid(paid), noon(day)) is state


def test_there_is_nothing_to_pay_of_what_is_not_valid() -> None:
    assert payment_state(replace(an_issued_invoice(), state=State.EMPTY), noon(LATER)) is None


@pytest.mark.parametrize(
    ("released", "credited", "paid", "state"),
    [
        (1, 10_000, 0, PaymentState.CREDITED),
        (0, 10_000, 0, PaymentState.PAID),
        (1, 10_000, 4_000, PaymentState.OVERPAID),
        (1, 6_000, 4_000, PaymentState.PAID),
    ],
)
def test_an_invoice_that_was_taken_back_is_credited_and_not_paid(
    released: int, credited: int, paid: int, state: PaymentState
) -> None:
    invoice = replace(an_issued_invoice(total=10_000), released=released, credited=credited)

    assert payment_state(invoice.with_paid(paid), noon(LATER)) is state


def test_an_invoice_that_is_not_valid_any_more_cannot_be_paid(
    world: World, issued: Invoice, store: Store
) -> None:
    store.change(replace(issued, state=State.EMPTY), read=stored(world))

    with pytest.raises(NotIssuedYetError):
        world.pay(issued, day=LATER)


@pytest.mark.parametrize("state", [State.OPEN, State.SEALED, State.EMPTY])
def test_there_is_nothing_to_pay_of_what_is_not_issued(state: State) -> None:
    assert payment_state(an_invoice(state=state), noon(LATER)) is None


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12, tzinfo=dt.UTC))
