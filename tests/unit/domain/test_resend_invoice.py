import datetime as dt

import pytest

from domain.delivering import deliver_invoice
from domain.delivery import LONGEST_RUN, MOST_ATTEMPTS, Attempt, Delivery, Progress, TooManyAttemptsError
from domain.errors import InvalidError, NotFoundError
from domain.fates import Fate, MailEvent
from domain.identifiers import AccountId
from domain.invoices import Invoice, State
from domain.resending import (
    MailMayBeOutError,
    MailUnderWayError,
    NothingToResendError,
    resend_invoice,
)
from tests.builders import ADA, BOB, MAILED_AT, a_client, a_work_entry, an_invoice, an_issued_invoice
from tests.fakes import (
    InMemoryArchive,
    InMemoryClients,
    InMemoryDeliveries,
    InMemoryInvoices,
    Moment,
    PlainEInvoices,
    PlainRenderer,
    RecordingPostman,
    Step,
    Store,
)
from tests.turns import once

INVOICE = an_issued_invoice()
OLD, NEW = "billing@acme.example", "accounts@acme.example"
LATER = MAILED_AT + LONGEST_RUN
UNTOUCHED = Delivery(invoice_id=INVOICE.id, account_id=ADA, version=1)
SENDING = UNTOUCHED.start(OLD, MAILED_AT)
SENT = SENDING.sent("message-1")
UNKNOWN = SENDING.unknown(LATER)
MESSAGE = MailEvent(
    fate=Fate.BOUNCED,
    account_id=ADA,
    invoice_id=INVOICE.id,
    message_id="message-1",
    recipient=OLD,
    at=LATER,
    reason="550 user unknown",
    for_good=True,
)
BOUNCED = SENT.told(MESSAGE)


class Desk:
    """An issued invoice with its delivery, and who mails it."""

    def __init__(self, delivery: Delivery = SENT, invoice: Invoice = INVOICE) -> None:
        self.now = LATER
        self.store = Store()
        self.invoices = InMemoryInvoices(self.store)
        self.deliveries = InMemoryDeliveries(self.store)
        self.clients = InMemoryClients(self.store)
        self.archive = InMemoryArchive(self.store)
        self.postman = RecordingPostman(self.store)
        for entity in (invoice, delivery, a_client(), a_work_entry(invoiced_on=invoice.due_on)):
            self.store.add(entity)

    def resend(
        self,
        recipient: str | None = None,
        *,
        despite: Progress | None = None,
        account_id: AccountId = ADA,
    ) -> Delivery:
        return resend_invoice(
            INVOICE.id,
            account_id=account_id,
            recipient=recipient,
            despite=despite,
            invoices=self.invoices,
            deliveries=self.deliveries,
            clients=self.clients,
            now=self.now,
        )

    def deliver(self) -> Delivery:
        return deliver_invoice(
            INVOICE.id,
            account_id=ADA,
            invoices=self.invoices,
            deliveries=self.deliveries,
            archive=self.archive,
            renderer=PlainRenderer(),
            einvoices=PlainEInvoices(),
            postman=self.postman,
            now=self.now,
        )

    @property
    def delivery(self) -> Delivery:
        return self.deliveries.get(account_id=ADA, invoice_id=INVOICE.id)


def test_a_mail_that_bounced_goes_to_the_corrected_address_and_the_first_stays_visible() -> None:
    desk = Desk(BOUNCED)

    desk.resend(NEW)
    delivery = desk.deliver()

    [mail] = desk.postman.mails
    assert (mail.recipient, mail.attempt) == (NEW, 2)
    assert (delivery.progress, delivery.recipient, delivery.attempt) == (Progress.SENT, NEW, 2)
    assert delivery.earlier == (BOUNCED.current,)


def test_where_no_address_is_named_it_goes_to_where_the_client_is_reached_now() -> None:
    desk = Desk(BOUNCED)
    desk.clients.update(
        account_id=ADA, client_id=a_client().id, change=lambda _: a_client(email="new@acme.example")
    )

    desk.resend()

    assert desk.delivery.recipient == "new@acme.example"


@pytest.mark.parametrize("delivery", [SENT, UNKNOWN, BOUNCED, SENDING])
def test_who_may_make_it_two_is_told_and_has_to_say_that_they_know(delivery: Delivery) -> None:
    """What was being sent long ago is unknown, and what bounced would bounce again."""
    desk = Desk(delivery)
    known = delivery.unknown(LATER).progress

    with pytest.raises(MailMayBeOutError) as told:
        desk.resend(OLD)
    before = desk.delivery
    desk.resend(OLD, despite=known)
    desk.deliver()

    assert before == delivery
    assert f'despite "{known}"' in str(told.value)
    assert f"mailed on {MAILED_AT:%Y-%m-%d at %H:%M} UTC" in str(told.value)
    assert len(desk.postman) == 1
    assert [each.progress for each in desk.delivery.earlier] == [known]


def test_what_is_known_of_another_state_does_not_count() -> None:
    desk = Desk(SENT)

    with pytest.raises(MailMayBeOutError):
        desk.resend(despite=Progress.UNKNOWN)


def test_a_client_that_complained_is_mailed_only_by_who_knows_that() -> None:
    complained = SENT.told(
        MailEvent(
            fate=Fate.COMPLAINED,
            account_id=ADA,
            invoice_id=INVOICE.id,
            message_id="message-1",
            recipient=OLD,
            at=LATER,
        )
    )

    with pytest.raises(MailMayBeOutError, match="complained"):
        Desk(complained).resend(NEW)

    assert Desk(complained).resend(NEW, despite=Progress.COMPLAINED).progress is Progress.PENDING


def test_what_is_being_mailed_is_waited_for() -> None:
    desk = Desk(SENDING)
    desk.now = LATER - dt.timedelta(seconds=1)

    for despite in (None, Progress.SENDING):
        with pytest.raises(MailUnderWayError):
            desk.resend(despite=despite)

    assert desk.delivery == SENDING


def test_what_still_waits_can_be_led_to_another_address_and_is_mailed_once() -> None:
    desk = Desk(SENDING.refused())

    desk.resend(NEW)
    for _ in range(3):
        desk.deliver()

    assert [mail.recipient for mail in desk.postman.mails] == [NEW]


@pytest.mark.parametrize("state", [State.OPEN, State.SEALED, State.EMPTY])
def test_only_what_is_issued_is_mailed(state: State) -> None:
    desk = Desk(UNTOUCHED, an_invoice(state=state))

    with pytest.raises(NothingToResendError):
        desk.resend()

    assert desk.delivery == UNTOUCHED


@pytest.mark.parametrize("address", ["nobody", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"])
def test_an_impossible_address_is_refused(address: str) -> None:
    desk = Desk(BOUNCED)

    with pytest.raises(InvalidError) as told:
        desk.resend(address)

    assert [problem.pointer for problem in told.value.problems] == ["/recipient"]
    assert desk.delivery == BOUNCED


def test_an_invoice_of_another_account_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        Desk().resend(account_id=BOB)


def test_what_was_asked_for_and_is_still_to_come_is_asked_for_once() -> None:
    desk = Desk(BOUNCED)
    asked = desk.resend(NEW)

    assert desk.resend(NEW) == asked
    assert desk.resend(OLD).attempt == asked.attempt + 1


def test_what_was_refused_can_be_asked_for_again() -> None:
    desk = Desk(SENDING.refused())

    assert desk.resend(OLD).attempt == 2


def test_it_ends_somewhere() -> None:
    desk = Desk(BOUNCED)
    for number in range(MOST_ATTEMPTS - 1):
        desk.resend(f"{number}@acme.example")

    with pytest.raises(TooManyAttemptsError):
        desk.resend(NEW)

    assert desk.delivery.attempt == MOST_ATTEMPTS


def test_a_run_that_was_given_up_notes_its_mail_with_the_attempt_that_it_was() -> None:
    """It took too long, so a person had it mailed again; then it went out after all."""
    desk = Desk(UNTOUCHED)
    desk.now = MAILED_AT

    def resend_meanwhile() -> None:
        desk.now = LATER
        desk.resend(NEW, despite=Progress.UNKNOWN)

    once(desk.store, Step("postman.send", Moment.AFTER, commits=True), resend_meanwhile)
    desk.deliver()
    waiting = desk.delivery
    desk.deliver()

    assert (waiting.progress, waiting.message_id) == (Progress.PENDING, None)
    assert [(each.number, each.progress) for each in waiting.earlier] == [(1, Progress.SENT)]
    assert [mail.recipient for mail in desk.postman.mails] == [OLD, NEW]


def test_a_late_refusal_does_not_touch_the_attempt_after_it() -> None:
    again = UNKNOWN.again(NEW, LATER).start("", LATER)

    assert again.refused(1) == again
    assert again.refused(2).progress is Progress.PENDING


def test_an_attempt_that_never_began_is_none() -> None:
    assert UNTOUCHED.again(NEW, LATER).earlier == ()
    assert SENDING.again(NEW, LATER).earlier == (
        Attempt(number=1, progress=Progress.UNKNOWN, recipient=OLD, started_at=MAILED_AT),
    )
