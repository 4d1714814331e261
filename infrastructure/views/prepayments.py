"""What is shown of money that was paid in advance."""

import datetime as dt
from dataclasses import dataclass

from domain.clients import Client
from domain.fields import values
from domain.identifiers import ClientId, PrepaymentId
from domain.payments import PaymentKind
from domain.prepayments import Prepayment
from infrastructure.views.instants import second


@dataclass(frozen=True, kw_only=True)
class PrepaymentView:
    """Money that came in advance, or a refund with a minus; what `takes_back` one is the opposite."""

    id: PrepaymentId
    kind: PaymentKind
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PrepaymentId | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedPrepaymentView(PrepaymentView):
    """A prepayment, and what of all of them is `left` for the next invoice."""

    left: int


def of_prepayment(prepayment: Prepayment) -> PrepaymentView:
    recorded_at = second(prepayment.recorded_at)
    return PrepaymentView(**values(prepayment, PrepaymentView) | {"recorded_at": recorded_at})


def of_recorded_prepayment(prepayment: Prepayment, client: Client) -> RecordedPrepaymentView:
    """What was recorded, and what the client has left with it."""
    return RecordedPrepaymentView(**values(of_prepayment(prepayment), PrepaymentView), left=client.prepaid)
