import datetime as dt
from dataclasses import replace

import pytest

from domain.counters import (
    MOST_ACTIONS,
    Change,
    Contribution,
    Counter,
    Counters,
    LostRaceError,
    Tally,
    keep_counters,
)
from domain.identifiers import client_id
from domain.paging import every
from tests import data_stack
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_work_entry
from tests.recount import shown
from tests.world import World

ENTRY = a_work_entry()
FIRST = Contribution.of_work(ENTRY)
SECOND = Contribution.of_work(replace(ENTRY, minutes=120, version=2))
AN_HOUR = Tally(entries=1, minutes=60, billable=100_00, unbilled=100_00)


@pytest.fixture
def counters(world: World) -> Counters:
    return world.counters


def months(counters: Counters) -> dict[str, Tally]:
    (counter,) = counters.list(account_id=ADA)
    return {month: tally for month, tally in counter.months.items() if tally}


def test_nothing_is_counted_at_first(counters: Counters) -> None:
    assert counters.contributions(wanted=[FIRST]) == {}
    assert list(counters.list(account_id=ADA)) == []


def test_what_was_counted_is_remembered_as_it_was(counters: Counters) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    assert counters.contributions(wanted=[SECOND]) == {ENTRY.id: FIRST}
    assert months(counters) == {"2026-10": AN_HOUR}


def test_a_counter_tells_whose_it_is(counters: Counters) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    (counter,) = counters.list(account_id=ADA)

    assert (counter.account_id, counter.client_id, counter.currency) == (ADA, ACME, "EUR")


def test_a_counter_moves_by_the_difference(counters: Counters) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    counters.apply(changes=[Change(now=SECOND, stored=FIRST)])

    assert months(counters) == {"2026-10": Tally(entries=1, minutes=120, billable=200_00, unbilled=200_00)}


def test_a_contribution_that_moves_to_another_month_leaves_its_old_one(counters: Counters) -> None:
    moved = Contribution.of_work(replace(ENTRY, date=dt.date(2027, 1, 5), version=2))
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    counters.apply(changes=[Change(now=moved, stored=FIRST)])

    assert months(counters) == {"2027-01": AN_HOUR}


@pytest.mark.parametrize("stored", [None, replace(FIRST, version=3)], ids=["none", "another version"])
def test_a_change_of_something_else_than_is_stored_has_lost(
    counters: Counters, stored: Contribution | None
) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    with pytest.raises(LostRaceError):
        counters.apply(changes=[Change(now=SECOND, stored=stored)])

    assert counters.contributions(wanted=[FIRST]) == {ENTRY.id: FIRST}
    assert months(counters) == {"2026-10": AN_HOUR}


def test_a_change_of_what_was_never_stored_has_lost(counters: Counters) -> None:
    with pytest.raises(LostRaceError):
        counters.apply(changes=[Change(now=SECOND, stored=FIRST)])

    assert counters.contributions(wanted=[FIRST]) == {}


def test_all_of_a_transaction_is_stored_or_nothing(counters: Counters) -> None:
    other = Contribution.of_work(a_work_entry("o" * 16, client=a_client(id=UMBRELLA)))
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    with pytest.raises(LostRaceError):
        counters.apply(changes=[Change(now=other, stored=None), Change(now=SECOND, stored=None)])

    assert counters.contributions(wanted=[other, FIRST]) == {ENTRY.id: FIRST}
    assert months(counters) == {"2026-10": AN_HOUR}


def test_a_change_that_moves_nothing_is_remembered_too(counters: Counters) -> None:
    nothing = Contribution.of_work(replace(ENTRY, removed=True, version=5))

    counters.apply(changes=[Change(now=nothing, stored=None)])

    assert counters.contributions(wanted=[nothing]) == {ENTRY.id: nothing}
    assert shown(counters.list(account_id=ADA)) == {}


def test_as_much_as_a_transaction_takes_can_be_counted_at_once(counters: Counters) -> None:
    many = [Contribution.of_work(a_work_entry(f"{number:016}")) for number in range(MOST_ACTIONS - 1)]

    counters.apply(changes=[Change(now=each, stored=None) for each in many])

    assert months(counters)["2026-10"].entries == MOST_ACTIONS - 1
    assert counters.contributions(wanted=many) == {each.entity_id: each for each in many}


def test_more_contributions_than_a_read_takes_are_found(counters: Counters) -> None:
    many = [Contribution.of_work(a_work_entry(f"{number:016}")) for number in range(230)]
    keep_counters(many, counters=counters)

    assert len(counters.contributions(wanted=many)) == 230


def test_each_client_has_a_counter_and_each_account_its_own(counters: Counters) -> None:
    clients = [a_client(id=client_id(f"{number:016}")) for number in range(3)]
    theirs = a_client(id=UMBRELLA, account_id=BOB)
    work = [a_work_entry(client=client) for client in (*clients, theirs)]

    keep_counters([Contribution.of_work(entry) for entry in work], counters=counters)

    assert [counter.client_id for counter in counters.list(account_id=ADA)] == [each.id for each in clients]
    assert [counter.client_id for counter in counters.list(account_id=BOB)] == [UMBRELLA]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_counters_come_a_page_at_a_time_in_the_order_of_their_clients(counters: Counters, limit: int) -> None:
    clients = [a_client(id=client_id(f"{number:016}")) for number in (2, 0, 1)]
    theirs = a_client(id=UMBRELLA, account_id=BOB)
    work = [a_work_entry(client=client) for client in (*clients, theirs)]
    keep_counters([Contribution.of_work(entry) for entry in work], counters=counters)

    first = counters.page(account_id=ADA, limit=limit)
    paged = every(lambda cursor: counters.page(account_id=ADA, limit=limit, cursor=cursor))

    assert len(first.items) == min(limit, 3)
    assert list(paged) == list(counters.list(account_id=ADA))


def test_a_counter_that_comes_while_pages_are_read_is_in_none_twice(counters: Counters) -> None:
    def count(number: int) -> None:
        entry = a_work_entry(client=a_client(id=client_id(f"{number:016}")))
        keep_counters([Contribution.of_work(entry)], counters=counters)

    count(2)
    count(4)
    first = counters.page(account_id=ADA, limit=1)
    count(1)
    count(3)

    rest = counters.page(account_id=ADA, cursor=first.next_cursor)

    seen = [counter.client_id for counter in (*first.items, *rest.items)]
    assert seen == [client_id(f"{number:016}") for number in (2, 3, 4)]


def test_a_counter_is_one_revision_on_each_time_it_moves(counters: Counters) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])
    counters.apply(changes=[Change(now=SECOND, stored=FIRST)])
    moved = counters.get(account_id=ADA, client_id=ACME)

    counters.apply(changes=[Change(now=replace(SECOND, version=3), stored=SECOND)])
    stayed = counters.get(account_id=ADA, client_id=ACME)

    assert moved is not None
    assert (moved.revision, moved.total.minutes) == (2, 120)
    assert stayed == moved


def test_a_client_of_whom_nothing_was_counted_has_no_counter(counters: Counters) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    assert counters.get(account_id=ADA, client_id=UMBRELLA) is None
    assert counters.get(account_id=BOB, client_id=ACME) is None


def test_a_correction_of_the_same_version_takes_the_place_of_what_was_read(counters: Counters) -> None:
    wrong = replace(FIRST, tally=Tally(entries=1, minutes=30))
    counters.apply(changes=[Change(now=wrong, stored=None)])

    counters.apply(changes=[Change(now=FIRST, stored=wrong)])

    assert counters.contributions(wanted=[FIRST]) == {ENTRY.id: FIRST}
    assert months(counters) == {"2026-10": AN_HOUR}


@pytest.mark.parametrize(
    "read",
    [replace(FIRST, tally=Tally(entries=1, minutes=30)), replace(FIRST, month="2026-09")],
    ids=["another tally", "another month"],
)
def test_a_correction_that_somebody_else_has_made_already_has_lost(
    counters: Counters, read: Contribution
) -> None:
    counters.apply(changes=[Change(now=FIRST, stored=None)])

    with pytest.raises(LostRaceError):
        counters.apply(changes=[Change(now=replace(FIRST, tally=Tally(minutes=1)), stored=read)])

    assert months(counters) == {"2026-10": AN_HOUR}


def test_a_counter_is_set_where_nobody_has_moved_it(world: World) -> None:
    world.counters.apply(changes=[Change(now=FIRST, stored=None)])
    read = world.counters.get(account_id=ADA, client_id=ACME)
    assert read is not None

    world.resetting.reset(counter=replace(read, months={"2025-01": Tally(invoices=1)}))

    stored = world.counters.get(account_id=ADA, client_id=ACME)
    assert stored == replace(read, months={"2025-01": Tally(invoices=1)}, revision=2)


def test_a_counter_that_was_moved_meanwhile_is_not_set(world: World) -> None:
    world.counters.apply(changes=[Change(now=FIRST, stored=None)])
    read = world.counters.get(account_id=ADA, client_id=ACME)
    assert read is not None
    world.counters.apply(changes=[Change(now=SECOND, stored=FIRST)])

    with pytest.raises(LostRaceError):
        world.resetting.reset(counter=replace(read, months={}))

    assert months(world.counters)["2026-10"].minutes == 120


def test_a_counter_that_is_not_there_can_be_set_once(world: World) -> None:
    missing = Counter(account_id=ADA, client_id=ACME, currency="EUR", months={"2026-10": AN_HOUR})

    world.resetting.reset(counter=missing)

    assert world.counters.get(account_id=ADA, client_id=ACME) == replace(missing, revision=1)
    with pytest.raises(LostRaceError):
        world.resetting.reset(counter=missing)


def test_a_counter_goes_on_from_what_it_was_set_to(world: World) -> None:
    missing = Counter(account_id=ADA, client_id=ACME, currency="EUR", months={"2026-10": AN_HOUR})
    world.resetting.reset(counter=missing)

    world.counters.apply(changes=[Change(now=SECOND, stored=None)])

    stored = world.counters.get(account_id=ADA, client_id=ACME)
    assert stored is not None
    assert (stored.total.minutes, stored.revision) == (180, 2)


def test_a_counter_and_a_contribution_from_before_revisions_and_all_fields_can_be_corrected(
    dynamodb: World,
) -> None:
    dynamodb.counters.apply(changes=[Change(now=FIRST, stored=None)])
    table = data_stack.client("dynamodb")
    counter = {"PK": {"S": f"ACCOUNT#{ADA}"}, "SK": {"S": f"COUNTER#{ACME}"}}
    table.update_item(TableName=data_stack.TABLE, Key=counter, UpdateExpression="REMOVE revision")
    contribution = {"PK": {"S": f"ACCOUNT#{ADA}#COUNTED#{ENTRY.id[-2:]}"}, "SK": {"S": ENTRY.id}}
    table.update_item(
        TableName=data_stack.TABLE,
        Key=contribution,
        UpdateExpression="REMOVE tally.outstanding SET tally.minutes = :wrong",
        ExpressionAttributeValues={":wrong": {"N": "59"}},
    )

    [read] = dynamodb.counters.contributions(wanted=[FIRST]).values()
    dynamodb.counters.apply(changes=[Change(now=FIRST, stored=read)])

    stored = dynamodb.counters.get(account_id=ADA, client_id=ACME)
    assert stored is not None
    assert (stored.total.minutes, stored.revision) == (61, 1)
    assert dynamodb.counters.contributions(wanted=[FIRST]) == {ENTRY.id: FIRST}


def test_a_counter_from_before_revisions_can_be_set(dynamodb: World) -> None:
    dynamodb.counters.apply(changes=[Change(now=FIRST, stored=None)])
    counter = {"PK": {"S": f"ACCOUNT#{ADA}"}, "SK": {"S": f"COUNTER#{ACME}"}}
    data_stack.client("dynamodb").update_item(
        TableName=data_stack.TABLE, Key=counter, UpdateExpression="REMOVE revision"
    )

    read = dynamodb.counters.get(account_id=ADA, client_id=ACME)
    assert read is not None
    dynamodb.resetting.reset(counter=replace(read, months={}))

    assert dynamodb.counters.get(account_id=ADA, client_id=ACME) == replace(read, months={}, revision=1)


def test_counters_go_below_zero_and_back(counters: Counters) -> None:
    """Two changes of one entity may be stored by two consumers; a sum does not mind the order."""
    less = replace(FIRST, tally=Tally(unbilled=-50_00))
    counters.apply(changes=[Change(now=less, stored=None)])

    counters.apply(changes=[Change(now=replace(SECOND, tally=Tally()), stored=less)])

    assert shown(counters.list(account_id=ADA)) == {}
