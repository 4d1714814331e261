import datetime as dt
from dataclasses import replace

import pytest

from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import numbered
from domain.numbers import Sequence, Taken
from tests import data_stack
from tests.builders import ADA, BOB, a_client, a_work_entry, an_account
from tests.world import World

CLIENT = a_client()
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
SERIES = "2026-{seq}"
UNUSED = Sequence(account_id=ADA, series=SERIES)


def sealed(world: World) -> list[Invoice]:
    """October's and November's invoice, sealed."""
    world.having(CLIENT)
    world.tick(NOVEMBER_30)
    invoices = []
    for opened in reversed(world.invoices.list(account_id=ADA).items):
        entry = a_work_entry(f"{opened.due_on:%Y%m%d}00000000")
        world.having(entry)
        world.collecting.claim(invoice=opened, entries=[entry])
        claimed = opened.with_claimed([entry])
        world.collecting.seal(invoice=claimed, sealed=claimed.sealed())
        invoices.append(world.invoices.get(account_id=ADA, invoice_id=opened.id))
    return invoices


def issue(world: World, invoice: Invoice, before: Sequence, *, day: dt.date = OCTOBER_31) -> Invoice:
    seller = an_account()
    taken = Taken.next_of(before, pattern=seller.number_pattern, today=day)
    lines = world.invoices.lines(invoice=invoice)
    issued, taken = numbered(invoice, taken, lines=lines, seller=seller, buyer=CLIENT)
    world.numbering.issue(invoice=invoice, issued=issued, taken=taken)
    return issued


def sequence(world: World) -> Sequence:
    return world.numbering.sequence(account_id=ADA, series=SERIES)


def test_a_new_series_has_given_no_number(world: World) -> None:
    assert sequence(world) == UNUSED


def test_issuing_takes_the_number_and_stores_the_invoice(world: World) -> None:
    october, _ = sealed(world)

    issued = issue(world, october, UNUSED)

    assert issued.number == "2026-0001"
    assert world.invoices.get(account_id=ADA, invoice_id=october.id) == replace(issued, version=4)
    end = issued.chain_sha256
    assert sequence(world) == replace(UNUSED, last=1, last_issued_on=OCTOBER_31, chain_sha256=end)


def test_the_next_invoice_takes_the_next_number(world: World) -> None:
    october, november = sealed(world)
    issue(world, october, UNUSED)

    issued = issue(world, november, sequence(world), day=NOVEMBER_30)

    assert issued.number == "2026-0002"
    end = issued.chain_sha256
    assert sequence(world) == replace(UNUSED, last=2, last_issued_on=NOVEMBER_30, chain_sha256=end)


def test_a_number_is_given_once(world: World) -> None:
    """Both have read the series before either of them issued."""
    october, november = sealed(world)
    issue(world, october, UNUSED)

    with pytest.raises(InvoiceMovedError):
        issue(world, november, UNUSED)

    assert world.invoices.get(account_id=ADA, invoice_id=november.id) == november
    assert sequence(world).last == 1


def test_a_series_that_moved_on_twice_is_seen_too(world: World) -> None:
    october, november = sealed(world)
    issue(world, october, UNUSED)
    before = sequence(world)
    issue(world, november, before)

    with pytest.raises(InvoiceMovedError):
        issue(world, november, before)

    assert sequence(world).last == 2


def test_a_number_is_not_given_ahead_of_its_turn(world: World) -> None:
    """That would leave a hole."""
    october, november = sealed(world)
    issue(world, october, UNUSED)

    with pytest.raises(InvoiceMovedError):
        issue(world, november, replace(UNUSED, last=5, last_issued_on=OCTOBER_31))

    assert sequence(world).last == 1
    assert world.invoices.get(account_id=ADA, invoice_id=november.id) == november


def test_a_number_that_was_given_is_not_given_again_even_if_the_series_were_lost(dynamodb: World) -> None:
    october, november = sealed(dynamodb)
    issue(dynamodb, october, UNUSED)
    key = {"PK": {"S": f"ACCOUNT#{ADA}#SERIES#{SERIES}"}, "SK": {"S": "SEQUENCE"}}
    data_stack.client("dynamodb").delete_item(TableName=data_stack.TABLE, Key=key)

    with pytest.raises(InvoiceMovedError):
        issue(dynamodb, november, UNUSED)

    assert sequence(dynamodb) == UNUSED


def test_a_series_does_not_begin_again_even_if_its_numbers_were_lost(dynamodb: World) -> None:
    october, november = sealed(dynamodb)
    issue(dynamodb, october, UNUSED)
    key = {"PK": {"S": f"ACCOUNT#{ADA}#SERIES#{SERIES}"}, "SK": {"S": "NUMBER#0000000001"}}
    data_stack.client("dynamodb").delete_item(TableName=data_stack.TABLE, Key=key)

    with pytest.raises(InvoiceMovedError):
        issue(dynamodb, november, UNUSED)

    assert sequence(dynamodb).last == 1


def test_an_invoice_is_issued_once_and_the_second_number_is_not_lost(world: World) -> None:
    october, _ = sealed(world)
    issue(world, october, UNUSED)

    with pytest.raises(InvoiceMovedError):
        issue(world, october, sequence(world))

    assert sequence(world).last == 1


def test_only_a_sealed_invoice_takes_a_number(world: World) -> None:
    world.having(CLIENT)
    world.tick(OCTOBER_31)
    (opened,) = world.invoices.list(account_id=ADA).items

    with pytest.raises(InvoiceMovedError):
        issue(world, opened, UNUSED)

    assert sequence(world) == UNUSED
    assert world.invoices.get(account_id=ADA, invoice_id=opened.id).state is State.OPEN


def test_each_account_and_each_series_counts_by_itself(world: World) -> None:
    october, _ = sealed(world)
    issue(world, october, UNUSED)

    assert world.numbering.sequence(account_id=BOB, series=SERIES).last == 0
    assert world.numbering.sequence(account_id=ADA, series="2027-{seq}").last == 0


def test_issued_invoices_are_listed_by_the_day_they_were_issued(world: World) -> None:
    october, november = sealed(world)

    issue(world, october, UNUSED, day=dt.date(2026, 12, 24))

    assert [invoice.id for invoice in world.invoices.list(account_id=ADA).items] == [october.id, november.id]
