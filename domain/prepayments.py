"""What clients paid in advance: it is taken off the next invoice, and what is left stays for the one after.

record      PREPAYMENT of +amount, put if absent · CLIENT `prepaid` + amount, if as read
issue       INVOICE `prepaid`, as much as it comes to    · CLIENT `prepaid` − that, if as read
take back   PREPAYMENT of −amount, put if absent · CLIENT `prepaid` − amount, if as read and there is so much
refund      the same of any amount, and itself taken back by one of +amount

What an invoice took off comes back where it is made void (`domain/voiding.py`), or where credit notes come to
more than was to be paid of it (`domain/crediting.py`).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from domain import money
from domain.calendar import local_date
from domain.clients import Client, Clients
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem, TryAgainLaterError
from domain.identifiers import (
    AccountId,
    ClientId,
    PrepaymentId,
    client_of_prepayment,
    digest,
    prepayment_id,
)
from domain.paging import Page
from domain.payments import PaymentDetails, PaymentKind, TakenBackError
from domain.refunds import RefundDetails

MOST_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaymentDetails(PaymentDetails):
    """What a person says of money that came in advance, in minor units of the client's currency."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """Money that a client paid in advance or, as a refund with a minus, got back.

    Where it `takes_back` another one, it is as much the other way.
    """

    id: PrepaymentId
    account_id: AccountId
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PrepaymentId | None = None
    kind: PaymentKind = PaymentKind.PAYMENT
    version: int = 1

    def taken_back(self, now: dt.datetime) -> "Prepayment":
        """What takes this prepayment back: one thing, however often it is asked for."""
        return replace(
            self,
            id=prepayment_id(self.client_id, digest(self.id, "taken back")),
            amount=-self.amount,
            recorded_at=now,
            takes_back=self.id,
        )


class PrepaymentSpentError(ConflictError):
    """Not as much is left: an invoice has taken it, or a part of it, off already, or it was refunded."""

    code = "prepayment-spent"


class ClientMovedError(TryAgainLaterError):
    """Somebody else changed the client first; nothing of this was stored."""

    code = "client-moved"


class Prepayments(Protocol):
    """What each client paid in advance."""

    def get(self, *, account_id: AccountId, prepayment_id: PrepaymentId) -> Prepayment:
        """Raise `NotFoundError` where there is none."""
        ...

    def list(self, *, client: Client, limit: int = 100, cursor: str | None = None) -> Page[Prepayment]:
        """The client's prepayments as of now, in the order of their ids."""
        ...

    def add(self, *, prepayment: Prepayment, client: Client, credited: Client) -> None:
        """Put the prepayment and store the client as `credited`: both or nothing.

        Raises:
            ClientMovedError: the prepayment is there already, or the client is not as it was read.
        """
        ...


def record_prepayment(
    details: PrepaymentDetails,
    *,
    client_id: ClientId,
    account_id: AccountId,
    now: dt.datetime,
    clients: Clients,
    prepayments: Prepayments,
    new_id: Callable[[], str],
) -> tuple[Prepayment, Client]:
    """Record what came in advance; answers with the client as it is now.

    A prepayment whose id is there already is that one: it counts once, however often it is recorded.

    Raises:
        NotFoundError: there is no such client.
        InvalidError: the day is still to come.
        ClientMovedError: others changed the client `MOST_ROUNDS` times running.
    """
    wanted = prepayment_id(client_id, new_id())

    def recorded(client: Client) -> Prepayment:
        return _prepayment(client, wanted, details.amount, details, now)

    return _added(wanted, recorded, account_id=account_id, clients=clients, prepayments=prepayments)


def refund_prepayment(
    details: RefundDetails,
    *,
    client_id: ClientId,
    account_id: AccountId,
    now: dt.datetime,
    clients: Clients,
    prepayments: Prepayments,
    new_id: Callable[[], str],
) -> tuple[Prepayment, Client]:
    """Record what went back of what is left of the client's prepayments: all of it, or a part.

    A refund whose id is there already is that one: it counts once, however often it is recorded.

    Raises:
        NotFoundError: there is no such client.
        InvalidError: the day is still to come.
        PrepaymentSpentError: not as much is left.
        ClientMovedError: others changed the client `MOST_ROUNDS` times running.
    """
    wanted = prepayment_id(client_id, new_id())

    def refunded(client: Client) -> Prepayment:
        amount = client.prepaid if details.amount is None else details.amount
        refund = _prepayment(client, wanted, -amount, details, now)
        if not 0 < amount <= client.prepaid:
            most = f"no more than {money.major(client.prepaid, currency=client.currency)} {client.currency}"
            left = most if client.prepaid else "nothing"
            raise PrepaymentSpentError(f"{left} of what {client.id} paid in advance is left")
        return replace(refund, kind=PaymentKind.REFUND)

    return _added(wanted, refunded, account_id=account_id, clients=clients, prepayments=prepayments)


def take_back_prepayment(
    prepayment_id: PrepaymentId,
    *,
    account_id: AccountId,
    now: dt.datetime,
    clients: Clients,
    prepayments: Prepayments,
) -> tuple[Prepayment, Client]:
    """Take back what never came, as long as as much is left, or a refund that never went out.

    Once more changes nothing.

    Raises:
        NotFoundError: there is no such prepayment.
        TakenBackError: it takes back another one.
        PrepaymentSpentError: not as much is left.
        ClientMovedError: others changed the client `MOST_ROUNDS` times running.
    """
    prepayment = prepayments.get(account_id=account_id, prepayment_id=prepayment_id)
    if prepayment.takes_back:
        raise TakenBackError(f"{prepayment_id} takes back {prepayment.takes_back}; record it again")

    def back(client: Client) -> Prepayment:
        if client.prepaid < prepayment.amount:
            told = f"{prepayment_id} was taken off an invoice of {client.id}, or refunded, in part at least"
            raise PrepaymentSpentError(told)
        return prepayment.taken_back(now)

    wanted = prepayment.taken_back(now).id
    return _added(wanted, back, account_id=account_id, clients=clients, prepayments=prepayments)


def _prepayment(
    client: Client, wanted: PrepaymentId, amount: int, details: PaymentDetails, now: dt.datetime
) -> Prepayment:
    today = local_date(now, client.time_zone)
    if (paid_on := details.paid_on or today) > today:
        told = f"must not be after today, which is {today} in the client's time zone"
        raise InvalidError(Problem("/paid_on", "in-the-future", told))
    return Prepayment(
        id=wanted,
        account_id=client.account_id,
        client_id=client.id,
        amount=amount,
        currency=client.currency,
        paid_on=paid_on,
        recorded_at=now,
        reference=details.reference,
    )


def _added(
    wanted: PrepaymentId,
    made: Callable[[Client], Prepayment],
    *,
    account_id: AccountId,
    clients: Clients,
    prepayments: Prepayments,
) -> tuple[Prepayment, Client]:
    client_id = client_of_prepayment(wanted)
    for _ in range(MOST_ROUNDS):
        client = clients.get(account_id=account_id, client_id=client_id)
        try:
            return prepayments.get(account_id=account_id, prepayment_id=wanted), client
        except NotFoundError:
            prepayment = made(client)
        credited = client.with_prepaid(prepayment.amount)
        try:
            prepayments.add(prepayment=prepayment, client=client, credited=credited)
        except ClientMovedError:
            continue
        return prepayment, replace(credited, version=client.version + 1)
    raise ClientMovedError(f"{client_id} was changed by others {MOST_ROUNDS} times running")
