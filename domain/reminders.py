"""Reminders of invoices that are not paid in time, by the account's own days, each of them once.

tick ──▶ recorded, and the invoice moved on to its next one: both or nothing ──▶ pending
pending ──mail──▶ sending ──▶ sent · unknown     just as the invoice itself went
sending · unknown ──the mail service tells of it──▶ sent · bounced · complained
pending ──look again: paid, void, no way there, a later one is due──▶ dropped, which says why
"""

import datetime as dt
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.archiving import Archive, fetched
from domain.clients import Client, Clients
from domain.delivery import (
    Deliveries,
    Delivery,
    DeliveryUnderWayError,
    DeliveryUnknownError,
    Progress,
)
from domain.fates import MailEvent
from domain.identifiers import AccountId, ClientId, InvoiceId, ReminderId, reminder_id
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.mailing import Attachment, MailRefusedError, Postman, reminder_mail

MOST_ROUNDS = 6


class Dropped(StrEnum):
    """Why a reminder was not sent."""

    PAID = "paid"
    NOT_VALID = "not_valid"
    NOT_DELIVERED = "not_delivered"
    UNDELIVERABLE = "undeliverable"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The reminder number `step` of an invoice, from 1, `days` after the day of payment.

    `mail` is how far it is on its way, as a delivery is; where it was `dropped`, it was never begun.
    """

    id: ReminderId
    account_id: AccountId
    client_id: ClientId
    invoice_id: InvoiceId
    step: int
    days: int
    recorded_at: dt.datetime
    mail: Delivery
    dropped: Dropped | None = None
    version: int = 1

    @classmethod
    def of(cls, invoice: Invoice, step: int, now: dt.datetime) -> "Reminder":
        """What is recorded when it is due."""
        return cls(
            id=reminder_id(invoice.id, step),
            account_id=invoice.account_id,
            client_id=invoice.client_id,
            invoice_id=invoice.id,
            step=step,
            days=invoice.reminder_days[step - 1],
            recorded_at=now,
            mail=Delivery(invoice_id=invoice.id, account_id=invoice.account_id),
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be done."""
        return self.dropped is not None or self.mail.is_out

    def drop(self, why: Dropped) -> "Reminder":
        """Not to be sent; a mail that was begun stays what it is, and so does the first reason."""
        if self.dropped or self.mail.progress is not Progress.PENDING:
            return self
        return replace(self, dropped=why)

    def moved(self, change: Callable[[Delivery], Delivery]) -> "Reminder":
        """The reminder with its mail further on its way; one that was dropped meanwhile has none."""
        return self if self.dropped else replace(self, mail=change(self.mail))

    def told(self, event: MailEvent) -> "Reminder":
        """The same once *event* is known of its mail; one that was never begun has none."""
        if self.mail.started_at is None:
            return self
        return replace(self, mail=self.mail.having(event.attempt, lambda each: each.told(event)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReminder:
    """An invoice that a reminder is due for."""

    account_id: AccountId
    invoice_id: InvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """What one tick recorded, and which invoices it failed on."""

    reminders: tuple[ReminderId, ...] = ()
    failed: tuple[tuple[DueReminder, Exception], ...] = ()

    def __add__(self, other: "Reminded") -> "Reminded":
        return Reminded(reminders=self.reminders + other.reminders, failed=self.failed + other.failed)


class DueReminders(Protocol):
    """Finds the invoices whose next reminder is due."""

    def due(self, *, until: dt.datetime) -> Iterator[DueReminder]:
        """Each with `remind_at` ≤ *until*; may be a moment behind, so read it before acting."""
        ...


class Reminders(Protocol):
    """The reminders of each invoice."""

    def get(self, *, account_id: AccountId, reminder_id: ReminderId) -> Reminder:
        """Raise `NotFoundError` where there is none."""
        ...

    def of(self, *, invoice: Invoice) -> Many[Reminder]:
        """All of the invoice's, in their order."""
        ...

    def record(self, *, reminder: Reminder, invoice: Invoice, reminded: Invoice) -> None:
        """Put the reminder and move the invoice on to its next one: both or nothing.

        Raises:
            InvoiceMovedError: the reminder is there already, or the invoice is not as it was read.
        """
        ...

    def update(
        self, *, account_id: AccountId, reminder_id: ReminderId, change: Callable[[Reminder], Reminder]
    ) -> Reminder:
        """Store what *change* makes of the reminder, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        """
        ...


def remind_clients(
    until: dt.datetime,
    *,
    due_reminders: DueReminders,
    invoices: Invoices,
    reminders: Reminders,
    account_id: AccountId | None = None,
) -> Reminded:
    """Record the reminder of every invoice for which one is due by *until*, the tick's own instant.

    With *account_id*, only of this account's. Where several became due since the last tick, be it down for
    weeks, a client gets the last of them only. What it fails on is told and still due: another tick tries
    again.
    """
    done = Reminded()
    for found in due_reminders.due(until=until):
        if account_id not in {None, found.account_id}:
            continue
        try:
            done += _remind(found, until, invoices, reminders)
        except Exception as error:  # noqa: BLE001 - told; one invoice must not hold up the others
            done += Reminded(failed=((found, error),))
    return done


def send_reminder(
    reminder_id: ReminderId,
    *,
    account_id: AccountId,
    reminders: Reminders,
    invoices: Invoices,
    deliveries: Deliveries,
    clients: Clients,
    archive: Archive,
    postman: Postman,
    now: dt.datetime,
) -> Reminder:
    """Look once more whether the invoice is to be reminded of, and mail it once, however often this comes.

    It goes to where the client's mail goes now, with the document that the invoice came with.

    Raises:
        MailRefusedError: the mail was not accepted; try again later.
        DeliveryUnderWayError: another run may still be mailing it; try again later.
        DeliveryUnknownError: an earlier attempt may or may not have been mailed.
    """
    reminder = reminders.get(account_id=account_id, reminder_id=reminder_id)
    if reminder.is_settled:
        return reminder
    invoice = invoices.get(account_id=account_id, invoice_id=reminder.invoice_id)
    delivery = deliveries.get(account_id=account_id, invoice_id=reminder.invoice_id)
    client = clients.get(account_id=account_id, client_id=reminder.client_id)

    def update(change: Callable[[Reminder], Reminder]) -> Reminder:
        return reminders.update(account_id=account_id, reminder_id=reminder_id, change=change)

    if reminder.mail.progress is Progress.PENDING and (why := _why_not(reminder, invoice, delivery, client)):
        return _dropped(update(lambda current: current.drop(why)))
    attached = _attached(invoice, delivery, archive)
    return _mail(invoice, client, attached, update=update, postman=postman, now=now)


def _dropped(reminder: Reminder) -> Reminder:
    if not reminder.is_settled:
        raise DeliveryUnderWayError(
            f"another run has begun to mail {reminder.id}; how that ends is known later"
        )
    return reminder


def _remind(found: DueReminder, until: dt.datetime, invoices: Invoices, reminders: Reminders) -> Reminded:
    for _ in range(MOST_ROUNDS):
        invoice = invoices.get(account_id=found.account_id, invoice_id=found.invoice_id)
        if (step := invoice.reminder_due(until)) is None:
            return Reminded()
        reminder = Reminder.of(invoice, step, until)
        try:
            reminders.record(reminder=reminder, invoice=invoice, reminded=invoice.reminded(step))
        except InvoiceMovedError:
            continue
        return Reminded(reminders=(reminder.id,))
    raise InvoiceMovedError(f"{found.invoice_id} was changed by others {MOST_ROUNDS} times running")


def _why_not(reminder: Reminder, invoice: Invoice, delivery: Delivery, client: Client) -> Dropped | None:
    if invoice.state is not State.ISSUED:
        return Dropped.NOT_VALID
    if invoice.outstanding <= 0:
        return Dropped.PAID
    if client.undeliverable:
        return Dropped.UNDELIVERABLE
    if reminder.step < invoice.reminders:
        return Dropped.OVERTAKEN
    # One that came back reached somebody by another way, or the address is another one by now.
    return None if delivery.is_out and delivery.document else Dropped.NOT_DELIVERED


def _mail(
    invoice: Invoice,
    client: Client,
    attached: tuple[Attachment, ...],
    *,
    update: Callable[[Callable[[Reminder], Reminder]], Reminder],
    postman: Postman,
    now: dt.datetime,
) -> Reminder:
    try:
        begun = update(lambda current: current.moved(lambda mail: mail.start(client.email, now)))
    except DeliveryUnknownError:
        update(lambda current: current.moved(lambda mail: mail.unknown(now)))
        raise
    if begun.mail.progress is not Progress.SENDING:
        return begun
    mail = reminder_mail(
        invoice,
        recipient=client.email,
        outstanding=invoice.outstanding,
        attachments=attached,
        reminder_id=begun.id,
    )
    try:
        message_id = postman.send(mail=mail)
    except MailRefusedError:
        update(lambda current: current.moved(Delivery.refused))
        raise
    return update(lambda current: current.moved(lambda each: each.sent(message_id)))


def _attached(invoice: Invoice, delivery: Delivery, archive: Archive) -> tuple[Attachment, ...]:
    if delivery.document is None:
        return ()
    content = fetched(delivery.document, archive=archive)
    return (Attachment(number=invoice.number or invoice.id, content=content),)
