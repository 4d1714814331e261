"""Counters are made right again, whatever happened to them, and whatever consumers do meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.counters import MOST_ACTIONS, Contribution, LostRaceError, Tally, keep_counters
from domain.errors import WillNeverWorkError
from domain.invoices import Invoice
from domain.paging import every
from domain.repair import MOST_ROUNDS, Rebuilt, rebuild_counter
from domain.timekeeping import edit_work
from domain.work import WorkEntry
from tests.builders import ACME, ADA, a_work_entry, some_work
from tests.fakes import InMemoryCounters, Moment, Step, Store
from tests.lived import LATER, WORK, a_month, codes, count
from tests.recount import recount, shown
from tests.turns import once, take_turns
from tests.world import World, in_memory

FIRST = (ADA, WORK[0].id)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    return a_month(in_memory(store))


def rebuild(world: World) -> Rebuilt:
    return rebuild_counter(
        ACME, account_id=ADA, records=world.records, counters=world.counters, resetting=world.resetting
    )


def assert_right(store: Store) -> None:
    assert shown(store.counters.values()) == recount(store.all(WorkEntry), store.all(Invoice))
    assert codes(in_memory(store)) == []


def lose_the_counter(store: Store) -> None:
    del store.counters[ADA, ACME]


def falsify_the_counter(store: Store) -> None:
    counter = store.counters[ADA, ACME]
    store.counters[ADA, ACME] = replace(counter, months={"2025-01": Tally(entries=3), "2026-10": Tally()})


def falsify_a_contribution(store: Store) -> None:
    right = store.contributions[FIRST]
    store.contributions[FIRST] = replace(right, tally=right.tally + Tally(minutes=30))


def falsify_what_was_counted(store: Store) -> None:
    """As an old fault of the code would have it: the counter is wrong by the same."""
    falsify_a_contribution(store)
    counter = store.counters[ADA, ACME]
    months = {"2026-10": counter.months["2026-10"] + Tally(minutes=30)}
    store.counters[ADA, ACME] = replace(counter, months=months)


def move_a_contribution(store: Store) -> None:
    store.contributions[FIRST] = replace(store.contributions[FIRST], month="2024-02")


def lose_a_contribution(store: Store) -> None:
    del store.contributions[FIRST]


def lose_all_contributions(store: Store) -> None:
    store.contributions.clear()


def restore_older_work(store: Store) -> None:
    """The work is as it was before it was edited; what was counted is not."""
    store.contributions[FIRST] = replace(store.contributions[FIRST], version=9, tally=Tally(entries=1))


def restore_an_older_counter(store: Store) -> None:
    store.counters[ADA, ACME] = replace(store.counters[ADA, ACME], months={}, revision=1)


def forget_revisions(store: Store) -> None:
    """A counter that was kept by code that counted no revisions."""
    falsify_the_counter(store)
    store.counters[ADA, ACME] = replace(store.counters[ADA, ACME], revision=0)


FAULTS: list[Callable[[Store], None]] = [
    lose_the_counter,
    falsify_the_counter,
    falsify_a_contribution,
    falsify_what_was_counted,
    move_a_contribution,
    lose_a_contribution,
    lose_all_contributions,
    restore_older_work,
    restore_an_older_counter,
    forget_revisions,
]
each_fault = pytest.mark.parametrize("plant", FAULTS, ids=lambda fault: fault.__name__)


@each_fault
def test_a_counter_is_made_right(world: World, store: Store, plant: Callable[[Store], None]) -> None:
    plant(store)

    rebuilt = rebuild(world)

    assert rebuilt
    assert_right(store)


@each_fault
def test_making_it_right_twice_changes_nothing_more(
    world: World, store: Store, plant: Callable[[Store], None]
) -> None:
    plant(store)
    rebuild(world)
    before = (dict(store.counters), dict(store.contributions))

    again = rebuild(world)

    assert not again
    assert (store.counters, store.contributions) == before


def test_what_is_right_is_not_touched(world: World, store: Store) -> None:
    store.calls.clear()

    rebuilt = rebuild(world)

    assert rebuilt == Rebuilt(client_id=ACME)
    assert store.calls["resetting.reset"] == store.calls["counters.apply"] == 0


def test_it_says_what_it_did(world: World, store: Store) -> None:
    world.having(LATER[0])
    falsify_a_contribution(store)
    falsify_the_counter(store)

    rebuilt = rebuild(world)

    assert rebuilt == Rebuilt(client_id=ACME, counted=1, corrected=1, months=("2025-01", "2026-10"))


def test_work_that_was_never_counted_is_counted_once_also_when_its_event_comes_after_all(
    world: World, store: Store
) -> None:
    world.having(*LATER)

    rebuilt = rebuild(world)
    count(world)

    assert rebuilt == Rebuilt(client_id=ACME, counted=len(LATER))
    assert_right(store)


def test_an_old_event_that_comes_after_the_rebuild_changes_nothing(world: World, store: Store) -> None:
    lose_all_contributions(store)
    free = a_work_entry("free" * 4)
    world.having(free)
    edit_work(free.id, lambda _: some_work(minutes=5), account_id=ADA, work=world.work)

    rebuild(world)
    keep_counters([Contribution.of_work(free)], counters=world.counters)

    assert_right(store)


def test_many_wrong_contributions_take_several_transactions(store: Store) -> None:
    world = a_month(in_memory(store))
    many = [a_work_entry(f"{number:016}") for number in range(100, 100 + 2 * MOST_ACTIONS)]
    world.having(*many)
    count(world)
    for key, right in store.contributions.items():
        store.contributions[key] = replace(right, tally=Tally(minutes=1))
    store.calls.clear()

    rebuilt = rebuild(world)

    assert rebuilt.corrected == len(many) + len(WORK) + 1
    assert store.calls["counters.apply"] == 3
    assert_right(store)


@each_fault
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize(
    ("call", "commits"),
    [
        ("records.client", False),
        ("counters.get", False),
        ("records.of_client", False),
        ("counters.contributions", False),
        ("counters.apply", True),
        ("resetting.reset", True),
    ],
)
def test_a_consumer_may_count_between_any_two_steps(
    store: Store, plant: Callable[[Store], None], call: str, commits: bool, moment: Moment
) -> None:
    world = a_month(in_memory(store))
    free = a_work_entry("free" * 4)
    world.having(free)
    count(world)
    plant(store)

    def consumer() -> None:
        world.having(LATER[0])
        edit_work(free.id, lambda _: some_work(minutes=5), account_id=ADA, work=world.work)
        count(world)

    once(store, Step(call, moment, commits), consumer)
    rebuild(world)
    store.hook = lambda _: None
    if LATER[0] not in store.all(WorkEntry):  # the step never came
        consumer()

    assert_right(store)


@given(
    schedule=st.lists(st.integers(0, 2), max_size=60),
    plant=st.sampled_from(FAULTS),
)
def test_two_rebuilds_and_a_consumer_in_any_order_end_right(
    schedule: list[int], plant: Callable[[Store], None]
) -> None:
    store = Store()
    world = a_month(in_memory(store))
    plant(store)
    world.having(*LATER)

    errors = take_turns(store, schedule, lambda: rebuild(world), lambda: rebuild(world), lambda: count(world))

    assert errors == [None, None, None]
    assert_right(store)


def test_a_rebuild_that_dies_anywhere_is_finished_by_the_next(store: Store) -> None:
    for dies_at in range(20):
        world = a_month(in_memory(store := Store()))
        falsify_what_was_counted(store)
        falsify_the_counter(store)
        take_turns(store, [], partial(rebuild, world), crashes=frozenset({dies_at}))
        store.hook = lambda _: None

        rebuild(world)

        assert_right(store)


def test_a_counter_that_is_moved_all_the_time_is_left_for_later(world: World, store: Store) -> None:
    falsify_the_counter(store)
    entries = (a_work_entry(f"busy{number:012}") for number in range(100))

    def busy(step: Step) -> None:
        if step == Step("counters.contributions", Moment.AFTER, commits=False):
            store.hook = lambda _: None
            entry = next(entries)
            world.having(entry)
            keep_counters([Contribution.of_work(entry)], counters=world.counters)
            store.hook = busy

    store.hook = busy
    with pytest.raises(LostRaceError, match="all the time"):
        rebuild(world)

    assert store.calls["resetting.reset"] == MOST_ROUNDS


def test_work_that_can_never_be_counted_is_told(world: World, store: Store) -> None:
    world.having(LATER[0])
    counters = InMemoryCounters(store)
    counters.unstorable = {LATER[0].id}

    with pytest.raises(WillNeverWorkError):
        rebuild_counter(ACME, account_id=ADA, records=world.records, counters=counters, resetting=counters)


def test_only_the_client_at_hand_is_rebuilt(world: World, store: Store) -> None:
    lose_the_counter(store)
    others = [client.id for client in every(lambda cursor: world.clients.list(account_id=ADA, cursor=cursor))]
    before = {key: counter for key, counter in store.counters.items() if key[1] != ACME}

    rebuild(world)

    assert len(others) == 2
    assert {key: counter for key, counter in store.counters.items() if key[1] != ACME} == before
