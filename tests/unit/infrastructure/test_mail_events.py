"""What SES tells of our mails, in AWS's own words, and what we understand of it."""

import datetime as dt
import json
from typing import Any

import pytest

from domain.errors import WillNeverWorkError
from domain.fates import Fate, MailEvent
from domain.identifiers import credit_note_id, reminder_id
from domain.mailing import credit_note_mail, reminder_mail
from infrastructure.mail.events import UnreadableMailEventError, read, tags_of
from tests.aws_events import payload
from tests.builders import ADA, an_invoice_id, an_issued_invoice
from tests.mails import a_mail

MESSAGE = "0102019a-7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"


def told(name: str, **changes: Any) -> MailEvent | None:
    return read(json.dumps(payload(f"ses/{name}") | changes))


def an_event(fate: Fate, at: str, **changes: Any) -> MailEvent:
    return MailEvent(
        fate=fate,
        account_id=ADA,
        invoice_id=an_invoice_id(),
        message_id=MESSAGE,
        recipient="billing@acme.example",
        at=dt.datetime.fromisoformat(at),
        delivery_id=an_invoice_id(),
        attempt=1,
        **changes,
    )


def test_what_ses_tells_is_understood() -> None:
    events = [told(name) for name in ("send", "delivery", "bounce", "complaint", "reject")]

    unknown = "Permanent, General: smtp; 550 5.1.1 user unknown"
    assert events == [
        an_event(Fate.SENT, "2026-10-31T08:00:02.012Z"),
        an_event(Fate.DELIVERED, "2026-10-31T08:00:04.012Z"),
        an_event(Fate.BOUNCED, "2026-10-31T08:00:05.669Z", reason=unknown, for_good=True),
        an_event(Fate.COMPLAINED, "2026-11-01T09:00:00.669Z", reason="abuse", for_good=True),
        an_event(Fate.BOUNCED, "2026-10-31T08:00:02.012Z", reason="Bad content"),
    ]


def test_a_full_mailbox_is_not_for_good() -> None:
    bounce = payload("ses/bounce")["bounce"] | {"bounceType": "Transient", "bounceSubType": "MailboxFull"}

    event = told("bounce", bounce=bounce)

    assert event is not None
    assert (event.fate, event.for_good) == (Fate.BOUNCED, False)
    assert event.reason.startswith("Transient, MailboxFull")


def test_a_suppressed_address_has_no_words_of_a_server() -> None:
    bounce = payload("ses/bounce")["bounce"] | {
        "bounceSubType": "OnAccountSuppressionList",
        "bouncedRecipients": [{"emailAddress": "billing@acme.example"}],
    }

    event = told("bounce", bounce=bounce)

    assert event is not None
    assert event.reason == "Permanent, OnAccountSuppressionList"


def test_the_words_of_a_strange_server_are_one_short_line() -> None:
    [recipient] = payload("ses/bounce")["bounce"]["bouncedRecipients"]
    wild = recipient | {"diagnosticCode": "smtp; 550\r\n\x1b[31m \u202e" + "x" * 5000}

    event = told("bounce", bounce=payload("ses/bounce")["bounce"] | {"bouncedRecipients": [wild]})

    assert event is not None
    assert event.reason.startswith("Permanent, General: smtp; 550 [31m xxx")
    assert len(event.reason) == 300


@pytest.mark.parametrize("kind", ["Open", "Click", "DeliveryDelay", "Rendering Failure", "Subscription"])
def test_what_is_of_no_concern_is_passed_over(kind: str) -> None:
    assert told("send", eventType=kind) is None


def test_a_mail_that_is_not_ours_is_passed_over() -> None:
    mail = payload("ses/bounce")["mail"]

    assert told("bounce", mail=mail | {"tags": {"ses:operation": ["SendRawEmail"]}}) is None
    assert told("bounce", mail={name: mail[name] for name in mail if name != "tags"}) is None


def test_what_ses_says_when_it_is_given_a_topic_is_passed_over() -> None:
    assert read("Successfully validated SNS topic for Amazon SES event publishing.") is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        "no JSON",
        "[" * 100_000,
        '{"eventType": "Send"}',
        '{"eventType": "Send", "mail": {"tags": {"invoice": []}}}',
        '{"eventType": "Send", "mail": {"tags": {"invoice": ["inv_1"]}}}',
    ],
)
def test_what_nobody_understands_is_kept_for_a_person(body: str) -> None:
    with pytest.raises(UnreadableMailEventError) as caught:
        read(body)

    assert isinstance(caught.value, WillNeverWorkError)


@pytest.mark.parametrize("value", [7, 1e400, True, {"a": 1}, ["a"], "a\ud800", "a\x00", "a" * 999])
def test_what_could_not_be_stored_and_read_again_is_kept_for_a_person(value: object) -> None:
    mail = payload("ses/bounce")["mail"]
    spoiled = [{"messageId": value}, {"destination": [value]}]
    spoiled += [{"tags": mail["tags"] | {name: [value]}} for name in ("account", "invoice", "delivery")]

    for each in spoiled:
        with pytest.raises(UnreadableMailEventError):
            told("bounce", mail=mail | each)


def test_an_attempt_without_end_is_kept_for_a_person() -> None:
    mail = payload("ses/bounce")["mail"]

    with pytest.raises(UnreadableMailEventError):
        told("bounce", mail=mail | {"tags": mail["tags"] | {"attempt": [float("inf")]}})


def test_the_mail_of_a_credit_note_is_found_by_its_own_id() -> None:
    note = credit_note_id(an_invoice_id(), "1" * 16)
    mail = credit_note_mail(
        an_issued_invoice(),
        recipient="a@b.example",
        number="CN-1",
        issued_on=dt.date(2026, 11, 10),
        credited=1,
        attachments=(),
        delivery_id=note,
        attempt=2,
    )
    bounce = payload("ses/bounce")
    bounce["mail"]["tags"] |= {name: [value] for name, value in tags_of(mail).items()}

    event = read(json.dumps(bounce))

    assert event is not None
    assert (event.invoice_id, event.delivery_id, event.attempt) == (an_invoice_id(), note, 2)


def test_what_becomes_of_a_reminder_says_of_which() -> None:
    asked = reminder_id(an_invoice_id(), 2)
    mail = reminder_mail(
        an_issued_invoice(), recipient="a@b.example", outstanding=1, attachments=(), reminder_id=asked
    )
    bounce = payload("ses/bounce")
    bounce["mail"]["tags"] = {name: [value] for name, value in tags_of(mail).items()}

    event = read(json.dumps(bounce))

    assert event is not None
    assert (event.invoice_id, event.delivery_id, event.reminder_id) == (an_invoice_id(), None, asked)


def test_an_instant_without_its_offset_is_none() -> None:
    mail = payload("ses/send")["mail"] | {"timestamp": "2026-10-31T12:00:00"}

    with pytest.raises(UnreadableMailEventError):
        told("send", mail=mail)


def test_a_mail_carries_what_its_events_are_found_by() -> None:
    invoice = an_issued_invoice()
    asked = reminder_id(invoice.id, 2)
    reminder = reminder_mail(
        invoice, recipient="a@b.example", outstanding=1, attachments=(), reminder_id=asked
    )

    assert tags_of(a_mail(invoice)) == {
        "account": ADA,
        "invoice": invoice.id,
        "delivery": invoice.id,
        "attempt": "1",
    }
    assert tags_of(reminder) == {"account": ADA, "invoice": invoice.id, "reminder": asked}
