import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import numbered
from domain.numbers import Sequence, Taken
from domain.requirements import required
from domain.tax import Tax
from domain.totals import Charged, Terms, add_up
from tests import data_stack
from tests.builders import ADA, BOB, UMBRELLA, a_client, a_work_entry, an_account
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
    world.numbering.issue(invoice=invoice, issued=issued, taken=taken, buyer=CLIENT)
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


def held(world: World) -> Invoice:
    """October's invoice, held."""
    world.having(an_account())
    october, _ = sealed(world)
    seller, buyer = world.parties.of(account_id=ADA, client_id=CLIENT.id)
    world.numbering.hold_back(invoice=october, held=october.held(MISSING), seller=seller, buyer=buyer)
    return world.invoices.get(account_id=ADA, invoice_id=october.id)


MISSING = required(
    add_up([Charged(amount=1, tax=Tax(rate=Decimal(19)))], Terms(currency="EUR")),
    seller=an_account(tax_id=None),
    buyer=CLIENT,
)


def test_a_held_invoice_is_found_by_its_account_and_by_its_client(world: World) -> None:
    invoice = held(world)

    assert (invoice.state, invoice.missing) == (State.HELD, MISSING)
    assert world.numbering.held(account_id=ADA) == [invoice.id]
    assert world.numbering.held(account_id=ADA, client_id=CLIENT.id) == [invoice.id]
    assert world.numbering.held(account_id=ADA, client_id=UMBRELLA) == []
    assert world.numbering.held(account_id=BOB) == []


def test_once_it_is_issued_it_is_found_no_more(world: World) -> None:
    invoice = held(world)

    issue(world, invoice, UNUSED)

    assert world.invoices.get(account_id=ADA, invoice_id=invoice.id).state is State.ISSUED
    assert world.numbering.held(account_id=ADA) == []


def test_it_may_be_held_for_something_else(world: World) -> None:
    invoice = held(world)
    seller, buyer = world.parties.of(account_id=ADA, client_id=CLIENT.id)

    world.numbering.hold_back(invoice=invoice, held=invoice.held(()), seller=seller, buyer=buyer)

    assert world.numbering.held(account_id=ADA) == [invoice.id]


@pytest.mark.parametrize("changed", ["seller", "buyer", "invoice"])
def test_nothing_is_held_where_one_of_the_three_has_changed(world: World, changed: str) -> None:
    world.having(an_account())
    october, _ = sealed(world)
    seller, buyer = world.parties.of(account_id=ADA, client_id=CLIENT.id)
    match changed:
        case "seller":
            world.accounts.update(account_id=ADA, change=lambda account: replace(account, name="Ada King"))
        case "buyer":
            world.clients.update(
                account_id=ADA, client_id=CLIENT.id, change=lambda client: replace(client, name="Acme SE")
            )
        case "invoice":
            issue(world, october, UNUSED)

    with pytest.raises(InvoiceMovedError):
        world.numbering.hold_back(invoice=october, held=october.held(MISSING), seller=seller, buyer=buyer)

    assert world.numbering.held(account_id=ADA) == []
