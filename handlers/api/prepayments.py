"""`/v1/clients/{id}/prepayments` and `/v1/prepayments`: what clients paid in advance."""

from functools import partial
from http import HTTPStatus

from domain.access import Scope
from domain.identifiers import PrepaymentId, known_client
from domain.payments import TakenBackError
from domain.prepayments import (
    PrepaymentDetails,
    PrepaymentSpentError,
    record_prepayment,
    refund_prepayment,
    take_back_prepayment,
)
from domain.refunds import RefundDetails
from handlers.api import paging
from handlers.api.answers import Answer, created, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.prepayments import (
    PrepaymentView,
    RecordedPrepaymentView,
    of_prepayment,
    of_recorded_prepayment,
)


def record(request: Request) -> Answer:
    """Record what a client paid in advance: the next invoice takes off as much as it comes to."""
    prepayment, client = record_prepayment(
        codec.accept(PrepaymentDetails, request.json()),
        client_id=known_client(request.subject),
        account_id=request.account_id,
        now=wiring.now(),
        clients=wiring.clients(),
        prepayments=wiring.prepayments(),
        new_id=request.new_id,
    )
    return created(of_recorded_prepayment(prepayment, client))


def refund(request: Request) -> Answer:
    """Record what went back to a client of what is left of its prepayments: all of it, or a part."""
    refunded, client = refund_prepayment(
        codec.accept(RefundDetails, request.json()),
        client_id=known_client(request.subject),
        account_id=request.account_id,
        now=wiring.now(),
        clients=wiring.clients(),
        prepayments=wiring.prepayments(),
        new_id=request.new_id,
    )
    return created(of_recorded_prepayment(refunded, client))


def list_(request: Request) -> Answer:
    """What a client paid in advance, spent or not, what went back, and what took some of it back."""
    client = wiring.clients().get(account_id=request.account_id, client_id=known_client(request.subject))
    return paging.listed(request, partial(wiring.prepayments().list, client=client), of_prepayment)


def take(request: Request) -> Answer:
    """Take back what never came, as long as it is left, or a refund that never went out.

    Once more changes nothing.
    """
    back, client = take_back_prepayment(
        PrepaymentId(request.subject),
        account_id=request.account_id,
        now=wiring.now(),
        clients=wiring.clients(),
        prepayments=wiring.prepayments(),
    )
    return ok(of_recorded_prepayment(back, client))


OPERATIONS = (
    Operation(
        route="POST /v1/clients/{id}/prepayments",
        name="record_prepayment",
        serve=record,
        summary="Record a prepayment",
        needs=Scope.WRITE,
        takes=PrepaymentDetails,
        gives=RecordedPrepaymentView,
        status=HTTPStatus.CREATED,
    ),
    Operation(
        route="POST /v1/clients/{id}/refunds",
        name="refund_prepayment",
        serve=refund,
        summary="Refund what was paid in advance",
        needs=Scope.WRITE,
        takes=RefundDetails,
        gives=RecordedPrepaymentView,
        status=HTTPStatus.CREATED,
        refuses=(PrepaymentSpentError,),
    ),
    Operation(
        route="GET /v1/clients/{id}/prepayments",
        name="list_prepayments",
        serve=list_,
        summary="List what a client paid in advance",
        gives=PrepaymentView,
        lists=True,
    ),
    Operation(
        route="POST /v1/prepayments/{id}/take-back",
        name="take_back_prepayment",
        serve=take,
        summary="Take a prepayment back",
        needs=Scope.WRITE,
        gives=RecordedPrepaymentView,
        refuses=(TakenBackError, PrepaymentSpentError),
    ),
)
