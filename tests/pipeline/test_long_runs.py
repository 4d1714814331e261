"""Invoices of more entries than one run of a function has time for."""

from itertools import chain, cycle, repeat

import pytest

from domain.invoices import Invoice, State
from tests.builders import a_client, an_account
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.stored import all_of
from tests.pipeline.test_budgets import load, work_of

OPENED = "invoicely.invoice.opened.v1"

pytestmark = pytest.mark.usefixtures("_topic_and_mail")


class Hurried:
    """The context of runs that have time for their first step, and then no more."""

    def __init__(self) -> None:
        self._milliseconds = cycle([60_000, 60_000, 10_000])

    def get_remaining_time_in_millis(self) -> int:
        return next(self._milliseconds)


class Late:
    """The context of a run that used up its time for other messages."""

    def __init__(self) -> None:
        self._milliseconds = chain([60_000], repeat(20_000))

    def get_remaining_time_in_millis(self) -> int:
        return next(self._milliseconds)


def waiting(clock: Clock, entries: int, context: object = None) -> Cloud:
    """What opened October's invoice waits in the queue."""
    client = a_client()
    load(an_account(), client, *work_of(client, entries))
    cloud = Cloud(context=context)
    cloud.tick(clock.now)
    while cloud._publish():
        pass
    cloud.calls.clear()
    return cloud


def test_an_invoice_that_takes_four_runs_is_issued_by_its_one_message(clock: Clock) -> None:
    cloud = waiting(clock, 250, Hurried())
    [opened] = (each for each in cloud.queues["invoicing"].waiting if each.type == OPENED)
    cloud.queues["invoicing"].waiting = [opened]

    while cloud._consume(cloud.queues["invoicing"]):
        pass

    [invoice] = all_of(Invoice)
    assert (invoice.state, invoice.entries, opened.receives) == (State.ISSUED, 250, 4)
    assert cloud.calls["TransactWriteItems"] == 3 + 2


def test_what_there_is_no_time_to_begin_comes_back_untouched(clock: Clock) -> None:
    cloud = waiting(clock, 5, Late())

    cloud._consume(cloud.queues["invoicing"])

    assert not cloud.calls
    assert all(each.receives == 1 for each in cloud.queues["invoicing"].waiting)
