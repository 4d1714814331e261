import datetime as dt

import pytest

from domain.errors import NotFoundError
from domain.invoices import Invoice, InvoiceMovedError
from tests.builders import ADA, BOB, a_client, a_payment, a_work_entry, an_account, an_invoice_id
from tests.world import World

DUE = dt.date(2026, 10, 31)
INVOICE = an_invoice_id()


def issued(world: World) -> Invoice:
    world.having(an_account(), a_client(), a_work_entry())
    world.tick(DUE)
    return world.issue(INVOICE, client=a_client(), day=DUE)


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def test_a_payment_and_what_its_invoice_says_of_it_are_stored_together(world: World) -> None:
    invoice = issued(world)
    payment = a_payment(invoice, amount=2_500, reference="Transfer 4711")

    world.payments.add(payment=payment, invoice=invoice, paid=invoice.with_paid(2_500))

    assert world.payments.get(account_id=ADA, payment_id=payment.id) == payment
    assert (stored(world).paid, stored(world).version) == (2_500, invoice.version + 1)


def test_a_payment_is_put_once(world: World) -> None:
    invoice = issued(world)
    payment = a_payment(invoice)
    world.payments.add(payment=payment, invoice=invoice, paid=invoice.with_paid(payment.amount))
    paid = stored(world)

    with pytest.raises(InvoiceMovedError):
        world.payments.add(payment=payment, invoice=paid, paid=paid.with_paid(payment.amount))

    assert stored(world) == paid


def test_an_invoice_that_has_changed_takes_no_payment_as_it_was_read(world: World) -> None:
    invoice = issued(world)
    world.pay(invoice, day=DUE, amount=1_000)
    late = a_payment(invoice, "late000000000000")

    with pytest.raises(InvoiceMovedError):
        world.payments.add(payment=late, invoice=invoice, paid=invoice.with_paid(late.amount))

    assert stored(world).paid == 1_000
    with pytest.raises(NotFoundError):
        world.payments.get(account_id=ADA, payment_id=late.id)


def test_the_payments_of_an_invoice_are_listed_a_page_at_a_time_and_no_other_s(world: World) -> None:
    invoice = issued(world)
    for body in ("b", "a", "c"):
        world.pay(invoice, day=DUE, body=body * 16, amount=1)
    november = dt.date(2026, 11, 30)
    world.having(a_work_entry("later00000000000", date=dt.date(2026, 11, 5)))
    world.tick(november)
    other = world.issue(an_invoice_id(due_on=november), client=a_client(), day=november)
    world.pay(other, day=november, body="d" * 16)

    first = world.payments.list(invoice=invoice, limit=2)
    rest = world.payments.list(invoice=invoice, limit=2, cursor=first.next_cursor)

    assert [each.id[-1] for each in (*first.items, *rest.items)] == ["a", "b", "c"]
    assert rest.next_cursor is None


def test_nobody_finds_another_account_s_payment(world: World) -> None:
    payment, _ = world.pay(issued(world), day=DUE)

    with pytest.raises(NotFoundError):
        world.payments.get(account_id=BOB, payment_id=payment.id)


def test_an_audit_reads_payments_too(world: World) -> None:
    payment, _ = world.pay(issued(world), day=DUE)

    read = world.records.of_client(account_id=ADA, client_id=payment.client_id)

    assert payment in [written.entity for written in read]
