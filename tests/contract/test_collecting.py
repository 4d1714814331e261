import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.identifiers import work_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import MOST_CLAIMED
from domain.work import WorkEntry, WorkIsInvoicedError
from tests.builders import ADA, BOB, UMBRELLA, a_client, a_work_entry
from tests.world import World

CLIENT = a_client()
INVOICE = Invoice.opened(CLIENT)
OCTOBER_31 = dt.date(2026, 10, 31)
ONE = a_work_entry("1" * 16, date=dt.date(2026, 10, 1))
TWO = a_work_entry("2" * 16, date=dt.date(2026, 10, 2), quantity=Decimal("1.5"), rate=Decimal("9.99"))


def opened(world: World, *work: WorkEntry) -> World:
    world.having(CLIENT, *work)
    world.tick(OCTOBER_31)
    return world


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE.id)


def work_of(world: World, entry: WorkEntry) -> WorkEntry:
    return world.work.get(account_id=ADA, work_id=entry.id)


def test_unbilled_work_comes_the_oldest_first(world: World) -> None:
    opened(world, TWO, ONE)

    assert world.collecting.unbilled(invoice=INVOICE, limit=100) == [ONE, TWO]


def test_no_more_unbilled_work_comes_than_was_asked_for(world: World) -> None:
    opened(world, *(a_work_entry(f"{number:016}") for number in range(120)))

    assert len(world.collecting.unbilled(invoice=INVOICE, limit=100)) == 100


def test_all_unbilled_work_comes_where_nobody_says_how_much(world: World) -> None:
    opened(world, *(a_work_entry(f"{number:016}") for number in range(120)))

    assert len(world.collecting.unbilled(invoice=INVOICE, limit=None)) == 120


@pytest.mark.parametrize(
    "other",
    [
        a_work_entry(date=OCTOBER_31),
        a_work_entry(billable=False),
        a_work_entry(removed=True),
        a_work_entry(invoiced_on=dt.date(2026, 9, 30)),
        a_work_entry(client=a_client(id=UMBRELLA)),
        a_work_entry(client=a_client(account_id=BOB)),
    ],
    ids=["due date", "not billable", "removed", "invoiced", "other client", "other account"],
)
def test_only_what_this_invoice_may_take_is_unbilled(world: World, other: WorkEntry) -> None:
    opened(world, other)

    assert world.collecting.unbilled(invoice=INVOICE, limit=100) == []


def test_work_from_before_the_period_is_unbilled_too(world: World) -> None:
    late = a_work_entry(date=dt.date(2025, 12, 31))
    opened(world, ONE, late)
    since_ever = replace(INVOICE, work_since=dt.date(2025, 12, 31))

    assert world.collecting.unbilled(invoice=since_ever, limit=100) == [late, ONE]


def test_work_from_before_billing_starts_is_for_nobody_to_invoice(world: World) -> None:
    late = a_work_entry(date=INVOICE.work_since - dt.timedelta(days=1))
    opened(world, ONE, late)

    assert world.collecting.unbilled(invoice=INVOICE, limit=100) == [ONE]


def test_a_claim_marks_the_work_and_moves_the_totals(world: World) -> None:
    opened(world, ONE, TWO)

    world.collecting.claim(invoice=INVOICE, entries=[ONE, TWO])

    assert stored(world) == replace(INVOICE, entries=2, net=100_00 + 14_99, version=2)
    assert work_of(world, ONE) == replace(ONE, invoiced_on=OCTOBER_31, version=2)
    assert world.collecting.unbilled(invoice=INVOICE, limit=100) == []


def test_lines_are_the_work_that_was_claimed_by_date(world: World) -> None:
    opened(world, ONE, TWO, a_work_entry(billable=False))

    world.collecting.claim(invoice=INVOICE, entries=[TWO])
    world.collecting.claim(invoice=INVOICE, entries=[ONE])

    assert list(world.invoices.lines(invoice=stored(world))) == [
        replace(entry, invoiced_on=OCTOBER_31, version=2) for entry in (ONE, TWO)
    ]


@pytest.mark.parametrize("limit", [1, 3, 4, 5])
def test_the_lines_of_a_long_invoice_come_a_page_at_a_time(world: World, limit: int) -> None:
    work = [a_work_entry(f"{9 - number:016}", date=dt.date(2026, 10, 1 + number // 2)) for number in range(4)]
    opened(world, *work)
    world.collecting.claim(invoice=INVOICE, entries=work)

    pages = list[tuple[WorkEntry, ...]]()
    cursor: str | None = None
    while True:
        page = world.invoices.some_lines(invoice=INVOICE, limit=limit, cursor=cursor)
        pages.append(page.items)
        if (cursor := page.next_cursor) is None:
            break

    assert [line for items in pages for line in items] == list(world.invoices.lines(invoice=INVOICE))
    assert max(map(len, pages)) <= limit


def test_lines_come_once_each_although_the_invoice_claims_more_meanwhile(world: World) -> None:
    three = a_work_entry("3" * 16, date=dt.date(2026, 10, 3))
    opened(world, ONE, TWO, three)
    world.collecting.claim(invoice=INVOICE, entries=[ONE, TWO])
    first = world.invoices.some_lines(invoice=INVOICE, limit=1)
    world.collecting.claim(invoice=INVOICE, entries=[three])

    rest = world.invoices.some_lines(invoice=INVOICE, cursor=first.next_cursor)

    assert [line.id for line in (*first.items, *rest.items)] == [ONE.id, TWO.id, three.id]


def test_another_invoice_has_other_lines(world: World) -> None:
    opened(world, ONE)
    world.collecting.claim(invoice=INVOICE, entries=[ONE])

    following = Invoice.opened(CLIENT.after_invoice_day())

    assert list(world.invoices.lines(invoice=following)) == []
    assert world.invoices.some_lines(invoice=following).items == ()


def test_as_many_entries_as_a_step_takes_are_claimed_at_once(world: World) -> None:
    work = [a_work_entry(f"{number:016}") for number in range(MOST_CLAIMED)]
    opened(world, *work)

    world.collecting.claim(invoice=INVOICE, entries=work)

    assert (stored(world).entries, stored(world).net) == (MOST_CLAIMED, MOST_CLAIMED * 100_00)
    assert len(world.invoices.lines(invoice=INVOICE)) == MOST_CLAIMED


def test_claims_of_several_workers_add_up(world: World) -> None:
    """Both have read the invoice before either of them claimed."""
    opened(world, ONE, TWO)

    world.collecting.claim(invoice=INVOICE, entries=[ONE])
    world.collecting.claim(invoice=INVOICE, entries=[TWO])

    assert (stored(world).entries, stored(world).version) == (2, 3)


def edited(world: World) -> None:
    world.work.update(account_id=ADA, work_id=TWO.id, change=lambda entry: replace(entry, rate=Decimal(1)))


def removed(world: World) -> None:
    world.work.update(account_id=ADA, work_id=TWO.id, change=WorkEntry.taken_back)


def claimed(world: World) -> None:
    world.collecting.claim(invoice=INVOICE, entries=[TWO])


@pytest.mark.parametrize("meanwhile", [edited, removed, claimed])
def test_a_claim_of_work_that_is_not_as_it_was_read_is_lost_as_a_whole(
    world: World, meanwhile: Callable[[World], None]
) -> None:
    opened(world, ONE, TWO)
    meanwhile(world)
    before = stored(world), work_of(world, TWO)

    with pytest.raises(InvoiceMovedError):
        world.collecting.claim(invoice=INVOICE, entries=[ONE, TWO])

    assert (stored(world), work_of(world, TWO)) == before
    assert work_of(world, ONE) == ONE


def test_work_that_stands_on_an_invoice_is_not_claimed_for_another(world: World) -> None:
    """Also when it was read as it is: the claim itself is refused."""
    opened(world, ONE)
    world.tick(dt.date(2026, 11, 30))
    world.collecting.claim(invoice=INVOICE, entries=[ONE])
    november = Invoice.opened(CLIENT.after_invoice_day())

    with pytest.raises(WorkIsInvoicedError):
        world.collecting.claim(invoice=november, entries=[work_of(world, ONE)])

    assert work_of(world, ONE).invoiced_on == OCTOBER_31


def test_work_that_stands_on_an_invoice_is_not_claimed_whatever_the_caller_believes(world: World) -> None:
    opened(world, ONE)
    world.tick(dt.date(2026, 11, 30))
    world.collecting.claim(invoice=INVOICE, entries=[ONE])
    november = Invoice.opened(CLIENT.after_invoice_day())

    with pytest.raises(InvoiceMovedError):
        world.collecting.claim(invoice=november, entries=[replace(work_of(world, ONE), invoiced_on=None)])

    assert work_of(world, ONE).invoiced_on == OCTOBER_31


@pytest.mark.parametrize("state", [State.SEALED, State.EMPTY])
def test_nothing_is_claimed_for_an_invoice_that_is_not_open(world: World, state: State) -> None:
    opened(world, ONE)
    world.collecting.seal(invoice=INVOICE, sealed=replace(INVOICE, state=state))

    with pytest.raises(InvoiceMovedError):
        world.collecting.claim(invoice=INVOICE, entries=[ONE])

    assert work_of(world, ONE) == ONE
    assert stored(world).entries == 0


def test_a_seal_is_the_next_version(world: World) -> None:
    opened(world)

    world.collecting.seal(invoice=INVOICE, sealed=INVOICE.sealed())

    assert stored(world) == replace(INVOICE, state=State.EMPTY, version=2)


def test_an_invoice_is_not_sealed_over_a_claim_that_was_not_seen(world: World) -> None:
    opened(world, ONE)
    world.collecting.claim(invoice=INVOICE, entries=[ONE])

    with pytest.raises(InvoiceMovedError):
        world.collecting.seal(invoice=INVOICE, sealed=INVOICE.sealed())

    assert stored(world).state is State.OPEN


def test_an_invoice_is_sealed_once(world: World) -> None:
    opened(world)
    world.collecting.seal(invoice=INVOICE, sealed=INVOICE.sealed())

    with pytest.raises(InvoiceMovedError):
        world.collecting.seal(invoice=stored(world), sealed=INVOICE.sealed())

    assert stored(world).version == 2


def test_a_hundred_entries_of_the_longest_text_come_at_once(world: World) -> None:
    """They are more than the megabyte of one answer, and a short list means that there is no more."""
    longest = a_work_entry(description="工" * 2000, project="程" * 200, tags=("作" * 50,) * 20)
    opened(world, *(replace(longest, id=work_id(CLIENT.id, f"{number:016}")) for number in range(120)))

    assert len(world.collecting.unbilled(invoice=INVOICE, limit=100)) == 100
