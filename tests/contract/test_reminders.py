import datetime as dt
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from domain.delivery import DeliveryUnderWayError
from domain.errors import NotFoundError
from domain.identifiers import reminder_id
from domain.invoices import Invoice, InvoiceMovedError
from domain.proof import Step
from domain.recording import record as record_failure
from domain.reminders import Dropped, DueReminder, Reminder
from events import catalog
from infrastructure.dynamodb.stream import event_of
from tests.aws_events import stream_record
from tests.builders import ADA, BOB, a_client, a_report, a_work_entry, an_account, an_invoice_id
from tests.contract.watched import Watched
from tests.fakes import Step as StepOfTheStore
from tests.world import World

DUE = dt.date(2026, 10, 31)
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
INVOICE = an_invoice_id()
FIRST = reminder_id(INVOICE, 1)


def issued(world: World) -> Invoice:
    """An invoice whose first reminder is due on 21 November at 07:00 in UTC."""
    world.having(an_account(reminder_days=(7, 21)), a_client(), a_work_entry())
    world.tick(DUE)
    return world.issue(INVOICE, client=a_client(), day=DUE)


def due(world: World, instant: dt.datetime = NOON) -> list[DueReminder]:
    return list(world.due_reminders.due(until=instant))


def record(world: World, invoice: Invoice, step: int = 1) -> Reminder:
    reminder = Reminder.of(invoice, step, NOON)
    world.reminders.record(reminder=reminder, invoice=invoice, reminded=invoice.reminded(step))
    return reminder


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def test_an_invoice_is_found_once_its_reminder_is_due_and_not_before(world: World) -> None:
    issued(world)
    at = dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)

    assert due(world, at - dt.timedelta(seconds=1)) == []
    assert due(world, at) == [DueReminder(account_id=ADA, invoice_id=INVOICE)]


def test_what_is_paid_is_found_no_more_and_again_once_that_is_taken_back(world: World) -> None:
    payment, _ = world.pay(issued(world), day=DUE)
    assert due(world) == []

    world.take_back(payment, day=DUE)

    assert [each.invoice_id for each in due(world)] == [INVOICE]


def test_recording_moves_the_invoice_on_to_its_next_reminder(world: World) -> None:
    reminder = record(world, issued(world))

    assert world.reminders.get(account_id=ADA, reminder_id=FIRST) == reminder
    assert due(world) == []
    assert [each.invoice_id for each in due(world, NOON + dt.timedelta(days=14))] == [INVOICE]


def test_a_reminder_is_put_once(world: World) -> None:
    invoice = issued(world)
    record(world, invoice)

    with pytest.raises(InvoiceMovedError):
        record(world, stored(world))

    assert stored(world).version == invoice.version + 1


def test_an_invoice_that_has_changed_is_not_moved_on_as_it_was_read(world: World) -> None:
    invoice = issued(world)
    world.pay(invoice, day=DUE, amount=1)

    with pytest.raises(InvoiceMovedError):
        record(world, invoice)

    assert stored(world).reminders == 0
    with pytest.raises(NotFoundError):
        world.reminders.get(account_id=ADA, reminder_id=FIRST)


def test_a_reminder_is_changed_and_nothing_is_stored_where_nothing_changes(world: World) -> None:
    record(world, issued(world))

    def change(reminder: Reminder) -> Reminder:
        return reminder.drop(Dropped.PAID)

    changed = world.reminders.update(account_id=ADA, reminder_id=FIRST, change=change)
    again = world.reminders.update(account_id=ADA, reminder_id=FIRST, change=change)

    assert again == changed
    assert (changed.dropped, changed.version) == (Dropped.PAID, 2)
    assert world.reminders.get(account_id=ADA, reminder_id=FIRST) == changed


def test_the_reminders_of_an_invoice_come_in_their_order_and_payments_are_none(world: World) -> None:
    first = record(world, issued(world))
    second = record(world, stored(world), 2)
    world.pay(stored(world), day=DUE)

    assert world.reminders.of(invoice=stored(world)) == [first, second]
    other = replace(stored(world), id=an_invoice_id(due_on=dt.date(2026, 11, 30)))
    assert world.reminders.of(invoice=other) == []


def test_nobody_finds_another_account_s_reminder(world: World) -> None:
    record(world, issued(world))

    with pytest.raises(NotFoundError):
        world.reminders.get(account_id=BOB, reminder_id=FIRST)


def test_an_audit_reads_reminders_too(world: World) -> None:
    reminder = record(world, issued(world))

    read = world.records.of_client(account_id=ADA, client_id=reminder.client_id)

    assert reminder in [written.entity for written in read]


def test_of_two_that_start_at_once_only_one_mails(world: World) -> None:
    record(world, issued(world))
    runs = iter(range(9))

    def start(reminder: Reminder) -> Reminder:
        return reminder.moved(lambda mail: mail.start("billing@acme.example", NOON))

    def start_too_late(reminder: Reminder) -> Reminder:
        if next(runs) == 0:
            world.reminders.update(account_id=ADA, reminder_id=FIRST, change=start)
        return start(reminder)

    with pytest.raises(DeliveryUnderWayError):
        world.reminders.update(account_id=ADA, reminder_id=FIRST, change=start_too_late)

    assert world.reminders.get(account_id=ADA, reminder_id=FIRST).version == 2


def test_a_mail_that_is_out_is_noted_also_while_the_table_is_throttled(
    dynamodb: World, watched: Watched
) -> None:
    record(dynamodb, issued(dynamodb))
    left = [2]

    def throttled(step: StepOfTheStore) -> None:
        if step.commits and left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems")

    watched.hook = throttled
    updated = dynamodb.reminders.update(
        account_id=ADA, reminder_id=FIRST, change=lambda reminder: reminder.drop(Dropped.PAID)
    )

    assert (left, updated.version) == ([0], 2)


def test_an_audit_reads_reminders_and_knows_the_failure_that_stands_for_one(world: World) -> None:
    reminder = record(world, issued(world))
    event = event_of(stream_record(reminder))
    report = a_report(
        queue=Step.MAILED, event_id=event.id, body=catalog.write(event), account_id=ADA, event_type=event.type
    )

    def is_known() -> bool:
        return world.open_failures.of(
            Step.MAILED, account_id=ADA, entity_id=reminder.id, version=1, at=reminder.recorded_at
        )

    before = is_known()
    record_failure(report, ledger=world.ledger, now=NOON)

    assert (before, is_known()) == (False, True)
    assert reminder in [
        each.entity for each in world.records.of_client(account_id=ADA, client_id=reminder.client_id)
    ]
