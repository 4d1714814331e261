"""Workers over the real table, mixed at every call to it: what the use cases promise holds there too."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from domain.counters import Change, Contribution, LostRaceError, keep_counters
from domain.delivery import DeliveryUnderWayError
from domain.errors import TryAgainLaterError
from domain.identifiers import InvoiceId, client_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.timekeeping import edit_work
from domain.work import WorkIsInvoicedError
from tests.builders import ACME, ADA, MAILED_AT, a_client, a_work_entry, an_account, an_invoice_id, some_work
from tests.contract.watched import Watched
from tests.fakes import Step
from tests.recount import recount, shown
from tests.turns import take_turns
from tests.world import World

CLIENT = a_client()
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
INVOICE = an_invoice_id(ACME, OCTOBER_31)
WORK = [a_work_entry(f"{number:016}", date=dt.date(2026, 10, 1 + number)) for number in range(7)]

mixed = pytest.mark.parametrize(
    "schedule",
    [[0, 1, 2] * 20, [0, 0, 1, 2, 2, 1] * 10, [2, 1, 1, 0, 0, 0] * 10, [1, 1, 1, 2, 0] * 12],
    ids=["in turn", "in pairs", "backwards", "uneven"],
)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.invoicing.MOST_CLAIMED", 2)


def issuing(world: World) -> Callable[[], None]:
    def work() -> None:
        with suppress(TryAgainLaterError):
            world.issue(INVOICE, client=CLIENT, day=OCTOBER_31)

    return work


@mixed
def test_several_issuers_and_a_person_leave_one_right_invoice(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    dynamodb.having(an_account(), CLIENT, *WORK).tick(OCTOBER_31)

    def edit() -> None:
        for entry in WORK:
            with suppress(WorkIsInvoicedError):
                edit_work(entry.id, lambda _: some_work(minutes=30), account_id=ADA, work=dynamodb.work)

    errors = take_turns(watched, schedule, issuing(dynamodb), issuing(dynamodb), edit)
    invoice = dynamodb.issue(INVOICE, client=CLIENT, day=OCTOBER_31)

    lines = dynamodb.invoices.lines(invoice=invoice)
    assert errors == [None, None, None]
    assert (invoice.state, invoice.number, invoice.entries) == (State.ISSUED, "2026-0001", len(WORK))
    assert invoice.net == sum(line.amount for line in lines)
    assert dynamodb.numbering.sequence(account_id=ADA, series="2026-{seq}").last == 1


@mixed
def test_several_ticks_open_each_period_once(dynamodb: World, watched: Watched, schedule: list[int]) -> None:
    dynamodb.having(CLIENT)

    def tick() -> None:
        dynamodb.tick(NOVEMBER_30)

    errors = take_turns(watched, schedule, tick, tick, tick)

    opened = dynamodb.invoices.list(account_id=ADA).items
    assert errors == [None, None, None]
    assert [(invoice.due_on, invoice.version) for invoice in opened] == [(NOVEMBER_30, 1), (OCTOBER_31, 1)]
    assert dynamodb.clients.get(account_id=ADA, client_id=ACME).version == 3


@mixed
def test_several_consumers_count_each_state_once(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    newer = [replace(entry, minutes=30, version=2) for entry in WORK]
    events = [Contribution.of_work(entry) for entry in WORK + newer]

    errors = take_turns(
        watched,
        schedule,
        lambda: keep_counters(events, counters=dynamodb.counters),
        lambda: keep_counters(events[::-1], counters=dynamodb.counters),
        lambda: keep_counters(events[:7], counters=dynamodb.counters),
    )
    keep_counters(events, counters=dynamodb.counters)

    assert errors == [None, None, None]
    assert shown(dynamodb.counters.list(account_id=ADA)) == recount(newer, [])


@mixed
def test_of_several_workers_only_one_starts_to_mail(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    """Also within one millisecond, where they write exactly the same."""

    def start() -> None:
        dynamodb.deliveries.update(
            account_id=ADA,
            invoice_id=INVOICE,
            change=lambda delivery: delivery.start("billing@acme.example", MAILED_AT),
        )

    errors = take_turns(watched, schedule, start, start, start)

    assert errors.count(None) == 1
    assert sum(isinstance(error, DeliveryUnderWayError) for error in errors) == 2
    assert dynamodb.deliveries.get(account_id=ADA, invoice_id=INVOICE).version == 1


@mixed
def test_updates_of_several_workers_all_count(dynamodb: World, watched: Watched, schedule: list[int]) -> None:
    dynamodb.having(CLIENT)

    def rename() -> None:
        for _ in range(3):
            dynamodb.clients.update(
                account_id=ADA,
                client_id=ACME,
                change=lambda client: replace(client, name=f"{client.name}!"),
            )

    errors = take_turns(watched, schedule, rename, rename, rename)

    stored = dynamodb.clients.get(account_id=ADA, client_id=ACME)
    assert errors == [None, None, None]
    assert (stored.name, stored.version) == ("Acme GmbH" + "!" * 9, 10)


@pytest.mark.parametrize("turn", range(0, 30, 3))
def test_an_issuer_that_dies_is_followed_by_another(dynamodb: World, watched: Watched, turn: int) -> None:
    dynamodb.having(an_account(), CLIENT, *WORK).tick(OCTOBER_31)

    take_turns(watched, [0] * 40, issuing(dynamodb), crashes=frozenset([turn]))
    watched.hook = lambda _: None
    invoice = dynamodb.issue(INVOICE, client=CLIENT, day=OCTOBER_31)

    assert (invoice.state, invoice.entries, invoice.net) == (State.ISSUED, 7, 700_00)


@mixed
def test_eight_consumers_of_one_busy_client_count_each_state_once(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    """Each has a batch of its own, and shares half of it with the next; what loses comes again."""
    many = [a_work_entry(f"{number:016}", date=dt.date(2026, 10, 1 + number)) for number in range(16)]
    events = [Contribution.of_work(entry) for entry in (*many, *many)]

    def consuming(first: int) -> Callable[[], None]:
        def work() -> None:
            while keep_counters(events[first : first + 4], counters=dynamodb.counters):
                pass

        return work

    errors = take_turns(watched, schedule, *(consuming(2 * place) for place in range(8)))

    assert errors == [None] * 8
    assert shown(dynamodb.counters.list(account_id=ADA)) == recount(many, [])


@mixed
def test_three_issuers_of_one_invoice_and_three_of_others_leave_numbers_without_a_hole(
    dynamodb: World, watched: Watched, schedule: list[int]
) -> None:
    others = [a_client(id=client_id(f"other{number:011}")) for number in range(3)]
    dynamodb.having(an_account(), CLIENT, *others, *WORK)
    dynamodb.having(*(a_work_entry(client=client) for client in others))
    invoices = dynamodb.tick(OCTOBER_31).invoices

    def issuing_one(invoice: InvoiceId) -> Callable[[], None]:
        def work() -> None:
            with suppress(TryAgainLaterError):
                dynamodb.issue(invoice, client=CLIENT, day=OCTOBER_31)

        return work

    workers = [issuing_one(invoice) for invoice in (INVOICE, INVOICE, *invoices)]
    errors = take_turns(watched, schedule, *workers)
    issued = [dynamodb.issue(invoice, client=CLIENT, day=OCTOBER_31) for invoice in invoices]

    assert errors == [None] * 6
    assert {invoice.number for invoice in issued} == {f"2026-000{number}" for number in range(1, 5)}
    assert {invoice.id: invoice.entries for invoice in issued}[INVOICE] == len(WORK)
    assert dynamodb.numbering.sequence(account_id=ADA, series="2026-{seq}").last == 4


OPENED = Invoice.opened(CLIENT)


@pytest.mark.parametrize(
    ("write", "lost"),
    [
        (
            lambda world: world.opening.open(invoice=OPENED, client=CLIENT, moved=CLIENT.after_invoice_day()),
            InvoiceMovedError,
        ),
        (lambda world: world.opening.hold(client=CLIENT, held=CLIENT.held()), InvoiceMovedError),
        (lambda world: world.collecting.claim(invoice=OPENED, entries=WORK[:1]), InvoiceMovedError),
        (lambda world: world.collecting.seal(invoice=OPENED, sealed=OPENED.sealed()), InvoiceMovedError),
        (
            lambda world: world.counters.apply(
                changes=[Change(now=Contribution.of_work(WORK[0]), stored=None)]
            ),
            LostRaceError,
        ),
    ],
    ids=["open", "hold", "claim", "seal", "count"],
)
def test_who_meets_another_transaction_again_and_again_has_lost_a_race(
    dynamodb: World, watched: Watched, write: Callable[[World], None], lost: type[Exception]
) -> None:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "TransactionConflict"}],
    }

    def under_way(step: Step) -> None:
        if step.commits:
            raise ClientError(response, "TransactWriteItems")

    watched.hook = under_way

    with pytest.raises(lost):
        write(dynamodb)
