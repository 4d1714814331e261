import datetime as dt
from dataclasses import replace

import pytest

from domain.credit_delivery import deliver_credit_note
from domain.credit_notes import CreditNote, Progress
from domain.delivery import Delivery, DeliveryUnderWayError
from domain.delivery import Progress as DeliveryProgress
from domain.documents import DocumentKind
from domain.errors import InvalidError, NotFoundError
from domain.fates import Fate, MailEvent
from domain.mail_events import record_mail_event
from domain.mailing import Letter, MailRefusedError
from domain.printing import NotIssuedError
from domain.resending import MailMayBeOutError, NothingToResendError, resend_credit_note
from tests.builders import ADA, BOB, a_client, a_work_entry, an_account
from tests.fakes import (
    InMemoryArchive,
    PlainEInvoices,
    PlainRenderer,
    RecordingPostman,
    Store,
)
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_10 = dt.date(2026, 11, 10)
NOW = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
ONE, TWO = (a_work_entry(f"{number}" * 16) for number in (1, 2))


def credited(store: Store) -> tuple[World, CreditNote]:
    """A credit note of the second of two lines."""
    world = in_memory(store).having(an_account(), a_client(), ONE, TWO)
    (invoice_id,) = world.tick(OCTOBER_31).invoices
    invoice = world.issue(invoice_id, client=a_client(), day=OCTOBER_31)
    note = world.credit(invoice, TWO.id)
    return world, world.finish(note.id, account_id=ADA, day=NOVEMBER_10)


def deliver(world: World, note: CreditNote, postman: RecordingPostman, archive: InMemoryArchive) -> Delivery:
    return deliver_credit_note(
        note.id,
        account_id=ADA,
        credit_notes=world.credit_notes,
        invoices=world.invoices,
        deliveries=world.deliveries,
        archive=archive,
        renderer=PlainRenderer(),
        einvoices=PlainEInvoices(),
        postman=postman,
        now=NOW,
    )


def test_a_credit_note_is_printed_stored_and_mailed_with_its_own_number() -> None:
    world, note = credited(Store())
    postman, archive = RecordingPostman(), InMemoryArchive()

    delivery = deliver(world, note, postman, archive)

    (mail,) = postman.mails
    assert (mail.letter, mail.number, mail.amount) == (Letter.CREDIT_NOTE, "CN-2026-0001", 100_00)
    assert [each.number for each in mail.attachments] == ["CN-2026-0001"]
    assert (delivery.progress, delivery.invoice_id) == (DeliveryProgress.SENT, note.id)
    assert f"{ADA}/credit-notes/{note.id}.pdf" in archive
    printed = archive.get(key=f"{ADA}/credit-notes/{note.id}.pdf").decode()
    assert str(DocumentKind.CREDIT_NOTE) in printed


def test_its_delivery_is_its_own() -> None:
    world, note = credited(Store())
    deliver(world, note, RecordingPostman(), InMemoryArchive())

    assert world.deliveries.get(account_id=ADA, invoice_id=note.invoice_id).version == 0


def test_what_comes_back_of_its_mail_is_seen_on_it() -> None:
    world, note = credited(Store())
    postman = RecordingPostman()
    deliver(world, note, postman, InMemoryArchive())
    (mail,) = postman.mails

    bounced = MailEvent(
        fate=Fate.BOUNCED,
        account_id=ADA,
        invoice_id=mail.invoice.id,
        message_id="message-1",
        recipient=mail.recipient,
        at=NOW,
        delivery_id=mail.delivery_id,
        attempt=mail.attempt,
        for_good=True,
    )
    record_mail_event(bounced, deliveries=world.deliveries, reminders=world.reminders, clients=world.clients)

    delivery = world.deliveries.get(account_id=ADA, invoice_id=note.id)
    assert (delivery.progress, mail.attempt) == (DeliveryProgress.BOUNCED, 1)


def test_it_is_mailed_once_however_often_its_event_arrives() -> None:
    store = Store()
    world, note = credited(store)
    postman, archive = RecordingPostman(), InMemoryArchive(store)
    deliver(world, note, postman, archive)
    store.calls.clear()

    deliver(world, note, postman, archive)

    assert len(postman.mails) == 1
    assert store.calls == {"credit_notes.get": 1, "deliveries.get": 1}


def test_a_mail_that_was_refused_goes_out_later_with_the_same_document() -> None:
    world, note = credited(Store())
    postman, archive = RecordingPostman(), InMemoryArchive()
    postman.fails = [MailRefusedError("no")]
    with pytest.raises(MailRefusedError):
        deliver(world, note, postman, archive)

    assert deliver(world, note, postman, archive).progress is DeliveryProgress.SENT


def test_a_mail_that_may_be_under_way_is_not_sent_again() -> None:
    world, note = credited(Store())
    world.deliveries.update(
        account_id=ADA, invoice_id=note.id, change=lambda delivery: delivery.start("a@b.example", NOW)
    )

    with pytest.raises(DeliveryUnderWayError):
        deliver(world, note, RecordingPostman(), InMemoryArchive())


def test_a_credit_note_that_is_not_issued_is_not_delivered() -> None:
    store = Store()
    world, note = credited(store)
    store.change(replace(note, state=Progress.SEALED), read=note)

    with pytest.raises(NotIssuedError):
        deliver(world, note, RecordingPostman(), InMemoryArchive())


def test_its_mail_bears_what_comes_back_with_its_events() -> None:
    world, note = credited(Store())
    postman, archive = RecordingPostman(), InMemoryArchive()
    deliver(world, note, postman, archive)
    resend(world, note, despite=DeliveryProgress.SENT)

    deliver(world, note, postman, archive)

    assert [(mail.delivery_id, mail.attempt) for mail in postman.mails] == [(note.id, 1), (note.id, 2)]


def test_it_is_mailed_once_more_to_who_is_named() -> None:
    world, note = credited(Store())
    postman, archive = RecordingPostman(), InMemoryArchive()
    deliver(world, note, postman, archive)

    with pytest.raises(MailMayBeOutError):
        resend(world, note, "accounts@acme.example")
    resend(world, note, "accounts@acme.example", despite=DeliveryProgress.SENT)
    delivery = deliver(world, note, postman, archive)

    assert [mail.recipient for mail in postman.mails] == ["billing@acme.example", "accounts@acme.example"]
    assert (delivery.progress, delivery.attempt) == (DeliveryProgress.SENT, 2)


def test_it_is_mailed_once_more_to_where_the_client_is_reached_now() -> None:
    world, note = credited(Store())
    moved = "new@acme.example"
    world.clients.update(
        account_id=ADA, client_id=note.client_id, change=lambda client: replace(client, email=moved)
    )

    assert resend(world, note).recipient == moved


def test_what_is_not_issued_or_not_there_is_not_mailed_once_more() -> None:
    store = Store()
    world, note = credited(store)
    store.change(replace(note, state=Progress.SEALED), read=store.get(CreditNote, ADA, note.id))

    with pytest.raises(NothingToResendError, match="sealed"):
        resend(world, note)
    with pytest.raises(NotFoundError):
        resend(world, replace(note, account_id=BOB))
    with pytest.raises(InvalidError, match="/recipient"):
        resend(credited(Store())[0], note, "nobody")


def resend(
    world: World, note: CreditNote, recipient: str | None = None, *, despite: DeliveryProgress | None = None
) -> Delivery:
    return resend_credit_note(
        note.id,
        account_id=note.account_id,
        recipient=recipient,
        despite=despite,
        credit_notes=world.credit_notes,
        deliveries=world.deliveries,
        clients=world.clients,
        now=NOW,
    )
