"""Any history of changes, delivered in any order, repeated and batched anyhow, is counted exactly once."""

import datetime as dt
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from domain.counters import Contribution, keep_counters
from domain.invoices import Invoice
from domain.work import WorkEntry
from tests.builders import ADA, some_work
from tests.fakes import InMemoryCounters, Store
from tests.histories import Change, Edit, Invoicing, Log, Remove, histories, lived
from tests.recount import recount, shown
from tests.turns import take_turns

schedules = st.lists(st.integers(0, 2), max_size=60)
crashes = st.frozensets(st.integers(0, 40), max_size=6)


def told_of(store: Store) -> list[Contribution]:
    """What each event says, in the order of the changes."""
    work = [Contribution.of_work(entity) for entity in store.stream if isinstance(entity, WorkEntry)]
    invoices = [Contribution.of_invoice(entity) for entity in store.stream if isinstance(entity, Invoice)]
    return work + invoices


def assert_counted(store: Store, counters: InMemoryCounters) -> None:
    assert shown(counters.list(account_id=ADA)) == recount(store.all(WorkEntry), store.all(Invoice))


@given(history=histories, data=st.data())
def test_any_shuffle_with_repeats_in_any_batches_gives_what_a_recount_gives(
    history: list[Change], data: st.DataObject
) -> None:
    store = lived(history)
    events = told_of(store)
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=20) if events else st.just([]))
    delivered = data.draw(st.permutations(repeated))
    counters = InMemoryCounters(store)

    while delivered:
        size = data.draw(st.integers(1, 50))
        assert keep_counters(delivered[:size], counters=counters) == {}
        delivered = delivered[size:]

    assert_counted(store, counters)


@given(history=histories, schedule=schedules, deaths=crashes)
def test_any_number_of_consumers_at_once_count_what_a_recount_gives(
    history: list[Change], schedule: list[int], deaths: frozenset[int]
) -> None:
    store = lived(history)
    events = told_of(store)
    counters = InMemoryCounters(store)

    def consume(delivered: list[Contribution], size: int) -> Callable[[], None]:
        def work() -> None:
            for first in range(0, len(delivered), size):
                keep_counters(delivered[first : first + size], counters=counters)

        return work

    take_turns(
        store,
        schedule,
        consume(events, 7),
        consume(events[::-1], 5),
        consume(events[len(events) // 2 :] + events[: len(events) // 2], 10),
        crashes=deaths,
    )
    store.hook = lambda _: None
    redelivered = keep_counters(events[::-1], counters=counters)

    assert redelivered == {}
    assert_counted(store, counters)


@given(history=histories)
def test_a_replay_of_everything_changes_nothing(history: list[Change]) -> None:
    store = lived(history)
    counters = InMemoryCounters(store)
    keep_counters(told_of(store), counters=counters)
    before = list(counters.list(account_id=ADA))

    for event in told_of(store):
        keep_counters([event], counters=counters)

    assert counters.list(account_id=ADA) == before


def test_histories_hold_what_these_tests_are_about() -> None:
    """They would show little if hardly a history had an invoice, a removal and a moved month in it."""
    work, moved = some_work(date=dt.date(2026, 10, 5)), some_work(date=dt.date(2026, 11, 5))
    logs = [Log(0, work), Log(1, work), Log(1, work)]

    store = lived([*logs, Remove(1), Edit(2, moved), Invoicing(), Invoicing(), Invoicing()])

    assert len(store.numbers) == 2
    assert [entry.version for entry in store.all(WorkEntry)] == [2, 2, 3]
