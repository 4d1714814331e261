import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from domain.delivery import LONGEST_RUN, Delivery
from domain.invoices import Invoice
from domain.tax import Tax
from tests.builders import a_client, a_work_entry, an_account, an_invoice_id
from tests.gateway import User
from tests.world import World

INVOICE = an_invoice_id()
AT = f"/v1/invoices/{INVOICE}"
DUE = dt.date(2026, 10, 31)
BEGUN = dt.datetime(2026, 10, 31, 8, tzinfo=dt.UTC)
OLD, NEW = "billing@acme.example", "accounts@acme.example"
Move = Callable[[Delivery], Delivery]


@pytest.fixture
def issued(world: World, ada: User) -> Invoice:
    client = a_client(account_id=ada.account_id, tax=Tax(name="VAT", rate=Decimal(19)))
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client))
    world.tick(DUE)
    return world.issue(INVOICE, client=client, day=DUE)


@pytest.fixture
def mailed(world: World, issued: Invoice) -> Invoice:
    move(world, issued, lambda delivery: delivery.start(OLD, BEGUN).sent("message-1"))
    return issued


def move(world: World, invoice: Invoice, change: Move) -> None:
    world.deliveries.update(account_id=invoice.account_id, invoice_id=invoice.id, change=change)


def test_who_would_mail_it_twice_is_told_and_may_insist(ada: User, mailed: Invoice) -> None:
    told = ada.post(f"{AT}/resend", {"recipient": NEW})
    done = ada.post(f"{AT}/resend", {"recipient": NEW, "despite": "sent"})

    assert (told.status, told.body["type"].rpartition("/")[2]) == (409, "mail-may-be-out")
    assert told.body["detail"] == (
        f"{mailed.id} was mailed on 2026-10-31 at 08:00 UTC, and it was sent: "
        "the client would have it twice. "
        'To mail it all the same, say so: despite "sent".'
    )
    assert (done.status, done.headers["location"]) == (202, AT)
    assert done.body == {
        "progress": "pending",
        "recipient": NEW,
        "earlier": [
            {
                "progress": "sent",
                "recipient": OLD,
                "message_id": "message-1",
                "started_at": "2026-10-31T08:00:00Z",
            }
        ],
    }
    assert ada.get(AT).body["delivery"] == done.body


def test_what_nobody_knows_of_is_mailed_only_by_who_knows_that(
    world: World, ada: User, issued: Invoice
) -> None:
    move(world, issued, lambda delivery: delivery.start(OLD, BEGUN).unknown(BEGUN + LONGEST_RUN))

    assert ada.post(f"{AT}/resend", {"despite": "sent"}).status == 409
    assert ada.post(f"{AT}/resend", {"despite": "unknown"}).status == 202


def test_what_is_not_issued_is_not_mailed(world: World, ada: User) -> None:
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client)
    world.tick(DUE)

    assert ada.post(f"{AT}/resend", {}).body["type"].endswith("/nothing-to-resend")


@pytest.mark.parametrize(
    ("body", "pointer"), [({"recipient": "nobody"}, "/recipient"), ({"despite": "hope"}, "/despite")]
)
def test_what_is_wrong_is_told(ada: User, mailed: Invoice, body: dict[str, str], pointer: str) -> None:
    response = ada.post(f"{AT}/resend", body)

    assert response.status == 422
    assert [each["pointer"] for each in response.body["errors"]] == [pointer]


def test_a_credit_note_is_mailed_once_more_likewise(world: World, ada: User, issued: Invoice) -> None:
    note = world.credit(issued).id
    at = f"/v1/credit-notes/{note}"
    unissued = ada.post(f"{at}/resend", {})
    world.finish(note, account_id=ada.account_id, day=DUE)
    world.deliveries.update(
        account_id=ada.account_id,
        invoice_id=note,
        change=lambda delivery: delivery.start(OLD, BEGUN).sent("message-1"),
    )

    told = ada.post(f"{at}/resend", {"recipient": NEW})
    done = ada.post(f"{at}/resend", {"recipient": NEW, "despite": "sent"})

    assert unissued.body["type"].endswith("/nothing-to-resend")
    assert (told.status, told.body["type"].rpartition("/")[2]) == (409, "mail-may-be-out")
    assert (done.status, done.headers["location"], done.body["recipient"]) == (202, at, NEW)
    assert ada.get(at).body["delivery"] == done.body
