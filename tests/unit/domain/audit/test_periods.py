"""The audit finds unfinished and wrong periods, mails that nobody knows of, and clients that are overdue."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from domain.audit import audit_clients
from domain.clients import Client
from domain.delivery import Delivery, Progress
from domain.failures import State as FailureState
from domain.identifiers import invoice_id
from domain.invoices import State
from domain.proof import Code
from tests.builders import ACME, ADA, BOB, a_client, a_failure, an_account
from tests.fakes import Moment, Step, Store
from tests.lived import (
    A_MONTH_LATER,
    CLIENT,
    EARLY,
    INVOICE,
    LATE,
    NOVEMBER_30,
    OCTOBER_31,
    a_month,
    bill,
    codes,
    count,
    proof_of,
)
from tests.tampering import fail, invoice_of, leave_unsent, put, remove
from tests.turns import once
from tests.world import World, in_memory


def lose_the_first_period(store: Store) -> None:
    remove(store, invoice_of(store))


def shorten_a_period(store: Store) -> None:
    put(store, invoice_of(store), period_end=dt.date(2026, 10, 30))


def shorten_the_last_period(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), period_end=dt.date(2026, 11, 29))


def begin_too_late(store: Store) -> None:
    put(store, invoice_of(store), period_start=dt.date(2026, 10, 2))


def go_round(store: Store) -> None:
    """The second period claims to come before the first."""
    put(store, invoice_of(store), previous_due_on=dt.date(2026, 12, 31))
    stray = invoice_of(store, NOVEMBER_30)
    again = replace(
        stray,
        id=invoice_id(ACME, dt.date(2026, 12, 31)),
        due_on=dt.date(2026, 12, 31),
        period_end=dt.date(2026, 10, 1),
        previous_due_on=None,
        state=State.EMPTY,
    )
    store._put(again)


def go_back_to_a_later_day(store: Store) -> None:
    """The days covered are right, but October seems to have been due after November."""
    late = dt.date(2026, 12, 31)
    october, november = invoice_of(store), invoice_of(store, NOVEMBER_30)
    put(store, november, previous_due_on=late)
    remove(store, october)
    store._put(replace(october, id=invoice_id(ACME, late), due_on=late, state=State.EMPTY))


def lead_past_a_period(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), previous_due_on=None)


def leave_open(store: Store) -> None:
    put(store, invoice_of(store), state=State.OPEN)


def leave_sealed(store: Store) -> None:
    put(store, invoice_of(store), state=State.SEALED)


def leave_without_word(store: Store) -> None:
    """Nobody knows whether the mail went out."""
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.UNKNOWN)


PERIOD_FAULTS: list[tuple[Callable[[Store], None], set[Code]]] = [
    (lose_the_first_period, {Code.PERIOD_WITHOUT_INVOICE, Code.LINES_WITHOUT_INVOICE}),
    (shorten_a_period, {Code.PERIOD_NOT_CONTIGUOUS}),
    (shorten_the_last_period, {Code.PERIOD_NOT_CONTIGUOUS}),
    (begin_too_late, {Code.PERIOD_NOT_CONTIGUOUS}),
    (go_round, {Code.PERIOD_NOT_CONTIGUOUS, Code.LINES_DIFFER}),
    (
        go_back_to_a_later_day,
        {Code.PERIOD_NOT_CONTIGUOUS, Code.LINES_WITHOUT_INVOICE, Code.LINES_DIFFER},
    ),
    (lead_past_a_period, {Code.PERIOD_NOT_CONTIGUOUS, Code.INVOICE_OUTSIDE_THE_PERIODS}),
    (leave_open, {Code.INVOICE_UNFINISHED}),
    (leave_sealed, {Code.INVOICE_UNFINISHED}),
    (leave_unsent, {Code.INVOICE_UNSENT}),
    (leave_without_word, {Code.INVOICE_UNSENT}),
]


def of_periods(world: World, *, now: dt.datetime = LATE) -> set[Code]:
    found = audit_clients([ACME], account_id=ADA, now=now, books=world.books()).findings
    return {each.code for each in found if not each.code.startswith(("contribution", "counter"))}


@pytest.mark.parametrize(("plant", "expected"), PERIOD_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_periods_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[Code]
) -> None:
    plant(store)

    assert of_periods(second) == expected


@pytest.mark.parametrize(
    ("leave", "queue", "other"),
    [
        (leave_open, "invoicing", "delivery"),
        (leave_sealed, "invoicing", "counters"),
        (leave_unsent, "delivery", "invoicing"),
    ],
)
def test_an_unfinished_period_is_known_to_the_failure_ledger_or_not_an_hour_old(
    second: World, store: Store, leave: Callable[[Store], None], queue: str, other: str
) -> None:
    leave(store)
    version = invoice_of(store).version

    assert of_periods(second, now=EARLY) == set()
    assert of_periods(second, now=LATE) != set()
    fail(store, other, INVOICE, version)
    assert of_periods(second, now=LATE) != set()
    fail(store, queue, INVOICE, version)
    assert of_periods(second, now=LATE) == set()


def test_a_mail_that_waits_is_of_the_version_that_was_issued(world: World, store: Store) -> None:
    leave_unsent(store)
    fail(store, "delivery", INVOICE, invoice_of(store).version - 1)

    assert codes(world) == [Code.INVOICE_UNSENT]


@pytest.mark.parametrize("later", [0, 1])
def test_a_mail_that_waits_is_known_also_once_the_invoice_was_paid(
    world: World, store: Store, later: int
) -> None:
    leave_unsent(store)
    fail(store, "delivery", INVOICE, invoice_of(store).version + later)
    world.pay(invoice_of(store), day=OCTOBER_31)
    count(world)

    assert codes(world) == []


def leave_in_the_middle(store: Store) -> None:
    """The mail began, and no word came how it ended."""
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.SENDING)


@pytest.mark.parametrize("leave", [leave_without_word, leave_in_the_middle])
def test_a_mail_of_which_nobody_knows_is_for_a_person_who_settles_it_in_the_ledger(
    world: World, store: Store, leave: Callable[[Store], None]
) -> None:
    leave(store)
    [found] = proof_of(world).findings
    assert (found.code, found.subject) == (Code.INVOICE_UNSENT, INVOICE)
    assert "nothing mails it again: ask the client" in found.told

    fail(store, "delivery", INVOICE, invoice_of(store).version)
    [failure] = store.failures.values()
    assert (proof_of(world).failing, codes(world)) == (1, [])

    store.failures[failure.id] = failure.discarded(LATE, actor="Ada", reason="the client has it")
    assert (proof_of(world).failing, codes(world)) == (0, [])


def test_a_mail_that_never_began_is_not_settled_by_giving_its_failure_up(world: World, store: Store) -> None:
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.PENDING)
    fail(store, "delivery", INVOICE, invoice_of(store).version)
    [failure] = store.failures.values()
    store.failures[failure.id] = failure.discarded(LATE, actor="Ada", reason="by mistake")

    [found] = proof_of(world).findings

    assert found.told.endswith("sends it")


def test_a_client_is_due_for_an_hour_before_somebody_is_told(world: World) -> None:
    due_at = world.clients.get(account_id=ADA, client_id=ACME).due_at
    assert due_at

    before, within, after = (
        audit_clients([ACME], account_id=ADA, now=due_at + dt.timedelta(minutes=late), books=world.books())
        for late in (-1, 60, 61)
    )

    assert (before.periods, before.pending, before.findings) == (1, 0, ())
    assert (within.periods, within.pending, within.findings) == (2, 1, ())
    assert [(each.code, each.subject) for each in after.findings] == [(Code.CLIENT_OVERDUE, ACME)]


def test_a_client_that_was_added_just_now_may_be_due_since_long(store: Store) -> None:
    world = in_memory(store).having(an_account(), a_client(billing_starts_on=dt.date(2026, 8, 1)))

    assert of_periods(world, now=EARLY) == set()
    assert of_periods(world, now=LATE) == {Code.CLIENT_OVERDUE}


def test_a_client_that_is_due_while_a_tick_comes_again_is_known(world: World, store: Store) -> None:
    tick = a_failure(queue="tick", account_id=None, body='{"time":"2026-12-01T08:00:00Z"}')
    store.failures[tick.id] = tick

    assert of_periods(world, now=A_MONTH_LATER + dt.timedelta(days=5)) == set()


def test_one_client_that_no_tick_can_serve_hides_no_other_that_is_due(world: World, store: Store) -> None:
    body = '{"client":"cli_' + "z" * 16 + '","time":"2026-12-01T08:00:00Z"}'
    for number, state in enumerate((FailureState.PARKED, FailureState.RETRYING)):
        failure = a_failure(number, queue="tick", account_id=BOB, body=body, state=state)
        store.failures[failure.id] = failure

    assert of_periods(world, now=A_MONTH_LATER + dt.timedelta(days=5)) == {Code.CLIENT_OVERDUE}


@pytest.mark.parametrize("day", [dt.date(2036, 1, 31), dt.date(2026, 11, 29)])
def test_an_invoice_day_that_the_schedule_does_not_lead_to_is_found_and_can_be_mended(
    world: World, store: Store, day: dt.date
) -> None:
    put(store, world.clients.get(account_id=ADA, client_id=ACME), next_due_on=day)

    assert codes(world) == [Code.INVOICE_DAY_DIFFERS]
    for details in (replace(CLIENT.details(), invoice_day=5), CLIENT.details()):
        world.clients.update(account_id=ADA, client_id=ACME, change=partial(Client.changed, details=details))
    assert codes(world) == []


def test_the_next_invoice_day_is_no_matter_while_there_are_no_invoices(world: World, store: Store) -> None:
    for state in (Client.paused, Client.held, Client.archived):
        client = world.clients.update(account_id=ADA, client_id=ACME, change=state)
        put(store, client, next_due_on=dt.date(2036, 1, 31))

        assert codes(world) == []


def test_an_invoice_that_is_opened_while_the_audit_reads_is_no_fault(store: Store) -> None:
    for step in ("records.client", "counters.get", "records.of_client"):
        world = a_month(in_memory(store := Store()))
        once(store, Step(step, Moment.AFTER, commits=False), partial(bill, world, NOVEMBER_30))

        assert codes(world, now=A_MONTH_LATER) == []
