"""What is shown of a client."""

import datetime as dt
from dataclasses import dataclass

from domain.clients import Client, ClientDetails, ClientStatus
from domain.fields import values
from domain.identifiers import ClientId
from infrastructure.views.checked import Checked
from infrastructure.views.returned_mails import ReturnedMailView, of_returned_mail


@dataclass(frozen=True, kw_only=True)
class _Client:
    id: ClientId
    status: ClientStatus


@dataclass(frozen=True, kw_only=True)
class ClientView(Checked, ClientDetails, _Client):
    """A client. The next invoice is due on `next_due_on`, at the instant `due_at` where one is to be made.

    What was paid in advance and is on no invoice yet is `prepaid`. All work before `billed_until` had its
    invoice. On the invoice day `skipped_on` none is made. `undeliverable` says why mail comes back from
    `email`, until that is changed.
    """

    next_due_on: dt.date
    prepaid: int
    skipped_on: dt.date | None = None
    billed_until: dt.date | None = None
    due_at: dt.datetime | None = None
    undeliverable: ReturnedMailView | None = None


def of_client(client: Client) -> ClientView:
    return ClientView(
        **values(client, ClientDetails),
        id=client.id,
        status=client.status,
        next_due_on=client.next_due_on,
        prepaid=client.prepaid,
        skipped_on=client.skipped_on,
        billed_until=client.billed_until,
        due_at=client.due_at,
        undeliverable=of_returned_mail(client.undeliverable),
    )
