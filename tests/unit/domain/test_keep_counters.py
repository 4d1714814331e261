import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from domain.counters import (
    MOST_ROUNDS,
    Contribution,
    LostRaceError,
    Tally,
    keep_counters,
)
from domain.errors import TryAgainLaterError, WillNeverWorkError
from tests.builders import (
    ADA,
    BOB,
    UMBRELLA,
    a_client,
    a_work_entry,
    an_invoice,
    an_issued_invoice,
    some_contributions,
)
from tests.fakes import InMemoryCounters, Moment, Step, Store

NOVEMBER_3 = dt.date(2026, 11, 3)
AN_HOUR = Tally(entries=1, minutes=60, billable=100_00, unbilled=100_00)


def counted(counters: InMemoryCounters) -> dict[str, Tally]:
    (counter,) = counters.list(account_id=ADA)
    return {month: tally for month, tally in counter.months.items() if tally}


def test_the_same_state_counts_once_however_often_it_comes() -> None:
    counters = InMemoryCounters()
    contribution = Contribution.of_work(a_work_entry())

    for _ in range(3):
        assert keep_counters([contribution, contribution], counters=counters) == {}

    assert counted(counters) == {"2026-10": AN_HOUR}


def test_what_is_counted_already_is_not_written_again() -> None:
    store = Store()
    contribution = Contribution.of_work(a_work_entry())

    for _ in range(3):
        keep_counters([contribution], counters=InMemoryCounters(store))

    assert store.calls["counters.apply"] == 1


def test_a_newer_version_takes_the_place_of_what_was_counted() -> None:
    counters = InMemoryCounters()
    keep_counters([Contribution.of_work(a_work_entry())], counters=counters)

    keep_counters([Contribution.of_work(a_work_entry(minutes=120, version=2))], counters=counters)

    assert counted(counters) == {"2026-10": Tally(entries=1, minutes=120, billable=200_00, unbilled=200_00)}


def test_an_older_version_that_comes_late_adds_nothing() -> None:
    counters = InMemoryCounters()
    keep_counters([Contribution.of_work(a_work_entry(removed=True, version=3))], counters=counters)

    keep_counters([Contribution.of_work(a_work_entry(version=2))], counters=counters)

    assert counted(counters) == {}


def test_a_version_that_never_came_is_made_good_by_the_next() -> None:
    counters = InMemoryCounters()

    keep_counters([Contribution.of_work(a_work_entry(version=1))], counters=counters)
    keep_counters([Contribution.of_work(a_work_entry(minutes=120, version=7))], counters=counters)

    assert counted(counters)["2026-10"].minutes == 120


@pytest.mark.parametrize("newest_is", [0, 1, 2])
def test_only_the_newest_state_of_a_batch_is_counted(newest_is: int) -> None:
    """Not only the same result: the older ones are never even written."""
    store = Store()
    counters = InMemoryCounters(store)
    states = [Contribution.of_work(a_work_entry(minutes=60 * version, version=version)) for version in (1, 2)]
    states.insert(newest_is, Contribution.of_work(a_work_entry(minutes=180, version=3)))

    keep_counters(states, counters=counters)

    assert counted(counters)["2026-10"].minutes == 180
    assert store.calls == {"counters.contributions": 1, "counters.apply": 1, "counters.list": 1}


def test_work_that_moves_to_another_month_leaves_its_old_one() -> None:
    counters = InMemoryCounters()
    keep_counters([Contribution.of_work(a_work_entry())], counters=counters)

    keep_counters([Contribution.of_work(a_work_entry(date=NOVEMBER_3, version=2))], counters=counters)

    assert counted(counters) == {"2026-11": AN_HOUR}


def test_an_invoice_that_is_issued_in_a_later_month_counts_there() -> None:
    counters = InMemoryCounters()
    keep_counters([Contribution.of_invoice(an_invoice())], counters=counters)

    issued = an_issued_invoice(total=100_00, issued_on=NOVEMBER_3)
    keep_counters([Contribution.of_invoice(issued)], counters=counters)

    assert counted(counters) == {"2026-11": Tally(invoices=1, issued=100_00, outstanding=100_00)}


def test_each_account_has_counters_of_its_own() -> None:
    counters = InMemoryCounters()
    mine, theirs = a_work_entry(), a_work_entry(client=a_client(account_id=BOB, id=UMBRELLA))

    keep_counters([Contribution.of_work(mine), Contribution.of_work(theirs)], counters=counters)

    assert [counter.account_id for counter in counters.list(account_id=BOB)] == [BOB]
    assert counted(counters) == {"2026-10": AN_HOUR}


class Races(InMemoryCounters):
    """Somebody else is faster the first *times*."""

    def __init__(self, times: int, faster: Sequence[Contribution]) -> None:
        super().__init__(Store())
        self.races = [[replace(each, version=version) for each in faster] for version in range(2, 2 + times)]
        self._store.hook = self._race

    def _race(self, step: Step) -> None:
        if step == Step("counters.apply", Moment.BEFORE, commits=True) and self.races:
            hook, self._store.hook = self._store.hook, lambda _: None
            keep_counters(self.races.pop(0), counters=self)
            self._store.hook = hook


def test_a_lost_race_is_read_again_and_counted() -> None:
    entry = Contribution.of_work(a_work_entry(minutes=120, version=9))
    counters = Races(1, faster=[Contribution.of_work(a_work_entry())])

    failed = keep_counters([entry], counters=counters)

    assert failed == {}
    assert counted(counters)["2026-10"].minutes == 120


def test_a_race_that_a_newer_state_won_is_over() -> None:
    counters = Races(1, faster=[Contribution.of_work(a_work_entry(minutes=120))])

    failed = keep_counters([Contribution.of_work(a_work_entry(version=1))], counters=counters)

    assert failed == {}
    assert counted(counters)["2026-10"].minutes == 120


@pytest.mark.parametrize(("lost", "is_told"), [(MOST_ROUNDS - 1, False), (MOST_ROUNDS, True)])
def test_races_are_run_six_times_at_most(lost: int, is_told: bool) -> None:
    entry = Contribution.of_work(a_work_entry(version=99))
    counters = Races(lost, faster=[Contribution.of_work(a_work_entry())])

    failed = keep_counters([entry], counters=counters)

    assert list(failed) == ([entry.entity_id] if is_told else [])
    assert all(isinstance(error, LostRaceError) for error in failed.values())


@pytest.mark.parametrize("number", [1, 2, 48])
def test_what_can_never_be_stored_is_found_and_the_rest_is_counted(number: int) -> None:
    counters = InMemoryCounters()
    contributions = some_contributions(49)
    counters.unstorable = {each.entity_id for each in contributions[:number]}

    failed = keep_counters(contributions, counters=counters)

    assert set(failed) == counters.unstorable
    assert all(isinstance(error, WillNeverWorkError) for error in failed.values())
    assert sum(counter.total.entries for counter in counters.list(account_id=ADA)) == 49 - number


@pytest.mark.parametrize("number", [1, 2, 49])
def test_what_was_counted_unreadably_is_found_and_the_rest_is_counted(number: int) -> None:
    counters = InMemoryCounters()
    contributions = some_contributions(50)
    counters.unreadable = {each.entity_id for each in contributions[:number]}

    failed = keep_counters(contributions, counters=counters)

    assert set(failed) == counters.unreadable
    assert sum(counter.total.entries for counter in counters.list(account_id=ADA)) == 50 - number


def test_the_one_that_can_never_be_stored_is_found_by_halving() -> None:
    store = Store()
    counters = InMemoryCounters(store)
    contributions = some_contributions(48)
    counters.unstorable = {contributions[17].entity_id}

    keep_counters(contributions, counters=counters)

    assert store.calls["counters.apply"] <= 2 * 6 + 1  # 48 → 24 → 12 → 6 → 3 → 2 → 1


def test_the_one_whose_stored_contribution_cannot_be_read_is_found_and_the_rest_is_counted() -> None:
    class Damaged(InMemoryCounters):
        def contributions(self, *, wanted: Sequence[Contribution]) -> Mapping[str, Contribution]:
            if contributions[17] in wanted:
                raise WillNeverWorkError("this is no contribution")
            return super().contributions(wanted=wanted)

    contributions = some_contributions(48)
    counters = Damaged()

    failed = keep_counters(contributions, counters=counters)

    assert set(failed) == {contributions[17].entity_id}
    assert counted(counters)["2026-10"].entries == 47


def test_a_store_that_is_down_for_one_transaction_fails_only_what_was_in_it() -> None:
    store = Store()
    counters = InMemoryCounters(store)
    contributions = some_contributions(60)
    down = iter([TryAgainLaterError("throttled")])

    def fail_once(step: Step) -> None:
        if step == Step("counters.apply", Moment.BEFORE, commits=True) and (error := next(down, None)):
            raise error

    store.hook = fail_once
    failed = keep_counters(contributions, counters=counters)

    assert set(failed) == {each.entity_id for each in contributions[:49]}
    assert counted(counters)["2026-10"].entries == 11


def test_a_store_that_cannot_be_read_fails_everything_and_counts_nothing() -> None:
    store = Store()
    counters = InMemoryCounters(store)
    contributions = some_contributions(3)

    def fail(step: Step) -> None:
        if step.call == "counters.contributions":
            raise TryAgainLaterError("throttled")

    store.hook = fail
    failed = keep_counters(contributions, counters=counters)

    assert set(failed) == {each.entity_id for each in contributions}
    assert len(counters) == 0
