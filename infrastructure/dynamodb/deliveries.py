"""Deliveries in the single table, beside their invoice."""

from collections.abc import Callable

from domain.delivery import Deliveries, Delivery
from domain.errors import NotFoundError
from domain.identifiers import AccountId, DocumentId
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.errors import LostConditionError, StoreUnavailableError
from infrastructure.dynamodb.table import Table
from infrastructure.retrying import retrying


class DynamoDBDeliveries:
    """Implements `domain.delivery.Deliveries`."""

    def __init__(self, table: Table) -> None:
        self._deliveries = entities(table)

    def get(self, *, account_id: AccountId, invoice_id: DocumentId) -> Delivery:
        try:
            return self._deliveries.get(keys.delivery(account_id, invoice_id), missing="never touched")
        except NotFoundError:
            return Delivery(invoice_id=invoice_id, account_id=account_id)

    # Also where the table is throttled or does not answer: once a mail is out, the queue's next attempt could
    # only say that nobody knows.
    @retrying(LostConditionError, StoreUnavailableError)
    def update(
        self,
        *,
        account_id: AccountId,
        invoice_id: DocumentId,
        change: Callable[[Delivery], Delivery],
    ) -> Delivery:
        current = self.get(account_id=account_id, invoice_id=invoice_id)
        return self._deliveries.replace(current, change(current))


def entities(table: Table) -> Entities[Delivery]:
    """How deliveries are stored."""
    return Entities(
        table,
        "DELIVERY",
        Delivery,
        key=lambda delivery: keys.delivery(delivery.account_id, delivery.invoice_id),
    )


_: type[Deliveries] = DynamoDBDeliveries  # the promise, checked by mypy
