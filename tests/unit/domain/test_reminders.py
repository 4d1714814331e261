import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest

from domain.archiving import Document, Documents
from domain.delivery import LONGEST_RUN, Delivery, DeliveryUnderWayError, DeliveryUnknownError, Progress
from domain.errors import NotFoundError, TryAgainLaterError
from domain.fates import Fate, Returned
from domain.identifiers import InvoiceId, ReminderId, reminder_id
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.mailing import Letter, MailRefusedError
from domain.reminders import MOST_ROUNDS, Dropped, DueReminder, Reminder, send_reminder
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id, an_issued_invoice
from tests.fakes import InMemoryArchive, Moment, RecordingPostman, Step, Store
from tests.invariants import check_history
from tests.turns import Crash, once
from tests.world import World, in_memory

DUE = dt.date(2026, 10, 31)
INVOICE = an_invoice_id()
A_WEEK_LATE, TWO_LATER, THREE_WEEKS_LATE = dt.date(2026, 11, 21), dt.date(2026, 11, 23), dt.date(2026, 12, 5)
FIRST, SECOND = reminder_id(INVOICE, 1), reminder_id(INVOICE, 2)
KEY = "invoice.pdf"
DOCUMENTS = Documents(pdf=Document(key=KEY, sha256=sha256(b"%PDF").hexdigest()))


@dataclass(slots=True)
class Desk:
    """An invoice of 100.00, due on 14 November and mailed, whose reminders come 7 and 21 days late."""

    store: Store = field(default_factory=Store)
    world: World = field(init=False)
    archive: InMemoryArchive = field(init=False)
    postman: RecordingPostman = field(init=False)
    now: dt.datetime = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)

    def __post_init__(self) -> None:
        self.archive, self.postman = InMemoryArchive(self.store), RecordingPostman(self.store)
        account = an_account(reminder_days=(7, 21))
        self.world = in_memory(self.store).having(account, a_client(), a_work_entry())
        self.world.tick(DUE)
        self.world.issue(INVOICE, client=a_client(), day=DUE)
        self.archive.put(key=KEY, content=b"%PDF")
        self.deliver(lambda mail: mail.documented(DOCUMENTS).start("x@y.de", self.now))
        self.deliver(lambda mail: mail.sent("message-0"))

    def deliver(self, change: Callable[[Delivery], Delivery]) -> None:
        self.world.deliveries.update(account_id=ADA, invoice_id=INVOICE, change=change)

    def send(self, reminder: ReminderId = FIRST) -> Reminder:
        return send_reminder(
            reminder,
            account_id=ADA,
            reminders=self.world.reminders,
            invoices=self.world.invoices,
            deliveries=self.world.deliveries,
            clients=self.world.clients,
            archive=self.archive,
            postman=self.postman,
            now=self.now,
        )

    @property
    def invoice(self) -> Invoice:
        return self.world.invoices.get(account_id=ADA, invoice_id=INVOICE)

    def change(self, **changes: object) -> None:
        self.store.change(replace(self.invoice, **changes), read=self.invoice)  # type: ignore[arg-type] # any field


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_reminder_is_recorded_so_many_days_after_the_day_of_payment_at_eight(desk: Desk) -> None:
    assert desk.invoice.remind_at == dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)  # 08:00 in Berlin
    assert desk.world.remind(dt.date(2026, 11, 20)).reminders == ()

    assert desk.world.remind(A_WEEK_LATE).reminders == (FIRST,)

    reminder = desk.world.reminders.get(account_id=ADA, reminder_id=FIRST)
    assert (reminder.step, reminder.days, reminder.mail.progress) == (1, 7, Progress.PENDING)
    assert desk.invoice.remind_at == dt.datetime(2026, 12, 5, 7, tzinfo=dt.UTC)


def test_each_reminder_is_recorded_once_and_after_the_last_there_is_none(desk: Desk) -> None:
    ticks = [A_WEEK_LATE, A_WEEK_LATE, TWO_LATER, THREE_WEEKS_LATE, THREE_WEEKS_LATE, dt.date(2027, 6, 1)]

    recorded = [desk.world.remind(day).reminders for day in ticks]

    assert recorded == [(FIRST,), (), (), (SECOND,), (), ()]
    assert desk.invoice.remind_at is None


def test_of_several_that_became_due_during_an_outage_the_last_is_recorded(desk: Desk) -> None:
    assert desk.world.remind(dt.date(2027, 1, 1)).reminders == (SECOND,)
    assert desk.world.remind(dt.date(2027, 1, 1)).reminders == ()


def test_nobody_is_reminded_unless_the_account_asked_for_it() -> None:
    assert an_issued_invoice().remind_at is None


def test_what_the_account_says_later_holds_for_later_invoices(desk: Desk) -> None:
    account = desk.world.accounts.get(account_id=ADA)
    desk.world.accounts.update(account_id=ADA, change=lambda _: replace(account, reminder_days=()))

    assert desk.world.remind(A_WEEK_LATE).reminders == (FIRST,)


@pytest.mark.parametrize("amount", [10_000, 12_000])
def test_what_is_paid_is_not_due(desk: Desk, amount: int) -> None:
    desk.world.pay(desk.invoice, day=DUE, amount=amount)

    assert (desk.invoice.remind_at, desk.world.remind(A_WEEK_LATE).reminders) == (None, ())


def test_a_part_that_is_paid_lets_the_rest_be_asked_for(desk: Desk) -> None:
    desk.world.pay(desk.invoice, day=DUE, amount=9_999)

    assert desk.world.remind(A_WEEK_LATE).reminders == (FIRST,)


def test_a_payment_that_is_taken_back_is_asked_for_again(desk: Desk) -> None:
    payment, _ = desk.world.pay(desk.invoice, day=DUE)
    desk.world.take_back(payment, day=TWO_LATER)

    assert desk.world.remind(TWO_LATER).reminders == (FIRST,)


def test_what_is_not_valid_any_more_is_not_due(desk: Desk) -> None:
    desk.change(state=State.EMPTY)

    assert desk.world.remind(A_WEEK_LATE).reminders == ()


def test_one_that_fails_holds_up_no_other_and_is_due_still(desk: Desk) -> None:
    error = TryAgainLaterError("throttled")

    def fail() -> None:
        raise error

    once(desk.store, Step("reminders.record", Moment.BEFORE, commits=True), fail)

    assert desk.world.remind(A_WEEK_LATE).failed == (
        (DueReminder(account_id=ADA, invoice_id=INVOICE), error),
    )
    assert desk.world.remind(A_WEEK_LATE).reminders == (FIRST,)


def test_a_payment_that_comes_in_between_is_seen(desk: Desk) -> None:
    pay = lambda: desk.world.pay(desk.invoice, day=DUE)  # noqa: E731 - one line
    once(desk.store, Step("reminders.record", Moment.BEFORE, commits=True), pay)

    assert desk.world.remind(A_WEEK_LATE).reminders == ()


def test_an_invoice_that_others_change_all_the_time_is_left_for_the_next_tick(desk: Desk) -> None:
    bodies = iter(range(100))

    def pay_first(step: Step) -> None:
        if step == Step("reminders.record", Moment.BEFORE, commits=True):
            desk.store.hook = lambda _: None
            desk.world.pay(desk.invoice, day=DUE, body=f"{next(bodies):016}", amount=1)
            desk.store.hook = pay_first

    desk.store.hook = pay_first
    [(_, error)] = desk.world.remind(A_WEEK_LATE).failed

    assert isinstance(error, InvoiceMovedError)
    assert desk.invoice.paid == MOST_ROUNDS


def test_a_reminder_is_mailed_with_the_invoice_s_own_document_and_what_is_left(desk: Desk) -> None:
    desk.world.pay(desk.invoice, day=DUE, amount=4_000)
    desk.world.remind(A_WEEK_LATE)

    reminder = desk.send()

    [mail] = desk.postman.mails
    assert (mail.letter, mail.amount, mail.recipient) == (Letter.REMINDER, 6_000, "billing@acme.example")
    assert [(each.number, each.content) for each in mail.attachments] == [("2026-0001", b"%PDF")]
    assert (reminder.mail.progress, reminder.mail.message_id) == (Progress.SENT, "message-1")


def test_it_goes_to_where_the_client_is_now(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    moved = lambda client: replace(client, email="new@acme.example")  # noqa: E731 - one line
    desk.world.clients.update(account_id=ADA, client_id=a_client().id, change=moved)

    desk.send()

    assert [mail.recipient for mail in desk.postman.mails] == ["new@acme.example"]


def test_however_often_it_comes_it_is_mailed_once(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)

    assert desk.send() == desk.send()
    assert len(desk.postman) == 1


def test_a_reminder_that_is_out_is_not_even_looked_at(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.send()
    desk.store.calls.clear()

    desk.send()

    assert desk.store.calls == {"reminders.get": 1}


def test_what_was_paid_meanwhile_is_not_asked_for(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.world.pay(desk.invoice, day=DUE)

    reminder = desk.send()

    assert (reminder.dropped, len(desk.postman)) == (Dropped.PAID, 0)
    assert desk.send() == reminder


def test_a_mail_that_another_run_began_meanwhile_is_waited_for_and_not_called_dropped(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.world.pay(desk.invoice, day=DUE)

    def begin() -> None:
        desk.world.reminders.update(
            account_id=ADA,
            reminder_id=FIRST,
            change=lambda reminder: reminder.moved(lambda mail: mail.start("x@y.de", desk.now)),
        )

    once(desk.store, Step("reminders.update", Moment.BEFORE, commits=True), begin)

    with pytest.raises(DeliveryUnderWayError):
        desk.send()

    reminder = desk.world.reminders.get(account_id=ADA, reminder_id=FIRST)
    assert (reminder.dropped, reminder.mail.progress) == (None, Progress.SENDING)


def test_what_another_run_dropped_meanwhile_is_not_mailed(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)

    def pay_and_drop() -> None:
        desk.change(paid=10_000)
        desk.send()

    once(desk.store, Step("archive.get", Moment.BEFORE, commits=False), pay_and_drop)

    assert desk.send().dropped is Dropped.PAID
    assert len(desk.postman) == 0


def test_a_reminder_is_dropped_for_one_reason(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    recorded = desk.world.reminders.get(account_id=ADA, reminder_id=FIRST)

    assert recorded.drop(Dropped.PAID).drop(Dropped.NOT_VALID).dropped is Dropped.PAID


def test_two_runs_at_once_mail_once(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    once(desk.store, Step("reminders.update", Moment.BEFORE, commits=True), desk.send)

    assert desk.send().mail.progress is Progress.SENT
    assert len(desk.postman) == 1


def test_what_is_not_valid_any_more_is_not_asked_for(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.change(state=State.EMPTY)

    assert (desk.send().dropped, len(desk.postman)) == (Dropped.NOT_VALID, 0)


@pytest.mark.parametrize("progress", [Progress.PENDING, Progress.SENDING, Progress.UNKNOWN])
def test_what_the_client_never_got_is_not_asked_for(desk: Desk, progress: Progress) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.deliver(lambda mail: replace(mail, progress=progress))

    assert (desk.send().dropped, len(desk.postman)) == (Dropped.NOT_DELIVERED, 0)


def test_nobody_is_reminded_where_mail_comes_back_from(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    returned = Returned(fate=Fate.BOUNCED, recipient="billing@acme.example", reason="no mailbox", at=desk.now)
    desk.world.clients.update(
        account_id=ADA, client_id=ACME, change=lambda client: replace(client, undeliverable=returned)
    )

    assert (desk.send().dropped, len(desk.postman)) == (Dropped.UNDELIVERABLE, 0)


def test_a_client_whose_address_was_put_right_is_reminded(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.deliver(lambda mail: replace(mail, progress=Progress.BOUNCED))

    assert desk.send().mail.progress is Progress.SENT


def test_of_two_that_waited_for_the_mail_only_the_last_goes_out(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.world.remind(THREE_WEEKS_LATE)

    first, second = desk.send(FIRST), desk.send(SECOND)

    assert (first.dropped, second.mail.progress) == (Dropped.OVERTAKEN, Progress.SENT)
    assert len(desk.postman) == 1


def test_a_mail_that_was_refused_is_tried_again(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.postman.fails.append(MailRefusedError("not now"))

    with pytest.raises(MailRefusedError):
        desk.send()

    assert desk.send().mail.progress is Progress.SENT
    assert len(desk.postman) == 1


def test_a_mail_that_was_refused_is_not_tried_again_once_the_invoice_is_paid(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.postman.fails.append(MailRefusedError("not now"))
    with pytest.raises(MailRefusedError):
        desk.send()
    desk.world.pay(desk.invoice, day=DUE)

    assert (desk.send().dropped, len(desk.postman)) == (Dropped.PAID, 0)


def test_a_mail_of_which_nobody_knows_waits_for_a_person(desk: Desk) -> None:
    desk.world.remind(A_WEEK_LATE)
    desk.postman.fails.append(RuntimeError("no answer"))
    with pytest.raises(RuntimeError):
        desk.send()
    desk.world.pay(desk.invoice, day=DUE)
    desk.now += LONGEST_RUN

    with pytest.raises(DeliveryUnknownError):
        desk.send()

    reminder = desk.world.reminders.get(account_id=ADA, reminder_id=FIRST)
    assert (reminder.mail.progress, reminder.dropped) == (Progress.UNKNOWN, None)


def test_a_reminder_that_is_not_there_is_not_found(desk: Desk) -> None:
    for each in (FIRST, ReminderId("rem_1"), ReminderId(f"rem_{'a' * 16}2026139901")):
        with pytest.raises(NotFoundError):
            desk.send(each)


def every_death() -> Iterator[Desk]:
    chosen, is_alive = 0, False
    while not is_alive:
        chosen += 1
        desk, steps = Desk(), list[Step]()

        def die(step: Step, steps: list[Step] = steps, chosen: int = chosen) -> None:
            steps.append(step)
            if len(steps) == chosen:
                raise Crash

        desk.store.hook = die
        with suppress(Crash, TryAgainLaterError):
            desk.world.remind(A_WEEK_LATE)
            desk.send()
        is_alive = len(steps) < chosen
        desk.store.hook = lambda _: None
        yield desk


def test_what_dies_anywhere_reminds_once_and_is_finished_or_left_to_a_person() -> None:
    deaths = 0
    for desk in every_death():
        deaths += 1
        desk.world.remind(A_WEEK_LATE)
        desk.now += LONGEST_RUN
        with suppress(DeliveryUnknownError):
            desk.send()

        reminder = desk.world.reminders.get(account_id=ADA, reminder_id=FIRST)
        assert len(desk.postman) <= 1
        assert (reminder.mail.progress is Progress.UNKNOWN) or len(desk.postman) == 1
        check_history(desk.store)
    assert deaths > 15


def test_a_reminder_has_an_invoice_of_its_own() -> None:
    delivery = Delivery(invoice_id=InvoiceId(INVOICE), account_id=ADA)
    reminder = Reminder.of(replace(an_issued_invoice(), reminder_days=(7,)), 1, dt.datetime.now(dt.UTC))

    assert (reminder.mail, reminder.is_settled) == (delivery, False)
