import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clients import Client
from domain.delivery import LONGEST_RUN, Attempt, Delivery, Progress
from domain.fates import Fate, MailEvent, Returned
from domain.identifiers import InvoiceId, ReminderId, credit_note_id
from domain.mail_events import record_mail_event
from domain.reminders import Dropped, Reminder
from tests.builders import (
    ADA,
    BOB,
    MAILED_AT,
    a_client,
    an_invoice_id,
    an_issued_invoice,
    some_client_details,
)
from tests.fakes import InMemoryClients, InMemoryDeliveries, InMemoryReminders, Store

INVOICE = an_invoice_id()
ADDRESS = "billing@acme.example"
LATER = MAILED_AT + LONGEST_RUN
PENDING = Delivery(invoice_id=INVOICE, account_id=ADA, version=1)
SENDING = PENDING.start(ADDRESS, MAILED_AT)
UNKNOWN = SENDING.unknown(LATER)
SENT = SENDING.sent("message-1")
REMINDER = Reminder.of(replace(an_issued_invoice(), reminder_days=(7,)), 1, MAILED_AT)
BEGUN = REMINDER.moved(lambda mail: mail.start(ADDRESS, MAILED_AT))


def an_event(fate: Fate, *, after: int = 1, **changes: Any) -> MailEvent:
    """Told so many seconds after the mail was begun."""
    event = MailEvent(
        fate=fate,
        account_id=ADA,
        invoice_id=INVOICE,
        message_id="message-1",
        recipient=ADDRESS,
        at=MAILED_AT + dt.timedelta(seconds=after),
        delivery_id=INVOICE,
        reason="" if fate in {Fate.SENT, Fate.DELIVERED} else "550 user unknown",
        for_good=fate in {Fate.BOUNCED, Fate.COMPLAINED},
    )
    return replace(event, **changes)


SENT_OFF = an_event(Fate.SENT)
DELIVERED = an_event(Fate.DELIVERED, after=2)
BOUNCED = an_event(Fate.BOUNCED, after=3)
MACHINE = an_event(Fate.BOUNCED, after=3, for_good=False, reason="Transient, General")
COMPLAINED = an_event(Fate.COMPLAINED, after=4)


class Desk:
    """A delivery and its client, and what is recorded of them."""

    def __init__(
        self,
        delivery: Delivery | None = SENT,
        client: Client | None = None,
        reminder: Reminder | None = None,
    ) -> None:
        self.store = Store()
        self.deliveries = InMemoryDeliveries(self.store)
        self.clients = InMemoryClients(self.store)
        self.reminders = InMemoryReminders(self.store)
        self.store.add(client or a_client())
        if delivery:
            self.store.add(delivery)
        if reminder:
            self.store.add(reminder)

    def record(self, *events: MailEvent) -> list[bool]:
        return [
            record_mail_event(
                event, deliveries=self.deliveries, reminders=self.reminders, clients=self.clients
            )
            for event in events
        ]

    @property
    def delivery(self) -> Delivery:
        return self.deliveries.get(account_id=ADA, invoice_id=INVOICE)

    @property
    def client(self) -> Client:
        return self.clients.get(account_id=ADA, client_id=a_client().id)

    @property
    def reminder(self) -> Reminder:
        return self.reminders.get(account_id=ADA, reminder_id=REMINDER.id)


def of_the_reminder(event: MailEvent) -> MailEvent:
    return replace(event, delivery_id=None, reminder_id=REMINDER.id)


def ended(events: Sequence[MailEvent], delivery: Delivery = SENT) -> Attempt:
    desk = Desk(delivery)
    desk.record(*events)
    return desk.delivery.current


@pytest.mark.parametrize(
    ("events", "progress"),
    [
        ([SENT_OFF], Progress.SENT),
        ([SENT_OFF, DELIVERED], Progress.SENT),
        ([SENT_OFF, BOUNCED], Progress.BOUNCED),
        ([SENT_OFF, DELIVERED, BOUNCED], Progress.BOUNCED),
        ([SENT_OFF, MACHINE], Progress.BOUNCED),
        ([SENT_OFF, DELIVERED, MACHINE], Progress.SENT),
        ([SENT_OFF, DELIVERED, COMPLAINED], Progress.COMPLAINED),
        ([DELIVERED, BOUNCED, COMPLAINED], Progress.COMPLAINED),
    ],
)
@pytest.mark.parametrize("delivery", [SENDING, UNKNOWN, SENT])
def test_events_end_a_mail_the_same_way_in_any_order_and_however_often(
    events: list[MailEvent], progress: Progress, delivery: Delivery
) -> None:
    """Also before it is noted as sent, and where nobody knew of that."""
    ends = {ended(order + order[:1], delivery) for each in permutations(events) for order in [list(each)]}

    [end] = ends
    assert (end.progress, end.message_id) == (progress, "message-1")


def test_what_becomes_of_the_mail_of_a_credit_note_stands_there_and_not_on_its_invoice() -> None:
    note = credit_note_id(INVOICE, "1" * 16)
    desk = Desk(replace(SENT, invoice_id=note))

    assert desk.record(replace(BOUNCED, delivery_id=note)) == [True]

    assert desk.deliveries.get(account_id=ADA, invoice_id=note).progress is Progress.BOUNCED
    assert desk.delivery.version == 0
    assert desk.client.undeliverable == BOUNCED.returned


def test_what_came_back_says_from_where_when_and_why() -> None:
    desk = Desk()

    assert desk.record(BOUNCED) == [True]

    returned = Returned(fate=Fate.BOUNCED, recipient=ADDRESS, reason="550 user unknown", at=BOUNCED.at)
    assert desk.delivery.returned == returned
    assert desk.client.undeliverable == returned


def test_an_event_that_comes_twice_is_stored_once() -> None:
    desk = Desk()

    desk.record(BOUNCED, BOUNCED, SENT_OFF)

    assert (desk.delivery.version, desk.client.version) == (SENT.version + 1, a_client().version + 1)


def test_what_is_known_of_a_mail_before_its_run_notes_it_as_sent_stays() -> None:
    desk = Desk(SENDING)

    desk.record(BOUNCED)

    assert desk.delivery.sent("message-1").progress is Progress.BOUNCED
    assert desk.delivery.start(ADDRESS, LATER).progress is Progress.BOUNCED
    assert desk.delivery.unknown(LATER).progress is Progress.BOUNCED
    assert desk.delivery.refused().progress is Progress.BOUNCED


def test_of_two_deliveries_the_first_counts() -> None:
    later = replace(DELIVERED, at=DELIVERED.at + dt.timedelta(hours=1))

    assert {ended([DELIVERED, later]).delivered_at, ended([later, DELIVERED]).delivered_at} == {DELIVERED.at}


@pytest.mark.parametrize(
    "event",
    [
        replace(BOUNCED, invoice_id=an_invoice_id(due_on=dt.date(2030, 1, 31)), account_id=BOB),
        replace(BOUNCED, invoice_id=InvoiceId("inv_nothing")),
    ],
)
def test_a_mail_that_nobody_knows_changes_nothing(event: MailEvent) -> None:
    desk = Desk()

    assert desk.record(replace(event, delivery_id=event.invoice_id)) == [False]

    assert (desk.delivery, desk.client) == (SENT, a_client())


def test_a_delivery_that_was_never_begun_is_not_made_up() -> None:
    desk = Desk(delivery=None)

    desk.record(SENT_OFF)

    assert len(desk.deliveries) == 0


def test_a_late_event_is_told_to_the_mail_that_it_is_about() -> None:
    desk = Desk(SENT.again("new@acme.example", LATER).start("", LATER).sent("message-2"))

    desk.record(BOUNCED)

    [first] = desk.delivery.earlier
    assert (first.number, first.progress, desk.delivery.progress) == (1, Progress.BOUNCED, Progress.SENT)
    assert desk.delivery.message_id == "message-2"


def test_an_event_of_an_attempt_that_nobody_knows_changes_no_delivery() -> None:
    desk = Desk()

    desk.record(replace(BOUNCED, attempt=7))

    assert desk.delivery == SENT


@pytest.mark.parametrize(
    "reminder",
    [
        BEGUN,
        BEGUN.moved(lambda mail: mail.unknown(LATER)),
        BEGUN.moved(lambda mail: mail.sent("message-1")),
    ],
    ids=["sending", "unknown", "sent"],
)
def test_a_reminder_that_bounces_shows_on_it_and_on_the_client(reminder: Reminder) -> None:
    desk = Desk(reminder=reminder)

    assert desk.record(*map(of_the_reminder, (DELIVERED, BOUNCED))) == [True, True]

    mail = desk.reminder.mail
    assert (mail.progress, mail.returned) == (Progress.BOUNCED, BOUNCED.returned)
    assert (mail.delivered_at, mail.message_id) == (DELIVERED.at, "message-1")
    assert desk.client.undeliverable == BOUNCED.returned
    assert desk.delivery == SENT


def test_a_reminder_of_which_nobody_knew_is_told_to_be_out() -> None:
    desk = Desk(reminder=BEGUN.moved(lambda mail: mail.unknown(LATER)))

    desk.record(of_the_reminder(SENT_OFF))

    assert desk.reminder.mail.progress is Progress.SENT


@pytest.mark.parametrize("reminder", [REMINDER, REMINDER.drop(Dropped.PAID)], ids=["pending", "dropped"])
def test_a_reminder_that_was_never_mailed_stays_as_it_is(reminder: Reminder) -> None:
    desk = Desk(reminder=reminder)

    desk.record(of_the_reminder(BOUNCED))

    assert desk.reminder == reminder


@pytest.mark.parametrize("unknown", [REMINDER.id, ReminderId("rem_nothing")])
def test_a_reminder_that_nobody_knows_changes_nothing(unknown: ReminderId) -> None:
    desk = Desk()

    assert desk.record(replace(BOUNCED, delivery_id=None, reminder_id=unknown)) == [False]

    assert (desk.delivery, desk.client) == (SENT, a_client())


def test_a_reminder_that_was_mailed_before_its_events_named_it_shows_on_the_client() -> None:
    desk = Desk(reminder=BEGUN)

    desk.record(replace(BOUNCED, delivery_id=None))

    assert desk.reminder == BEGUN
    assert desk.client.undeliverable is not None


@pytest.mark.parametrize("event", [MACHINE, SENT_OFF, DELIVERED])
def test_an_address_is_not_given_up_for_a_full_mailbox(event: MailEvent) -> None:
    desk = Desk()

    desk.record(event)

    assert desk.client.undeliverable is None


def test_an_address_that_the_client_has_no_more_is_of_no_concern() -> None:
    desk = Desk(client=a_client(email="new@acme.example"))

    desk.record(BOUNCED)

    assert desk.client.undeliverable is None
    assert desk.delivery.progress is Progress.BOUNCED


def test_capitals_make_no_other_address() -> None:
    desk = Desk(client=a_client(email="Billing@ACME.example"))

    desk.record(BOUNCED)

    assert desk.client.undeliverable is not None


def test_an_address_bounces_until_it_is_changed() -> None:
    desk = Desk()
    desk.record(BOUNCED)

    renamed = desk.client.changed(some_client_details(name="Acme AG"))
    moved = desk.client.changed(some_client_details(email="new@acme.example"))

    assert renamed.undeliverable == desk.client.undeliverable
    assert moved.undeliverable is None


def test_a_later_mail_that_arrives_shows_that_an_address_works_again() -> None:
    desk = Desk()

    desk.record(BOUNCED, DELIVERED)
    still = desk.client.undeliverable
    desk.record(replace(DELIVERED, at=BOUNCED.at + dt.timedelta(days=30)))

    assert still is not None
    assert desk.client.undeliverable is None


def test_a_client_that_complained_is_not_taken_for_reached() -> None:
    desk = Desk()

    desk.record(COMPLAINED, replace(DELIVERED, at=COMPLAINED.at + dt.timedelta(days=30)), BOUNCED)

    assert desk.client.undeliverable == COMPLAINED.returned


def test_a_bounce_that_is_told_after_a_later_mail_arrived_does_not_stay() -> None:
    desk = Desk()

    desk.record(replace(DELIVERED, at=BOUNCED.at + dt.timedelta(days=1)), BOUNCED)

    assert desk.client.undeliverable is None
    assert desk.client.changed(some_client_details(email="new@acme.example")).delivered_at is None


def test_of_mails_that_arrived_the_latest_counts_and_not_the_one_that_was_told_last() -> None:
    desk = Desk()

    desk.record(replace(DELIVERED, at=BOUNCED.at + dt.timedelta(days=1)), DELIVERED, BOUNCED)

    assert desk.client.undeliverable is None


TOLD = st.builds(
    an_event,
    st.sampled_from([Fate.DELIVERED, Fate.BOUNCED, Fate.COMPLAINED]),
    after=st.integers(1, 5),
    for_good=st.sampled_from([True, True, False]),
)


def what_is_true(events: Sequence[MailEvent]) -> Returned | None:
    """A complaint stands for ever, the first of them; else the last bounce, unless a later mail arrived."""
    returned = sorted((each for each in events if each.for_good), key=lambda each: each.at)
    complaints = [each.returned for each in returned if each.fate is Fate.COMPLAINED]
    bounces = [each.returned for each in returned if each.fate is Fate.BOUNCED]
    arrived = max((each.at for each in events if each.fate is Fate.DELIVERED), default=None)
    if complaints:
        return complaints[0]
    return bounces[-1] if bounces and not (arrived and arrived > bounces[-1].at) else None


@settings(max_examples=50, deadline=None)
@given(events=st.lists(TOLD, max_size=4))
def test_in_whatever_order_it_is_told_a_client_shows_the_same(events: list[MailEvent]) -> None:
    for order in permutations(events):
        client = a_client()
        for event in (*order, *order[:1]):
            client = client.told(event)

        assert client.undeliverable == what_is_true(events)
