import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.clients import Client, ClientStatus, DueClient
from domain.errors import NotFoundError, TryAgainLaterError
from domain.failures import Cause, Failure, FailureId, Kind, Ledger
from domain.failures import State as FailureState
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.opening import MOST_PERIODS, Opened, open_invoices, record_hopeless
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, an_invoice_id
from tests.fakes import InMemoryLedger, Moment, Step, Store
from tests.turns import take_turns
from tests.world import in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
DECEMBER_31 = dt.date(2026, 12, 31)
ONE_DAY = dt.timedelta(days=1)
DUE_AT = dt.datetime(2026, 10, 31, 7, tzinfo=dt.UTC)
ACME_DUE = DueClient(account_id=ADA, client_id=ACME, due_at=DUE_AT)


def test_a_client_that_is_due_gets_an_open_invoice_and_its_next_due_date() -> None:
    client = a_client()
    world = in_memory(Store()).having(client)

    opened = world.tick(OCTOBER_31)

    invoice = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id(ACME, OCTOBER_31))
    assert opened == Opened(invoices=(invoice.id,))
    assert invoice == Invoice(
        id=an_invoice_id(ACME, OCTOBER_31),
        account_id=ADA,
        client_id=ACME,
        due_on=OCTOBER_31,
        period_start=client.billing_starts_on,
        period_end=OCTOBER_31,
        work_since=client.billing_starts_on,
        currency="EUR",
    )
    assert world.clients.get(account_id=ADA, client_id=ACME) == replace(
        client, billed_until=OCTOBER_31, previous_due_on=OCTOBER_31, next_due_on=NOVEMBER_30, version=2
    )


def test_nothing_is_opened_a_second_before_it_is_due() -> None:
    world = in_memory(Store()).having(a_client())
    due = dt.datetime(2026, 10, 31, 7, tzinfo=dt.UTC)

    def opened_by(instant: dt.datetime) -> Opened:
        return open_invoices(
            instant, due_clients=world.due_clients, clients=world.clients, opening=world.opening
        )

    assert opened_by(due - dt.timedelta(seconds=1)) == Opened()
    assert opened_by(due) == Opened(invoices=(an_invoice_id(ACME, OCTOBER_31),))


def test_the_same_tick_again_opens_nothing_more() -> None:
    store = Store()
    world = in_memory(store).having(a_client())
    world.tick(OCTOBER_31)

    again = world.tick(OCTOBER_31)

    assert again == Opened()
    assert len(store.all(Invoice)) == 1


def test_a_tick_that_comes_late_does_what_it_would_have_done_in_time() -> None:
    in_time, late = in_memory(Store()).having(a_client()), in_memory(Store()).having(a_client())

    in_time.tick(OCTOBER_31)
    late.tick(OCTOBER_31 + dt.timedelta(days=9))

    invoice_id = an_invoice_id(ACME, OCTOBER_31)
    assert late.invoices.get(account_id=ADA, invoice_id=invoice_id) == in_time.invoices.get(
        account_id=ADA, invoice_id=invoice_id
    )


def test_missed_periods_are_caught_up_one_by_one_the_oldest_first() -> None:
    world = in_memory(Store()).having(a_client())

    opened = world.tick(DECEMBER_31)

    due_dates = (OCTOBER_31, NOVEMBER_30, DECEMBER_31)
    assert opened == Opened(invoices=tuple(an_invoice_id(ACME, due_on) for due_on in due_dates))
    periods = [
        (invoice.period_start, invoice.period_end)
        for invoice in (world.invoices.get(account_id=ADA, invoice_id=each) for each in opened.invoices)
    ]
    assert periods == [
        (dt.date(2026, 10, 1), OCTOBER_31),
        (OCTOBER_31, NOVEMBER_30),
        (NOVEMBER_30, DECEMBER_31),
    ]


@pytest.mark.parametrize(("periods", "held"), [(MOST_PERIODS, False), (MOST_PERIODS + 1, True)])
def test_a_client_too_far_behind_is_held_for_a_person(periods: int, held: bool) -> None:
    client = a_client(invoice_day=1, billing_starts_on=dt.date(2026, 10, 1))
    world = in_memory(Store()).having(client)
    due_on = client.next_due_on
    for _ in range(periods - 1):
        due_on = (due_on + dt.timedelta(days=31)).replace(day=1)

    opened = world.tick(due_on)

    assert len(opened.invoices) == MOST_PERIODS
    assert opened.held == ((ACME,) if held else ())
    status = world.clients.get(account_id=ADA, client_id=ACME).status
    assert status is (ClientStatus.HELD if held else ClientStatus.ACTIVE)


def test_a_held_client_goes_on_where_it_stopped_when_a_person_says_so() -> None:
    world = in_memory(Store()).having(a_client())
    far_behind = OCTOBER_31 + dt.timedelta(days=20 * 31)
    world.tick(far_behind)
    assert world.tick(far_behind) == Opened()

    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: client.resumed(far_behind))
    opened = world.tick(far_behind)

    assert opened.invoices[0] == an_invoice_id(ACME, dt.date(2027, 10, 31))
    assert opened.held == ()


@pytest.mark.parametrize("status", [ClientStatus.PAUSED, ClientStatus.HELD, ClientStatus.ARCHIVED])
def test_only_active_clients_get_invoices(status: ClientStatus) -> None:
    world = in_memory(Store()).having(a_client(status=status))

    assert world.tick(DECEMBER_31) == Opened()


def test_a_tick_may_be_for_one_account_only() -> None:
    world = in_memory(Store()).having(a_client(), a_client(account_id=BOB, id=UMBRELLA))

    opened = open_invoices(
        dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        due_clients=world.due_clients,
        clients=world.clients,
        opening=world.opening,
        account_id=BOB,
    )

    assert opened == Opened(invoices=(an_invoice_id(UMBRELLA, OCTOBER_31),))


def test_one_client_that_fails_does_not_hold_up_the_others() -> None:
    store = Store()
    world = in_memory(store).having(a_client(), a_client(id=UMBRELLA))
    broken = ConnectionError()
    failing = iter([broken])

    def fail_once(step: Step) -> None:
        if step.call == "opening.open" and (error := next(failing, None)):
            raise error

    store.hook = fail_once
    opened = world.tick(OCTOBER_31)

    assert opened == Opened(invoices=(an_invoice_id(UMBRELLA, OCTOBER_31),), failed=((ACME_DUE, broken),))
    assert world.tick(OCTOBER_31) == Opened(invoices=(an_invoice_id(ACME, OCTOBER_31),))


def test_a_client_that_was_paused_since_it_was_found_gets_no_invoice() -> None:
    store = Store()
    world = in_memory(store).having(a_client())

    def pause_in_between(step: Step) -> None:
        if step == Step("due_clients.due", Moment.AFTER, commits=False):
            store.hook = lambda _: None
            world.clients.update(account_id=ADA, client_id=ACME, change=Client.paused)

    store.hook = pause_in_between

    assert world.tick(OCTOBER_31) == Opened()


def test_a_client_that_is_changed_in_the_middle_of_it_is_read_again() -> None:
    store = Store()
    world = in_memory(store).having(a_client())

    def rename_in_between(step: Step) -> None:
        if step == Step("opening.open", Moment.BEFORE, commits=True):
            store.hook = lambda _: None
            world.clients.update(
                account_id=ADA, client_id=ACME, change=lambda client: replace(client, name="Acme Ltd")
            )

    store.hook = rename_in_between

    assert world.tick(OCTOBER_31) == Opened(invoices=(an_invoice_id(ACME, OCTOBER_31),))
    assert world.clients.get(account_id=ADA, client_id=ACME).name == "Acme Ltd"


def test_a_client_that_changes_all_the_time_is_left_for_the_next_tick() -> None:
    store = Store()
    world = in_memory(store).having(a_client())

    def rename(step: Step) -> None:
        if step == Step("opening.open", Moment.BEFORE, commits=True):
            world.clients.update(
                account_id=ADA, client_id=ACME, change=lambda client: replace(client, name=f"{client.name}!")
            )

    store.hook = rename
    opened = world.tick(OCTOBER_31)
    store.hook = lambda _: None

    ((of, error),) = opened.failed
    assert (of, type(error), opened.invoices) == (ACME_DUE, InvoiceMovedError, ())
    assert world.tick(OCTOBER_31) == Opened(invoices=(an_invoice_id(ACME, OCTOBER_31),))


def test_only_one_client_is_served_where_only_one_is_asked_for() -> None:
    world = in_memory(Store()).having(a_client(), a_client(id=UMBRELLA))

    opened = open_invoices(
        DUE_AT,
        due_clients=world.due_clients,
        clients=world.clients,
        opening=world.opening,
        client_id=UMBRELLA,
    )

    assert opened.invoices == (an_invoice_id(UMBRELLA, OCTOBER_31),)


def test_a_client_that_is_asked_for_is_read_where_what_finds_due_clients_is_behind() -> None:
    world = in_memory(Store()).having(a_client())

    def asked(until: dt.datetime, **of: Any) -> Opened:
        return open_invoices(
            until, due_clients=NobodyDue(), clients=world.clients, opening=world.opening, **of
        )

    assert asked(DUE_AT, client_id=ACME) == Opened()
    assert asked(DUE_AT - dt.timedelta(seconds=1), account_id=ADA, client_id=ACME) == Opened()
    assert asked(DUE_AT, account_id=ADA, client_id=ACME).invoices == (an_invoice_id(ACME, OCTOBER_31),)
    with pytest.raises(NotFoundError):
        asked(DUE_AT, account_id=ADA, client_id=UMBRELLA)


def test_a_client_that_is_not_due_any_more_is_left_alone_also_where_it_is_read() -> None:
    world = in_memory(Store()).having(a_client(status=ClientStatus.PAUSED))

    opened = open_invoices(
        DUE_AT,
        due_clients=NobodyDue(),
        clients=world.clients,
        opening=world.opening,
        account_id=ADA,
        client_id=ACME,
    )

    assert opened == Opened()


class NobodyDue:
    """Implements `domain.clients.DueClients` where the index has not heard of anybody yet."""

    def due(self, *, until: dt.datetime) -> Iterator[DueClient]:
        return iter(())


def recorded(
    opened: Opened, ledger: Ledger, *, replay: int = 0, now: dt.datetime = DUE_AT + ONE_DAY
) -> tuple[Opened, tuple[FailureId, ...]]:
    """What is left of a tick once the clients that can never work are in the ledger."""
    return record_hopeless(
        opened,
        DUE_AT + ONE_DAY,
        replay=replay,
        correlation_id="tick-1",
        ledger=ledger,
        now=now,
        cause_of=lambda error, body: Cause(error=type(error).__name__, at="here", message=body),
    )


def test_a_client_that_can_never_be_served_waits_for_a_person_and_not_in_the_tick() -> None:
    ledger = InMemoryLedger()
    opened = Opened(
        invoices=(an_invoice_id(UMBRELLA, OCTOBER_31),),
        failed=(
            (ACME_DUE, NotFoundError("gone")),
            (replace(ACME_DUE, client_id=UMBRELLA), TryAgainLaterError()),
        ),
    )

    left, (recorded_id,) = recorded(opened, ledger)

    failure = ledger.get(failure_id=recorded_id)
    body = {"account": ADA, "client": ACME, "time": "2026-11-01T07:00:00Z"}
    assert left == replace(opened, failed=opened.failed[1:])
    assert (failure.queue, failure.state, failure.kind) == ("tick", FailureState.PARKED, Kind.PERMANENT)
    assert (failure.account_id, failure.correlation_id, failure.attempts) == (ADA, "tick-1", 1)
    assert json.loads(failure.body) == body
    assert failure.cause == Cause(error="NotFoundError", at="here", message=failure.body)


def test_every_tick_meets_such_a_client_again_and_adds_nothing() -> None:
    ledger = InMemoryLedger()
    opened = Opened(failed=((ACME_DUE, NotFoundError("gone")),))
    _, (first,) = recorded(opened, ledger)
    before = ledger.get(failure_id=first)

    assert recorded(opened, ledger) == (Opened(), (first,))
    assert ledger.get(failure_id=first) == before


def test_a_client_on_which_nobody_knows_why_the_tick_fails_is_one_failure_at_all_ticks() -> None:
    ledger = InMemoryLedger()
    opened = Opened(failed=((ACME_DUE, ZeroDivisionError()),))

    left = [recorded(opened, ledger)[0] for _ in range(3)]

    assert left == [Opened()] * 3
    [failure] = ledger.list(queue="tick", state=FailureState.PARKED).items
    assert (failure.kind, failure.account_id, failure.attempts) == (Kind.UNKNOWN, ADA, 1)


def test_a_client_that_still_fails_when_its_failure_was_closed_opens_it_again() -> None:
    ledger = InMemoryLedger()
    opened = Opened(failed=((ACME_DUE, NotFoundError("gone")),))
    _, (first,) = recorded(opened, ledger)
    ledger.update(failure_id=first, change=resolved)

    recorded(opened, ledger)

    assert ledger.get(failure_id=first).state is FailureState.PARKED


def test_each_replay_that_fails_is_told_also_where_an_edit_made_it_the_first_again() -> None:
    ledger = InMemoryLedger()
    opened = Opened(failed=((ACME_DUE, NotFoundError("gone")),))
    _, (first,) = recorded(opened, ledger)
    ledger.update(failure_id=first, change=replayed)
    recorded(opened, ledger, replay=1)
    ledger.update(failure_id=first, change=edited_and_replayed)

    recorded(opened, ledger, replay=1, now=DUE_AT + 2 * ONE_DAY)

    assert ledger.get(failure_id=first).state is FailureState.PARKED


def test_a_replay_that_meets_it_again_puts_it_back_and_the_next_period_is_another_failure() -> None:
    ledger = InMemoryLedger()
    opened = Opened(failed=((ACME_DUE, NotFoundError("gone")),))
    _, (first,) = recorded(opened, ledger)
    ledger.update(failure_id=first, change=replayed)

    recorded(opened, ledger, replay=1)
    later = Opened(failed=((replace(ACME_DUE, due_at=DUE_AT + ONE_DAY), NotFoundError("gone")),))
    recorded(later, ledger)

    failure = ledger.get(failure_id=first)
    assert (failure.state, failure.attempts, failure.replays) == (FailureState.PARKED, 2, 1)
    assert len(ledger) == 2


def replayed(known: Failure | None) -> Failure:
    assert known is not None
    return known.sent(DUE_AT, actor="ada")


def edited_and_replayed(known: Failure | None) -> Failure:
    assert known is not None
    return replayed(known.edited("{}", DUE_AT, actor="ada"))


def resolved(known: Failure | None) -> Failure:
    assert known is not None
    return known.resolved(DUE_AT, actor="tick")


@pytest.mark.parametrize("schedule", [[0, 1] * 20, [0, 0, 1, 1, 1] * 20, [1, 1, 1, 0] * 20], ids=str)
def test_two_ticks_at_once_open_each_period_once(schedule: list[int]) -> None:
    store = Store()
    world = in_memory(store).having(a_client())

    errors = take_turns(
        store, schedule, lambda: world.tick(DECEMBER_31), lambda: world.tick(DECEMBER_31 - ONE_DAY)
    )

    assert errors == [None, None]
    opened = [entity for entity in store.stream if isinstance(entity, Invoice)]
    assert [(invoice.due_on, invoice.state) for invoice in opened] == [
        (OCTOBER_31, State.OPEN),
        (NOVEMBER_30, State.OPEN),
        (DECEMBER_31, State.OPEN),
    ]
