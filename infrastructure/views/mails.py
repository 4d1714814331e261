"""What is shown of a mail, and of a delivery with its documents."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.delivery import Attempt, Delivery, Progress
from infrastructure.views.instants import second
from infrastructure.views.returned_mails import ReturnedMailView, of_returned_mail


@dataclass(frozen=True, kw_only=True)
class NotCarriedView:
    """What of an invoice an e-invoice cannot carry: where it stands in it, and why."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class MailView:
    """One mail, and what became of it; at `delivered_at` the recipient's server took it."""

    progress: Progress
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    returned: ReturnedMailView | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryView(MailView):
    """How far an invoice is on its way to the client, and its documents.

    `sha256` are the hashes of those that are stored: of its `pdf` and, as the e-invoice, its `cii` and `ubl`.
    What an e-invoice cannot carry stands in `not_carried`; then there is the PDF alone. `earlier` are the
    mails before the one that counts.
    """

    sha256: Mapping[str, str] | None = None
    not_carried: Sequence[NotCarriedView] | None = None
    earlier: Sequence[MailView] | None = None


def of_delivery(delivery: Delivery) -> DeliveryView:
    not_carried = [
        NotCarriedView(pointer=each.pointer, code=each.code, message=each.message)
        for each in delivery.not_carried
    ]
    stored = {"pdf": delivery.document, "cii": delivery.cii, "ubl": delivery.ubl}
    return DeliveryView(
        **of_mail(delivery.current),
        sha256={name: document.sha256 for name, document in stored.items() if document} or None,
        not_carried=not_carried or None,
        earlier=tuple(MailView(**of_mail(attempt)) for attempt in delivery.earlier) or None,
    )


def of_mail(attempt: Attempt) -> dict[str, Any]:
    """The fields of a `MailView`."""
    return {
        "progress": attempt.progress,
        "recipient": attempt.recipient,
        "message_id": attempt.message_id,
        "started_at": attempt.started_at and second(attempt.started_at),
        "delivered_at": attempt.delivered_at and second(attempt.delivered_at),
        "returned": of_returned_mail(attempt.returned),
    }
