"""The audit understands reminders, and finds those that nobody mailed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.delivery import Delivery, Progress
from domain.failures import State as FailureState
from domain.identifiers import reminder_id
from domain.proof import Code, Proof
from domain.reminded import MAILED_WITHIN
from domain.reminders import Dropped, Reminder
from tests.builders import ACME, ADA, a_failure, an_account, an_invoice_id
from tests.fakes import Store
from tests.lived import CLIENT, OCTOBER_31, WORK, bill, count, proof_of
from tests.world import World, in_memory

A_WEEK_LATE = dt.date(2026, 11, 21)
RECORDED_AT = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
ONE_SECOND = dt.timedelta(seconds=1)
TOO_LATE = RECORDED_AT + MAILED_WITHIN + ONE_SECOND
FIRST = reminder_id(an_invoice_id(ACME, OCTOBER_31), 1)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    """October's invoice is a week late, and a reminder of it was recorded just now."""
    world = in_memory(store).having(an_account(reminder_days=(7,)), CLIENT, *WORK)
    bill(world, OCTOBER_31)
    assert world.remind(A_WEEK_LATE).reminders == (FIRST,)
    count(world)
    return world


def move(world: World, change: Callable[[Reminder], Reminder]) -> None:
    world.reminders.update(account_id=ADA, reminder_id=FIRST, change=change)


def mail(world: World, change: Callable[[Delivery], Delivery]) -> None:
    move(world, lambda reminder: reminder.moved(change))


def proof(world: World, now: dt.datetime = TOO_LATE) -> Proof:
    """What is proven, but for the periods that nobody opened since."""
    found = proof_of(world, now=now)
    reminders = tuple(each for each in found.findings if each.code is not Code.CLIENT_OVERDUE)
    return replace(found, findings=reminders)


def fail(store: Store, state: FailureState = FailureState.PARKED, version: int = 1) -> None:
    body = f'{{"data":{{"id":"{FIRST}","version":{version}}}}}'
    failure = a_failure(queue="delivery", body=body, state=state)
    store.failures[failure.id] = failure


def test_a_reminder_that_nobody_mails_is_found_after_a_day(world: World) -> None:
    assert proof(world, RECORDED_AT + MAILED_WITHIN).findings == ()

    [finding] = proof(world).findings

    assert (finding.code, finding.subject, finding.client_id) == (Code.REMINDER_UNSENT, FIRST, ACME)
    assert f"invoicely events republish --client {ACME} sends it" in finding.told


def test_a_reminder_that_was_mailed_or_dropped_is_right(world: World, store: Store) -> None:
    move(world, lambda reminder: reminder.drop(Dropped.PAID))
    assert proof(world).findings == ()

    move(world, lambda reminder: replace(reminder, dropped=None))
    mail(world, lambda delivery: delivery.start("a@b.example", RECORDED_AT).sent("message-1"))
    assert proof(world).findings == ()


def test_a_reminder_whose_failure_is_known_is_failing(world: World, store: Store) -> None:
    mail(world, lambda delivery: delivery.start("a@b.example", RECORDED_AT).refused())
    fail(store)

    assert (proof(world).findings, proof(world).failing) == ((), 1)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [(Progress.SENDING, []), (Progress.UNKNOWN, []), (Progress.PENDING, [Code.REMINDER_UNSENT])],
)
def test_who_gives_up_a_reminder_that_may_have_been_mailed_settles_it(
    world: World, store: Store, progress: Progress, expected: list[Code]
) -> None:
    mail(world, lambda delivery: replace(delivery, progress=progress))
    assert [each.code for each in proof(world).findings] == [Code.REMINDER_UNSENT]

    fail(store, FailureState.DISCARDED)

    assert [each.code for each in proof(world).findings] == expected
