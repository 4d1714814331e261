"""How much of each minute an account has used, in the single table, which forgets it within the hour."""

import datetime as dt

from domain.identifiers import AccountId
from domain.rates import Rates
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.table import Table

_KEPT = dt.timedelta(hours=1)


class DynamoDBRates:
    """Implements `domain.rates.Rates`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, *, account_id: AccountId, minute: dt.datetime, permits: int) -> int:
        forgotten = int((minute + _KEPT).timestamp())
        return self._table.count(
            keys.rate(account_id, minute), "taken", permits, kind="RATE", expires_at=forgotten
        )


_: type[Rates] = DynamoDBRates  # the promise, checked by mypy
