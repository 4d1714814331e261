"""Every call of every function, under everything that AWS may do to it: in the end all is right."""

import datetime as dt

import pytest

from domain.delivery import Delivery, Progress
from domain.failures import State as Outcome
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from infrastructure import wiring
from tests.gateway import User
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import a_client_of, log_work, somebody
from tests.pipeline.sdk_faults import Sdk, faults
from tests.pipeline.stored import all_of, failures, forget_all, mails
from tests.recount import recount, shown

pytestmark = pytest.mark.usefixtures("_topic_and_mail", "_no_waiting")

KINDS = faults().keys()
APPLIED = {"answer lost", "answer broken", "late"}
MAY_LEAVE_NO_WORD = APPLIED | {"down", "crash before", "crash after", "rival"}
TICK, MOST_TICKS = dt.timedelta(minutes=40), 3
MOST_WITHOUT = 3
"""The calls on which a fault may leave no word of a mail: it is started, sent, noted as sent."""


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happens_to_any_one_call_all_is_right_in_the_end(clock: Clock, kind: str) -> None:
    play(Sdk(faults()[kind]), clock, kind)


@pytest.mark.parametrize("kind", sorted(APPLIED))
def test_what_the_sdk_tries_again_by_itself_is_done_once(clock: Clock, kind: str) -> None:
    play(Sdk(faults()[kind], once=True), clock, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dead_letter_comes_right_whatever_happens_to_any_one_call_on_its_way(
    clock: Clock, kind: str
) -> None:
    """Into the ledger, back to its source, through its consumer: then its entry is resolved."""
    sdk = Sdk(faults()[kind])
    cloud = Cloud(sdk=sdk)
    number, sdk.struck = 0, True
    while sdk.struck:
        number += 1
        user = somebody(number)
        log_work(user, a_client_of(user))
        kill(cloud)
        sdk.strike(number)
        cloud.run()
        ticks = 0
        while [failure.state for failure in failures()] != [Outcome.RESOLVED]:
            ticks += 1
            assert ticks <= MOST_TICKS
            clock.now += TICK
            cloud.retry(clock.now)
            cloud.run()
        counters = wiring.counters().list(account_id=user.account_id)
        assert shown(counters) == recount(all_of(WorkEntry), ())
        assert [queue.waiting for queue in cloud.dead_letters.values() if queue.waiting] == []
        forget_all()
    assert number > 2


def kill(cloud: Cloud) -> None:
    """Let the message for the counters die as if each of its attempts had been cut off."""
    cloud._publish()
    queue = cloud.queues["counters"]
    for message in queue.waiting:
        message.receives = queue.most_receives
    cloud.dead_letters["counters-dlq"].waiting += queue.waiting
    queue.waiting = []


def play(sdk: Sdk, clock: Clock, kind: str) -> None:
    """Each user's month meets the fault one call later than the one before, until a month goes through."""
    cloud = Cloud(sdk=sdk, clock=clock)
    number, unknown, sdk.struck = 0, 0, True
    while sdk.struck:
        number += 1
        user = somebody(number)
        log_work(user, client := a_client_of(user))
        log_work(user, client, minutes=30)
        sdk.strike(number)
        cloud.run()
        cloud.tick(clock.now)
        cloud.run()
        unknown += assert_that_all_is_well(cloud, user)
        forget_all()
    assert number > 3
    assert unknown <= (MOST_WITHOUT if kind in MAY_LEAVE_NO_WORD else 0)


def assert_that_all_is_well(cloud: Cloud, user: User) -> bool:
    """The counters are right, one invoice has all work, one mail is out; or else somebody is told.

    Answers whether it is so that nobody knows of the mail.
    """
    work, invoices, deliveries = all_of(WorkEntry), all_of(Invoice), all_of(Delivery)
    counters = wiring.counters().list(account_id=user.account_id)
    assert shown(counters) == recount(work, invoices)
    assert [(each.state, each.number, each.entries) for each in invoices] == [(State.ISSUED, "2026-0001", 2)]
    assert all(entry.invoiced_on for entry in work)
    parked = [failure for failure in failures() if failure.state is Outcome.PARKED]
    assert not any(queue.dead for queue in cloud.queues.values())
    progress = [delivery.progress for delivery in deliveries]
    if progress == [Progress.SENT]:
        assert (len(mails()), len(parked)) == (1, 0)
        return False
    assert (progress, len(parked)) == ([Progress.UNKNOWN], 1)
    assert len(mails()) <= 1
    return True
