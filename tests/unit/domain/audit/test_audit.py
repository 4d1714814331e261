"""The audit finds nothing where nothing is wrong, and is not misled by what moves, waits or failed."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from itertools import count as count_from

import pytest

from domain.audit import PARTS, audit_clients, audit_part, verify_counters
from domain.clients import Client
from domain.counters import Contribution, keep_counters
from domain.errors import NotFoundError
from domain.failures import State as FailureState
from domain.identifiers import AccountId, client_id
from domain.proof import MOST_LOOKS, Code, Finding, Proof, confirmed
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_failure, a_work_entry, an_account
from tests.fakes import Moment, Step, Store
from tests.lived import (
    A_MONTH_LATER,
    CLIENT,
    EARLY,
    LATE,
    LATER,
    NOVEMBER_30,
    a_month,
    bill,
    codes,
    count,
    proof_of,
)
from tests.tampering import fail, leave_unsent, miscount
from tests.turns import once
from tests.world import World, in_memory


def test_nothing_is_wrong_in_a_world_where_all_went_well(second: World) -> None:
    proof = proof_of(second, now=A_MONTH_LATER)

    assert (proof.findings, proof.failed) == ((), ())
    assert proof.counts == {
        "clients": 2,
        "entries": 7,
        "invoices": 4,
        "numbers": 2,
        "periods": 4,
        "empty": 2,
        "held": 0,
        "reviewing": 0,
        "pending": 0,
        "failing": 0,
    }


def test_a_client_that_is_held_has_its_period_with_a_person(world: World) -> None:
    world.clients.update(account_id=ADA, client_id=ACME, change=Client.held)

    proof = proof_of(world, now=A_MONTH_LATER + dt.timedelta(days=60))

    assert (proof.held, [each.code for each in proof.findings]) == (1, [Code.CLIENT_OVERDUE])
    assert proof.findings[0].subject == UMBRELLA


def test_billing_that_begins_later_leaves_a_gap_that_is_none(store: Store) -> None:
    world = a_month(in_memory(store))
    later = replace(CLIENT.details(), billing_starts_on=dt.date(2026, 11, 15))
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: client.changed(later))

    bill(world, NOVEMBER_30)
    count(world)

    assert codes(world, now=A_MONTH_LATER) == []


def test_work_of_the_last_hour_that_is_not_counted_yet_is_pending(world: World) -> None:
    world.having(LATER[0])

    proof = proof_of(world, now=EARLY)

    assert (proof.pending, proof.findings) == (1, ())


def test_what_waits_in_the_failure_ledger_is_known(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)

    proof = proof_of(world, now=LATE)

    assert (proof.pending, proof.failing, proof.findings) == (0, 1, ())


@pytest.mark.parametrize(("minutes", "failing"), [(30, 2), (-30, 0)])
def test_what_the_stream_gave_up_after_it_was_written_is_known(
    world: World, store: Store, minutes: int, failing: int
) -> None:
    world.having(LATER[0])
    leave_unsent(store)
    batch = a_failure(
        queue="stream",
        account_id=None,
        body='{"bucket":"b","key":"k"}',
        first_at=dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes),
    )
    store.failures[batch.id] = batch

    proof = proof_of(world)

    assert (proof.failing, len(proof.findings)) == (failing, 2 - failing)


def test_what_was_given_up_there_is_not(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)
    store.failures = {
        each.id: replace(each, state=FailureState.DISCARDED) for each in store.failures.values()
    }

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


@pytest.mark.parametrize(("queue", "version"), [("counters", 1), ("delivery", 2)])
def test_what_waits_for_another_queue_or_at_another_version_is_no_excuse(
    world: World, store: Store, queue: str, version: int
) -> None:
    world.having(replace(LATER[0], version=2))
    fail(store, queue, LATER[0].id, version)

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


def test_a_failure_of_another_account_is_none_of_this(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)
    store.failures = {each.id: replace(each, account_id=BOB) for each in store.failures.values()}

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


def test_a_consumer_that_counts_while_the_audit_reads_is_no_fault(world: World, store: Store) -> None:
    def counted() -> None:
        world.having(LATER[0])
        keep_counters([Contribution.of_work(LATER[0])], counters=world.counters)

    for step in ("counters.get", "records.of_client", "counters.contributions"):
        once(store, Step(step, Moment.AFTER, commits=False), counted)
        world = a_month(in_memory(store := Store()))

        assert codes(world) == []


def test_what_seems_wrong_at_each_look_is_drift_only_if_it_is_the_same() -> None:
    looks = iter("abc")

    def look() -> Proof:
        code, subject = Code.COUNTER_DIFFERS, next(looks)
        return Proof(findings=(Finding(code=code, account_id=ADA, subject=subject, told="…"),))

    assert confirmed(look) == Proof()


def keep_busy(world: World, store: Store, looks: Collection[int]) -> None:
    """Let the counter move while it is read, at these looks."""
    entries = iter([a_work_entry(f"busy{number:012}") for number in range(20)])
    reads = count_from(0)

    def busy(step: Step) -> None:
        if step == Step("counters.get", Moment.AFTER, commits=False) and next(reads) // 2 in looks:
            store.hook = lambda _: None
            entry = next(entries)
            world.having(entry)
            keep_counters([Contribution.of_work(entry)], counters=world.counters)
            store.hook = busy

    store.hook = busy


def test_a_counter_that_moves_at_every_look_is_pending(world: World, store: Store) -> None:
    keep_busy(world, store, range(3))

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, proof.findings) == (1, ())
    assert store.calls["records.of_client"] - 2 == MOST_LOOKS


@pytest.mark.parametrize("looks", [{0}, {0, 1}, {1}])
def test_a_counter_that_moves_at_one_look_is_looked_at_again(
    world: World, store: Store, looks: set[int]
) -> None:
    miscount(store)
    keep_busy(world, store, looks)

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, [each.code for each in proof.findings]) == (0, [Code.COUNTER_DIFFERS])


def test_a_right_counter_that_moved_is_found_right_at_the_next_look(world: World, store: Store) -> None:
    keep_busy(world, store, {0})

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, proof.findings) == (0, ())


def test_only_what_a_moving_counter_hides_need_not_come_up_at_each_look() -> None:
    looks = iter([(), (Code.CONTRIBUTION_MISSING,), (Code.CONTRIBUTION_MISSING,)])

    def look() -> Proof:
        codes = next(looks)
        found = (Finding(code=code, account_id=ADA, client_id=ACME, subject="…", told="…") for code in codes)
        return Proof(moving=() if codes else (ACME,), findings=tuple(found))

    assert confirmed(look).findings == ()


def test_a_client_that_cannot_be_read_holds_up_no_other(world: World, store: Store) -> None:
    miscount(store)
    error = NotFoundError("broken")

    def fail_on_the_idle(step: Step) -> None:
        if step == Step("records.client", Moment.BEFORE, commits=False):
            store.hook = lambda _: None
            raise error

    store.hook = fail_on_the_idle
    proof = audit_clients([UMBRELLA, ACME], account_id=ADA, now=LATE, books=world.books())

    assert proof.failed == ((UMBRELLA, error),)
    assert [each.code for each in proof.findings] == [Code.COUNTER_DIFFERS]


def test_in_thirty_days_every_client_and_every_account_has_its_turn() -> None:
    world = in_memory(Store())
    clients = [a_client(id=client_id(f"{place:016}"), account_id=place_of(place)) for place in range(60)]
    accounts = {client.account_id for client in clients}
    world.having(*(an_account(id=account_id) for account_id in accounts), *clients)
    days = [dt.datetime(2026, 3, 1, 3, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(PARTS)]

    proofs = [audit_part(day, directory=world.directory, books=world.books()) for day in days]

    assert sum(proof.clients for proof in proofs) == len(clients)
    assert max(proof.clients for proof in proofs) < 10


def test_the_numbers_of_an_account_are_proven_in_its_turn(second: World) -> None:
    days = [dt.datetime(2026, 3, 1, 3, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(PARTS)]

    proofs = [audit_part(day, directory=second.directory, books=second.books()) for day in days]

    assert sorted(proof.numbers for proof in proofs) == [0] * (PARTS - 1) + [2]


def place_of(place: int) -> AccountId:
    return AccountId(f"acc_{place % 3}")
