"""Runs whose time is over after a step stop, and others go on from there: with all that takes steps."""

from collections import Counter
from dataclasses import replace

import pytest

from domain.invoices import State
from domain.stopping import UnfinishedError
from tests import long_work
from tests.fakes import Step, Store
from tests.invariants import check_history, check_invoices
from tests.long_work import LongWork, issue, opened, stored
from tests.world import in_memory

ENTRIES = 230


@pytest.mark.parametrize("work", long_work.ALL.values(), ids=long_work.ALL.keys())
def test_runs_that_stop_after_each_step_come_to_the_end_together(work: LongWork) -> None:
    store, done = Store(), Counter[str]()
    world = in_memory(store)
    run = work.prepare(world, ENTRIES)

    def hook(taken: Step) -> None:
        if taken.commits:
            done[taken.call] += 1
            check_invoices(store)

    store.hook = hook
    hurried = replace(world, time_is_up=lambda: True)
    steps = -(-ENTRIES // work.at_once)

    for _ in range(steps):
        with pytest.raises(UnfinishedError) as stopped:
            run(hurried)
        assert stopped.value.seconds == 0
    run(hurried)

    assert done[work.step] == 2 * steps  # each of them before it and after it
    check_history(store)


@pytest.mark.parametrize("work", long_work.ALL.values(), ids=long_work.ALL.keys())
def test_a_run_with_time_for_it_leaves_nothing_to_be_stopped(work: LongWork) -> None:
    world = in_memory(Store())
    run = work.prepare(world, ENTRIES)

    done = run(world)

    assert run(replace(world, time_is_up=lambda: True)) == done


def test_a_run_without_time_to_add_up_all_lines_leaves_that_to_another() -> None:
    world = opened(in_memory(Store()), ENTRIES)
    hurried = replace(world, time_is_up=lambda: stored(world).entries == ENTRIES)

    with pytest.raises(UnfinishedError):
        issue(hurried)

    assert stored(world).state is State.OPEN
    assert issue(hurried).state is State.ISSUED
