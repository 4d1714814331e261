"""From an unpaid invoice to a reminder in the client's mailbox, and no further once it is paid."""

import datetime as dt

import pytest

from domain.errors import TryAgainLaterError
from handlers import remind_clients
from handlers.remind_clients import RemindersIncompleteError
from infrastructure import wiring
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, add_client, log_work, open_account
from tests.pipeline.stored import mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

A_WEEK_LATE = dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)


@pytest.fixture
def invoice(clock: Clock) -> str:
    """The id of an invoice that was mailed, and is to be paid until 14 November."""
    cloud = Cloud()
    open_account(ADA, reminder_days=[7, 21])
    log_work(ADA, add_client(ADA))
    cloud.tick(clock.now)
    cloud.run()
    [listed] = ADA.get("/v1/invoices").body["data"]
    clock.now = A_WEEK_LATE
    return str(listed["id"])


def remind(at: dt.datetime = A_WEEK_LATE) -> None:
    """What the schedule does every hour, and all that follows."""
    cloud = Cloud()
    cloud.run()
    remind_clients.handler({"time": at.isoformat()}, None)
    cloud.run()


def subjects() -> list[str]:
    return [str(mail["subject"]) for mail in mails()]


def test_a_client_who_has_not_paid_is_reminded_once(invoice: str) -> None:
    for _ in range(2):
        remind()

    assert len(mails()) == 2
    assert "reminder" in subjects()[-1].lower()
    [attached] = mails()[-1].iter_attachments()
    assert attached.get_filename() == "invoice-2026-0001.pdf"
    shown = ADA.get(f"/v1/invoices/{invoice}").body
    assert [(each["step"], each["progress"]) for each in shown["reminders"]] == [(1, "sent")]
    assert shown["remind_at"] == "2026-12-05T07:00:00Z"


def test_a_late_tick_does_what_it_would_have_done_in_time(invoice: str) -> None:
    remind(A_WEEK_LATE - dt.timedelta(seconds=1))

    assert len(mails()) == 1


def test_a_client_who_pays_before_the_mail_goes_out_gets_none(invoice: str) -> None:
    remind_clients.handler({"time": A_WEEK_LATE.isoformat()}, None)
    ADA.post(f"/v1/invoices/{invoice}/payments", {})
    Cloud().run()

    assert len(mails()) == 1
    [reminder] = ADA.get(f"/v1/invoices/{invoice}").body["reminders"]
    assert (reminder["progress"], reminder["dropped"]) == ("pending", "paid")


def test_an_invoice_that_cannot_be_reminded_of_fails_the_tick_and_is_due_still(
    invoice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(**_: object) -> None:
        raise TryAgainLaterError("throttled")

    with monkeypatch.context() as throttled:
        throttled.setattr(wiring.reminders(), "record", unavailable)
        with pytest.raises(RemindersIncompleteError, match="1 invoices failed"):
            remind_clients.handler({"time": A_WEEK_LATE.isoformat()}, None)

    remind()
    assert len(mails()) == 2
