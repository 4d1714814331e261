from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.counters import MOST_ACTIONS, keep_counters
from domain.identifiers import client_id
from tests.builders import ADA, some_contributions
from tests.fakes import InMemoryCounters, Store

FIFTY = some_contributions(50)


@pytest.mark.parametrize("clients", [1, 3, 25, 50, 1_000])
def test_a_thousand_events_in_batches_of_fifty_cost_sixty_calls_at_most(clients: int) -> None:
    store = Store()
    counters = InMemoryCounters(store)
    events = some_contributions(1_000, clients=clients)

    for first in range(0, len(events), 50):
        assert keep_counters(events[first : first + 50], counters=counters) == {}

    assert store.calls.total() <= 60


@given(st.lists(st.integers(0, 49), min_size=50, max_size=50))
def test_a_batch_costs_three_calls_at_most_however_it_is_spread_over_clients(spread: list[int]) -> None:
    """The fake refuses a transaction of more than fifty actions."""
    store = Store()
    batch = [
        replace(contribution, client_id=client_id(f"{client:016}"))
        for contribution, client in zip(FIFTY, spread, strict=True)
    ]

    failed = keep_counters(batch, counters=InMemoryCounters(store))

    assert failed == {}
    assert store.calls.total() <= 3


@pytest.mark.parametrize("number", [1, MOST_ACTIONS - 1, MOST_ACTIONS, 500])
def test_a_transaction_has_fifty_actions_at_most(number: int) -> None:
    store = Store()
    counters = InMemoryCounters(store)

    failed = keep_counters(some_contributions(number), counters=counters)

    assert failed == {}
    assert store.calls["counters.apply"] == -(-number // (MOST_ACTIONS - 1))
    assert [counter.total.entries for counter in counters.list(account_id=ADA)] == [number]
