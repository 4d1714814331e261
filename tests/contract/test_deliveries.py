from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from domain.archiving import Document, Documents
from domain.delivery import Deliveries, Delivery, DeliveryUnderWayError, Progress
from tests.builders import ADA, BOB, MAILED_AT, an_invoice_id
from tests.contract.watched import Watched
from tests.fakes import Step as StepOfTheStore
from tests.world import World

Step = Callable[[Delivery], Delivery]
INVOICE = an_invoice_id()
UNTOUCHED = Delivery(invoice_id=INVOICE, account_id=ADA)
DOCUMENT = Document(key="acc_ada/invoices/1.pdf", sha256="00")


@pytest.fixture
def deliveries(world: World) -> Deliveries:
    return world.deliveries


def start(delivery: Delivery) -> Delivery:
    return delivery.start("billing@acme.example", MAILED_AT)


def test_an_untouched_delivery_is_pending(deliveries: Deliveries) -> None:
    assert deliveries.get(account_id=ADA, invoice_id=INVOICE) == UNTOUCHED


def test_each_update_is_the_next_version(deliveries: Deliveries) -> None:
    steps: list[Step] = [
        lambda each: each.documented(Documents(pdf=DOCUMENT)),
        start,
        lambda each: each.sent("message"),
    ]

    stored = [deliveries.update(account_id=ADA, invoice_id=INVOICE, change=change) for change in steps]

    assert [delivery.version for delivery in stored] == [1, 2, 3]
    assert stored[-1] == deliveries.get(account_id=ADA, invoice_id=INVOICE)
    assert stored[-1] == replace(
        UNTOUCHED,
        progress=Progress.SENT,
        document=DOCUMENT,
        recipient="billing@acme.example",
        message_id="message",
        started_at=MAILED_AT,
        version=3,
    )


def test_a_change_that_raises_stores_nothing(deliveries: Deliveries) -> None:
    deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start)

    with pytest.raises(DeliveryUnderWayError):
        deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start)

    assert deliveries.get(account_id=ADA, invoice_id=INVOICE).version == 1


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_that_start_at_once_only_one_does(deliveries: Deliveries, before: int) -> None:
    """Both have read it as pending; whether it was never touched or is documented makes no difference."""
    for _ in range(before):
        deliveries.update(
            account_id=ADA, invoice_id=INVOICE, change=lambda each: each.documented(Documents(pdf=DOCUMENT))
        )
    runs = iter(range(9))

    def start_too_late(delivery: Delivery) -> Delivery:
        if next(runs) == 0:
            deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start)
        return delivery.start("billing@acme.example", MAILED_AT)

    with pytest.raises(DeliveryUnderWayError):
        deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start_too_late)

    assert deliveries.get(account_id=ADA, invoice_id=INVOICE).version == before + 1


def test_an_update_is_made_again_while_the_table_is_throttled(dynamodb: World, watched: Watched) -> None:
    """A mail that is out has to be noted: nobody could tell later."""
    left = [2]

    def throttled(step: StepOfTheStore) -> None:
        if step.commits and left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems")

    watched.hook = throttled
    updated = dynamodb.deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start)

    assert (left, updated.progress, updated.version) == ([0], Progress.SENDING, 1)


def test_each_account_has_deliveries_of_its_own(deliveries: Deliveries) -> None:
    deliveries.update(account_id=ADA, invoice_id=INVOICE, change=start)

    assert deliveries.get(account_id=BOB, invoice_id=INVOICE) == replace(UNTOUCHED, account_id=BOB)
