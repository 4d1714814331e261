"""What an audit reads, and that it proves the same over the table as over the fakes.

It is long since all of it proves one month of one account, which takes its time to be put into a table.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.audit import audit_account
from domain.clients import DueClient
from domain.credit_notes import Line
from domain.delivery import Delivery
from domain.errors import NotFoundError
from domain.failures import Cause, Kind, Report, State
from domain.identifiers import AccountId, ClientId, invoice_id
from domain.invoices import Invoice
from domain.opening import Opened, record_hopeless
from domain.proof import MOST_BEHIND, Code, Step, Stored, Written
from domain.recording import record
from domain.register import Given
from domain.repair import rebuild_counter
from domain.timekeeping import remove_work
from domain.work import WorkEntry
from events import catalog
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.stream import event_of
from tests import data_stack
from tests.aws_events import stream_record
from tests.builders import ACME, ADA, BOB, FAILED_AT, UMBRELLA, a_client, a_report, a_work_entry, an_account
from tests.contract.watched import Watched
from tests.fakes.store import NOON
from tests.lived import (
    LATE,
    LATER,
    NOVEMBER_30,
    OCTOBER_31,
    WORK,
    a_month,
    bill,
    codes,
    count,
    proof_of,
)
from tests.world import World

INVOICE = invoice_id(ACME, OCTOBER_31)


def test_every_account_is_known(world: World) -> None:
    accounts = {AccountId(f"acc_{number}") for number in range(40)}
    world.having(*(an_account(id=account_id) for account_id in accounts))

    assert sorted(world.directory.every()) == sorted(accounts)


def test_no_account_is_known_at_first(world: World) -> None:
    world.having(a_client())

    assert list(world.directory.every()) == []


def _id_of(stored: Stored) -> str:
    match stored:
        case Delivery():
            return stored.invoice_id
        case Line():
            return stored.entry.id
        case _:
            return stored.id


def test_all_of_a_client_is_read_with_the_instant_at_which_it_was_written(world: World) -> None:
    a_month(world)
    removed = a_work_entry("removed" + "0" * 9)
    world.having(removed, a_work_entry("other" + "0" * 11, client=a_client(id=UMBRELLA)))
    remove_work(removed.id, account_id=ADA, work=world.work)

    written = list(world.records.of_client(account_id=ADA, client_id=ACME))

    assert {each.at for each in written} == {NOON}
    ids = [_id_of(each.entity) for each in written]
    assert sorted(ids, key=str) == sorted(
        [INVOICE, INVOICE, removed.id, *(entry.id for entry in WORK)], key=str
    )
    assert Written(world.invoices.get(account_id=ADA, invoice_id=INVOICE), NOON) in written


def test_a_client_is_read_with_the_instant_at_which_it_was_written(world: World) -> None:
    a_month(world)

    client = world.clients.get(account_id=ADA, client_id=ACME)

    assert world.records.client(account_id=ADA, client_id=ACME) == (client, NOON)
    with pytest.raises(NotFoundError):
        world.records.client(account_id=BOB, client_id=ACME)


def test_nothing_is_read_of_another_account_s_client(world: World) -> None:
    a_month(world)

    assert list(world.records.of_client(account_id=BOB, client_id=ACME)) == []


def given(invoice: Invoice, day: dt.date) -> Given:
    """The first number of a series, as this invoice took it."""
    return Given(
        value=1,
        number=str(invoice.number),
        invoice_id=invoice.id,
        issued_on=day,
        content_sha256=invoice.content_sha256,
        chain_sha256=invoice.chain_sha256,
    )


def test_the_register_tells_every_series_and_its_numbers_in_order(world: World) -> None:
    a_month(world).having(*LATER)
    account = replace(an_account().details(), number_pattern="X-{seq}")
    world.accounts.update(account_id=ADA, change=lambda before: before.changed(account))
    [november] = [each for each in bill(world, NOVEMBER_30) if each.number]

    series = world.register.series(account_id=ADA)

    assert sorted(series) == ["2026-{seq}", "X-{seq}"]
    assert list(world.register.given(account_id=ADA, series="2026-{seq}")) == [
        given(world.invoices.get(account_id=ADA, invoice_id=INVOICE), OCTOBER_31)
    ]
    assert list(world.register.given(account_id=ADA, series="X-{seq}")) == [given(november, NOVEMBER_30)]
    assert november.number == "X-1"
    assert list(world.register.series(account_id=BOB)) == []


STEPS: list[tuple[Step, int, set[tuple[str, int]]]] = [
    (Step.COUNTED, 3, {("counters", 3), ("stream", 3)}),
    (Step.ISSUED, 3, {("invoicing", 1), ("invoicing", 2), ("invoicing", 3), ("stream", 1)}),
    (Step.MAILED, 3, {("delivery", 3), ("stream", 3)}),
]


@pytest.mark.parametrize("queue", ["counters", "invoicing", "delivery", "stream"])
@pytest.mark.parametrize("failed", [1, 2, 3])
def test_a_failure_excuses_the_steps_that_its_replay_leads_to_and_no_other(
    world: World, queue: str, failed: int
) -> None:
    a_month(world)
    invoice = world.invoices.get(account_id=ADA, invoice_id=INVOICE)
    record(report_of(replace(invoice, version=failed), queue), ledger=world.ledger, now=FAILED_AT)

    excused = {
        step
        for step, version, _ in STEPS
        if world.open_failures.of(step, account_id=ADA, entity_id=INVOICE, version=version, at=NOON)
    }

    assert excused == {step for step, _, those in STEPS if (queue, failed) in those}


def test_a_failure_excuses_while_it_is_open_and_what_it_is_about(world: World) -> None:
    entry = a_work_entry(version=2)
    failure = record(report_of(entry, "counters"), ledger=world.ledger, now=FAILED_AT)

    def known(account_id: AccountId = ADA, entity_id: str = entry.id, version: int = 2) -> bool:
        return world.open_failures.of(
            Step.COUNTED, account_id=account_id, entity_id=entity_id, version=version, at=NOON
        )

    assert known()
    assert not known(version=1)
    assert not known(version=3)
    assert not known(account_id=BOB)
    assert not known(entity_id=WORK[0].id)
    world.ledger.update(failure_id=failure.id, change=lambda _: replace(failure, state=State.RESOLVED))
    assert not known()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_batch_that_the_stream_gave_up_may_hold_what_was_written_in_the_two_days_before(
    world: World, kind: Kind
) -> None:
    pointer = json.dumps({"bucket": "unpublished", "key": "aws/lambda/2026/10/31/batch"})
    batch = a_report(queue="stream", body=pointer, first_at=LATE, account_id=None, kind=kind)
    failure = record(batch, ledger=world.ledger, now=FAILED_AT)

    def known(ago: dt.timedelta) -> bool:
        return world.open_failures.of(
            Step.COUNTED, account_id=ADA, entity_id=WORK[0].id, version=1, at=LATE - ago
        )

    second = dt.timedelta(seconds=1)
    assert [known(ago) for ago in (-second, 0 * second, MOST_BEHIND, MOST_BEHIND + second)] == [
        False,
        True,
        True,
        False,
    ]
    resolved = failure.resolved(FAILED_AT, actor="Ada")
    world.ledger.update(failure_id=failure.id, change=lambda _: resolved)
    assert not known(second)


@pytest.mark.parametrize("body", ["{}", "…", '{"bucket":"b"}', "[1]", "[" * 10_000])
def test_what_else_was_set_aside_of_the_stream_holds_nothing_but_itself(world: World, body: str) -> None:
    report = a_report(queue="stream", body=body, first_at=LATE, account_id=None)
    record(report, ledger=world.ledger, now=FAILED_AT)

    assert not world.open_failures.of(Step.COUNTED, account_id=ADA, entity_id=WORK[0].id, version=1, at=NOON)


def test_a_batch_in_another_queue_is_none(world: World) -> None:
    report = a_report(body='{"bucket":"b","key":"k"}', first_at=LATE, account_id=None)
    record(report, ledger=world.ledger, now=FAILED_AT)

    assert not world.open_failures.of(Step.COUNTED, account_id=ADA, entity_id=WORK[0].id, version=1, at=NOON)


def test_what_a_person_has_given_up_is_known_at_its_step_and_version(world: World) -> None:
    a_month(world)
    invoice = world.invoices.get(account_id=ADA, invoice_id=INVOICE)

    def given_up(step: Step = Step.MAILED, version: int = invoice.version, of: AccountId = ADA) -> bool:
        return world.open_failures.is_given_up(step, account_id=of, entity_id=INVOICE, version=version)

    assert not given_up()
    failure = record(report_of(invoice, "delivery"), ledger=world.ledger, now=FAILED_AT)
    assert not given_up()
    resolved = failure.resolved(FAILED_AT, actor="delivery")
    world.ledger.update(failure_id=failure.id, change=lambda _: resolved)
    assert not given_up()
    discarded = failure.discarded(FAILED_AT, actor="Ada", reason="the client has it")
    world.ledger.update(failure_id=failure.id, change=lambda _: discarded)
    assert given_up()
    assert not given_up(Step.COUNTED)
    assert not given_up(version=invoice.version - 1)
    assert not given_up(of=BOB)


def due(world: World, at: dt.datetime = LATE, client_id: ClientId = ACME) -> bool:
    """Whether the ledger knows of the client that is due at that instant."""
    return world.open_failures.of_tick(client_id=client_id, due_at=at)


def test_a_tick_that_comes_again_serves_those_who_were_due_by_then(world: World) -> None:
    body = json.dumps({"time": f"{LATE:%Y-%m-%dT%H:%M:%SZ}"})
    record(a_report(body=body), ledger=world.ledger, now=FAILED_AT)
    assert not due(world)
    tick = record(a_report(queue="tick", body=body), ledger=world.ledger, now=FAILED_AT)

    assert due(world)
    assert not due(world, LATE + dt.timedelta(seconds=1))
    parked = tick.parked(FAILED_AT, actor="timer")
    world.ledger.update(failure_id=tick.id, change=lambda _: parked)
    assert not due(world)


@pytest.mark.parametrize("body", ["{}", "…", '{"time":"noon"}', '{"time":"2026-10-31"}', "[1]", "[" * 10_000])
def test_a_tick_that_nobody_can_read_serves_nobody(world: World, body: str) -> None:
    record(a_report(queue="tick", body=body), ledger=world.ledger, now=FAILED_AT)

    assert not due(world)


def test_a_period_that_no_tick_can_open_is_known_for_its_client_and_day_only(world: World) -> None:
    hopeless = DueClient(account_id=ADA, client_id=ACME, due_at=LATE)
    opened = Opened(failed=((hopeless, NotFoundError("broken")),))
    _, [failed] = record_hopeless(
        opened,
        LATE,
        replay=0,
        correlation_id="tick",
        ledger=world.ledger,
        now=FAILED_AT,
        cause_of=lambda error, _: Cause(error=type(error).__name__, at="here"),
    )

    assert due(world)
    assert not due(world, LATE + dt.timedelta(seconds=1))
    assert not due(world, client_id=UMBRELLA)
    tick = world.ledger.get(failure_id=failed)
    again = tick.sent(FAILED_AT, actor="Ada")
    world.ledger.update(failure_id=failed, change=lambda _: again)
    assert due(world)
    assert not due(world, client_id=UMBRELLA)
    gone = again.discarded(FAILED_AT, actor="Ada", reason="no client any more")
    world.ledger.update(failure_id=failed, change=lambda _: gone)
    assert not due(world)


def test_nothing_is_wrong_in_a_world_where_all_went_well(world: World) -> None:
    a_month(world).having(*LATER)
    bill(world, NOVEMBER_30)
    count(world)

    proof = proof_of(world)

    assert (proof.findings, proof.failed) == ((), ())
    assert (proof.clients, proof.entries, proof.numbers, proof.periods) == (2, 7, 2, 4)


def erase(key: keys.Key) -> None:
    plain = {name: {"S": value} for name, value in key.items()}
    data_stack.client("dynamodb").delete_item(TableName=data_stack.TABLE, Key=plain)


def falsify(key: keys.Key, attribute: str, value: dict[str, str]) -> None:
    plain = {name: {"S": text} for name, text in key.items()}
    data_stack.client("dynamodb").update_item(
        TableName=data_stack.TABLE,
        Key=plain,
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": attribute},
        ExpressionAttributeValues={":value": value},
    )


FAULTS: list[tuple[str, Callable[[], None], set[Code]]] = [
    ("counter deleted", lambda: erase(keys.counter(ADA, ACME)), {Code.COUNTER_DIFFERS}),
    (
        "counter falsified",
        lambda: falsify(keys.counter(ADA, ACME), "minutes#2026-10", {"N": "7"}),
        {Code.COUNTER_DIFFERS},
    ),
    (
        "contribution deleted",
        lambda: erase(keys.contribution(ADA, WORK[0].id)),
        {Code.CONTRIBUTION_MISSING, Code.COUNTER_DIFFERS},
    ),
    (
        "number deleted",
        lambda: erase(keys.number(ADA, "2026-{seq}", 1)),
        {Code.NUMBER_MISSING, Code.INVOICE_WITHOUT_NUMBER},
    ),
    (
        "number falsified",
        lambda: falsify(keys.number(ADA, "2026-{seq}", 1), "issued_on", {"S": "2026-10-30"}),
        {Code.NUMBER_DIFFERS, Code.SEQUENCE_DIFFERS},
    ),
    (
        "sequence falsified",
        lambda: falsify(keys.sequence(ADA, "2026-{seq}"), "last", {"N": "3"}),
        {Code.NUMBER_MISSING},
    ),
    (
        "invoice falsified",
        lambda: falsify(keys.invoice(ADA, INVOICE), "period_end", {"S": "2026-10-30"}),
        {Code.PERIOD_NOT_CONTIGUOUS, Code.CONTENT_DIFFERS},
    ),
    (
        "invoice's net falsified",
        lambda: falsify(keys.invoice(ADA, INVOICE), "net", {"N": "1"}),
        {Code.LINES_DIFFER},
    ),
    ("delivery deleted", lambda: erase(keys.delivery(ADA, INVOICE)), {Code.INVOICE_UNSENT}),
]


@pytest.mark.parametrize(
    ("plant", "expected"), [fault[1:] for fault in FAULTS], ids=[each[0] for each in FAULTS]
)
def test_a_fault_in_the_table_is_found(
    dynamodb: World, plant: Callable[[], None], expected: set[Code]
) -> None:
    a_month(dynamodb)

    plant()

    assert set(codes(dynamodb)) == expected


def test_an_item_that_cannot_be_read_is_told_and_its_client_is_not_called_right(dynamodb: World) -> None:
    a_month(dynamodb)
    falsify(keys.work(ADA, WORK[0].id), "date", {"S": "someday"})

    proof = proof_of(dynamodb)

    assert [entity_id for entity_id, _ in proof.failed] == [ACME, ADA]  # its numbers prove its lines
    assert (proof.clients, proof.numbers) == (1, 0)


def test_an_audit_of_a_client_reads_each_of_its_items_once(dynamodb: World, watched: Watched) -> None:
    a_month(dynamodb)
    watched.calls.clear()
    watched.items_read = 0

    audit_account(ADA, now=LATE, books=dynamodb.books())

    # 2 clients, their 4 entries, 2 invoices and 1 delivery; then 2 invoices by date, 1 series, 1 number, and
    # what that number proves: its invoice with 3 lines.
    assert watched.items_read == 2 + 7 + 4 + 4
    assert watched.calls["transact_write_items"] == 0


@pytest.mark.parametrize("plant", [fault[1] for fault in FAULTS[:3]], ids=[each[0] for each in FAULTS[:3]])
def test_a_counter_in_the_table_is_made_right(dynamodb: World, plant: Callable[[], None]) -> None:
    a_month(dynamodb)
    plant()

    rebuilt = rebuild_counter(
        ACME,
        account_id=ADA,
        records=dynamodb.records,
        counters=dynamodb.counters,
        resetting=dynamodb.resetting,
    )

    assert rebuilt
    assert codes(dynamodb) == []


def report_of(entity: WorkEntry | Invoice, queue: str) -> Report:
    """What a consumer of *queue* reports of the event of an entity."""
    event = event_of(stream_record(entity))
    return a_report(
        queue=queue,
        event_id=event.id,
        body=catalog.write(event),
        account_id=ADA,
        event_type=event.type,
    )
