import datetime as dt

import pytest

from domain.delivery import Delivery
from domain.fates import Fate, MailEvent
from domain.invoices import Invoice
from tests.builders import a_client, a_work_entry, an_account, an_invoice_id
from tests.terminal import ME, Terminal
from tests.world import World

INVOICE = an_invoice_id()
DUE = dt.date(2026, 10, 31)
BEGUN = dt.datetime(2026, 10, 31, 8, tzinfo=dt.UTC)
CLIENT = a_client(account_id=ME)
BOUNCED = MailEvent(
    fate=Fate.BOUNCED,
    account_id=ME,
    invoice_id=INVOICE,
    message_id="message-1",
    recipient="billing@acme.example",
    at=BEGUN,
    reason="Permanent, General: smtp; 550 5.1.1 user unknown",
    for_good=True,
)


@pytest.fixture
def mailed(world: World) -> Invoice:
    world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT))
    world.tick(DUE)
    issued = world.issue(INVOICE, client=CLIENT, day=DUE)

    def sent(delivery: Delivery) -> Delivery:
        return delivery.start("billing@acme.example", BEGUN).sent("message-1")

    world.deliveries.update(account_id=ME, invoice_id=INVOICE, change=sent)
    return issued


def bounce(world: World) -> None:
    world.deliveries.update(account_id=ME, invoice_id=INVOICE, change=lambda each: each.told(BOUNCED))
    world.clients.update(account_id=ME, client_id=CLIENT.id, change=lambda each: each.told(BOUNCED))


def test_who_would_mail_it_twice_is_told_and_may_insist(invoicely: Terminal, mailed: Invoice) -> None:
    told = invoicely("invoices", "resend", "2026-0001")
    done = invoicely("invoices", "resend", "2026-0001", "--despite", "sent")

    assert told.code == 5
    assert told.err.startswith(f"error: 2026-0001 ({INVOICE}) was mailed on 2026-10-31 at 08:00 UTC, and ")
    assert told.err.endswith(". To mail it all the same, say --despite sent\n")
    assert done.code == 0
    assert "2026-0001 is mailed once more, to billing@acme.example." in done.out


def test_what_bounced_goes_to_another_address_and_the_history_is_shown(
    invoicely: Terminal, world: World, mailed: Invoice
) -> None:
    bounce(world)

    shown = invoicely("invoices", "show", "2026-0001").out
    client = invoicely("clients", "show", CLIENT.id).out
    done = invoicely("invoices", "resend", "2026-0001", "--to", "accounts@acme.example")

    bounced = "mail to billing@acme.example at 2026-10-31T08:00:00Z: bounced (Permanent, General: smtp; 550"
    assert bounced in shown
    assert "! billing@acme.example sent a mail back at 2026-10-31T08:00:00Z: Permanent, General" in client
    assert done.code == 0
    assert bounced in done.out
    assert "mail to accounts@acme.example: pending" in done.out


def test_an_impossible_address_is_refused(invoicely: Terminal, mailed: Invoice) -> None:
    ended = invoicely("invoices", "resend", "2026-0001", "--to", "nobody")

    assert (ended.code, ended.err.startswith("error: --to: must be one e-mail address")) == (2, True)


def test_a_credit_note_is_mailed_once_more_by_its_number(
    invoicely: Terminal, world: World, mailed: Invoice
) -> None:
    world.finish(world.credit(mailed).id, account_id=ME, day=DUE)

    done = invoicely("invoices", "resend", "CN-2026-0001", "--to", "accounts@acme.example")

    assert done.lines[0] == "CN-2026-0001 is mailed once more, to accounts@acme.example."
